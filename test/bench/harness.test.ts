import { describe, expect, test } from 'vitest'
import { median, quantile, summarise } from '../../bench/arithmetic.ts'
import { differsBy, differsInBits } from '../../bench/equality.ts'
import type { Contender, Options } from '../../bench/harness.ts'
import { measure } from '../../bench/harness.ts'
import { describe as show } from '../../bench/table.ts'
import { uniform } from '../../bench/uniform.ts'

describe('arithmetic', () => {
  test('the median of an even number lies between the middle two', () => expect(median([4, 1, 3, 2])).toBe(2.5))
  test('quartiles are interpolated', () =>
    expect([0.25, 0.75].map((q) => quantile([1, 2, 3, 4], q))).toEqual([1.75, 3.25]))
  test('nothing has no median', () => expect(median([])).toBeNaN())

  test('the ratio is the median of the ratios of each round, not the ratio of medians', () =>
    expect(summarise([1, 10, 3], [2, 5, 3])).toEqual({ ratio: 1, spread: 0.75, n: 3, ours: 3, theirs: 3 }))
  test('a machine that slows down in between changes nothing', () =>
    expect(summarise([1, 1, 8, 8], [2, 2, 16, 16])).toMatchObject({ ratio: 0.5, spread: 0 }))
})

describe('equality', () => {
  test.each([
    [[1, 2], [1, 2, 3], '2 values and 3'],
    [[0], [-0], '0 and 0 at 0'],
    [[1, 2], [1, 2.0000000000000004], '2 and 2.0000000000000004 at 1'],
    [[1, Number.NaN], [1, 0], 'NaN and 0 at 1'],
  ])('%j and %j differ', (a, b, how) => expect(differsInBits(a, b)).toBe(how))
  test('NaN equals NaN', () => expect(differsInBits([Number.NaN], [Number.NaN])).toBeUndefined())
  test('a tolerance is relative above 1 and absolute below', () => {
    const differs = differsBy(1e-3)
    expect(differs([1000, 1e-9, 0], [1000.9, 0, -0])).toBeUndefined()
    expect(differs([1000], [1002])).toBe('1000 and 1002 at 0')
    expect(differs([1], [Number.NaN])).toBeDefined()
  })
})

/** A clock that only work moves: each run of a contender takes exactly what it says. */
const stage = () => {
  let now = 0
  const ran: string[] = []
  const contender = (name: string, ms: number, result = 42): Contender<number> => ({
    name,
    run: () => {
      now += ms
      ran.push(name)
    },
    output: () => result,
    close: () => void ran.push(`${name} closed`),
  })
  const options: Options = { rounds: 3, warmUpMs: 10, sampleMs: 4, clock: () => now }
  return { contender, options, ran }
}
const difference = (a: number, b: number) => (a === b ? undefined : `${a} and ${b}`)

