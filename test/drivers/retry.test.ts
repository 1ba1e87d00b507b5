// Requirements: E7

import { expect, test } from 'vitest'
import { left, right } from '../../graph/either.ts'
import type { ForeignOptions } from '../../runtime/drivers/foreign/index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'
import type { Tried } from '../../runtime/drivers/retry.ts'
import { retrying } from '../../runtime/drivers/retry.ts'
import { bad, calm, good, kvGet, kvSet, own } from './calls.ts'
import { respServer } from './servers/resp.ts'

const fails = (more: Partial<Tried> & { readonly outcome?: 'unknown' } = {}) => {
  const { outcome, ...tried } = more
  const failure = { tag: 'Connection', cause: 'no', remedy: 'wait', ...(outcome && { outcome }) } as const
  return left<Tried>({ failure, passing: true, ...tried })
}
const fast = { baseMs: 1, random: () => 0 }

test('what one attempt may have done stays unknown, whatever the later ones say', async () => {
  const ends = [fails({ outcome: 'unknown' }), fails(), fails({ passing: false })]
  const end = await retrying(fast, calm.signal, async () => ends.shift()!)
  expect(end).toMatchObject({ left: { outcome: 'unknown', cause: 'no (tried 3 times)' } })
  const clean = await retrying(fast, calm.signal, async () => fails())
  expect(clean).not.toHaveProperty('left.outcome')
})
test('a wait ends when nobody waits any more, and nothing is sent again', async () => {
  const stop = new AbortController()
  let n = 0
  setTimeout(() => stop.abort(), 30)
  const began = performance.now()
  await retrying({}, stop.signal, async () => {
    n++
    return fails({ afterMs: 5000 })
  })
  expect(performance.now() - began).toBeLessThan(1000)
  expect(n).toBe(1)
})
test('a time that the other side asks for is waited', async () => {
  const began = performance.now()
  const ends = [fails({ afterMs: 60 }), right(1)]
  expect(await retrying(fast, calm.signal, async () => ends.shift()!)).toEqual(right(1))
  expect(performance.now() - began).toBeGreaterThan(50)
})

test('Redis: calls are tried again when the connection breaks; a refusal after that leaves the outcome unknown', async () => {
  const server = await respServer()
  const store = redis({ url: server.url, retry: fast })
  let cuts = 1
  server.instead = (_, socket) => {
    if (cuts-- <= 0) return undefined
    socket.destroy()
    return null
  }
  good(await store.perform(kvSet('k', ['string', 'v']), calm))
  expect(server.commands.map(([name]) => name)).toEqual(['SET', 'SET'])
  cuts = 1
  expect(good(await store.perform(kvGet('k', 'string'), calm))).toEqual({ _tag: 'Some', value: 'v' })
  cuts = 1
  const cut = server.instead
  server.instead = (c, socket) => (cuts > 0 ? cut(c, socket) : "-OOM used memory > 'maxmemory'\r\n")
  expect(bad(await store.perform(kvSet('k', ['string', 'w']), calm))).toMatchObject({
    _tag: 'NoSpace',
    outcome: 'unknown',
  })
  await store.close()
  const once = redis({ url: server.url, retry: false })
  server.instead = cut
  cuts = 1
  expect(bad(await once.perform(kvSet('k', ['string', 'v']), calm))).toMatchObject({
    _tag: 'Connection',
    outcome: 'unknown',
  })
  await once.close()
  await server.close()
})

test.each<[string, boolean, readonly string[], Partial<ForeignOptions<number, number>>, number]>([
  ['that is idempotent and reads', true, [], {}, 3],
  ['that is idempotent and writes', true, ['x'], {}, 3],
  ['that may happen once only', false, ['x'], {}, 1],
  ['whose binding says never', true, [], { retry: false }, 1],
  ['whose failure is not known to pass', true, [], { classify: () => ({ tag: 'Refused' }) }, 1],
  ['whose failure is not classified', true, [], { classify: () => undefined }, 1],
])('a function %s', async (_, idempotent, writes, more, times) => {
  let n = 0
  const driver = bindForeign<number, number>({
    one: () => {
      if (++n < 3) throw new Error('busy')
      return n
    },
    classify: () => ({ tag: 'Unavailable' }),
    retry: fast,
    ...more,
  })
  const answer = await driver.perform(own(['f64', 1], 'f64', { idempotent, writes }), calm)
  expect([n, answer._tag]).toEqual([times, times === 3 ? 'Right' : 'Left'])
  await driver.close()
})
