// Requirements: E5

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { compiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { read, write } from './calls.ts'
import type { Delayed, Turn } from './run.ts'
import { runDelayed } from './run.ts'

const latencyMs = 20
/** A call takes one latency to arrive, and its answer none. */
const network: Turn = async (then, label) => {
  if (label.endsWith('arrives')) await sleep(latencyMs)
  return then()
}

const timed = async (write: (d: Draft, id: NodeId) => NodeId, faults = 0, seed = 1): Promise<Delayed> => {
  const d = new Draft()
  const c = await compiled(d.graph(write(d, d.in('i64'))), 'ts')
  await runDelayed(c, { i0: 1n }, { seed, faults }, (then) => Promise.resolve(then()))
  return runDelayed(c, { i0: 1n }, { seed, faults }, network)
}
const next = (d: Draft, x: NodeId): NodeId => d.add('add', {}, [x, d.literal('i64', '1')])

describe('serial round trips', () => {
  test('five independent queries take one', async () => {
    const r = await timed((d, id) => d.record(...['a', 'b', 'c', 'd', 'e'].map((t) => read(d, t, id))))
    expect(r).toMatchObject({ rounds: 1, asked: 5, most: 5, answer: { _tag: 'Right' } })
  })
  test('queries that need one another take as many as they are', async () => {
    const r = await timed((d, id) => read(d, 'c', next(d, read(d, 'b', next(d, read(d, 'a', id))))))
    expect(r.rounds).toBe(3)
  })
  test('two chains go side by side, and neither waits for the other', async () => {
    const chain = (d: Draft, id: NodeId, t: string): NodeId => read(d, t, next(d, read(d, t, id)))
    const r = await timed((d, id) => d.record(chain(d, id, 'a'), chain(d, id, 'b'), read(d, 'c', id)))
    expect(r).toMatchObject({ asked: 5, most: 3, rounds: 2 })
  })
  test('a write waits for the reads before it; what it does not touch does not wait for it', async () => {
    const r = await timed((d, id) => d.record(read(d, 'a', id), write(d, 'a', id), read(d, 'a', id), read(d, 'b', id)))
    // read a and b, write a, read a again
    expect(r).toMatchObject({ rounds: 3, asked: 4, most: 2 })
  })
  test('bodies that only read start together, whole', async () => {
    const r = await timed((d, id) => {
      const tried = (t: string): NodeId => d.add('attempt', {}, [id], [d.body(['i64'], (x) => read(d, t, x))])
      return d.record(tried('a'), tried('b'), tried('c'))
    })
    expect(r).toMatchObject({ rounds: 1, most: 3 })
  })
  test('more independent queries than may be in flight all get their answers', async () => {
    const r = await timed((d, id) => d.record(...Array.from({ length: 150 }, (_, i) => read(d, `t${i}`, id))))
    expect(r).toMatchObject({ asked: 150, most: 64, rounds: 3, dangling: 0 })
  })
})

describe('the first error in program order', () => {
  /** The last of three reads fails at once, the first later. */
  const slowFirst: Turn = async (then, label) => {
    if (label === 'dbQuery 0 arrives') await sleep(latencyMs)
    return then()
  }
  test('is the answer, whichever came first; no later write starts, and nothing is in flight', async () => {
    const d = new Draft()
    const id = d.in('i64')
    const c = await compiled(
      d.graph(d.record(read(d, 'a', id), read(d, 'b', id), write(d, 'c', id), read(d, 'd', id))),
      'ts',
    )
    const r = await runDelayed(c, { i0: 1n }, { seed: 1, faults: 1 }, slowFirst)
    expect(r).toMatchObject({ answer: { _tag: 'Left', left: { occurrence: 0 } }, dangling: 0, state: { tables: [] } })
  })
  test('is that of a driver that throws, too', async () => {
    const d = new Draft()
    const id = d.in('i64')
    const c = await compiled(d.graph(d.record(read(d, 'a', id), read(d, 'b', id), write(d, 'c', id))), 'ts')
    const broken: Turn = (then, label) =>
      label === 'dbQuery 1 arrives' ? Promise.reject(new Error('lost')) : slowFirst(then, label)
    const r = await runDelayed(c, { i0: 1n }, { seed: 1, faults: 0 }, broken)
    expect(r).toMatchObject({ answer: { _tag: 'Left', left: { _tag: 'Unknown' } }, state: { tables: [] } })
  })
})