describe('measuring', () => {
  test('gives a row for each peer, ours over theirs', async () => {
    const { contender, options } = stage()
    const peers = [contender('fast', 5), contender('slow', 40)]
    const { rows } = await measure({ name: 'w', ours: contender('us', 10), peers, difference }, options)
    expect(rows).toEqual([
      { workload: 'w', peer: 'fast', ratio: 2, spread: 0, n: 3, ours: 10, theirs: 5, unit: 'ms' },
      { workload: 'w', peer: 'slow', ratio: 0.25, spread: 0, n: 3, ours: 10, theirs: 40, unit: 'ms' },
    ])
  })

  test('errors stand beside times, where the exact result is known', async () => {
    const { contender, options } = stage()
    const near: Contender<number> = { ...contender('near', 5, 45), difference: () => undefined }
    const error = (x: number) => Math.abs(x - 43) / 43
    const { rows } = await measure({ name: 'w', ours: contender('us', 10), peers: [near], difference, error }, options)
    expect(rows).toMatchObject([{ peer: 'near', ourError: 1 / 43, theirError: 2 / 43 }])
    const shown = show({ rows, skipped: [], refused: [] })
    for (const part of ['our error', '2.3e-2', '4.7e-2']) expect(shown).toContain(part)
  })

  test('takes the word of who has a clock of its own, for all repeats of a sample', async () => {
    const { contender, options } = stage()
    const asked: number[] = []
    const apart: Contender<number> = {
      ...contender('apart', 1000),
      timed: async (repeats) => {
        asked.push(repeats)
        return 2 * repeats
      },
    }
    const { rows } = await measure({ name: 'w', ours: contender('us', 10), peers: [apart], difference }, options)
    expect(rows).toMatchObject([{ peer: 'apart', ratio: 5, theirs: 2 }])
    expect([...new Set(asked)]).toEqual([1, 2])
  })

  test('takes turns, after everybody has warmed up', async () => {
    const { contender, options, ran } = stage()
    await measure(
      { name: 'w', ours: contender('a', 10), peers: [contender('b', 10), contender('c', 10)], difference },
      options,
    )
    const [compared, warm, timed] = [ran.slice(0, 3), ran.slice(3, 6), ran.slice(6, 15)]
    expect([compared, warm, timed].map((names) => names.join(' '))).toEqual(['a b c', 'a b c', 'a b c a b c a b c'])
  })

  test('repeats short work within a sample', async () => {
    const { contender, options, ran } = stage()
    const { rows } = await measure(
      { name: 'w', ours: contender('a', 1), peers: [contender('b', 20)], difference },
      options,
    )
    expect(rows[0]).toMatchObject({ ratio: 0.05, ours: 1, theirs: 20 })
    expect(ran.slice(-6).join(' ')).toBe('a a a b a closed b closed')
  })

  test('refuses to time a peer with another result, and times the others', async () => {
    const { contender, options, ran } = stage()
    const peers = [contender('wrong', 1, 41), contender('right', 20)]
    const outcome = await measure({ name: 'w', ours: contender('us', 10), peers, difference }, options)
    expect(outcome.refused).toEqual([{ workload: 'w', peer: 'wrong', reason: 'its result is not ours: 42 and 41' }])
    expect(outcome.rows.map(({ peer }) => peer)).toEqual(['right'])
    expect(ran.filter((name) => name === 'wrong')).toHaveLength(1)
  })

  test('a peer that rounds differently may bring its own measure of equality', async () => {
    const { contender, options } = stage()
    const near = { ...contender('near', 20, 43), difference: (a: number, b: number) => (b - a > 1 ? 'far' : undefined) }
    const { rows, refused } = await measure(
      { name: 'w', ours: contender('us', 10), peers: [near], difference },
      options,
    )
    expect([rows.length, refused]).toEqual([1, []])
  })

  test('names who is absent, and why', async () => {
    const { contender, options } = stage()
    const peers = [{ name: 'gone', absent: 'is not installed' }, contender('here', 10)]
    const outcome = await measure({ name: 'w', ours: contender('us', 10), peers, difference }, options)
    expect(outcome.skipped).toEqual([{ workload: 'w', peer: 'gone', reason: 'is not installed' }])
    expect(outcome.rows).toHaveLength(1)
  })

  test('measures nothing without us, and lets the others go', async () => {
    const { contender, options, ran } = stage()
    const ours = { name: 'us', absent: 'is not there' }
    const outcome = await measure({ name: 'w', ours, peers: [contender('here', 10)], difference }, options)
    expect(outcome).toMatchObject({ rows: [], skipped: [{ peer: 'here' }] })
    expect(ran).toEqual(['here closed'])
  })
})

describe('the table', () => {
  const row = { workload: 'w', peer: 'p', ratio: 0.51234, spread: 0.01, n: 15, ours: 1, theirs: 2, unit: 'ms' as const }
  const note = { workload: 'w', peer: 'q', reason: 'is not installed' }

  test('shows rows, and who took no part', () => {
    const text = show({
      rows: [row],
      skipped: [note],
      refused: [{ ...note, reason: 'its result is not ours: 1 and 2' }],
    })
    expect(text).toMatch(/│ w +│ p +│ +0\.512 │/)
    expect(text).toContain('skipped: w, q: is not installed')
    expect(text).toContain('REFUSED: w, q: its result is not ours: 1 and 2')
  })
  test('says so when there is nothing', () =>
    expect(show({ rows: [], skipped: [], refused: [] })).toBe('nothing was measured'))
})

test('inputs are the same in every run, in their range, and differ by seed', () => {
  const make = (seed: number) => uniform(new Float64Array(1000), -2, 2, seed)
  expect(make(1)).toEqual(make(1))
  expect(make(1)).not.toEqual(make(2))
  expect(Math.min(...make(3))).toBeGreaterThanOrEqual(-2)
  expect(Math.max(...make(3))).toBeLessThan(2)
  expect(Math.abs(make(4).reduce((a, b) => a + b) / 1000)).toBeLessThan(0.2)
})
