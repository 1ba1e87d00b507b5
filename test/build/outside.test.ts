// Requirements: E8 E11

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteQueryCompiler,
} from 'kysely'
import { describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import type { Built } from '../../graph/index.ts'
import { files, foreign, graph, http, kv, placeholder, row, sequence, sql, t } from '../../graph/index.ts'
import { interpret } from '../../interpret.ts'
import { optimise } from '../../passes/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { files as directory } from '../../runtime/drivers/files/index.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { http as service } from '../../runtime/drivers/http/index.ts'
import { kv as memory } from '../../runtime/drivers/kv/index.ts'
import type { Drivers } from '../../runtime/index.ts'
import { load, world } from '../../runtime/index.ts'
import { httpServer, json } from '../drivers/servers/http.ts'
import { plain, problemsOf, sealed, textOf } from './run.ts'

const User = row({ id: t.i64, name: t.string })
const shop = http('shop')
const cache = kv('cache')

const right = <A>(r: { readonly _tag: string }): A => {
  if (r._tag === 'Left') throw new Error(JSON.stringify(r))
  return (r as unknown as { right: A }).right
}
const compiled = async <I, O>(g: Built<I, O>) =>
  right<Extract<Awaited<ReturnType<typeof compile<I, O>>>, { _tag: 'Right' }>['right']>(await compile(g))

describe('what cannot be is a problem of the graph', () => {
  test('URLs and headers', () => {
    const g = graph('g', { id: t.i64, who: t.bytes }, ({ id, who }) => ({
      a: shop.get('a', t.json)`https://evil.example/${id}`,
      b: shop.get('b', t.json)`/x/../${id}`,
      c: shop.get('c', t.json)`/x y`,
      d: shop.get('d', t.json, { headers: { authorization: 'Bearer 1' } })`/x`,
      e: shop.get('e', t.json, { headers: { host: 'evil', 'a b': 'x', x: 'a\r\nb: c' } })`/x`,
      f: shop.lookup('f', User, { one: '/users' })(id),
      g: shop.get('g', t.json)`/x/${who as never}`,
      h: shop.lookup('h', User, { one: '/u/{key}', many: { url: 'u', query: 'id', key: 'id' } })(id),
    }))
    expect(problemsOf(g)).toMatchInlineSnapshot(`
      [
        "a: the URL of request 'a' does not begin with one /: the host is bound to the service -> write a path below the base of the service, such as /orders, and values as holes",
        "b: the URL of request 'b' has a . or .. segment -> write a path below the base of the service, such as /orders, and values as holes",
        "c: the URL of request 'c' has a character that is no part of a path or query in "/x y" -> write a path below the base of the service, such as /orders, and values as holes",
        "d: header 'authorization' of 'd' carries a secret -> name the credentials with .as('…') and give them to the driver: a graph is text that is shared",
        "e: header 'host' of 'e' is set by the driver -> leave it out",
        "e: header 'a b' of 'e' is no name of a header -> leave it out",
        "e: header 'x' of 'e' has a line break or another character that headers cannot hold -> give printable text",
        "f: the URL of request 'f' has to hold {key} once -> write a path below the base of the service, such as /orders, and values as holes",
        "httpRequest: httpRequest of 'who' takes a text, number, bool or time as hole, not bytes -> fill holes with single values",
        "h: the URL for many keys of 'h' does not begin with one /: the host is bound to the service -> write a path: '/customers'",
      ]
    `)
  })
  test('functions, stores and compiled queries', () => {
    const price = foreign('price', { in: t.string, out: t.f64, writes: undefined as never })
    const g = graph('g', { id: t.i64 }, ({ id }) => ({
      a: price('x'),
      b: foreign('cost', { in: t.string, out: t.f64, writes: [] })(id as never),
      c: cache.set('k', id, { ttlMs: 0.5 }),
      d: sql('db').one('d', User)({ sql: 'select id, name from users where id = ?', parameters: [id] }),
      e: cache.get(id as never, t.f64),
    }))
    expect(problemsOf(g)).toMatchInlineSnapshot(`
      [
        "price: what 'price' writes is not known -> declare it: { writes: [] } for what only reads, or { writes: ['ledger'] }",
        "cost: 'cost' takes string, not i64 -> convert the argument, or correct the codec",
        "kvSet: a value is kept for 0.5 ms -> give a whole number of milliseconds, at least 1",
        "d: the compiled query 'd' has 1 parameters and no $1 in its text -> compile it with a PostgreSQL dialect, which writes parameters as $1, $2 …",
        "d: what query 'd' reads and writes is not known: PostgreSQL's grammar does not take this SQL: syntax error at end of input, at line 1, column 40 -> declare it: { reads: ['table'] }, and for exec { writes: ['table'] }",
        "kvGet: kvGet of 'id' needs a string as key, not i64 -> give a text as key",
      ]
    `)
  })
  test('a write that is not part of the result', () => {
    const g = graph('g', { x: t.f64 }, ({ x }) => {
      shop.post('order', t.json, { body: { x } })`/orders`
      cache.delete('k')
      return { x }
    })
    expect(problemsOf(g)).toHaveLength(2)
  })
})

test('text of the graph, with footprints that the URL and the key give', () => {
  const g = graph('g', { id: t.i64, key: t.string }, ({ id, key }) => ({
    user: shop.as('admin').get('user', User)`/users/${id}?full=${true}`,
    order: shop.post('order', t.unit, { body: { id }, idempotencyKey: key, writes: ['/orders*'] })`/orders`,
    last: cache.get('last', User),
    any: cache.as(id).get(key, t.bytes),
  }))
  expect(textOf(g)).toMatchSnapshot()
})

describe('reads are merged where nothing writes between them', () => {
  const merged = (g: Built): number =>
    optimise(sealed(g)).steps.flatMap((s) => (s.certificate.kind === 'merge' ? s.certificate.merged : [])).length
  const get = () => shop.get('user', User)`/users/1`
  test.each<[string, () => unknown, number]>([
    ['equal requests', () => undefined, 1],
    ['a write to the service, of which nothing is known', () => shop.put('p', t.unit)`/users/2`, 0],
    ['a write that says what it changes', () => shop.put('p', t.unit, { writes: ['/orders/*'] })`/orders/2`, 1],
    ['a write to what begins so', () => shop.put('p', t.unit, { writes: ['/users/*'] })`/users/1`, 0],
    [
      'a write of your own that names it',
      () => foreign('f', { in: t.f64, out: t.f64, writes: ['http:shop:/users/1'] })(1),
      0,
    ],
    ['a write elsewhere', () => cache.set('k', 1), 1],
  ])('%s', (_, between, n) => {
    const g = graph('g', { x: t.f64 }, ({ x }) => {
      const first = get()
      const write = between()
      const rest = { first, second: get(), x }
      return write === undefined ? rest : { first, rest: sequence(write as never, { second: get(), x }) }
    })
    expect(merged(g)).toBe(n)
  })
  test('keys of stores, and paths of files that some systems take for one', () => {
    const disk = files('disk')
    const reads = (write: () => unknown) =>
      graph('g', { x: t.f64 }, ({ x }) => {
        const first = { k: cache.get('k', t.f64), f: disk.readText('A/b') }
        return { first, rest: sequence(write() as never, { k: cache.get('k', t.f64), f: disk.readText('A/b'), x }) }
      })
    expect(merged(reads(() => cache.set('other', 1)))).toBe(2)
    expect(merged(reads(() => cache.delete('k')))).toBe(1)
    expect(merged(reads(() => disk.write('./a//B', 'x')))).toBe(1)
  })
})

describe('a compiled query of Kysely', () => {
  interface Tables {
    users: { id: bigint; name: string }
  }
  const dialect = (compiler: () => PostgresQueryCompiler | SqliteQueryCompiler) => ({
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db: Kysely<never>) => new PostgresIntrospector(db),
    createQueryCompiler: compiler,
  })
  const k = new Kysely<Tables>({ dialect: dialect(() => new PostgresQueryCompiler()) })
  test('expressions become its parameters, and it batches like any other', async () => {
    const db = sql('db')
    const g = graph('g', { ids: t.list(t.i64, 'n') }, ({ ids }) => {
      const rows = db.many('wanted', row({ id: t.i64 }), {
        maxRows: 9,
        maxBytes: 1000,
      })`select id from wanted order by place`
      return {
        users: rows.map(({ id }) =>
          db.one(
            'user',
            User,
          )(
            k
              .selectFrom('users')
              .select(['id', 'name'])
              .where('id', '=', placeholder(id))
              .where('name', '<>', 'x')
              .compile(),
          ),
        ),
        n: ids.sum(),
      }
    })
    const engine = await import('@duckdb/node-api')
    const connection = await (await engine.DuckDBInstance.create(':memory:')).connect()
    await connection.run("create table users as select i::bigint as id, 'n' || i as name from range(5) t(i)")
    await connection.run('create table wanted as select * from (values (3::bigint, 1), (1, 2), (2, 3)) t(id, place)')
    const drivers = { db: duckdb({ connection: connection as never }) }
    const stats: unknown[] = []
    const loaded = right<{ run: (x: object, o: object) => Promise<never> }>(await load(await compiled(g), drivers))
    const answer = right<{ users: unknown }>(
      await loaded.run({ ids: [1n] }, { stats: (s: { queries: object }) => stats.push(s.queries) }),
    )
    expect(plain(answer)).toEqual({ users: [3, 1, 2].map((i) => ({ id: String(i), name: `n${i}` })), n: '1' })
    expect(stats).toEqual([{ written: 4, run: 2 }])
  })
  test('of another dialect it is refused', () => {
    const lite = new Kysely<Tables>({ dialect: dialect(() => new SqliteQueryCompiler()) })
    const g = graph('g', { id: t.i64 }, ({ id }) => ({
      user: sql('db').one(
        'user',
        User,
      )(lite.selectFrom('users').selectAll().where('id', '=', placeholder(id)).compile()),
    }))
    expect(problemsOf(g)[0]).toBe(
      "user: the compiled query 'user' has 1 parameters and no $1 in its text -> compile it with a PostgreSQL dialect, which writes parameters as $1, $2 …",
    )
  })
})

