// Requirements: E6 E12

import { afterEach, describe, expect, test } from 'vitest'
import { isLeft, right } from '../../graph/either.ts'
import type { Engine } from '../../index.ts'
import { foreign, fx, graph, loop, now, sort, t } from '../../index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import type { EngineOptions } from '../../runtime/engine/index.ts'
import { compiledTiers, tiers } from '../../runtime/engine/tiers.ts'
import { engineOf, inThisThread, submitted } from './shops.ts'

const open: Engine[] = []
afterEach(async () => {
  for (const e of open.splice(0)) await e.close()
})
/** An engine in which everything runs in one tier. */
const inTier = async (tier: (typeof tiers)[number], options: EngineOptions) => {
  const calls = Object.fromEntries(compiledTiers.map((t) => [t, t === tier ? 0 : Number.POSITIVE_INFINITY]))
  const cost = Object.fromEntries(compiledTiers.map((t) => [t, { ms: 0, msPerNode: 0 }]))
  const policy = { calls: calls as never, cost: cost as never }
  const made = engineOf({ compile: await inThisThread() }, { policy, ...options })
  open.push(made.engine)
  return made.engine
}
/** Turns as often as it is told. */
const turns = graph('turns', { n: t.f64 }, ({ n }) =>
  loop(
    { i: n, s: 0.5 },
    { max: 2_000_000_000, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} - 1`, s: fx`${x.s} * 1.5` }) },
  ),
)
const big = graph('big', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`${x} + 1`, z: fx`sin(${x})`.sum() }))

describe.each(tiers)('in the %s tier', (tier) => {
  test('a run that computes without end is stopped at its deadline, and the engine goes on', async () => {
    const engine = await inTier(tier, {})
    const h = submitted(engine, turns)
    const first = await h.run({ n: 3 })
    await engine.settled()
    expect(engine.stats().handles[0]!.tier).toBe(tier)
    const began = performance.now()
    const r = await h.run({ n: 1e12 }, { deadlineMs: 100 })
    expect(performance.now() - began).toBeLessThan(5000)
    expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time', stage: 'run' })
    expect(await h.run({ n: 3 })).toEqual(first)
    expect(engine.stats()).toMatchObject({ running: 0, handles: [{ tier }] })
  })
  test('the shorter deadline of engine and run counts', async () => {
    const engine = await inTier(tier, { limits: { deadlineMs: 50 } })
    const h = submitted(engine, turns)
    await h.run({ n: 1 })
    await engine.settled()
    for (const options of [{}, { deadlineMs: 1e6 }]) {
      const r = await h.run({ n: 1e12 }, options)
      expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time' })
    }
  })
})

test('an interpreted run may compute so many values and no more, and says where it stopped', async () => {
  const engine = await inTier('interpreter', { limits: { maxSteps: 1000 } })
  const h = submitted(engine, turns, { compile: 'never' })
  expect((await h.run({ n: 5 }))._tag).toBe('Right')
  const r = await h.run({ n: 1e6 })
  expect(isLeft(r) && r.left).toMatchObject({
    _tag: 'ResourceExceeded',
    what: 'steps',
    cause: expect.stringContaining('1000'),
  })
  expect(isLeft(r) && 'node' in r.left && r.left.node).toMatch(/^[a-z]+$/)
})

test.each(tiers)('arrays that are too large are refused in the %s tier', async (tier) => {
  const engine = await inTier(tier, { limits: { maxBytes: 1_000_000 } })
  const h = submitted(engine, big)
  const small = { x: new Float64Array(100) }
  const first = await h.run(small as never)
  await engine.settled()
  expect(engine.stats().handles[0]!.tier).toBe(tier)
  const r = await h.run({ x: new Float64Array(1_000_000) } as never)
  expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'memory' })
  expect(isLeft(r) && 'node' in r.left && r.left.node).not.toBe('')
  expect(await h.run(small as never)).toEqual(first)
})

/** Each turn exchanges two fields, so no operation of the host and no kernel is there to count. */
const swaps = graph('swaps', { a: t.f64, go: t.bool }, ({ a, go }) =>
  loop({ a, b: 1, go }, { max: 2_000_000_000, while: (x) => x.go, step: (x) => ({ a: x.b, b: x.a, go: x.go }) }),
)
describe.each(tiers)('in the %s tier', (tier) => {
  test('turns of a loop are counted, whatever its body is', async () => {
    const engine = await inTier(tier, { limits: { maxSteps: 5000 } })
    const h = submitted(engine, swaps)
    const first = await h.run({ a: 2, go: false })
    await engine.settled()
    expect(engine.stats().handles[0]!.tier).toBe(tier)
    const r = await h.run({ a: 2, go: true })
    expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'steps' })
    expect(isLeft(r) && 'node' in r.left && r.left.node).not.toBe('')
    const late = await inTier(tier, {})
    const again = submitted(late, swaps)
    await again.run({ a: 2, go: false })
    await late.settled()
    const slow = await again.run({ a: 2, go: true }, { deadlineMs: 50 })
    expect(isLeft(slow) && slow.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time' })
    expect(await h.run({ a: 2, go: false })).toEqual(first)
  })
  test('what the host makes is bounded as well', async () => {
    const engine = await inTier(tier, { limits: { maxBytes: 100_000 } })
    const h = submitted(
      engine,
      graph('sorted', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ x: sort(x) })),
    )
    await h.run({ x: [3, 1, 2] })
    await engine.settled()
    expect(engine.stats().handles[0]!.tier).toBe(tier)
    const r = await h.run({ x: new Float64Array(20_000) as never })
    expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'memory' })
    expect(await h.run({ x: [3, 1, 2] })).toEqual(right({ x: new Float64Array([1, 2, 3]) }))
  })
})

test('without bounds nothing is bounded', async () => {
  const engine = await inTier('interpreter', {})
  expect(await submitted(engine, turns).run({ n: 10 })).toEqual(right({ i: 0, s: 0.5 * 1.5 ** 10 }))
})

test.each([0.5, 1e-9, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e15])(
  'a deadline of %s ms is one',
  async (deadlineMs) => {
    const engine = await inTier('interpreter', { compile: 'never' })
    const r = await submitted(engine, turns).run({ n: 2 }, { deadlineMs })
    if (isLeft(r)) expect(r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time' })
    else expect(r).toEqual(right({ i: 0, s: 0.5 * 1.5 ** 2 }))
    if (deadlineMs > 1000) expect(isLeft(r)).toBe(false)
    if (!(deadlineMs > 0)) expect(isLeft(r)).toBe(true)
  },
)

test('of two bounds the narrower one holds, whoever said it', async () => {
  for (const [engines, runs] of [
    [1e9, 10],
    [10, 1e9],
  ] as const) {
    const engine = await inTier('interpreter', { compile: 'never', limits: { maxSteps: engines } })
    const r = await submitted(engine, turns).run({ n: 1000 }, { maxSteps: runs })
    expect(isLeft(r) && r.left).toMatchObject({ what: 'steps', cause: expect.stringContaining('more than 10 values') })
  }
  for (const bounds of [{ maxBytes: 1000 }, { deadlineMs: 0 }]) {
    const engine = await inTier('interpreter', { compile: 'never', limits: { maxBytes: 1e9, deadlineMs: 1e9 } })
    const r = await submitted(engine, big).run({ x: new Float64Array(1000) } as never, bounds)
    expect(isLeft(r) && r.left._tag).toBe('ResourceExceeded')
  }
})

test('a caller cannot ask for what only the engine says', async () => {
  const engine = await inTier('interpreter', { compile: 'never' })
  const timed = graph('timed', { n: t.f64 }, ({ n }) => ({
    s: loop({ i: n }, { max: 1e6, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} - 1` }) }).i,
    at: now(),
  }))
  const r = await submitted(engine, timed).run({ n: 2000 }, { hereMs: 0 } as object)
  expect(r._tag).toBe('Right')
})

