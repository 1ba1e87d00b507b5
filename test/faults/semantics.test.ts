// Requirements: E5 E12

import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Scalar } from '../../graph/index.ts'
import { attempt, cached, foreign, graph, http, row, sequence, t } from '../../graph/index.ts'
import { compile } from '../../index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { http as service } from '../../runtime/drivers/http/index.ts'
import { load } from '../../runtime/load.ts'
import type { RunOptions } from '../../runtime/run.ts'
import type { Seen, TestServer } from '../drivers/servers/http.ts'
import { httpServer, json } from '../drivers/servers/http.ts'
import { judged } from '../specs/traces/family.ts'
import { servedFamily, servedFlights } from '../specs/traces/single-flight.ts'
import type { Seen as Event } from '../specs/traces/traces.ts'
import { stream } from '../specs/traces/traces.ts'

/** What the meaning of graphs promises about many calls at once, seen from a real service. */
const shop = http('shop')
const Thing = row({ id: t.i32 })
const one = (id: Scalar<'i32'>) => shop.lookup('thing', Thing, { one: '/r/{key}' })(id)
/** A function of the user's own that asks the same service: called for each element, several at a time. */
const own = foreign('own', { in: t.i32, out: t.i32, writes: [] })
const ids = { ids: t.list(t.row({ id: t.i32 }), 'n') }

let server: TestServer
let now = 0
let most = 0
/** Requests whose client went away before their answer. */
let given = 0
/** Hears of each request when it comes, and of its answer before it goes. */
let heard: (key: number, what: 'Look' | 'Answer' | 'Fail') => void = () => undefined
/** How long each key takes, and whether it fails. */
let how: (key: number) => { readonly ms: number; readonly fails: boolean } = () => ({ ms: 0, fails: false })
const answer = async (seen: Seen, to: ServerResponse): Promise<void> => {
  const key = Number(seen.url.split('/').at(-1))
  const { ms, fails } = how(key)
  heard(key, 'Look')
  most = Math.max(most, ++now)
  to.on('close', () => {
    if (!to.writableEnded) given++
  })
  await sleep(ms)
  now--
  heard(key, fails ? 'Fail' : 'Answer')
  if (!to.destroyed) json(to, { id: key }, fails ? 400 : 200)
}
beforeAll(async () => {
  server = await httpServer((seen, to) => void answer(seen, to))
})
afterAll(() => server.close())
beforeEach(() => {
  most = 0
  how = () => ({ ms: 0, fails: false })
})
const ready = async (g: unknown) => {
  const c = await compile(g as never)
  if (c._tag === 'Left') throw new Error(c.left.cause)
  const drivers = {
    shop: service({ base: server.base, connections: 200, retry: false }),
    own: bindForeign({
      one: async (id: number, { signal }) =>
        ((await (await fetch(`${server.base}/r/${id}`, { signal })).json()) as { readonly id: number }).id,
    }),
  }
  const loaded = await load(c.right, drivers)
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  const { run, close } = loaded.right
  return { run: (input: unknown, options?: RunOptions) => run(input as never, options), close }
}
const input = (n: number) => ({ ids: Array.from({ length: n }, (_, id) => ({ id })) })

