// Requirements: E7

import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { bad, calm, good, query, told } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'
import type { Gate } from './servers/tcp.ts'
import { gateBefore } from './servers/tcp.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

const one = (sql: string, row = '{v: i32}', args: readonly (readonly [string, Value])[] = []) =>
  query('one', sql, row, args)
const exec = (sql: string) => query('exec', sql)
const sleep = (s: number) => one(`select 1 as v from pg_sleep(${s})`)

describe.skipIf(bin === undefined)('on a server', () => {
  let server: PostgresServer
  let watcher: Client
  const drivers: Driver[] = []
  const bound = (options: Parameters<typeof postgres>[0]): Driver => {
    const d = postgres(options)
    drivers.push(d)
    return d
  }
  const running = async (text: string): Promise<number> =>
    (
      await watcher.query(
        "select count(*)::int as n from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()",
        [`%${text}%`],
      )
    ).rows[0].n
  const sessions = async (): Promise<number> =>
    (await watcher.query("select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'"))
      .rows[0].n - 1

  beforeAll(async () => {
    server = await startPostgres(bin!)
    watcher = new Client(server.url)
    await watcher.connect()
    await watcher.query('create table w (id int primary key)')
  })
  afterAll(async () => {
    await Promise.all(drivers.map((d) => d.close()))
    await watcher?.end()
    await server?.close()
  })

  test('nothing is opened before the first call, and closing ends what was opened', async () => {
    const before = await sessions()
    const db = bound({ url: server.url })
    await new Promise((r) => setTimeout(r, 30))
    expect(await sessions()).toBe(before)
    good(await db.perform(one('select 1 as v'), calm))
    expect(await sessions()).toBe(before + 1)
    await db.close()
    await expect.poll(sessions).toBe(before)
    expect(bad(await db.perform(one('select 1 as v'), calm))._tag).toBe('Connection')
  })

  test('whenever it is cancelled, the server stops', async () => {
    const db = bound({ url: server.url })
    const slow = one('select count(*)::int as v from generate_series(1, 100000) a, generate_series(1, 100000) b')
    const started = performance.now()
    // A server that has not begun the statement forgets a cancellation; about half of these came so early.
    for (let i = 0; i < 30; i++)
      expect(bad(await db.perform(slow, { signal: AbortSignal.timeout(i % 6) }))._tag).toBe('Cancelled')
    expect(performance.now() - started).toBeLessThan(15_000)
    await expect.poll(() => running('generate_series')).toBe(0)
    await db.close()
  })

  test("the user's pool is used, given back and never closed", async () => {
    const pool = new Pool({ connectionString: server.url, max: 3 })
    const db = bound({ pool })
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => db.perform(one(`select ${i} as v`), calm)))
    expect(answers.map(good)).toEqual(Array.from({ length: 50 }, (_, v) => ({ v })))
    await expect.poll(() => [pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0])
    expect(pool.totalCount).toBeLessThanOrEqual(3)
    // The user's queries and ours take turns on the same connections.
    const mixed = await Promise.all(
      Array.from({ length: 30 }, async (_, i) =>
        i % 2 === 0
          ? (await pool.query('select $1::int as v', [i])).rows[0]
          : good(await db.perform(one('select $1 as v', '{v: i32}', [['i32', i]]), calm)),
      ),
    )
    expect(mixed).toEqual(Array.from({ length: 30 }, (_, v) => ({ v })))
    await db.close()
    expect((await pool.query('select 7 as v')).rows).toEqual([{ v: 7 }])
    await pool.end()
  })

  test("a pool of the user's that pipelines", async () => {
    const pool = new Pool({ connectionString: server.url, max: 2, pipeline: true } as never)
    const db = bound({ pool })
    const mixed = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        i % 2 === 0
          ? (await pool.query(`select ${i}::int as v`)).rows[0]
          : good(await db.perform(one(`select ${i} as v`), calm)),
      ),
    )
    expect(mixed).toEqual(Array.from({ length: 20 }, (_, v) => ({ v })))
    await pool.end()
  })

  test("notices and notifications reach the user's client", async () => {
    const client = new Client(server.url)
    await client.connect()
    const heard: string[] = []
    client.on('notice', (n) => heard.push(String(n.message)))
    client.on('notification', (n) => heard.push(`${n.channel} ${n.payload}`))
    const db = bound({ client })
    await client.query('listen news')
    good(await db.perform(exec("do $$ begin raise notice 'hello'; end $$"), calm))
    good(await db.perform(exec("notify news, 'today'"), calm))
    await client.query('select 1')
    expect(heard).toEqual(['hello', 'news today'])
    await client.end()
  })

  describe("the user's client", () => {
    test('calls and queries of the user take turns, inside a transaction and outside', async () => {
      const client = new Client(server.url)
      await client.connect()
      const db = bound({ client })
      await client.query('begin')
      const ours = db.perform(exec('insert into w values (1)'), calm)
      const theirs = client.query('insert into w values (2)')
      good(await ours)
      await theirs
      expect(good(await db.perform(one('select count(*)::int as v from w'), calm))).toEqual({ v: 2 })
      expect((await watcher.query('select count(*)::int as n from w')).rows).toEqual([{ n: 0 }])
      await client.query('rollback')
      expect(good(await db.perform(one('select count(*)::int as v from w'), calm))).toEqual({ v: 0 })
      // Never committed, never rolled back by us.
      await client.query('begin')
      expect(bad(await db.perform(exec('insert into nope values (1)'), calm))._tag).toBe('NotFound')
      expect(bad(await db.perform(one('select 1 as v'), calm)).cause).toMatch(/25P02/)
      await client.query('rollback')
      await db.close()
      expect((await client.query('select 7 as v')).rows).toEqual([{ v: 7 }])
      await client.end()
      expect(bad(await db.perform(one('select 1 as v'), calm))._tag).toBe('Connection')
    })
    test('text parameters that say no type cost a transaction nothing', async () => {
      const client = new Client(server.url)
      await client.connect()
      const db = bound({ client })
      await client.query('begin')
      expect(good(await db.perform(one('select ($1 is null) as v', '{v: bool}', [['string', 'x']]), calm))).toEqual({
        v: false,
      })
      expect((await client.query('select 7 as v')).rows).toEqual([{ v: 7 }])
      await client.query('commit')
      await client.end()
    })
    test('one that pipelines is refused, one that waits is waited for', async () => {
      const client = new Client({ connectionString: server.url, pipeline: true } as never)
      await client.connect()
      expect(bad(await bound({ client }).perform(one('select 1 as v'), calm))._tag).toBe('Refused')
      await client.end()
      const slow = new Client(server.url)
      await slow.connect()
      const waiting = slow.query('select pg_sleep(0.3)')
      const db = bound({ client: slow, timeoutMs: 100 })
      expect(told(await db.perform(one('select 1 as v'), calm)).slice(0, 2)).toEqual([
        'Timeout',
        'the time limit of 100 ms ended while the query waited for a connection',
      ])
      await waiting
      expect(good(await db.perform(one('select 1 as v'), calm))).toEqual({ v: 1 })
      await slow.end()
    })
  })

  describe('stopping', () => {
    test('a cancelled query is gone from the server, and its connection serves again', async () => {
      const db = bound({ url: server.url, max: 1 })
      const pid = good(await db.perform(one('select pg_backend_pid() as v'), calm))
      const stop = new AbortController()
      const asked = db.perform(sleep(30), { signal: stop.signal })
      await expect.poll(() => running('pg_sleep(30)')).toBe(1)
      stop.abort()
      expect(bad(await asked)._tag).toBe('Cancelled')
      expect(await running('pg_sleep(30)')).toBe(0)
      expect(good(await db.perform(one('select pg_backend_pid() as v'), calm))).toEqual(pid)
    })
    test('a time limit likewise', async () => {
      const db = bound({ url: server.url, timeoutMs: 150 })
      expect(told(await db.perform(sleep(31), calm)).slice(0, 2)).toEqual([
        'Timeout',
        'the time limit of 150 ms ended while the query ran',
      ])
      expect(await running('pg_sleep(31)')).toBe(0)
      const never = AbortSignal.abort()
      expect(told(await db.perform(sleep(31), { signal: never }))[0]).toBe('Cancelled')
    })
    test('a write that was stopped in time did not happen and says so', async () => {
      const db = bound({ url: server.url, timeoutMs: 150 })
      const e = bad(await db.perform(exec('insert into w select 900 from pg_sleep(20)'), calm))
      expect([e._tag, 'outcome' in e]).toEqual(['Timeout', false])
      expect((await watcher.query('select count(*)::int as n from w where id = 900')).rows).toEqual([{ n: 0 }])
    })
    test('others on the same connection go on, and are asked again where a cancellation met them', async () => {
      const db = bound({ url: server.url, max: 1 })
      good(await db.perform(one('select 1 as v'), calm))
      for (let round = 0; round < 20; round++) {
        const stop = new AbortController()
        const first = db.perform(one(`select ${round} as v from pg_sleep(${(round % 5) / 500})`), {
          signal: stop.signal,
        })
        const others = Array.from({ length: 10 }, (_, i) =>
          db.perform(one(`select ${i} as v from pg_sleep(0.001)`), calm),
        )
        setTimeout(() => stop.abort(), 1 + (round % 4))
        expect((await Promise.all(others)).map(good)).toEqual(others.map((_, v) => ({ v })))
        await first
      }
    }, 30_000)
    test('what waits behind a long query is let go at once, and never seen by others', async () => {
      const db = bound({ url: server.url, max: 1 })
      const long = db.perform(sleep(2), calm)
      const stop = new AbortController()
      await expect.poll(() => running('pg_sleep(2)')).toBe(1)
      const behind = db.perform(sleep(33), { signal: stop.signal })
      await new Promise((r) => setTimeout(r, 20))
      const t = performance.now()
      stop.abort()
      expect(bad(await behind)._tag).toBe('Cancelled')
      expect(performance.now() - t).toBeLessThan(1000)
      good(await long)
      await expect.poll(() => running('pg_sleep(33)')).toBe(0)
      expect(good(await db.perform(one('select 5 as v'), calm))).toEqual({ v: 5 })
    })
    test('closing stops what runs', async () => {
      const db = bound({ url: server.url })
      const asked = db.perform(sleep(32), calm)
      await expect.poll(() => running('pg_sleep(32)')).toBe(1)
      await db.close()
      expect(told(await asked)[1]).toMatch(/the driver was closed/)
      await expect.poll(() => running('pg_sleep(32)')).toBe(0)
    })
    test('a batch is stopped as one', async () => {
      const db = bound({ url: server.url, timeoutMs: 150 })
      const calls = [1, 2].map((k) => query('one', 'select $1 as v from pg_sleep(34)', '{v: i32}', [['i32', k]]))
      const params = [{ at: 7, length: 2, number: 1 }]
      const { answers } = await db.performMany!({ calls, plan: { params, ordered: false } }, calm)
      expect(answers.map((a) => bad(a)._tag)).toEqual(['Timeout', 'Timeout'])
      expect(await running('pg_sleep(34)')).toBe(0)
    })
    test('an administrator and a limit of the server are told apart from our own', async () => {
      const db = bound({ url: server.url, config: { options: '-c statement_timeout=80' } })
      expect(told(await db.perform(sleep(20), calm))[1]).toMatch(/statement timeout/)
      expect(good(await db.perform(one('select 5 as v'), calm))).toEqual({ v: 5 })
    })
  })

  test('a pool without a free connection is waited for, and no longer than the limit', async () => {
    const pool = new Pool({ connectionString: server.url, max: 1 })
    const db = bound({ pool, timeoutMs: 200 })
    const held = await pool.connect()
    const t = performance.now()
    expect(told(await db.perform(one('select 1 as v'), calm))).toEqual([
      'Timeout',
      'the time limit of 200 ms ended while the query waited for a connection',
      "allow more connections (max), or a longer timeoutMs, in the driver's options",
    ])
    expect(performance.now() - t).toBeLessThan(5000)
    held.release()
    expect(good(await db.perform(one('select 1 as v'), calm))).toEqual({ v: 1 })
    await pool.end()
    expect(bad(await db.perform(one('select 1 as v'), calm))._tag).toBe('Connection')
  })

  test('a statement that leaves a transaction open is refused, and the transaction rolled back', async () => {
    const db = bound({ url: server.url, max: 1 })
    expect(told(await db.perform(exec('begin'), calm))[1]).toMatch(/left it open/)
    expect(good(await db.perform(one('select count(*)::int as v from w'), calm))).toEqual({ v: 0 })
  })

  test('prepared statements are bounded, and none behind a pooler', async () => {
    const db = bound({ url: server.url, max: 1, maxPrepared: 5 })
    for (let i = 0; i < 20; i++) good(await db.perform(one(`select ${i % 12} as v`), calm))
    const count = one('select count(*)::int as v from pg_prepared_statements', '{v: i32}')
    expect(Number((good(await db.perform(count, calm)) as { v: number }).v)).toBeLessThanOrEqual(5)
    const none = bound({ url: server.url, max: 1, maxPrepared: 0 })
    for (let i = 0; i < 3; i++) expect(good(await none.perform(one(`select ${i} as v`), calm))).toEqual({ v: i })
    expect(good(await none.perform(count, calm))).toEqual({ v: 0 })
  })

  describe('a connection that breaks', () => {
    let gate: Gate
    beforeAll(async () => {
      gate = await gateBefore(server)
    })
    afterAll(() => gate?.close())
    const throughGate = (more: object = {}) =>
      bound({ url: server.url.replace(String(server.port), String(gate.port)), max: 1, retry: { baseMs: 1 }, ...more })

    test('before anything came: a read is tried on another one', async () => {
      const db = throughGate()
      good(await db.perform(one('select 1 as v'), calm))
      let cuts = 0
      gate.onReceive = () => (cuts++ === 0 ? 'cut' : undefined)
      expect(good(await db.perform(one('select 1 as v'), calm))).toEqual({ v: 1 })
      expect(cuts).toBeGreaterThan(1)
      gate.onReceive = () => 'cut'
      const e = told(await db.perform(one('select 1 as v'), calm))
      expect([e[0], e[1]]).toEqual(['Connection', expect.stringMatching(/\(tried 3 times\)$/)])
      gate.onReceive = undefined
      expect(good(await db.perform(one('select 1 as v'), calm))).toEqual({ v: 1 })
    })
    test('in a write: its end is unknown, and it is not sent again', async () => {
      const db = throughGate()
      const insert = exec('insert into w values (501)')
      let sent = 0
      gate.onSend = (chunk) => {
        if (chunk.includes('insert into w')) sent++
        return undefined
      }
      // Cut while the server is asked what the text means: nothing was written, so it is tried again.
      let cuts = 0
      gate.onReceive = () => (sent === 1 && cuts++ === 0 ? 'cut' : undefined)
      expect(good(await db.perform(insert, calm))).toBe(1n)
      await watcher.query('delete from w')
      sent = 0
      gate.onSend = (chunk) => {
        if (chunk.includes('quoin_')) sent++
        return undefined
      }
      gate.onReceive = () => (sent > 0 ? 'cut' : undefined)
      expect(bad(await db.perform(insert, calm))).toMatchObject({ _tag: 'Connection', outcome: 'unknown' })
      gate.onSend = gate.onReceive = undefined
      expect(sent).toBe(1)
      // It was: here the server had it.
      await expect.poll(async () => (await watcher.query('select id from w')).rows).toEqual([{ id: 501 }])
      await watcher.query('delete from w')
    })
    test('an ended session is one', async () => {
      const db = bound({ url: server.url, max: 1, retry: { attempts: 1 } })
      const asked = db.perform(sleep(35), calm)
      const wrote = bound({ url: server.url, max: 1 }).perform(exec('insert into w select 777 from pg_sleep(35)'), calm)
      await expect.poll(() => running('pg_sleep(35)')).toBe(2)
      await watcher.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(35)%' and pid <> pg_backend_pid()",
      )
      expect(bad(await asked)).toMatchObject({ _tag: 'Connection', original: { code: '57P01' } })
      expect(bad(await wrote)).toMatchObject({ _tag: 'Connection', outcome: 'unknown' })
      expect(good(await db.perform(one('select 5 as v'), calm))).toEqual({ v: 5 })
    })
    test('between calls it is noticed', async () => {
      const pool = new Pool({ connectionString: server.url, max: 1 })
      pool.on('error', () => undefined)
      const db = bound({ pool })
      const { v } = good(await db.perform(one('select pg_backend_pid() as v'), calm)) as { readonly v: number }
      await watcher.query('select pg_terminate_backend($1)', [v])
      expect(good(await db.perform(one('select 5 as v'), calm))).toEqual({ v: 5 })
      await pool.end()
    })
  })

  test('a server that cannot be reached: an error at once, then quiet for a while', async () => {
    const db = bound({
      url: 'postgres://quoin@127.0.0.1:1/x',
      retry: { attempts: 1 },
      breaker: { failures: 2, openMs: 50 },
    })
    const ask = async () => told(await db.perform(one('select 1 as v'), calm))
    expect((await ask())[1]).toMatch(/ECONNREFUSED/)
    expect((await ask())[1]).toMatch(/ECONNREFUSED/)
    expect((await ask())[1]).toMatch(/several times in a row/)
    await new Promise((r) => setTimeout(r, 60))
    expect((await ask())[1]).toMatch(/ECONNREFUSED/)
  })

  test('a server that crashes and comes back', async () => {
    const own = await startPostgres(bin!)
    const db = bound({ url: own.url, retry: { attempts: 1 }, breaker: false })
    try {
      good(await db.perform(one('select 1 as v'), calm))
      const asked = Promise.all(Array.from({ length: 20 }, () => db.perform(sleep(36), calm)))
      await new Promise((r) => setTimeout(r, 100))
      await own.stop()
      for (const a of await asked) expect(bad(a)._tag).toBe('Connection')
      expect(bad(await db.perform(one('select 1 as v'), calm))._tag).toBe('Connection')
      await own.start()
      expect(good(await db.perform(one('select 5 as v'), calm))).toEqual({ v: 5 })
    } finally {
      await own.close()
    }
  })

  test('independent calls travel together', async () => {
    const gate = await gateBefore(server)
    const db = bound({ url: server.url.replace(String(server.port), String(gate.port)), max: 2 })
    try {
      const all = () =>
        Promise.all(
          Array.from({ length: 100 }, (_, i) => db.perform(one('select $1 as v', '{v: i32}', [['i32', i]]), calm)),
        )
      await all()
      const before = gate.turns()
      expect((await all()).map(good)).toEqual(Array.from({ length: 100 }, (_, v) => ({ v })))
      expect(gate.turns() - before).toBeLessThan(20) // two connections by turns would need a hundred
      expect(gate.connections()).toBe(2)
    } finally {
      await db.close()
      await gate.close()
    }
  })
})
