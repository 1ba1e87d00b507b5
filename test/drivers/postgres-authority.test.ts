import { Client, Pool } from 'pg'
import type { Either, QuoinError } from 'quoin'
import { compile, describeError, graph, load, row, sequence, sql, t } from 'quoin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { bad, calm, good, query, told } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

const db = sql('db')
const value = <A>(r: Either<QuoinError, A>): A => {
  if (r._tag === 'Left') throw new Error(describeError(r.left))
  return r.right
}
/** A call under an authority, which is its first argument. */
const as = (
  who: string,
  mode: 'one' | 'many' | 'exec',
  text: string,
  type = '{}',
  args: readonly (readonly [string, Value])[] = [],
) => query(mode, text, type, [['string', who], ...args], { authority: true })
const whoami = "select current_user::text as u, coalesce(current_setting('app.tenant', true), '') as s"
const Who = '{u: string, s: string}'

describe.skipIf(bin === undefined)('authorities of PostgreSQL', () => {
  let server: PostgresServer
  let admin: Client
  const drivers: Driver[] = []
  const bound = (more: object = {}): Driver => {
    const d = postgres({
      url: server.url,
      authorities: {
        a: { role: 'tenant_a', settings: { 'app.tenant': 'A' } },
        b: { role: 'tenant_b', settings: { 'app.tenant': 'B' } },
        policy: { role: 'tenants', settings: { 'app.tenant': 'A' } },
        gone: { role: 'nobody' },
        plain: {},
      },
      ...more,
    })
    drivers.push(d)
    return d
  }
  beforeAll(async () => {
    server = await startPostgres(bin!)
    admin = new Client(server.url)
    await admin.connect()
    await admin.query(`
      create role tenants; create role tenant_a in role tenants; create role tenant_b in role tenants;
      create schema tenant_a authorization tenant_a; create schema tenant_b authorization tenant_b;
      create table tenant_a.own (id bigint, x int); create table tenant_b.own (id bigint, x text);
      insert into tenant_a.own select i, i from generate_series(1, 5) i;
      insert into tenant_b.own select i, 'b' || i from generate_series(1, 5) i;
      grant select, insert on tenant_a.own to tenant_a; grant select on tenant_b.own to tenant_b;
      create table shared (id bigint, tenant text, by text default current_user);
      insert into shared (id, tenant) select i, case when i % 2 = 0 then 'A' else 'B' end from generate_series(1, 10) i;
      alter table shared enable row level security;
      create policy mine on shared using (tenant = current_setting('app.tenant')) with check (tenant = current_setting('app.tenant'));
      grant select, insert on shared to tenants`)
  })
  afterAll(async () => {
    await Promise.all(drivers.map((d) => d.close()))
    await admin?.end()
    await server?.close()
  })

  test('each call has its role and settings, on shared connections, and nothing of it stays', async () => {
    const d = bound({ max: 2 })
    const whose = ['a', 'b', 'plain', undefined, 'policy']
    const seen = { a: ['tenant_a', 'A'], b: ['tenant_b', 'B'], policy: ['tenants', 'A'], plain: ['quoin', ''] }
    const calls = Array.from({ length: 200 }, (_, i) => whose[(i * 7) % 5])
    const answers = await Promise.all(
      calls.map((w) => d.perform(w === undefined ? query('one', whoami, Who) : as(w, 'one', whoami, Who), calm)),
    )
    answers.forEach((a, i) => {
      const [u, s] = seen[(calls[i] ?? 'plain') as 'a']
      expect(good(a)).toEqual({ u, s })
    })
  })
  test('grants hold, and who is not named may do nothing', async () => {
    const d = bound()
    good(await d.perform(as('a', 'exec', 'insert into tenant_a.own values (6, 6)'), calm))
    for (const text of ['insert into tenant_a.own values (7, 7)', 'insert into tenant_b.own values (6)'])
      expect(bad(await d.perform(as('b', 'exec', text), calm))._tag).toBe('Refused')
    expect(bad(await d.perform(as('b', 'one', 'select max(x) as x from tenant_a.own', '{x: i32}'), calm))._tag).toBe(
      'Refused',
    )
    expect(told(await d.perform(as('c', 'exec', 'delete from shared'), calm))).toEqual([
      'Refused',
      "there is no role for the authority 'c'",
      "name it in the driver: postgres({ authorities: { tenant: { role: 'tenant_role' } } })",
    ])
    expect(bad(await d.perform(as('constructor', 'one', whoami, Who), calm))._tag).toBe('Refused')
    expect(bad(await d.perform(as('gone', 'exec', 'delete from shared'), calm)).cause).toMatch(
      /role "nobody" does not exist/,
    )
    expect((await admin.query('select count(*)::int as n from shared')).rows).toEqual([{ n: 10 }])
    const asked = bound({
      authorities: (w: string) => (w === 'a' ? { role: 'tenant_a' } : Promise.reject(new Error('no'))),
    })
    expect(good(await asked.perform(as('a', 'one', whoami, Who), calm))).toEqual({ u: 'tenant_a', s: '' })
    expect(bad(await asked.perform(as('b', 'one', whoami, Who), calm)).cause).toBe(
      "there is no role for the authority 'b': no",
    )
  })
  test('one text that means another table, of other types, for each role', async () => {
    const d = bound({ max: 1 })
    for (let i = 0; i < 3; i++) {
      expect(good(await d.perform(as('a', 'one', 'select x from own where id = 2', '{x: i32}'), calm))).toEqual({
        x: 2,
      })
      expect(good(await d.perform(as('b', 'one', 'select x from own where id = 2', '{x: string}'), calm))).toEqual({
        x: 'b2',
      })
    }
  })
  test('batches are of one authority', async () => {
    const d = bound()
    const text = 'select tenant from shared where id = $1'
    const calls = (w: string) =>
      [1n, 2n, 3n, 4n].map((k) =>
        query(
          'maybe',
          text,
          '{tenant: string}',
          [
            ['string', w],
            ['i64', k],
          ],
          { authority: true },
        ),
      )
    const params = [{ at: text.indexOf('$1'), length: 2, number: 1 }]
    const found = async (all: ReturnType<typeof calls>) => {
      const { answers, roundTrips } = await d.performMany!({ calls: all, plan: { params, ordered: false } }, calm)
      return [answers.map((x) => (x._tag === 'Left' ? x.left._tag : (x.right as { _tag: string })._tag)), roundTrips]
    }
    expect(await found(calls('a'))).toEqual([['None', 'Some', 'None', 'Some'], 1])
    expect(await found(calls('b'))).toEqual([['Some', 'None', 'Some', 'None'], 1])
    expect(await found([...calls('a').slice(0, 2), ...calls('b').slice(2)])).toEqual([
      ['None', 'Some', 'Some', 'None'],
      4,
    ])
    expect(await found(calls('c'))).toEqual([['Refused', 'Refused', 'Refused', 'Refused'], 0])
  })
  test('transactions, chunks and collapsed queries', async () => {
    const pool = new Pool({ connectionString: server.url, max: 2 })
    const d = bound({ url: undefined, pool })
    const Row = row({ id: t.i64, by: t.string })
    const mine = graph('mine', { who: t.string, id: t.i64 }, ({ who, id }) => {
      const tenant = db.as(who)
      return tenant.transaction(() => {
        const add = tenant.exec('add')`insert into shared (id, tenant) values (${id}, current_setting('app.tenant'))`
        const all = tenant.many('all', Row, { maxRows: 100, maxBytes: 1e5 })`select id, by from shared order by id`
        const each = all.map((r) => {
          const same = tenant.many('same', Row, {
            maxRows: 9,
            maxBytes: 1e4,
          })`select id, by from shared where id = ${r.id}`
          return same.map(
            (s) => tenant.one('again', row({ by: t.string }))`select by from shared where id = ${s.id}`.by,
          )
        })
        return sequence(add, { all, each })
      })
    })
    for (const collapse of [[], ['db']]) {
      const { run } = value(await load(value(await compile(mine, { target: 'ts', collapse })), { db: d }))
      const id = 100n + BigInt(collapse.length)
      const { all, each } = value(await run({ who: 'a', id }))
      expect([...all].at(-1)).toEqual({ id, by: 'tenant_a' })
      expect([...all].every((r) => r.id % 2n === 0n || r.by === 'tenant_a')).toBe(true)
      expect([...each].map((e) => [...e])).toEqual([...all].map((r) => [r.by]))
      expect(await run({ who: 'c', id })).toMatchObject({ _tag: 'Left', left: { _tag: 'Refused' } })
    }
    const list = graph('list', { who: t.string }, ({ who }) => ({
      rows: db.as(who).many('own', row({ id: t.i64, u: t.string }), { maxRows: 2, maxBytes: 1e5 })`
        select id, current_user::text as u from own order by id`,
    }))
    const { chunks } = value(await load(value(await compile(list, { target: 'ts' })), { db: d }))
    const users: string[] = []
    for await (const part of chunks({ who: 'b' }, { of: 'own' })) users.push(...[...value(part).rows].map((r) => r.u))
    expect(users).toEqual(['tenant_b', 'tenant_b', 'tenant_b', 'tenant_b', 'tenant_b'])
    await d.close()
    // Connections of the user's pool are as they were.
    const rows = await Promise.all([1, 2].map(async () => (await pool.query(whoami)).rows[0]))
    expect(rows).toEqual([
      { u: 'quoin', s: '' },
      { u: 'quoin', s: '' },
    ])
    await pool.end()
  })
  test('a cancelled call leaves nothing of its authority behind', async () => {
    const d = bound({ max: 1 })
    const slow = as('a', 'one', 'select 1 as v from pg_sleep(20)', '{v: i32}')
    expect(bad(await d.perform(slow, { signal: AbortSignal.timeout(50) }))._tag).toBe('Cancelled')
    expect(good(await d.perform(query('one', whoami, Who), calm))).toEqual({ u: 'quoin', s: '' })
  })
  test('the inventory says who keeps authorities apart', () => {
    const ids = (d: Driver): readonly string[] => d.assumptions.map((a) => a.id)
    expect([ids(bound()).includes('postgres.roles'), ids(bound()).includes('postgres.no-roles')]).toEqual([true, false])
    expect(ids(bound({ authorities: undefined })).includes('postgres.no-roles')).toBe(true)
  })
})
