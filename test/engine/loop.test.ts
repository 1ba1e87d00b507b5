import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { fx, graph, interpret, loop, matmul, now, t } from '../../index.ts'
import { clock } from '../../runtime/index.ts'
import { closing, inThisThread, submitted, wave } from './shops.ts'

const opened = closing()
/**
 * The longest time for which the thread of the event loop computed without giving way, while something happened: time of
 * the processor, because other programs on the machine are not Quoin's doing.
 */
const longestTurn = async (work: () => Promise<unknown>): Promise<number> => {
  let longest = Number.POSITIVE_INFINITY
  // A collection of garbage can make one attempt longer; what stands still does so each time.
  for (let i = 0; i < 3 && longest >= mostMs; i++) longest = Math.min(longest, await longestOf(work))
  return longest
}
const longestOf = async (work: () => Promise<unknown>): Promise<number> => {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let on = true
  let longest = 0
  let before = used()
  const tick = (): void => {
    const at = used()
    longest = Math.max(longest, at - before)
    before = at
    if (on) setImmediate(tick)
  }
  await new Promise((go) => setImmediate(go))
  before = used()
  setImmediate(tick)
  await work()
  on = false
  await new Promise((go) => setImmediate(go))
  return longest
}
/** What engines load lazily is loaded, and functions that everything uses have been compiled by JavaScript's engine. */
const warm = async (work: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < 3; i++) await work()
}
const mostMs = 10
const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => (i % 100) / 50)

/** Multiplies matrices in a condition of its own, so that nothing of it is known before. */
const square = graph('square', { a: t.tensor(t.f64, 'n', 'n') }, ({ a }) => ({ s: matmul(a, a).sum() }))
const turns = graph('turns', { n: t.f64 }, ({ n }) =>
  loop(
    { i: n, s: 0.5 },
    { max: 2_000_000_000, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} - 1`, s: fx`${x.s} * 1.01` }) },
  ),
)
const matrix = (n: number) => ({ a: { shape: [n, n], data: numbers(n * n) } as never })

test('long interpretations, long first runs and many short runs leave the event loop free', async () => {
  const { engine } = opened({}, { compile: 'never', pool: { threads: 1 } })
  const waves = submitted(engine, wave(1))
  const matrices = submitted(engine, square)
  const loops = submitted(engine, turns)
  const work = async () => {
    await Promise.all([
      waves.run({ x: numbers(4_000) as never }),
      matrices.run(matrix(150)),
      // Its input tells nothing about how long it takes.
      loops.run({ n: 4_000 }),
      ...Array.from({ length: 60 }, () => waves.run({ x: numbers(100) as never })),
    ])
  }
  await warm(work)
  expect(await longestTurn(work)).toBeLessThan(mostMs)
  const { pool, errors } = engine.stats()
  expect(errors).toBe(0)
  expect(pool.runs).toBeGreaterThan(3)
  expect(await loops.run({ n: 4_000 })).toEqual(await interpret(turns, {}, { n: 4_000 }))
  const x = numbers(5000) as never
  expect(await waves.run({ x })).toEqual(await interpret(wave(1), {}, { x }))
})

test('so do compiled runs, whose length only shows while they run', async () => {
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager', pool: { threads: 1 } })
  const matrices = submitted(engine, square)
  const loops = submitted(engine, turns)
  await engine.settled()
  const work = async () => {
    const all = await Promise.all([matrices.run(matrix(300)), loops.run({ n: 20_000 }), loops.run({ n: 3 })])
    for (const r of all) expect(isLeft(r)).toBe(false)
  }
  await warm(work)
  expect(engine.stats().runs.optimised).toBe(9)
  expect(await longestTurn(work)).toBeLessThan(mostMs)
})

test('what asks the outside is interpreted in slices here, its long operations in a thread, in program order', async () => {
  const seen: number[] = []
  const g = graph('mixed', { x: t.tensor(t.f64, 'n'), n: t.f64 }, ({ x, n }) => {
    const before = now()
    const s = fx`sin(${x}) + exp(${x})`.sum()
    const l = loop(
      { i: n, s: 0.5 },
      { max: 2_000_000_000, while: (v) => v.i.gt(0), step: (v) => ({ i: fx`${v.i} - 1`, s: fx`${v.s} * 1.01` }) },
    )
    return { before, s, l: l.s, after: now() }
  })
  let time = 0
  const drivers = {
    clock: clock({
      now: () => {
        seen.push(++time)
        return time
      },
    }),
  }
  const { engine } = opened({}, { compile: 'never', drivers, pool: { threads: 1 } })
  const h = submitted(engine, g)
  const input = { x: numbers(3_000) as never, n: 3_000 }
  await warm(() => h.run(input))
  expect(engine.stats().pool.runs).toBeGreaterThan(0)
  const last: unknown[] = []
  const longest = await longestTurn(async () => {
    last.push(...(await Promise.all([h.run(input), h.run(input), h.run(input)])))
  })
  expect(longest).toBeLessThan(mostMs)
  // Two calls a run, each once, however the run was cut.
  expect(seen).toHaveLength(6 + 2 * last.length)
  const plain = await interpret(g, { clock: clock({ now: () => 0 }) }, input)
  const numeric = (r: unknown) => {
    const { s, l } = (r as { right: { s: unknown; l: unknown } }).right
    return { s, l }
  }
  for (const r of last) expect(numeric(r)).toEqual(numeric(plain))
})

test('without threads everything runs here, in slices or not, and answers the same', async () => {
  const { engine } = opened({}, { compile: 'never', pool: { threads: 0 } })
  const h = submitted(engine, wave(3))
  const x = numbers(3000) as never
  expect(await h.run({ x })).toEqual(await interpret(wave(3), {}, { x }))
  expect(engine.stats().pool).toEqual({ threads: 0, runs: 0 })
  const late = await submitted(engine, turns).run({ n: 1e12 }, { deadlineMs: 50 })
  expect(isLeft(late) && late.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time' })
})
