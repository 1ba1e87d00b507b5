import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { isLeft, right } from '../../graph/either.ts'
import { fx, graph, sequence, kv as store, t, text } from '../../graph/index.ts'
import type { Probed } from '../../runtime/assumption.ts'
import type { Driver } from '../../runtime/driver.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { probe as probeDuckdb } from '../../runtime/drivers/duckdb/probe.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { probe as probeHttp } from '../../runtime/drivers/http/probe.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { probe as probePostgres } from '../../runtime/drivers/postgres/probe.ts'
import { probe as probeRedis } from '../../runtime/drivers/redis/probe.ts'
import { load } from '../../runtime/load.ts'
import { ownAssumptions } from '../../verify/assumptions/own.ts'
import {
  batchIsSingle,
  forgetting,
  monotonic,
  probes,
  rounding,
  toolchain,
  webAssembly,
} from '../../verify/probes/index.ts'
import { arithmetic, wrongRounding } from '../../verify/probes/rounding.ts'
import { calm } from '../drivers/calls.ts'

// An assumption that is broken on purpose shows the failure that its entry declares, and its probe sees it.

/** A driver that gives each key of a batch the answer of the next. */
const shifted = (d: Driver): Driver => ({
  ...d,
  performMany: async (batch, context) => {
    const { answers, roundTrips } = await d.performMany!(batch, context)
    return { answers: answers.map((_, i) => answers[(i + 1) % answers.length]!), roundTrips }
  },
})
/** The last bit of a result is wrong where that can be. */
const off = (x: number): number => (Number.isFinite(x) && x !== 0 ? x * (1 + 2 ** -52) : x)
const down = (x: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  view.setBigUint64(0, view.getBigUint64(0) - 1n)
  return view.getFloat64(0)
}

const failing = (seen: readonly Probed[], id: string): boolean => seen.some((p) => p.assumption === id && !p.ok)
/** PostgreSQL as far as its probe asks. */
const postgresLike = (settings: Readonly<Record<string, string>>): Driver => {
  const answer = (c: Parameters<Driver['perform']>[0]) => {
    const { sql } = c.attrs as { readonly sql: string }
    const name = /current_setting\('(\w+)'\)/.exec(sql)?.[1]
    return right({ v: name === undefined ? c.args[0]! : (settings[name] ?? '') })
  }
  return {
    kind: 'sql',
    effects: ['dbQuery'],
    assumptions: [],
    perform: async (c) => answer(c),
    performMany: async ({ calls }) => ({ answers: calls.map(answer), roundTrips: 1 }),
    close: async () => undefined,
  }
}
const settings = {
  server_version_num: '150004',
  default_transaction_isolation: 'read committed',
  standard_conforming_strings: 'on',
}
const redisLike =
  (mget: (keys: readonly string[]) => unknown, policy = 'noeviction') =>
  async ([command, ...rest]: readonly string[]): Promise<unknown> =>
    command === 'INFO'
      ? `redis_version:7.0.1\r\nmaxmemory:100\r\nmaxmemory_policy:${policy}\r\nrole:master\r\n`
      : command === 'MGET'
        ? mget(rest)
        : null
const httpLike = (statuses: readonly number[]) => {
  let i = 0
  return { head: async () => statuses[i++ % statuses.length]! }
}

