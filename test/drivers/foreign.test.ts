// Requirements: E7 E8

import DataLoader from 'dataloader'
import { describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { noPlan } from '../../runtime/driver.ts'
import type { Classified } from '../../runtime/drivers/foreign/index.ts'
import { bindForeign, fromDataLoader } from '../../runtime/drivers/foreign/index.ts'
import { bad, calm, good, kvGet, own, told } from './calls.ts'

const ask = (d: Driver, x: number, more: object = {}) => d.perform(own(['f64', x], 'f64', more), calm)
const many = (d: Driver, xs: readonly number[], more: object = {}) =>
  d.performMany!({ calls: xs.map((x) => own(['f64', x], 'f64', more)), plan: noPlan }, calm)
const write = { writes: ['ledger'], idempotent: false }

describe('one', () => {
  test('takes and gives JavaScript values, and is told the authority', async () => {
    const seen: unknown[] = []
    const d = bindForeign({
      one: ({ id, tags }: { id: bigint; tags: readonly string[] }, { authority }) => {
        seen.push(authority)
        return { text: `${id} ${[...tags].join()}`, none: null }
      },
    })
    const call = own(
      ['{id: i64, tags: string[2]}', { id: 7n, tags: { shape: [2], data: ['a', 'b'] } }],
      '{text: string, none: option<f64>}',
    )
    expect(good(await d.perform(call, calm))).toEqual({ text: '7 a,b', none: { _tag: 'None' } })
    const as = {
      ...call,
      attrs: { ...call.attrs, authority: true },
      args: ['tea', ...call.args],
      argTypes: [own(['string', '']).argTypes[0]!, ...call.argTypes],
    }
    good(await d.perform(as, calm))
    expect(seen).toEqual([undefined, 'tea'])
  })
  test('what it throws is an error, classified or Unknown with the original', async () => {
    const e = new Error('no such price')
    const fails = { one: () => Promise.reject(e) }
    expect(bad(await ask(bindForeign(fails), 1))).toMatchObject({
      _tag: 'Unknown',
      cause: "'price' failed: no such price",
      original: e,
    })
    expect(bad(await ask(bindForeign(fails), 1, write))).toMatchObject({ outcome: 'unknown' })
    const known = bindForeign({ ...fails, classify: () => ({ tag: 'NotFound', remedy: 'add it' }) })
    const told = bad(await ask(known, 1, write))
    expect(told).toMatchObject({ _tag: 'NotFound', remedy: 'add it' })
    expect(told).not.toHaveProperty('outcome')
    const worse = bindForeign({
      ...fails,
      classify: () => {
        throw new Error('also broken')
      },
    })
    expect(bad(await ask(worse, 1))).toMatchObject({ _tag: 'Unknown', original: e })
  })
  test.each([
    ['Timeout', 'unknown'],
    ['Connection', 'unknown'],
    ['Unavailable', 'unknown'],
    ['Unknown', 'unknown'],
    ['NotFound', undefined],
    ['Conflict', undefined],
    ['Permission', undefined],
    ['Refused', undefined],
  ] as const)(
    'a write that failed with %s has the outcome %s, unless its classification says it',
    async (tag, outcome) => {
      const fails = (known: Classified) =>
        bindForeign({ one: () => Promise.reject(new Error('no')), retry: false, classify: () => known })
      const outcomeOf = async (known: Classified, more: object) =>
        (bad(await ask(fails(known), 1, more)) as { outcome?: string }).outcome
      expect(await outcomeOf({ tag }, write)).toBe(outcome)
      expect(await outcomeOf({ tag, outcome: 'none' }, write)).toBe(undefined)
      expect(await outcomeOf({ tag, outcome: 'unknown' }, write)).toBe('unknown')
      expect(await outcomeOf({ tag }, { ...write, idempotent: true })).toBe(undefined)
      expect(await outcomeOf({ tag }, {})).toBe(undefined)
    },
  )
  test.each([() => null, () => 7, () => ({}), () => ({ tag: 'Nonsense' }), () => Promise.reject(new Error('late'))])(
    '%s gives no classification, so nobody knows what a write has done',
    async (odd) => {
      const d = bindForeign({ one: () => Promise.reject(new Error('no')), classify: odd as never })
      expect(bad(await ask(d, 1, write))).toMatchObject({ _tag: 'Unknown', outcome: 'unknown' })
    },
  )
  test('an answer that throws while it is read does not fit its codec', async () => {
    const odd = {
      get a(): number {
        throw new Error('not today')
      },
    }
    const call = own(['f64', 1], '{a: f64}')
    expect(told(await bindForeign({ one: () => odd }).perform(call, calm)).slice(0, 2)).toEqual([
      'Decode',
      expect.stringContaining('not today'),
    ])
  })
  test.each([undefined, 'x', {}, Number])('%s is no f64', async (odd) => {
    expect(told(await ask(bindForeign({ one: () => odd }), 1)).slice(0, 2)).toEqual([
      'Decode',
      expect.stringContaining("what 'price' gave does not fit its codec: $ is "),
    ])
  })
  test('one that never ends: time limit, cancelling, closing', async () => {
    let aborted = 0
    const d = bindForeign({
      timeoutMs: 50,
      one: (_: number, { signal }) =>
        new Promise<number>(() => {
          signal.addEventListener('abort', () => aborted++)
        }),
    })
    expect(told(await ask(d, 1))).toEqual([
      'Timeout',
      "running 'price' did not end within its time limit of 50 ms",
      "check the other side, or set a longer timeoutMs in the driver's options",
    ])
    const stop = new AbortController()
    const running = d.perform(own(['f64', 1], 'f64', write), stop)
    stop.abort()
    expect(bad(await running)).toMatchObject({
      _tag: 'Unknown',
      outcome: 'unknown',
      cause: "running 'price' was cancelled",
    })
    const last = ask(d, 1)
    await d.close()
    expect(told(await last)[0]).toBe('Cancelled')
    expect(aborted).toBe(3)
    expect(bad(await d.perform(kvGet('k'), calm))._tag).toBe('Bug')
  })
})

describe('many', () => {
  test('gets distinct arguments in parts, and its Errors are of one argument', async () => {
    const parts: (readonly number[])[] = []
    const d = bindForeign({
      one: (x: number) => x * 2,
      many: (xs: readonly number[]) => {
        parts.push(xs)
        return xs.map((x) => (x === 3 ? new Error('three') : x * 2))
      },
      maxBatch: 2,
    })
    const { answers, roundTrips } = await many(d, [1, 2, 1, 3])
    expect(parts).toEqual([[1, 2], [3]])
    expect([roundTrips, answers.slice(0, 3).map(good)]).toEqual([2, [2, 4, 2]])
    expect(bad(answers[3]!)).toMatchObject({ _tag: 'Unknown', cause: "'price' failed: three" })
  })
  test('of two authorities are asked apart, each under its own', async () => {
    const seen: unknown[] = []
    const d = bindForeign({
      one: (x: number, { authority }) => {
        seen.push(authority)
        return x
      },
      many: (xs: readonly number[]) => xs.map(() => -1),
    })
    const as = (who: string, x: number) => {
      const call = own(['f64', x])
      const text = own(['string', '']).argTypes
      return {
        ...call,
        attrs: { ...call.attrs, authority: true },
        args: [who, ...call.args],
        argTypes: [...text, ...call.argTypes],
      }
    }
    const { answers } = await d.performMany!({ calls: [as('tea', 1), as('coffee', 2)], plan: noPlan }, calm)
    expect([answers.map(good), seen]).toEqual([
      [1, 2],
      ['tea', 'coffee'],
    ])
  })
  test('the wrong number of answers, and a batch that fails', async () => {
    const short = bindForeign({ one: (x: number) => x, many: () => [1] })
    expect(told((await many(short, [1, 2])).answers[1]!)).toEqual([
      'Decode',
      "many of 'price' gave 1 answers to 2 arguments",
      'give one answer an argument, in their order',
    ])
    const long = bindForeign({ one: (x: number) => x, many: () => [1, 2, 3] })
    expect(told((await many(long, [1, 2])).answers[0]!)).toEqual([
      'Decode',
      "many of 'price' gave 3 answers to 2 arguments",
      'give one answer an argument, in their order',
    ])
    const broken = bindForeign({
      one: (x: number) => x,
      many: (): number[] => {
        throw new Error('all')
      },
    })
    const { answers, roundTrips } = await many(broken, [1, 2])
    expect([answers.map(good), roundTrips]).toEqual([[1, 2], 3])
    const gone = bindForeign({
      one: (x: number) => x,
      many: (): number[] => {
        throw new Error('all')
      },
      classify: () => ({ tag: 'Connection' }),
    })
    expect((await many(gone, [1, 2])).answers.map((a) => bad(a)._tag)).toEqual(['Connection', 'Connection'])
    expect((await many(broken, [1, 2], { batch: false })).roundTrips).toBe(2)
    const none = bindForeign({ one: (x: number) => x, many: () => null as never })
    expect((await many(none, [1, 2])).answers.map((a) => bad(a)._tag)).toEqual(['Decode', 'Decode'])
  })
  test('errors of equal arguments are each of its own place', async () => {
    const d = bindForeign({ one: (x: number) => x, many: (xs: readonly number[]) => xs.map(() => new Error('no')) })
    const calls = [0, 1].map((i) => ({ ...own(['f64', 1]), iteration: [i] }))
    const { answers } = await d.performMany!({ calls, plan: noPlan }, calm)
    expect(answers.map((a) => bad(a))).toMatchObject([{ iteration: [0] }, { iteration: [1] }])
  })
})

describe('a DataLoader', () => {
  const loaded = (keepCache: boolean) => {
    const batches: (readonly number[])[] = []
    let version = 0
    const loader = new DataLoader<number, number>(async (keys) => {
      batches.push(keys)
      return keys.map((k) => (k < 0 ? new Error('negative') : k * 10 + version))
    })
    return { d: bindForeign(fromDataLoader(loader, { keepCache })), batches, change: () => void version++ }
  }
  test('answers one and many, a batch at once', async () => {
    const { d, batches } = loaded(false)
    expect(good(await ask(d, 1))).toBe(10)
    const { answers } = await many(d, [1, 2, -1])
    expect(answers.slice(0, 2).map(good)).toEqual([10, 20])
    expect(bad(answers[2]!)).toMatchObject({ cause: "'price' failed: negative" })
    expect(batches).toEqual([[1], [1, 2, -1]])
  })
  test('forgets what it knew before each load, unless it may keep it, which is then an assumption', async () => {
    for (const keep of [false, true]) {
      const { d, change } = loaded(keep)
      good(await ask(d, 1))
      change()
      expect([good(await ask(d, 1)), (await many(d, [1, 2])).answers.map(good)]).toEqual(
        keep ? [10, [10, 21]] : [11, [11, 21]],
      )
      expect(d.assumptions.some((a) => a.id === 'foreign.loader-cache')).toBe(keep)
    }
  })
})
