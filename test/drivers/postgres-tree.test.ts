// Requirements: E3 E4

import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, interpret } from '../../index.ts'
import type { Driver } from '../../runtime/driver.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { load } from '../../runtime/load.ts'
import type { RunStats } from '../../runtime/run.ts'
import type { Derived, Tree } from '../../runtime/tree.ts'
import { answered } from '../../runtime/tree.ts'
import { authors, orThrow } from '../batching/authors.ts'
import type { Query } from './calls.ts'
import { calm, query } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'
import type { Gate } from './servers/tcp.ts'
import { gateBefore } from './servers/tcp.ts'
import { batchOf, plain as withoutOriginal } from './sql-laws.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)
const plain = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

/** What the compiler would say of a query that follows from another one. */
const following = (call: Query, columns: readonly string[], children: readonly Derived[] = []): Derived => ({
  attrs: call.attrs,
  argTypes: call.argTypes,
  plan: batchOf([call]).plan,
  columns,
  children,
})

describe.skipIf(bin === undefined)('on a server', () => {
  let server: PostgresServer
  let gate: Gate
  let db: Driver
  let client: Client
  beforeAll(async () => {
    server = await startPostgres(bin!)
    gate = await gateBefore(server)
    db = postgres({ url: server.url.replace(String(server.port), String(gate.port)) })
    client = new Client(server.url)
    await client.connect()
    await client.query(`create table authors as select r::int8 as id, (r % 10)::int8 as tenant_id, 'author ' || r as name from generate_series(0, 999) r;
      create table profiles as select r::int8 as author_id, 'bio ' || r as bio from generate_series(0, 999) r;
      create table posts as select r::int8 as id, (r / 10)::int8 as author_id, 'post ' || r as title from generate_series(0, 9999) r;
      create table comments as select row_number() over () as id, p::int8 as post_id
        from generate_series(0, 9999) p, generate_series(0, 8) k where (p * 7 + k) % 9 < p % 9;
      create index on profiles (author_id); create index on posts (author_id); create index on comments (post_id);
      analyze`)
  })
  afterAll(async () => {
    await db?.close()
    await client?.end()
    await gate?.close()
    await server?.close()
  })

  test('authors, posts, comments, profiles: as written, batched, and in one exchange', async () => {
    const expected = plain(orThrow(await interpret(authors, { blog: db }, { tenant: 1n })))
    const run = async (options: object): Promise<RunStats & { readonly turns: number }> => {
      const loaded = orThrow(await load(orThrow(await compile(authors, { target: 'ts', ...options })), { blog: db }))
      let stats: RunStats | undefined
      let turns = 0
      // The first run asks the server what the statements mean.
      for (let i = 0; i < 2; i++) {
        turns = gate.turns()
        expect(plain(orThrow(await loaded.run({ tenant: 1n }, { stats: (s) => (stats = s) })))).toBe(expected)
        turns = gate.turns() - turns
      }
      return { ...stats!, turns }
    }
    const batched = await run({})
    expect([batched.roundTrips, batched.queries.run]).toEqual([3, 4])
    const collapsed = await run({ collapse: ['blog'] })
    expect([collapsed.roundTrips, collapsed.queries.run, collapsed.turns]).toEqual([1, 4, 1])
  }, 60_000)

  describe('an exchange answers as its queries would', () => {
    const post = query(
      'many',
      'select id, title from posts where author_id = $1 order by id desc',
      '{id: i64, title: string}',
      [['i64', 0n]],
    )
    const count = query('one', 'select count(*) as n from comments where post_id = $1', '{n: i64}', [['i64', 0n]])
    const author = (more: string, ...tenants: readonly bigint[]) =>
      tenants.map((t) =>
        query(
          'many',
          `select id, name, tenant_id::numeric as num, null::int8 as none, name as "Odd ""name" from authors where tenant_id = $1 ${more}`,
          '{id: i64, name: string, num: decimal(0), none: option<i64>, "Odd \\"name": string}',
          [['i64', t]],
        ),
      )
    /** The exchange, and each of the calls it answered asked by itself. */
    const check = async (tree: Tree, on = db): Promise<readonly [calls: number, statements: number]> => {
      const { found, statements } = await on.performTree!(tree, calm)
      expect(found).toBeDefined()
      expect(found!.calls).toEqual(tree.calls)
      const all = answered(found!)
      for (const { call, answer } of all)
        expect(plain(withoutOriginal(answer))).toBe(plain(withoutOriginal(await on.perform(call, calm))))
      return [all.length - tree.calls.length, statements]
    }
    const tree = (calls: readonly Query[], children: readonly Derived[]): Tree => ({
      calls,
      plan: batchOf(calls).plan,
      children,
    })

    test('levels below one call, and below several', async () => {
      const below = [following(post, ['id'], [following(count, ['id'])])]
      expect(await check(tree(author('and id < 60 order by id', 1n), below))).toEqual([6 + 60, 3])
      expect(await check(tree(author('and id < 30 order by id', 1n, 2n, 77n, 1n), below))).toEqual([6 + 60, 3])
      expect(await check(tree(author('', 77n), below))).toEqual([0, 3])
    })
    test('keys without rows, NULL keys, names that need quotes, several columns', async () => {
      const none = query('many', 'select id from posts where author_id = $1', '{id: i64}', [
        ['option<i64>', { _tag: 'None' }],
      ])
      const byName = query('maybe', 'select id from authors where name = $1', '{id: i64}', [['string', '']])
      const two = query(
        'many',
        'select title from posts where author_id = $1 and title <> $2 order by title',
        '{title: string}',
        [
          ['i64', 0n],
          ['string', ''],
        ],
      )
      const missing = query(
        'one',
        'select bio from profiles where author_id = $1 and author_id > 20',
        '{bio: string}',
        [['i64', 0n]],
      )
      const calls = author('and id < 40 order by id', 1n)
      expect(await check(tree(calls, [following(none, ['none'])]))).toEqual([1, 2])
      expect(await check(tree(calls, [following(byName, ['Odd "name']), following(two, ['id', 'name'])]))).toEqual([
        8, 3,
      ])
      const { found } = await db.performTree!(tree(calls, [following(missing, ['id'])]), calm)
      expect(
        answered(found!)
          .slice(1)
          .map(({ answer }) => answer._tag),
      ).toEqual(['Right', 'Right']) // the others speak for themselves
    })
    test('a parameter in several places, an order that is not of the keyed form, a limit', async () => {
      const odd = query(
        'many',
        'select id + $1 as v from posts where author_id = $1 or id = $1 order by id desc limit 3',
        '{v: i64}',
        [['i64', 0n]],
      )
      expect(await check(tree(author('and id < 40', 1n), [following(odd, ['id'])]))).toEqual([4, 2])
    })
    test('keys that the server might find otherwise: level by level, in one snapshot', async () => {
      const num = query('many', 'select id from authors where id = $1::numeric', '{id: i64}', [['decimal(0)', 0n]])
      const [derived, statements] = await check(tree(author('and id < 40', 1n), [following(num, ['num'])]))
      expect([derived, statements]).toEqual([1, 2])
      // PostgreSQL takes no aggregate over a column from outside; it is tried once.
      const max = query('one', 'select max($1::int8) as m from posts', '{m: i64}', [['i64', 0n]])
      for (let i = 0; i < 2; i++)
        expect(await check(tree(author('and id < 40', 1n), [following(max, ['id'])]))).toEqual([4, 6])
    })
    test('what cannot be answered so is left to the calls themselves', async () => {
      const wrong = query('many', 'select 1 / (author_id - 11) as v from posts where author_id = $1', '{v: i64}', [
        ['i64', 0n],
      ])
      expect(
        (await db.performTree!(tree(author('and id < 40', 1n), [following(wrong, ['id'])]), calm)).found,
      ).toBeUndefined()
      expect(
        (await db.performTree!(tree(author('and nope', 1n), [following(post, ['id'])]), calm)).found,
      ).toBeUndefined()
      expect(await check(tree(author('and id < 40', 1n), [following(post, ['id'])]))).toEqual([4, 2])
    })
    test('inside a transaction of the user, which stays open', async () => {
      const inside = postgres({ client })
      await client.query('begin')
      await client.query("insert into authors values (1000, 78, 'new')")
      expect(await check(tree(author('', 78n), [following(post, ['id'])]), inside)).toEqual([1, 2])
      const wrong = query(
        'many',
        'select 1 / (author_id - 1000) as v from posts where author_id = $1 + 1',
        '{v: i64}',
        [['i64', 0n]],
      )
      await inside.performTree!(tree(author('', 78n), [following(wrong, ['id'])]), calm)
      expect((await client.query('select count(*)::int as n from authors where tenant_id = 78')).rows).toEqual([
        { n: 1 },
      ])
      await client.query('rollback')
    })
    test('one snapshot: what is written between the statements is not seen', async () => {
      const slow = query('many', 'select id from posts where author_id = $1 order by id', '{id: i64}', [['i64', 0n]])
      const calls = [
        query('many', 'select id from authors, pg_sleep(0.3) where tenant_id = $1 and id < 40', '{id: i64}', [
          ['i64', 1n],
        ]),
      ]
      const asked = db.performTree!(tree(calls, [following(slow, ['id'])]), calm)
      // Being parsed is not yet to run.
      const sleeping = "select from pg_stat_activity where wait_event = 'PgSleep' and query like '%pg_sleep(0.3)%'"
      while ((await client.query(sleeping)).rowCount === 0) await new Promise((r) => setTimeout(r, 5))
      await client.query('delete from posts where author_id = 1')
      const { found } = await asked
      expect(
        answered(found!)
          .slice(1)
          .find(({ call }) => call.args[0] === 1n)!.answer,
      ).toMatchObject({ right: { length: 10 } })
      await client.query("insert into posts select r, 1, 'post ' || r from generate_series(10, 19) r")
    })
    test('a cancelled exchange leaves nothing behind', async () => {
      const calls = [
        query('many', 'select id from authors, pg_sleep(20) where tenant_id = $1', '{id: i64}', [['i64', 1n]]),
      ]
      const stop = new AbortController()
      const asked = db.performTree!(tree(calls, [following(post, ['id'])]), { signal: stop.signal })
      setTimeout(() => stop.abort(), 100)
      expect((await asked).found).toBeUndefined()
      await expect
        .poll(
          async () =>
            (
              await client.query(
                "select count(*)::int as n from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid() and backend_type = 'client backend'",
              )
            ).rows,
        )
        .toEqual([{ n: 0 }])
    })
  })
})
