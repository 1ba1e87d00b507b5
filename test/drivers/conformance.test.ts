// Requirements: E7 E8

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Call } from '../../graph/effects.ts'
import { sameValue } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { noPlan } from '../../runtime/driver.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { http } from '../../runtime/drivers/http/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'
import { modelWorld } from '../arbitraries/world.ts'
import { Outside } from '../specs/traces/outside.ts'
import { calm, fileRead, kvDelete, kvGet, kvSet, own, request } from './calls.ts'
import type { TestServer } from './servers/http.ts'
import { httpServer, json } from './servers/http.ts'
import type { RespServer } from './servers/resp.ts'
import { realServer, respServer, startReal } from './servers/resp.ts'

/** Every driver of a kind answers random programs of calls as the model world does: values, errors and what is left. */
const runs = Number(process.env.QUOIN_CASES ?? 60)
const seed = Number(process.env.QUOIN_SEED ?? 20261121)

type Model = (call: Call) => Answer
/** A step of a program: one call, or several that are asked together. */
type Step = Call | readonly Call[]
const isMany = (s: Step): s is readonly Call[] => Array.isArray(s)

const told = (a: Answer): unknown =>
  a._tag === 'Right' ? a.right : `${a.left._tag}${'outcome' in a.left ? ' unknown' : ''}`
const agrees = (a: Answer, b: Answer): boolean => sameValue(told(a), told(b))
const show = (x: unknown): string =>
  JSON.stringify(x, (_, v) => (typeof v === 'bigint' ? `${v}n` : v instanceof Uint8Array ? [...v] : v))

/** What drivers were asked together, as traces of the specification: so many of each. */
const seen = new Outside()
const mostSeen = 60

const conforms = async (
  steps: fc.Arbitrary<Step>,
  make: () => Promise<Driver> | Driver,
  model: () => Model,
  last: readonly Call[],
  count = runs,
): Promise<void> => {
  let batches = 0
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 25, size: 'max' }), async (program) => {
      const driver = await make()
      const world = model()
      try {
        // What is left is what can be read of it.
        for (const step of [...program, ...last]) {
          const calls = isMany(step) ? step : [step]
          const got = isMany(step)
            ? (await driver.performMany!({ calls: step, plan: noPlan }, calm)).answers
            : [await driver.perform(step, calm)]
          const wanted = calls.map(world)
          for (const [i, call] of calls.entries())
            if (!agrees(got[i]!, wanted[i]!))
              throw new Error(`${show(call)} answers ${show(told(got[i]!))} instead of ${show(told(wanted[i]!))}`)
          if (isMany(step) && calls.length > 1 && batches++ < mostSeen)
            seen.batch(
              calls.map((c) => show(c.args)),
              got,
              wanted.map((a) => a._tag === 'Left'),
            )
        }
      } finally {
        await driver.close()
      }
    }),
    {
      numRuns: count,
      seed,
      // Shrinking asks real servers again and again; it ends before the test would.
      endOnFailure: process.env.QUOIN_SHRINK === undefined,
      interruptAfterTimeLimit: 50_000,
      markInterruptAsFailure: true,
    },
  )
}
const empty = (): Model => modelWorld({ seed: 1, faults: 0, bare: true }).answer

