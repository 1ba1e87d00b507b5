// Requirements: K7 L2

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { digest as digestOf } from '../../graph/text.ts'
import type { Candidate } from '../../runtime/engine/tiers.ts'
import { cold, compiledTiers, heatAt, rank, tiers, usualPolicy, wanted, warmed } from '../../runtime/engine/tiers.ts'
import { closing, inThisThread, line, submitted, taken, wave } from './shops.ts'

const opened = closing()
const x = new Float64Array(2000).map((_, i) => i / 500)

describe('the policy', () => {
  const candidate: Candidate = {
    when: 'lazy',
    heat: 0,
    msPerRun: 10,
    nodes: 20,
    effects: false,
    has: 'interpreter',
    blocked: new Set(),
  }
  test('compiles nothing that is cold, and better tiers the hotter it is', () => {
    const at = (heat: number) => wanted({ ...candidate, heat }, usualPolicy)
    expect(at(0)).toBeUndefined()
    expect(at(1)).toBeUndefined()
    expect([at(4), at(10), at(1000)]).toEqual(['typescript', 'quick', 'optimised'])
    expect(wanted({ ...candidate, heat: 4, msPerRun: 50, effects: true }, usualPolicy)).toBe('typescript')
  })
  test('compiles nothing that would not earn its cost', () => {
    expect(wanted({ ...candidate, heat: 1000, msPerRun: 0.001 }, usualPolicy)).toBeUndefined()
    expect(wanted({ ...candidate, heat: 1e6, msPerRun: 0.001 }, usualPolicy)).toBe('optimised')
  })
  test('never gives a tier that is blocked, not better, or unwanted, and the quick one to arrays only', () => {
    const some = fc.record({
      when: fc.constantFrom('eager' as const, 'lazy' as const, 'never' as const),
      heat: fc.double({ min: 0, max: 1e6, noNaN: true }),
      msPerRun: fc.double({ min: 0, max: 1e4, noNaN: true }),
      nodes: fc.nat(1e6),
      effects: fc.boolean(),
      has: fc.constantFrom(...tiers),
      blocked: fc.subarray([...compiledTiers]).map((b) => new Set(b)),
    })
    fc.assert(
      fc.property(some, (c) => {
        const tier = wanted(c, usualPolicy)
        if (tier === undefined) return
        expect(c.when).not.toBe('never')
        expect(c.blocked.has(tier)).toBe(false)
        expect(rank(tier)).toBeGreaterThan(rank(c.has))
        expect(tier === 'quick' && c.effects).toBe(false)
      }),
    )
  })
  test('counts decay by half in a half-life', () => {
    const once = warmed(cold, 1000, 5, 'interpreter', usualPolicy)
    expect(heatAt(once, 1000, usualPolicy)).toBe(1)
    expect(heatAt(once, 1000 + usualPolicy.halfLifeMs, usualPolicy)).toBe(0.5)
    expect(warmed(once, 1000 + usualPolicy.halfLifeMs, 5, 'interpreter', usualPolicy).count).toBe(1.5)
  })
})

test('a graph runs at once, and in a better tier when it has become hot', async () => {
  const free = { ms: 0, msPerNode: 0 }
  const policy = { cost: { typescript: free, quick: free, optimised: free } }
  const { engine, events } = opened({ compile: await inThisThread() }, { policy })
  const h = submitted(engine, wave(2))
  const first = await h.run({ x })
  expect(engine.stats().runs).toMatchObject({ interpreter: 1, optimised: 0 })
  for (let i = 0; i < 200 && engine.stats().handles[0]!.tier !== 'optimised'; i++) {
    expect(await h.run({ x })).toEqual(first)
    await engine.settled()
  }
  expect(engine.stats().handles[0]).toMatchObject({ tier: 'optimised' })
  expect(await h.run({ x })).toEqual(first)
  const moves = events.filter((e) => e.event === 'move' && e.tier === 'optimised').map((e) => 'action' in e && e.action)
  expect(moves.slice(0, 5)).toEqual(['Optimize', 'Generate', 'Compile', 'Install', 'Begin'])
})

