// Requirements: K11

import { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import { Pool } from '../../runtime/engine/pool.ts'

const pools: Pool[] = []
afterEach(async () => {
  for (const p of pools.splice(0)) await p.close()
})
const poolOf = (threads: number): Pool => {
  const pool = new Pool({ threads, overMs: 0, idleMs: 30_000 })
  pools.push(pool)
  return pool
}
const script = new URL('./threads/waits.ts', import.meta.url).href
const waits = (pool: Pool, ms: number, options: { deadlineMs?: number; signal?: AbortSignal } = {}) =>
  pool.run('waits', () => ({ script, graph: null }), ms, { signal: new AbortController().signal, ...options })

test('runs that wait for a thread keep their deadline, and are let go of when they are cancelled', async () => {
  const pool = poolOf(1)
  const stop = new AbortController()
  let busy = true
  const first = waits(pool, 1500).finally(() => {
    busy = false
  })
  const [late, gone] = [waits(pool, 1, { deadlineMs: 50 }), waits(pool, 1, { signal: stop.signal })]
  setTimeout(() => stop.abort(), 50)
  expect((await late).answer).toMatchObject({ left: { _tag: 'ResourceExceeded', what: 'time' } })
  expect((await gone).answer).toMatchObject({ left: { _tag: 'Cancelled' } })
  expect(busy).toBe(true)
  expect((await first).answer).toEqual(right(1500))
  expect(pool.threads).toBe(1)
})

/** Threads of a process are numbered. */
const nextThread = async (): Promise<number> => {
  const w = new Worker('', { eval: true })
  const { threadId } = w
  await w.terminate()
  return threadId
}
test('many that are cancelled together start no thread', async () => {
  const pool = poolOf(1)
  const stop = new AbortController()
  const before = await nextThread()
  const all = Array.from({ length: 100 }, () =>
    waits(pool, 60_000, { signal: AbortSignal.any([stop.signal, new AbortController().signal]) }),
  )
  await expect.poll(() => pool.threads).toBe(1)
  stop.abort()
  for (const r of await Promise.all(all)) expect(r.answer).toMatchObject({ left: { _tag: 'Cancelled' } })
  expect(pool.threads).toBe(0)
  expect((await nextThread()) - before).toBe(2)
})

test('a pool that is closed takes nothing more', async () => {
  const pool = poolOf(1)
  await pool.close()
  expect((await waits(pool, 1)).answer).toMatchObject({ left: { _tag: 'Cancelled' } })
  expect(pool.threads).toBe(0)
})
