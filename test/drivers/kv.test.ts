// Requirements: E7 E8

import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { noPlan } from '../../runtime/driver.ts'
import { storeDriver } from '../../runtime/drivers/kv/driver.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import type { RedisClient } from '../../runtime/drivers/redis/index.ts'
import { classifyRedisError, redis } from '../../runtime/drivers/redis/index.ts'
import { bad, calm, good, kvDelete, kvGet, kvSet, own, told } from './calls.ts'
import type { RespServer } from './servers/resp.ts'
import { respServer } from './servers/resp.ts'

const none = { _tag: 'None' }
const some = (value: unknown): object => ({ _tag: 'Some', value })

describe('a store in memory', () => {
  test('entries end at their time, by a clock that is handed in', async () => {
    let at = 0
    const store = kv({ now: () => at })
    good(await store.perform(kvSet('k', ['i64', 7n], 100), calm))
    at = 99
    expect(good(await store.perform(kvGet('k', 'i64'), calm))).toEqual(some(7n))
    at = 100
    expect(good(await store.perform(kvGet('k', 'i64'), calm))).toEqual(none)
  })
  test('the entry that was used longest ago makes room', async () => {
    const store = kv({ maxEntries: 2 })
    for (const k of ['a', 'b']) good(await store.perform(kvSet(k, ['string', k]), calm))
    good(await store.perform(kvGet('a', 'string'), calm))
    good(await store.perform(kvSet('c', ['string', 'c']), calm))
    const found = async (k: string): Promise<unknown> => good(await store.perform(kvGet(k, 'string'), calm))
    expect(await Promise.all(['a', 'b', 'c'].map(found))).toEqual([some('a'), none, some('c')])
    const small = kv({ maxTotalBytes: 5 })
    for (const k of ['a', 'b']) good(await small.perform(kvSet(k, ['string', 'xyz']), calm))
    expect(good(await small.perform(kvGet('a', 'string'), calm))).toEqual(none)
    good(await small.perform(kvDelete('b'), calm))
    good(await small.perform(kvSet('a', ['string', '12345']), calm))
    expect(good(await small.perform(kvGet('a', 'string'), calm))).toEqual(some('12345'))
  })
  test('what is stored is a copy', async () => {
    const store = kv()
    const bytes = Uint8Array.of(1, 2)
    good(await store.perform(kvSet('k', ['bytes', bytes]), calm))
    bytes[0] = 9
    const first = good(await store.perform(kvGet('k', 'bytes'), calm)) as { value: Uint8Array }
    expect(first).toEqual(some(Uint8Array.of(1, 2)))
    first.value[1] = 9
    expect(good(await store.perform(kvGet('k', 'bytes'), calm))).toEqual(some(Uint8Array.of(1, 2)))
  })
})

let server: RespServer
beforeAll(async () => {
  server = await respServer()
})
afterAll(() => server.close())

describe.each<[string, () => Driver]>([
  ['memory', () => kv()],
  ['redis', () => redis({ url: server.url })],
])('errors of %s', (_, make) => {
  test('sizes, codecs and keys', async () => {
    const store = make()
    expect(told(await store.perform(kvSet('k', ['string', 'ééé'], 0, 5), calm))).toEqual([
      'TooLarge',
      "'k' of 'cache' has 6 bytes, and at most 5 are allowed",
      'raise maxBytes of the driver and of the call, or store less',
    ])
    good(await store.perform(kvSet('k', ['string', '{"a": 1']), calm))
    expect(told(await store.perform(kvGet('k', 'string', { maxBytes: 3 }), calm))[0]).toBe('TooLarge')
    const truncated = told(await store.perform(kvGet('k', '{a: f64}'), calm))
    expect(truncated[0]).toBe('Decode')
    expect(truncated[1]).toContain("'k' of 'cache' does not fit its codec: it is not JSON")
    good(await store.perform(kvSet('k', ['json', { a: null }]), calm))
    expect(told(await store.perform(kvGet('k', '{a: f64}'), calm))).toEqual([
      'Decode',
      "'k' of 'cache' does not fit its codec: $.a: is null, not a number (f64)",
      'correct the codec, or delete what lies under the key; this call reads a record',
    ])
    good(await store.perform(kvSet('k', ['bytes', Uint8Array.of(0xff, 0x41)]), calm))
    expect(told(await store.perform(kvGet('k', 'string'), calm))[1]).toBe(
      "'k' of 'cache' does not fit its codec: it is not UTF-8 text",
    )
    expect(told(await store.perform(kvSet('k', ['string', '\ud800']), calm))).toEqual([
      'Refused',
      "'k' of 'cache' cannot be stored: it has half a character (a lone surrogate), which UTF-8 cannot hold",
      'store bytes instead',
    ])
    expect(told(await store.perform(kvGet('\ud800'), calm))[0]).toBe('Refused')
    expect(told(await store.perform(kvGet('k', 'json', {}, ''), calm))[1]).toBe(
      "the authority of a key of 'cache' is empty",
    )
    expect(bad(await store.perform(own(['f64', 1]), calm))._tag).toBe('Bug')
    await store.close()
  })
  test('authorities have keys of their own', async () => {
    const store = make()
    const set = async (k: string, v: string, who?: string): Promise<unknown> =>
      good(await store.perform(kvSet(k, ['string', v], 0, 99, who), calm))
    const get = async (k: string, who?: string): Promise<unknown> =>
      good(await store.perform(kvGet(k, 'string', {}, who), calm))
    await set('x', 'a', 'a')
    await set('x', 'b', 'a/b')
    await set('b/x', 'c', 'a')
    await set('@a/x', 'd')
    await set('x', 'e')
    expect([
      await get('x', 'a'),
      await get('x', 'a/b'),
      await get('b/x', 'a'),
      await get('@a/x'),
      await get('x'),
    ]).toEqual(['a', 'b', 'c', 'd', 'e'].map(some))
    expect(await get('x', '@')).toEqual(none)
    await store.close()
  })
  test('cancelled before it began, and after the end of the driver', async () => {
    const store = make()
    expect(told(await store.perform(kvGet('k'), { signal: AbortSignal.abort() }))).toEqual([
      'Cancelled',
      "reading 'k' of 'cache' was cancelled",
      'run again when the answer is wanted',
    ])
    await store.close()
    expect(told(await store.perform(kvGet('k'), calm))[1]).toBe(
      "reading 'k' of 'cache' was ended because the driver was closed",
    )
  })
})

