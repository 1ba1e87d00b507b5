// Requirements: L2

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workshop } from '../../engine.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { compile, foreign, fx, graph, interpret, load, loop, now, sort, t } from '../../index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { written } from '../../runtime/engine/cross-check.ts'
import type { Workshop } from '../../runtime/engine/workshop.ts'
import { clock } from '../../runtime/index.ts'
import type { Recording } from '../../runtime/replay/recording.ts'
import { tooLate } from '../../runtime/stopped.ts'
import { closing, inThisThread, submitted, taken } from './shops.ts'

const opened = closing()

test('a run that a bound stopped stays stopped when it is done twice, and its tier is not blamed', async () => {
  const sorted = graph('sorted', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: sort(x), at: now() }))
  for (const share of [0, 1]) {
    const { engine, events } = opened(
      { compile: await inThisThread() },
      { compile: 'eager', crossCheck: { share }, limits: { maxBytes: 100_000 } },
    )
    const h = submitted(engine, sorted)
    await engine.settled()
    const r = await h.run({ x: Float64Array.from({ length: 20_000 }, (_, i) => -i) as never })
    expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'memory' })
    expect(events.filter((e) => e.event === 'difference')).toEqual([])
    expect(engine.stats().handles[0]!.tier).toBe('optimised')
  }
})