test('drivers that could not be had are asked for again', async () => {
  let there = false
  const compile = await inThisThread()
  const { engine } = engineOf(
    { compile },
    { compile: 'eager', drivers: () => (there ? { price: bindForeign({ one: (x: number) => x }) } : {}) },
  )
  open.push(engine)
  const price = foreign('price', { in: t.f64, out: t.f64, writes: [], reads: ['price'] })
  const h = submitted(
    engine,
    graph('asks', { x: t.f64 }, ({ x }) => ({ y: price(x) })),
  )
  await engine.settled()
  expect(await h.run({ x: 1 }, { authority: 'a' })).toMatchObject({ left: { _tag: 'DriverMissing' } })
  there = true
  expect(await h.run({ x: 1 }, { authority: 'a' })).toEqual(right({ y: 1 }))
  expect(engine.stats().runs.optimised).toBe(2)
})

test('a graph that cannot be handed to the compiler is a compile that failed', async () => {
  const { engine, events } = engineOf(
    {
      encode: () => {
        throw new Error('not this one')
      },
    },
    { compile: 'eager' },
  )
  open.push(engine)
  const h = submitted(engine, turns)
  await engine.settled()
  expect(engine.stats().compiles).toMatchObject({ running: 0, done: 0 })
  expect(engine.stats().compiles.failed).toBeGreaterThan(0)
  const told = events.flatMap((e) => (e.event === 'unavailable' ? [e.error] : []))
  expect(told[0]).toMatchObject({ _tag: 'BackendCompileError', cause: expect.stringContaining('not this one') })
  expect(told[0]).toMatchObject({ picture: expect.stringMatching(/./), subgraph: expect.stringMatching(/./) })
  expect(await h.run({ n: 1 })).toMatchObject({ _tag: 'Right' })
})