test('of many failures that of the first in program order is told, whichever came first', async () => {
  const g = await ready(graph('g', ids, (x) => ({ all: x.ids.map(({ id }) => ({ it: one(id) })) })))
  how = (key) => ({ ms: key === 3 ? 60 : 0, fails: key === 3 || key > 5 })
  for (let i = 0; i < 3; i++)
    expect(await g.run(input(20))).toMatchObject({ left: { _tag: 'Refused', iteration: [3] } })
  await g.close()
})
test('keys fail by themselves only inside attempt', async () => {
  const g = await ready(graph('g', ids, (x) => ({ all: x.ids.map(({ id }) => ({ it: attempt(() => one(id)) })) })))
  how = (key) => ({ ms: 0, fails: key % 2 === 1 })
  const r = await g.run(input(6))
  if (r._tag === 'Left') throw new Error(r.left.cause)
  const { all } = r.right as { readonly all: Iterable<{ readonly it: { readonly _tag: string } }> }
  expect([...all].map(({ it }) => it._tag)).toEqual(['Ok', 'Err', 'Ok', 'Err', 'Ok', 'Err'])
  await g.close()
})
test('so many calls are under way at once, and no more', async () => {
  const g = await ready(graph('g', ids, (x) => ({ all: x.ids.map(({ id }) => ({ it: own(id) })) })))
  how = () => ({ ms: 15, fails: false })
  expect((await g.run(input(300)))._tag).toBe('Right')
  expect(most).toBeGreaterThan(8)
  expect(most).toBeLessThanOrEqual(64)
  await g.close()
})
test('cancelling ends everything that is under way', async () => {
  const g = await ready(graph('g', ids, (x) => ({ all: x.ids.map(({ id }) => ({ it: own(id) })) })))
  how = () => ({ ms: 5000, fails: false })
  const stop = new AbortController()
  const asked = g.run(input(50), { signal: stop.signal })
  await expect.poll(() => now).toBeGreaterThan(10)
  const [began, under] = [performance.now(), now]
  stop.abort()
  expect(await asked).toMatchObject({ left: { _tag: 'Cancelled' } })
  expect(performance.now() - began).toBeLessThan(1000)
  await g.close()
  await expect.poll(() => given).toBe(under)
})
test('nothing is written after a failure that stands before it', async () => {
  const g = await ready(
    graph('g', { id: t.i32 }, ({ id }) => {
      const read = shop.get('read', Thing)`/r/${id}`.status
      return sequence(read, { done: shop.post('w', t.json, { body: id })`/w/1`.status })
    }),
  )
  how = (key) => ({ ms: key === 7 ? 30 : 0, fails: key === 7 })
  const writes = () => server.seen.filter((s) => s.method === 'POST').length
  const before = writes()
  expect(await g.run({ id: 7 })).toMatchObject({ left: { _tag: 'Refused', node: 'read' } })
  expect(writes()).toBe(before)
  expect((await g.run({ id: 1 }))._tag).toBe('Right')
  expect(writes()).toBe(before + 1)
  await g.close()
})
test('what is cached is asked for once, however many ask; failures are not kept', async () => {
  const g = await ready(graph('g', { id: t.i32 }, ({ id }) => ({ it: cached('thing', 60_000, () => one(id)) })))
  const asked = () => server.seen.length
  how = () => ({ ms: 20, fails: true })
  const before = asked()
  expect((await g.run({ id: 5 }))._tag).toBe('Left')
  how = () => ({ ms: 20, fails: false })
  const all = await Promise.all(Array.from({ length: 20 }, () => g.run({ id: 5 })))
  expect(all.every((r) => r._tag === 'Right')).toBe(true)
  expect(asked() - before).toBe(2)
  expect((await g.run({ id: 5 }))._tag).toBe('Right')
  expect(asked() - before).toBe(2)
  await g.close()
})
test('what runs are given of what is cached is a behaviour of the specification, failures among it', async () => {
  const g = await ready(graph('g', { id: t.i32 }, ({ id }) => ({ it: cached('thing', 60_000, () => one(id)) })))
  const next = stream(23)
  const traces: { start: { outside: boolean }; events: Event[] }[] = []
  how = () => ({ ms: next(4), fails: next(2) === 0 })
  for (let id = 100; id < 130; id++) {
    const events: Event[] = []
    heard = (key, what) => {
      if (key === id) events.push([what])
    }
    const run = async (c: number): Promise<void> => {
      await sleep(next(5))
      const r = await g.run({ id })
      events.push(r._tag === 'Left' ? ['Failed', c] : ['Given', c, 1])
    }
    await Promise.all(Array.from({ length: servedFlights.callers }, (_, c) => run(c + 1)))
    traces.push({ start: { outside: true }, events })
  }
  heard = () => undefined
  await g.close()
  const { strange, ...read } = judged(servedFamily, traces)
  expect(strange).toEqual([])
  expect(traces.flatMap((x) => x.events.map(([what]) => what))).toEqual(
    expect.arrayContaining(['Look', 'Answer', 'Fail', 'Given', 'Failed']),
  )
  expect(read.refused).toBeGreaterThan(read.corrupted / 4)
})