test.each(compiledTiers)('what is compiled in a thread for %s answers as the interpreter does', async (tier) => {
  const others = Object.fromEntries(compiledTiers.map((t) => [t, t === tier ? 0 : Number.POSITIVE_INFINITY]))
  const none = Object.fromEntries(compiledTiers.map((t) => [t, { ms: 0, msPerNode: 0 }]))
  const { engine } = opened({}, { policy: { calls: others as never, cost: none as never } })
  const h = submitted(engine, wave(3))
  const interpreted = await h.run({ x })
  await engine.settled()
  expect(engine.stats().handles[0]!.tier).toBe(tier)
  expect(await h.run({ x })).toEqual(interpreted)
  expect(engine.stats().runs[tier]).toBe(1)
})

test('never means never, eager means at once', async () => {
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager' })
  const eager = submitted(engine, line(2))
  const never = submitted(engine, line(3), { compile: 'never' })
  await engine.settled()
  for (let i = 0; i < 100; i++) await never.run({ x: 1 })
  await engine.settled()
  expect(engine.stats().handles.map((h) => h.tier)).toEqual(['optimised', 'interpreter'])
  expect(await eager.run({ x: 1 })).toEqual({ _tag: 'Right', right: { y: 3 } })
})

test('while a tier is being made, nothing less is begun', async () => {
  const compile = await inThisThread()
  let release = () => {}
  const gate = new Promise<void>((done) => {
    release = done
  })
  const slowly = async (...job: Parameters<typeof compile>) => {
    await gate
    return compile(...job)
  }
  const { engine, events } = opened({ compile: slowly }, { compile: 'eager' })
  const h = submitted(engine, line(2))
  for (let i = 0; i < 5; i++) await h.run({ x: i })
  release()
  await engine.settled()
  expect(engine.stats()).toMatchObject({
    compiles: { done: 1 },
    handles: [{ tier: 'optimised' }],
    loaded: { builds: 1 },
  })
  expect(events.filter((e) => e.event === 'move' && (e.tier === 'quick' || e.tier === 'typescript'))).toEqual([])
})

test('a profile of an earlier engine has a graph compiled before it runs', async () => {
  const first = opened({ compile: await inThisThread() })
  const h = submitted(first.engine, wave(4))
  for (let i = 0; i < 60; i++) await h.run({ x })
  await first.engine.settled()
  const profile = JSON.parse(JSON.stringify(first.engine.profile())) as never
  const second = opened({ compile: await inThisThread() }, { profile })
  submitted(second.engine, wave(4))
  await second.engine.settled()
  expect(second.engine.stats()).toMatchObject({ compiles: { done: 1 }, handles: [{ tier: 'optimised', runs: 0 }] })
})

test('what cannot be submitted is a value', async () => {
  const { engine } = opened({})
  const bad = engine.submit(undefined as never)
  expect(isLeft(bad) && bad.left._tag).toBe('InvalidGraph')
  await engine.close()
  const late = engine.submit(line(1))
  expect(isLeft(late) && late.left.cause).toContain('closed')
})

test('a profile says how fast a graph was in each tier, is plain data, and does no harm where it is none', async () => {
  const compile = await inThisThread()
  const first = opened({ compile }, { compile: 'eager' })
  const h = submitted(first.engine, wave(3))
  await first.engine.settled()
  await h.run({ x: [1, 2, 3] })
  const digest = digestOf(taken(wave(3).sealed))
  const profile = first.engine.profile()
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  expect(profile[digest]).toMatchObject({ count: expect.closeTo(1, 3), pace: { optimised: expect.any(Number) } })
  const second = opened({ compile }, { profile })
  expect(second.engine.profile()).toEqual(profile)
  submitted(second.engine, wave(3), { compile: 'never' })
  expect(second.engine.profile()[digest]).toMatchObject({ pace: profile[digest]!.pace })
  const odd = [
    null,
    7,
    { count: 'x' },
    { count: Number.NaN, msPerRun: 1 },
    { count: 1, msPerRun: 1, pace: { interpreter: -1 } },
  ]
  for (const warmth of odd) {
    const { engine } = opened({ compile }, { profile: { [digest]: warmth } as never })
    const found = submitted(engine, wave(3))
    expect((await found.run({ x: [1] }))._tag, JSON.stringify(warmth)).toBe('Right')
    expect(engine.stats().handles[0]!.heat).toBeGreaterThan(0)
  }
})