test('a batch that was late is not asked again key by key', async () => {
  let asked = 0
  const never = storeDriver(
    {
      get: () => {
        asked++
        return new Promise(() => {})
      },
      set: async () => {},
      delete: async () => {},
      classify: (e, what) => ({ tag: 'Unknown', cause: `${what}: ${String(e)}`, remedy: 'none' }),
      close: async () => {},
    },
    [],
    { timeoutMs: 20 },
  )
  const calls = ['a', 'b', 'c'].map((k) => kvGet(k, 'string'))
  const { answers, roundTrips } = await never.performMany!({ calls: calls as never, plan: noPlan }, calm)
  expect(answers.map((a) => bad(a)._tag)).toEqual(['Timeout', 'Timeout', 'Timeout'])
  expect([asked, roundTrips]).toEqual([1, 1])
})

describe('redis', () => {
  test('a batch is one MGET of the distinct keys; a time to live is PX', async () => {
    const store = redis({ url: server.url })
    good(await store.perform(kvSet('m1', ['f64', 1], 60_000), calm))
    expect(server.commands.at(-1)).toEqual(['SET', 'm1', '1', 'PX', '60000'])
    const from = server.commands.length
    const calls = ['m1', 'm2', 'm1', '\ud800'].map((k) => kvGet(k, 'f64'))
    const { answers, roundTrips } = await store.performMany!({ calls, plan: noPlan }, calm)
    expect(answers.slice(0, 3).map(good)).toEqual([some(1), none, some(1)])
    expect(told(answers[3]!)[0]).toBe('Refused')
    expect([roundTrips, server.commands.slice(from)]).toEqual([1, [['MGET', 'm1', 'm2']]])
    await store.close()
  })
  test('a batch that the server refuses is asked one by one', async () => {
    const store = redis({ url: server.url })
    good(await store.perform(kvSet('c1', ['f64', 1]), calm))
    server.instead = ([name]) => (name === 'MGET' ? '-CROSSSLOT Keys in request\r\n' : undefined)
    const calls = ['c1', 'c2'].map((k) => kvGet(k, 'f64'))
    const { answers, roundTrips } = await store.performMany!({ calls, plan: noPlan }, calm)
    expect([answers.map(good), roundTrips]).toEqual([[some(1), none], 3])
    server.instead = () => undefined
    await store.close()
  })
  test('a server that does not answer is a Timeout; a write may have happened', async () => {
    const store = redis({ url: server.url, timeoutMs: 400 })
    good(await store.perform(kvGet('k', 'bytes'), calm))
    server.instead = () => null
    expect(told(await store.perform(kvGet('k'), calm))).toEqual([
      'Timeout',
      "reading 'k' of 'cache' did not end within its time limit of 400 ms",
      "check the other side, or set a longer timeoutMs in the driver's options",
    ])
    expect(bad(await store.perform(kvSet('k', ['f64', 1]), calm))).toMatchObject({
      _tag: 'Timeout',
      outcome: 'unknown',
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 10)
    expect(bad(await store.perform(kvDelete('k'), stop))).toMatchObject({ _tag: 'Unknown', outcome: 'unknown' })
    server.instead = () => undefined
    await store.close()
  })
  test('a connection that is lost is an error, and the next call opens another', async () => {
    const store = redis({ url: server.url })
    good(await store.perform(kvGet('k', 'bytes'), calm))
    server.instead = (_, socket) => {
      socket.destroy()
      return null
    }
    expect(told(await store.perform(kvGet('k'), calm))[0]).toBe('Connection')
    server.instead = () => undefined
    good(await store.perform(kvGet('k', 'bytes'), calm))
    await store.close()
    const nobody = redis({ url: 'redis://127.0.0.1:1' })
    const e = told(await nobody.perform(kvGet('k'), calm))
    expect([e[0], e[2]]).toEqual(['Connection', 'check that the server runs and can be reached from here'])
    await nobody.close()
  })
  test('your own client is used and stays open', async () => {
    const client = createClient({ url: server.url })
    client.on('error', () => {})
    await client.connect()
    const store = redis({ client: client as unknown as RedisClient })
    good(await store.perform(kvSet('mine', ['string', 'é']), calm))
    expect(good(await store.perform(kvGet('mine', 'string'), calm))).toEqual(some('é'))
    await store.close()
    expect(await client.get('mine')).toBe('é')
    client.destroy()
  })
  test.each([
    ['NOAUTH Authentication required.', 'Permission'],
    ['WRONGPASS invalid', 'Permission'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'NoSpace'],
    ['LOADING Redis is loading', 'Connection'],
    ['CLUSTERDOWN The cluster is down', 'Connection'],
    ["READONLY You can't write against a read only replica.", 'Refused'],
    ['WRONGTYPE Operation against a key', 'Refused'],
    ['ERR unknown', 'Refused'],
    ['something else', 'Unknown'],
  ])('%s is %s', (message, tag) => {
    const e = new Error(message)
    expect(classifyRedisError(e, 'reading')).toMatchObject({ tag, original: e, cause: `reading failed: ${message}` })
  })
})