const root = mkdtempSync(join(tmpdir(), 'quoin-broken-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const db = duckdb()
afterAll(() => db.close())

/** For every assumption with a probe that can be run: as it should be, and broken. */
const cases: Readonly<Record<string, readonly [whole: () => Promise<boolean>, broken: () => Promise<boolean>]>> = {
  'ieee-754': [
    async () => rounding().ok,
    async () => {
      const each = Object.keys(arithmetic) as (keyof typeof arithmetic)[]
      return each.every(
        (op) => !rounding({ ...arithmetic, [op]: (a: number, b: number) => off(arithmetic[op](a, b)) }).ok,
      )
    },
  ],
  node: [async () => rounding().ok, async () => !rounding({ ...arithmetic, sqrt: (x) => down(Math.sqrt(x)) }).ok],
  'wasm-engine': [
    async () => (await webAssembly()).ok,
    // An engine that rounds f64 to f32 now and then: its kernels are those of another graph.
    async () => {
      const other = graph(
        'probe',
        { a: t.tensor(t.f64, 37), b: t.tensor(t.f32, 37), c: t.tensor(t.i32, 37), m: t.tensor(t.f64, 5, 5) },
        ({ a, b, c, m }) => ({
          d: fx`sqrt(abs(${a})) * ${a} - ${a} / (${a} + 3) + 1e-300`,
          s: fx`min(${b}, ${b} * ${b}) + max(${b}, 1)`,
          i: c.mul(c).add(c),
          sum: a.sum(),
          product: m.sub(m),
        }),
      )
      const wrong = await compile(other)
      if (isLeft(wrong)) throw new Error('the other graph does not compile')
      return !(await webAssembly(() => wrong.right)).ok
    },
  ],
  toolchain: [
    async () => (await toolchain()).ok,
    async () => {
      const wrong = [
        // The printer loses a sign, and one that adds a call.
        (text: string) => text.replaceAll(' - ', ' + '),
        (text: string) => `${text}\nconst at = Date.now()\n`,
      ]
      for (const print of wrong) if ((await toolchain(print)).ok) return false
      return true
    },
  ],
  'monotonic-clock': [
    async () => monotonic().ok,
    async () => {
      let at = 0
      const back = (): number => (++at % 500 === 0 ? at - 300 : at)
      return !monotonic(back).ok && !monotonic(() => 7).ok && !monotonic(() => Number.NaN).ok
    },
  ],
  'staleness:*': [
    async () => (await forgetting()).ok,
    // A clock that stands: what is too old is given out. One that runs ahead: it is forgotten before.
    async () => !(await forgetting(() => () => 7)).ok && !(await forgetting((at) => () => at() * 3)).ok,
  ],
  'bulk-lookups': [
    async () => (await batchIsSingle()).ok,
    async () => {
      const fewer: Driver = { ...kv(), performMany: async () => ({ answers: [], roundTrips: 1 }) }
      return !(await batchIsSingle(shifted(kv()))).ok && !(await batchIsSingle(fewer)).ok
    },
  ],
  'clock.wall': [
    async () => !failing(await clock().probe!(calm), 'clock.wall'),
    async () => {
      let at = Date.now()
      return failing(await clock({ now: () => (at -= 3_600_000) }).probe!(calm), 'clock.wall')
    },
  ],
  'kv.forgets': [
    async () => !failing(await kv().probe!(calm), 'kv.forgets'),
    async () => failing(await kv({ maxEntries: 0 }).probe!(calm), 'kv.forgets'),
  ],
  'files.rename-is-atomic': [
    async () => !failing(await files({ root }).probe!(calm), 'files.rename-is-atomic'),
    async () => failing(await files({ root: join(root, 'gone') }).probe!(calm), 'files.rename-is-atomic'),
  ],
  'duckdb.vectors': [
    async () => !failing(await probeDuckdb(db, calm), 'duckdb.vectors'),
    async () =>
      failing(await probeDuckdb({ ...db, perform: async () => right({ v: 'v1.5.6?' }) }, calm), 'duckdb.vectors'),
  ],
  'duckdb.batch-is-single': [
    async () => !failing(await probeDuckdb(db, calm), 'duckdb.batch-is-single'),
    async () => failing(await probeDuckdb(shifted(db), calm), 'duckdb.batch-is-single'),
  ],
  'postgres.batch-is-single': [
    async () => (await probePostgres(postgresLike(settings), calm)).every((p) => p.ok),
    async () =>
      failing(await probePostgres(shifted(postgresLike(settings)), calm), 'postgres.batch-is-single') &&
      failing(
        await probePostgres(postgresLike({ ...settings, standard_conforming_strings: 'off' }), calm),
        'postgres.batch-is-single',
      ),
  ],
  'postgres.autocommit': [
    async () => !failing(await probePostgres(postgresLike(settings), calm), 'postgres.autocommit'),
    async () =>
      failing(
        await probePostgres(postgresLike({ ...settings, default_transaction_isolation: 'serializable' }), calm),
        'postgres.autocommit',
      ),
  ],
  'postgres.wire': [
    async () => !failing(await probePostgres(postgresLike(settings), calm), 'postgres.wire'),
    async () =>
      failing(await probePostgres(postgresLike({ ...settings, server_version_num: '190000' }), calm), 'postgres.wire'),
  ],
  'redis.keeps': [
    async () =>
      !failing(
        await probeRedis(
          redisLike((k) => k.map(() => null)),
          calm,
        ),
        'redis.keeps',
      ),
    async () =>
      failing(
        await probeRedis(
          redisLike((k) => k.map(() => null), 'allkeys-lru'),
          calm,
        ),
        'redis.keeps',
      ),
  ],
  'redis.mget-is-get': [
    async () =>
      !failing(
        await probeRedis(
          redisLike((k) => k.map(() => null)),
          calm,
        ),
        'redis.mget-is-get',
      ),
    async () =>
      failing(
        await probeRedis(
          redisLike((k) => k.map((_, i) => (i === 0 ? null : 'x'))),
          calm,
        ),
        'redis.mget-is-get',
      ),
  ],
  'http.reads-only-read': [
    async () => !failing(await probeHttp({ base: 'https://shop.test' }, httpLike([200]), calm), 'http.reads-only-read'),
    // Asked again, it answers otherwise: reading has changed something.
    async () =>
      failing(await probeHttp({ base: 'https://shop.test' }, httpLike([200, 410]), calm), 'http.reads-only-read'),
  ],
  'http.credentials': [
    async () =>
      !failing(
        await probeHttp({ base: 'https://shop.test', credentials: { one: {} } }, httpLike([200]), calm),
        'http.credentials',
      ),
    async () =>
      failing(
        await probeHttp({ base: 'https://shop.test', credentials: { one: {} } }, httpLike([200, 200, 403]), calm),
        'http.credentials',
      ) &&
      failing(
        await probeHttp({ base: 'http://shop.test', credentials: { one: {} } }, httpLike([200]), calm),
        'http.credentials',
      ),
  ],
}

const probed = ownAssumptions().filter((a) => a.probe.by === 'driver' || a.probe.by === 'quoin')

test('every assumption with a probe that can be run is broken here, and nothing else', () =>
  expect(Object.keys(cases).sort()).toEqual(probed.map((a) => a.id).sort()))
test('every probe that an assumption names is there, and each is named', () => {
  const named = probed.flatMap((a) => (a.probe.by === 'quoin' ? [a.probe.name] : []))
  expect([...new Set(named)].sort()).toEqual(Object.keys(probes).sort())
})
describe.each(Object.entries(cases))('%s', (_, [whole, broken]) => {
  test('holds here', async () => expect(await whole()).toBe(true))
  test('broken on purpose, is seen', async () => expect(await broken()).toBe(true))
})

describe('what happens is what the entry says happens', () => {
  const entry = (id: string) => ownAssumptions().find((a) => a.id === id)!
  test('a batch answered wrongly: some keys get another answer than alone, without an error', async () => {
    expect(entry('bulk-lookups').failureMode).toBe(
      'Some keys get another answer together than alone, without an error.',
    )
    const cache = store('cache')
    const g = graph('both', { ids: t.list(t.row({ id: t.i64 }), 'n') }, ({ ids }) => ({
      found: ids.map(({ id }) => ({ x: cache.get(text(id), t.f64).orElse(0) })),
    }))
    const c = await compile(g)
    if (isLeft(c)) throw new Error(JSON.stringify(c.left))
    const filled = async (): Promise<Driver> => {
      const driver = kv()
      const put = graph('put', { x: t.f64 }, ({ x }) =>
        sequence(cache.set('1', x), sequence(cache.set('2', x.add(1)), { x })),
      )
      const compiled = await compile(put)
      if (isLeft(compiled)) throw new Error(JSON.stringify(compiled.left))
      const loaded = await load(compiled.right, { cache: driver })
      if (isLeft(loaded)) throw new Error(JSON.stringify(loaded.left))
      expect((await loaded.right.run({ x: 10 }))._tag).toBe('Right')
      return driver
    }
    const run = async (driver: Driver): Promise<string> => {
      const loaded = await load(c.right, { cache: driver })
      if (isLeft(loaded)) throw new Error(JSON.stringify(loaded.left))
      return JSON.stringify(await loaded.right.run({ ids: [{ id: 1n }, { id: 2n }] }))
    }
    expect(await run(await filled())).toBe('{"_tag":"Right","right":{"found":[{"x":10},{"x":11}]}}')
    expect(await run(shifted(await filled()))).toBe('{"_tag":"Right","right":{"found":[{"x":11},{"x":10}]}}')
  })
  test('a clock that steps back: two calls answer times in the wrong order', async () => {
    expect(entry('clock.wall').failureMode).toBe('Two calls of one run may answer times in the wrong order.')
    let at = 5000
    const now = async () =>
      clock({ now: () => (at -= 1000) }).perform(
        { effect: 'nowMs', attrs: { occurrence: 0 }, args: [], argTypes: [], iteration: [] },
        calm,
      )
    const [one, two] = [await now(), await now()]
    expect([one, two]).toEqual([right(4000), right(3000)])
  })
  test('wrong rounding: results differ in the last bit', () => {
    expect(entry('ieee-754').failureMode).toContain('Results differ in the last bit')
    expect(wrongRounding({ ...arithmetic, add: (a, b) => off(a + b) })).toMatch(/^add\(/)
    expect(0.1 + 0.2).not.toBe(off(0.1 + 0.2))
  })
})