const turns = graph('turns', { n: t.f64 }, ({ n }) => {
  const { s } = loop(
    { i: n, s: 0.5 },
    { max: 2_000_000_000, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} - 1`, s: fx`${x.s} * 1.01` }) },
  )
  return { s, at: now() }
})
test('a replay in the interpreter keeps to the bounds that it is given', async () => {
  const recordings: Recording[] = []
  await interpret(turns, {}, { n: 10_000 }, { record: (r) => void recordings.push(r) })
  const again = (bounds: object) => workshop({}).replay(taken(turns.sealed), recordings[0], bounds)
  const began = performance.now()
  expect(again({ maxSteps: 1000 })).toMatchObject({ left: { _tag: 'ResourceExceeded', what: 'steps' } })
  expect(again({ deadlineMs: 1 })).toMatchObject({ left: { _tag: 'ResourceExceeded', what: 'time' } })
  const bounded = performance.now() - began
  expect(again({})).toMatchObject({ right: { verdict: 'same' } })
  expect(bounded).toBeLessThan(performance.now() - began - bounded)
})

test('a replay is given what is left of the time of its run; one with loops computes in a thread where there is one', async () => {
  for (const threads of [0, 1]) {
    const given: { deadlineMs?: number; maxSteps?: number }[] = []
    const replay: Workshop['replay'] = (_g, _recording, bounds) => {
      given.push(bounds)
      return left(tooLate(1))
    }
    const { engine, events } = opened(
      { compile: await inThisThread(), replay },
      { compile: 'eager', crossCheck: { share: 1 }, limits: { maxSteps: 1e6 }, pool: { threads } },
    )
    const h = submitted(engine, turns)
    await engine.settled()
    const r = await h.run({ n: 100 }, { deadlineMs: 60_000 })
    expect(r._tag).toBe('Right')
    expect(given).toHaveLength(1 - threads)
    expect(engine.stats().pool.runs).toBe(threads)
    for (const { deadlineMs, maxSteps } of given) {
      expect(deadlineMs).toBeLessThan(60_000)
      expect(maxSteps).toBe(1e6)
    }
    // One that was stopped says nothing.
    expect(events.filter((e) => e.event === 'difference')).toEqual([])
  }
})

const wrong = async (): Promise<Partial<Workshop>> => {
  const right_ = await inThisThread()
  return {
    compile: async (job, stage) => {
      const made = await right_({ ...job, tier: 'typescript' }, stage)
      return made._tag === 'Left' ? made : right({ module: made.right.module.replaceAll('(7 * ', '(8 * ') })
    },
    minimise: async () => right(null),
  }
}
const sevenfold = graph('sevenfold', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`7 * ${x}` }))

test('whoever changes his answer is told nothing about its tier', async () => {
  const { engine, events } = opened({ compile: await inThisThread() }, { compile: 'eager', shadow: { share: 1 } })
  const h = submitted(engine, sevenfold)
  await engine.settled()
  for (const n of [3, 20_000]) {
    const r = await h.run({ x: new Float64Array(n).fill(1) })
    if (isLeft(r)) throw new Error(r.left.cause)
    ;(r.right.y as unknown as Float64Array).fill(0)
    await engine.settled()
  }
  expect(events.filter((e) => e.event === 'difference')).toEqual([])
  expect(engine.stats().handles[0]!.tier).toBe('optimised')
})

test('what is done behind an answer is no run of the caller: his listeners hear nothing, his signal ends nothing', async () => {
  for (const what of ['shadow', 'crossCheck'] as const) {
    const { engine, events } = opened(await wrong(), { compile: 'eager', [what]: { share: 1 } })
    const h = submitted(engine, sevenfold)
    await engine.settled()
    const stop = new AbortController()
    const heard: unknown[] = []
    const runs: unknown[] = []
    await h.run({ x: [1] }, { trace: (e) => heard.push(e), stats: (s) => runs.push(s), signal: stop.signal })
    const before = heard.length
    stop.abort()
    await engine.settled()
    expect([what, runs.length, heard.length]).toEqual([what, 1, before])
    expect(events.filter((e) => e.event === 'difference')).toHaveLength(1)
  }
})

test('differences that are found together are written once, as a whole', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'quoin-together-'))
  try {
    let made = 0
    const minimise = async () => {
      made++
      return right(null)
    }
    const shop = { ...(await wrong()), minimise }
    const { engine, events } = opened(shop, { compile: 'eager', crossCheck: { share: 1, directory } })
    const h = submitted(engine, sevenfold)
    await engine.settled()
    await Promise.all(Array.from({ length: 8 }, () => h.run({ x: [1, 2, 3] })))
    await engine.settled()
    const told = events.flatMap((e) => (e.event === 'difference' && e.tier === 'optimised' ? [e.file] : []))
    const files = readdirSync(directory)
    expect(told.length).toBeGreaterThan(1)
    expect(new Set(told)).toEqual(new Set([join(directory, files[0]!)]))
    expect([files.length, made]).toEqual([1, 1])
    expect(JSON.parse(readFileSync(join(directory, files[0]!), 'utf8'))).toMatchObject({ tier: 'optimised' })
    // Two engines of a process may find the same.
    const what = { format: 'quoin-difference-1', tier: 'x', differences: [], graph: {}, recording: {} } as never
    const file = join(directory, 'same.difference.json')
    expect(await Promise.all(Array.from({ length: 8 }, () => written(file, what)))).toEqual(Array(8).fill(true))
    JSON.parse(readFileSync(file, 'utf8'))
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.each([Number.NaN, undefined, 0, -1])('a share of %s is none', async (share) => {
  let twice = 0
  const replay: Workshop['replay'] = () => {
    twice++
    return left(tooLate(1))
  }
  const { engine } = opened(
    { compile: await inThisThread(), replay },
    { compile: 'eager', crossCheck: { share: share as number }, pool: { threads: 0 } },
  )
  const h = submitted(engine, turns)
  await engine.settled()
  await h.run({ n: 3 })
  expect([twice, engine.stats().runs.optimised]).toEqual([0, 1])
})

test('closing ends shadows, whatever their drivers wait for, and starts no thread', async () => {
  let asked = 0
  const slow = foreign('slow', { in: t.f64, out: t.f64, writes: [], reads: ['slow'] })
  const drivers = {
    slow: bindForeign({ timeoutMs: 60_000, one: (x: number) => (asked++ === 0 ? x : new Promise<number>(() => {})) }),
  }
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager', shadow: { share: 1 }, drivers })
  const h = submitted(
    engine,
    graph('asks', { x: t.f64 }, ({ x }) => ({ y: slow(x) })),
  )
  await engine.settled()
  expect((await h.run({ x: 1 }))._tag).toBe('Right')
  await expect.poll(() => asked).toBe(2)
  const began = performance.now()
  await engine.close({ graceMs: 100 })
  expect(performance.now() - began).toBeLessThan(4000)
  expect(engine.stats().pool.threads).toBe(0)
})

const price = foreign('price', { in: t.f64, out: t.f64, writes: [], reads: ['price'] })
test('what a driver or a listener throws is no fault of the code: the tier stays, and so does the version', async () => {
  let broken = true
  const fails = {
    ...bindForeign({ one: (x: number) => x }),
    perform: () => (broken ? Promise.reject(new Error('gone')) : Promise.resolve(right(7) as never)),
  }
  const { engine, events } = opened(
    { compile: await inThisThread() },
    { compile: 'eager', drivers: { price: fails }, probation: { runs: 100, failures: 1 } },
  )
  const h = submitted(
    engine,
    graph('asks', { x: t.f64 }, ({ x }) => ({ y: price(x) })),
  )
  h.replace(graph('asks', { x: t.f64 }, ({ x }) => ({ y: fx`${price(x)} * 1` })) as never)
  await engine.settled()
  expect(await h.run({ x: 1 })).toMatchObject({ left: { _tag: 'Unknown', cause: expect.stringContaining('gone') } })
  broken = false
  const throws = () => {
    throw new Error('mine')
  }
  for (const options of [{}, { trace: throws }, { stats: throws }])
    expect(await h.run({ x: 1 }, options)).toMatchObject({ right: { y: 7 } })
  await engine.settled()
  expect(events.filter((e) => e.event === 'version' && e.what === 'rolledBack')).toEqual([])
  expect(engine.stats()).toMatchObject({ handles: [{ tier: 'optimised', version: 2 }], runs: { optimised: 4 } })
})

test('drivers that cannot be closed keep none of the others open', async () => {
  const closed: string[] = []
  const one = (name: string, close: () => Promise<void>) => ({
    ...clock(),
    close: () => {
      closed.push(name)
      return close()
    },
  })
  const drivers = {
    clock: one('throws', () => {
      throw new Error('no')
    }),
    second: one('rejects', () => Promise.reject(new Error('no'))),
    third: one('closes', () => Promise.resolve()),
  }
  const { engine } = opened({}, { drivers })
  await engine.close()
  expect(closed.splice(0)).toEqual(['throws', 'rejects', 'closes'])
  const compiled = await compile(graph('plain', { x: t.f64 }, ({ x }) => ({ x })))
  if (isLeft(compiled)) throw new Error(compiled.left.cause)
  const loaded = await load(compiled.right, drivers)
  if (isLeft(loaded)) throw new Error(loaded.left.cause)
  await expect(loaded.right.close()).rejects.toThrow('no')
  expect(closed).toEqual(['throws', 'rejects', 'closes'])
})