const words = fc.constantFrom('', 'a', '@a', 'a/b', 'é', '😀', 'x'.repeat(30), '\0', '"', '\ufeff')
const values: fc.Arbitrary<readonly [string, never]> = fc.oneof(
  fc.tuple(fc.constant('string'), fc.oneof(words, fc.string({ unit: 'grapheme' }))),
  fc.tuple(fc.constant('bytes'), fc.uint8Array({ maxLength: 20 })),
  fc.tuple(fc.constant('f64'), fc.double()),
  fc.tuple(fc.constant('i64'), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  fc.tuple(fc.constant('option<bool>'), fc.constantFrom({ _tag: 'None' }, { _tag: 'Some', value: true })),
  fc.tuple(
    fc.constant('{a: timestamp, b: decimal(2)}'),
    fc.record({ a: fc.bigInt(-(10n ** 14n), 10n ** 15n), b: fc.bigInt(-999n, 999n) }),
  ),
) as never
const types = ['string', 'bytes', 'f64', 'i64', 'json', 'option<bool>', '{a: timestamp, b: decimal(2)}']

describe('key-value stores', () => {
  const keys = ['k', 'l', '', '@k', 'é', 'a/k']
  const tenants = fc.constantFrom(undefined, undefined, 'a', 'a/k', '%')
  const get = fc
    .tuple(fc.constantFrom(...keys), fc.constantFrom(...types), fc.constantFrom(4, 1000), tenants)
    .map(([k, t, maxBytes, who]) => kvGet(k, t, { maxBytes }, who))
  const steps: fc.Arbitrary<Step> = fc.oneof(
    get,
    fc
      .tuple(fc.constantFrom(...keys), values, fc.constantFrom(0, 0, 3_600_000), fc.constantFrom(9, 1000), tenants)
      .map(([k, v, ttl, max, who]) => kvSet(k, v, ttl, max, who)),
    fc.tuple(fc.constantFrom(...keys), tenants).map(([k, who]) => kvDelete(k, who)),
    // Equal but for their keys, as a batch is.
    fc
      .tuple(fc.array(fc.constantFrom(...keys, '\ud800'), { maxLength: 6 }), fc.constantFrom(...types))
      .map(([ks, t]) => ks.filter((k) => k.isWellFormed()).map((k) => kvGet(k, t))),
  )
  const last = keys.flatMap((k) => [undefined, 'a', 'a/k', '%'].map((who) => kvGet(k, 'bytes', {}, who)))

  let server: RespServer
  const real = realServer()
  let running: Awaited<ReturnType<typeof startReal>> | undefined
  beforeAll(async () => {
    server = await respServer()
    if (real === undefined)
      process.stdout.write('no redis-server or valkey-server is on the path (QUOIN_REDIS_SERVER names one): skipped\n')
    else running = await startReal(real)
  })
  afterAll(async () => {
    await server.close()
    await running?.close()
  })
  /** Empties a server before each program. */
  const flushed = async (url: string): Promise<Driver> => {
    const driver = redis({ url })
    for (const call of last)
      await driver.perform(
        kvDelete(String(call.args.at(-1)), call.args.length > 1 ? String(call.args[0]) : undefined),
        calm,
      )
    return driver
  }
  test('memory', () => conforms(steps, () => kv(), empty, last, runs * 4))
  test('redis, a server in this process', () => conforms(steps, () => flushed(server.url), empty, last))
  test.runIf(real !== undefined)('redis, a server of this machine', () =>
    conforms(steps, () => flushed(running!.url), empty, last),
  )
  test.runIf(real !== undefined)('times to live, on a server of this machine', async () => {
    const store = redis({ url: running!.url })
    await store.perform(kvSet('t', ['f64', 1], 40), calm)
    expect(told(await store.perform(kvGet('t', 'f64'), calm))).toEqual({ _tag: 'Some', value: 1 })
    await expect.poll(async () => told(await store.perform(kvGet('t', 'f64'), calm))).toEqual({ _tag: 'None' })
    await store.close()
  })
})

describe('files', () => {
  const root = mkdtempSync(join(tmpdir(), 'quoin-conformance-'))
  afterAll(() => rmSync(root, { recursive: true }))
  let fresh = 0
  const paths = fc.constantFrom('a', 'b', 'é.txt')
  const steps = fc.oneof(
    fc
      .tuple(paths, fc.constantFrom('string' as const, 'bytes' as const), fc.constantFrom(3, 100))
      .map(([p, as, max]) => fileRead(p, as, max)),
    fc
      .tuple(paths, values, fc.constantFrom(3, 100))
      .filter(([, [t]]) => t === 'string' || t === 'bytes')
      .map(
        ([p, v, maxBytes]): Call =>
          ({
            ...(kvSet(p, v) as object),
            effect: 'fileWrite',
            attrs: { occurrence: 0, root: 'out', path: '*', maxBytes },
          }) as Call,
      ),
  )
  const make = async (): Promise<Driver> => {
    const { mkdirSync } = await import('node:fs')
    const dir = join(root, String(fresh++))
    mkdirSync(dir)
    return files({ root: dir })
  }
  test('below a directory', () =>
    conforms(
      steps,
      make,
      empty,
      ['a', 'b', 'é.txt'].map((p) => fileRead(p, 'bytes')),
    ))
})

describe('HTTP', () => {
  // A service of things by name, and the same as a model: GET, PUT, DELETE, POST that adds one, and a bulk GET.
  type Things = Map<string, { readonly key: string; readonly n: number }>
  let things: Things = new Map()
  let server: TestServer
  const nameOf = (url: string): string => decodeURIComponent(url.slice('/t/'.length))
  beforeAll(async () => {
    server = await httpServer((s, to) => {
      const { pathname, searchParams } = new URL(s.url, 'http://x')
      if (pathname === '/t')
        return json(
          to,
          searchParams.getAll('key').flatMap((k) => things.get(k) ?? []),
        )
      const key = nameOf(pathname)
      const known = things.get(key)
      if (s.method === 'PUT') things.set(key, { key, n: JSON.parse(s.body.toString()) as number })
      else if (s.method === 'POST') {
        if (known === undefined) return json(to, null, 409)
        things.set(key, { key, n: known.n + 1 })
      } else if (known === undefined) return json(to, null, 404)
      else if (s.method === 'DELETE') things.delete(key)
      return json(to, things.get(key) ?? known)
    })
  })
  afterAll(() => server.close())
  const names = fc.constantFrom('a', 'b', '..a', 'a/b', 'ä ?#&%', '', '..')
  const thing = '{key: string, n: f64}'
  const call = (method: 'GET' | 'PUT' | 'DELETE' | 'POST', name: string, n?: number): Call =>
    request(
      ['/t/', ''],
      thing,
      n === undefined
        ? [['string', name]]
        : [
            ['string', name],
            ['json', n],
          ],
      {
        method,
        body: n !== undefined,
        ...(method === 'GET' ? {} : { reads: [], writes: ['*'], idempotent: method !== 'POST' }),
      },
    )
  const many = { method: 'GET', url: '/t', keysIn: 'query', keys: 'key', items: '', key: 'key', most: 3 } as const
  const lookup = (name: string): Call => request(['/t/', ''], thing, [['string', name]], { mode: 'lookup', many })
  const steps: fc.Arbitrary<Step> = fc.oneof(
    names.map((n) => call('GET', n)),
    fc.tuple(names, fc.integer()).map(([k, n]) => call('PUT', k, n)),
    names.map((n) => call('DELETE', n)),
    names.map((n) => call('POST', n)),
    fc.array(names, { maxLength: 6 }).map((ks) => ks.map(lookup)),
  )
  const model = (): Model => {
    const held: Things = new Map()
    const error = (tag: string): Answer => ({ _tag: 'Left', left: { _tag: tag } as never })
    const ok = (body: Things extends Map<string, infer T> ? T : never): Answer => ({
      _tag: 'Right',
      right: { status: 200, body },
    })
    return (c) => {
      const key = String(c.args[0])
      if (key === '' || key === '..') return error('Escape')
      const { method, mode } = (c as Call & { effect: 'httpRequest' }).attrs
      const known = held.get(key)
      if (mode === 'lookup')
        return { _tag: 'Right', right: known === undefined ? { _tag: 'None' } : { _tag: 'Some', value: known } }
      if (method === 'PUT') held.set(key, { key, n: c.args[1] as number })
      else if (known === undefined) return error(method === 'POST' ? 'Conflict' : 'NotFound')
      else if (method === 'POST') held.set(key, { key, n: known.n + 1 })
      else if (method === 'DELETE') held.delete(key)
      return ok(held.get(key) ?? known!)
    }
  }
  const make = (): Driver => {
    things = new Map()
    return http({ base: server.base, breaker: false })
  }
  test('a service on this machine', () => conforms(steps, make, model, ['a', 'b', '..a', 'a/b', 'ä ?#&%'].map(lookup)))
})

describe('functions of your own', () => {
  const steps: fc.Arbitrary<Step> = fc.oneof(
    fc.integer({ min: -3, max: 9 }).map((n) => own(['f64', n])),
    fc.integer({ min: -3, max: 9 }).map((n) => own(['f64', n], 'f64', { name: 'book', writes: ['ledger'], reads: [] })),
    fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 6 }).map((ns) => ns.map((n) => own(['f64', n]))),
  )
  /** Answers what was asked plus what was booked; negative arguments fail. */
  const counter = () => {
    let booked = 0
    return (name: string, n: number): number | Error => {
      if (n < 0) return new Error('negative')
      if (name === 'book') booked += n
      return n + booked
    }
  }
  const model = (): Model => {
    const f = counter()
    return (c) => {
      const r = f((c.attrs as { name: string }).name, c.args[0] as number)
      return r instanceof Error ? { _tag: 'Left', left: { _tag: 'NotFound' } as never } : { _tag: 'Right', right: r }
    }
  }
  const make = (): Driver => {
    const f = counter()
    const named = (name: string): Driver => {
      const one = (n: number): number => {
        const r = f(name, n)
        if (r instanceof Error) throw r
        return r
      }
      return bindForeign({
        one,
        many: (ns: readonly number[]) => ns.map((n) => f(name, n)),
        maxBatch: 4,
        classify: () => ({ tag: 'NotFound' }),
      })
    }
    const [price, book] = [named('price'), named('book')]
    return { ...price, perform: (c, x) => ((c.attrs as { name: string }).name === 'book' ? book : price).perform(c, x) }
  }
  test('in this process', () => conforms(steps, make, model, [own(['f64', 0])]))
})

test('what was asked together, in all of these, is a behaviour of the specification of batching', () => {
  const [batches] = seen.judged('conformance')
  expect(batches!.strange).toEqual([])
  expect(batches!.traces).toBeGreaterThan(mostSeen)
  expect(batches!.refused).toBeGreaterThan(batches!.corrupted / 4)
})
