// Requirements: L2

import { expect, test } from 'vitest'
import { workshop } from '../../engine.ts'
import { isLeft, left } from '../../graph/either.ts'
import { fx, graph, interpret, loop, now, sort, t } from '../../index.ts'
import type { Workshop } from '../../runtime/engine/workshop.ts'
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