const everything = graph('everything', { ids: t.list(t.i64, 'n'), name: t.string }, ({ ids, name }) => {
  const disk = files('disk')
  const price = foreign('price', { in: t.string, out: t.f64, writes: [] })
  const book = foreign('book', { in: t.row({ id: t.i64, n: t.f64 }), out: t.i32, writes: ['ledger'] })
  const tenant = shop.as('tea')
  const users = tenant.lookup('user', User, { one: '/users/{key}', many: { url: '/users', query: 'id', key: 'id' } })
  const kept = cache.as(name)
  return sequence(
    { a: disk.write('in.txt', 'é😀'), b: kept.set('last', { id: 1n as never, name }, { ttlMs: 60_000 }) },
    {
      text: disk.readText('in.txt'),
      last: kept.get('last', User),
      none: cache.get('last', User),
      first: users(ids.at(0)),
      missing: users(99),
      order: tenant.post('order', t.row({ n: t.f64 }), { body: { name } })`/orders?by=${name}`,
      price: price(name),
      booked: book({ id: ids.at(0), n: ids.to(t.f64).sum() }),
    },
  )
})

describe('all of it together', () => {
  test('compiled and interpreted, with drivers', async () => {
    const { mkdtempSync, rmSync } = await import('node:fs')
    const root = mkdtempSync('/tmp/quoin-outside-')
    const server = await httpServer((s, to) => {
      if (s.headers.authorization !== 'T') return json(to, null, 401)
      if (s.method === 'POST') return json(to, { n: s.body.length, ignored: true }, 201)
      const id = Number(s.url.split('/').at(-1))
      return id === 99 ? json(to, null, 404) : json(to, { id, name: `u${id}`, more: 1 })
    })
    const drivers = (): Drivers => ({
      disk: directory({ root }),
      cache: memory(),
      shop: service({ base: server.base, credentials: { tea: { authorization: 'T' } } }),
      price: bindForeign({ one: (name: string) => name.length }),
      book: bindForeign({ one: ({ id, n }: { id: bigint; n: number }) => Number(id) + n }),
    })
    try {
      const input = { ids: [7n, 8n], name: 'a b&c' }
      const loaded = right<{
        run: (x: object) => Promise<never>
        close: () => Promise<void>
        inventory: readonly { id: string }[]
      }>(await load(await compiled(everything), drivers()))
      const answer = plain(right(await loaded.run(input)))
      expect(answer).toEqual({
        text: 'é😀',
        last: [{ id: '1', name: 'a b&c' }],
        none: null,
        first: [{ id: '7', name: 'u7' }],
        missing: null,
        order: { status: 201, body: { n: 16 } },
        price: 5,
        booked: 22,
      })
      expect(plain(right(await interpret(everything, drivers(), input)))).toEqual(answer)
      expect(loaded.inventory.map((a) => a.id)).toEqual(
        expect.arrayContaining(['http.idempotent', 'kv.forgets', 'foreign.footprint', 'files.confined']),
      )
      expect(server.seen.map((s) => s.url)).toContain('/orders?by=a%20b%26c')
      await loaded.close()
    } finally {
      await server.close()
      rmSync(root, { recursive: true })
    }
  })
  test('in the world of unit tests', async () => {
    const w = world(await compiled(everything))
      .answerBy('user', ([who, id]) => (id === 99n ? null : { id, name: String(who) }))
      .answer('order', { status: 200, body: { n: 2 } })
      .answer('price', 1.5)
      .answerBy('book', ([x]) => Number((x as { id: bigint }).id))
    const answer = right(await w.run({ ids: [7n], name: 'n' } as never))
    expect(plain(answer)).toEqual({
      text: 'é😀',
      last: [{ id: '1', name: 'n' }],
      none: null,
      first: [{ id: '7', name: 'tea' }],
      missing: null,
      order: { status: 200, body: { n: 2 } },
      price: 1.5,
      booked: 7,
    })
    expect([...w.stores.get('cache')!.keys()]).toEqual(['n/last'])
    const empty = await world(await compiled(everything)).run({ ids: [7n], name: 'n' } as never)
    expect(empty).toMatchObject({ left: { cause: "the test world has no answer to 'user'" } })
  })
})
