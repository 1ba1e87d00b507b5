// Requirements: K11

import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { sameValue } from '../../graph/values.ts'
import { fx, graph, interpret, matmul, t } from '../../index.ts'
import { closing, inThisThread, submitted, wave } from './shops.ts'

const opened = closing()
/** An engine in which every run goes to a thread, interpreted ones as well. */
const away = async () => {
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager', pool: { threads: 1, overMs: 0 } })
  return engine
}
const square = graph('square', { a: t.tensor(t.f64, 'n', 'n') }, ({ a }) => ({ s: matmul(a, a).sum() }))
const matrix = (n: number) => ({
  a: Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, k) => (i * k) % 7)),
})

test('a run in a thread answers as one here does, for every kind of value', async () => {
  const engine = await away()
  const g = graph(
    'kinds',
    { x: t.tensor(t.f64, 'n'), k: t.i64, b: t.bool, s: t.string, o: t.option(t.f64) },
    ({ x, k, b, s, o }) => ({ x: fx`${x} / 0`, k, b, s, o, all: x.sum() }),
  )
  const h = submitted(engine, g as never) as unknown as { run: (x: object) => Promise<unknown> }
  const input = { x: [1, -0, Number.NaN, 0], k: 2n ** 62n, b: true, s: 'ä\u0000\u{1f600}', o: null }
  const here = await interpret(g as never, {}, input)
  const interpreted = await h.run(input)
  await engine.settled()
  const there = await h.run(input)
  expect(engine.stats()).toMatchObject({ pool: { threads: 1, runs: 2 }, runs: { interpreter: 1, optimised: 1 } })
  for (const answer of [interpreted, there]) {
    expect(answer).toEqual(here)
    expect(sameValue(answer, here)).toBe(true)
  }
  expect(await h.run({ ...input, k: 'no' })).toMatchObject({ left: { _tag: 'InvalidInput' } })
})

test('what is part of a larger array goes alone', async () => {
  const engine = await away()
  const h = submitted(engine, wave(2))
  const large = new Float64Array(1_000_000).map((_, i) => i)
  const x = large.subarray(10, 20)
  const here = await interpret(wave(2), {}, { x } as never)
  expect(await h.run({ x })).toEqual(here)
  await engine.settled()
  expect(await h.run({ x })).toEqual(here)
  expect(engine.stats().pool.runs).toBe(2)
})

test('a kernel that is late is stopped, the event loop goes on meanwhile, and the engine stays well', async () => {
  const engine = await away()
  const h = submitted(engine, square)
  const small = matrix(8)
  const first = await h.run(small)
  await engine.settled()
  await h.run(small)
  let ticks = 0
  const clock = setInterval(() => ticks++, 5)
  const began = performance.now()
  const r = await h.run(matrix(1800), { deadlineMs: 600 })
  const took = performance.now() - began
  clearInterval(clock)
  expect(isLeft(r) && r.left).toMatchObject({ _tag: 'ResourceExceeded', what: 'time' })
  expect(took).toBeLessThan(5000)
  expect(ticks).toBeGreaterThan(10)
  expect(await h.run(small)).toEqual(first)
  expect(engine.stats()).toMatchObject({ running: 0, pool: { threads: 1, runs: 4 } })
})

test('a run that is cancelled gives its thread up, and closing leaves none', async () => {
  const engine = await away()
  const h = submitted(engine, square)
  await h.run(matrix(8))
  await engine.settled()
  await h.run(matrix(8))
  const stop = new AbortController()
  const run = h.run(matrix(1800), { signal: stop.signal })
  const waits = h.run(matrix(8))
  setTimeout(() => stop.abort(), 300)
  expect(await run).toMatchObject({ left: { _tag: 'Cancelled' } })
  expect((await waits)._tag).toBe('Right')
  const last = h.run(matrix(1800))
  await engine.close({ graceMs: 10 })
  expect(isLeft(await last)).toBe(true)
  expect(engine.stats()).toMatchObject({ running: 0, pool: { threads: 0 } })
})

test('runs are short or long by what they take themselves, wherever they run', async () => {
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager', pool: { threads: 1, overMs: 20 } })
  const h = submitted(engine, square)
  await h.run(matrix(2))
  await engine.settled()
  const long = matrix(500)
  for (let i = 0; i < 60 && engine.stats().pool.runs === 0; i++) await h.run(long)
  expect(engine.stats().pool.runs).toBe(1)
  // Small ones come back, because they are expected to take less.
  for (let i = 0; i < 10; i++) await h.run(matrix(2))
  expect(engine.stats().pool.runs).toBeLessThan(8)
  const { runs } = engine.stats().pool
  await h.run(matrix(2))
  expect(engine.stats().pool.runs).toBe(runs)
})
