import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Built } from '../../graph/build/index.ts'
import { graph, row, sql, t } from '../../graph/build/index.ts'
import type { DbOptions, QueryOptions } from '../../graph/build/query-footprint.ts'
import { checkQueries } from '../../verify/index.ts'
import type { PostgresServer } from '../drivers/servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from '../drivers/servers/postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stderr.write(noPostgres)

const schema = `
create schema s;
create table loan (id bigint primary key, amount double precision not null, note text, cents numeric(12,2) not null, raw numeric, n int not null, small smallint not null, tags text[] not null, at timestamptz);
create table customer (id int primary key, name varchar(40) not null, secret text);
create table "order" (id serial primary key, customer int not null references customer on delete cascade on update restrict);
create table line (id int primary key, "order" int references "order" on delete set null);
create table audit (what text);
create table weights (w double precision);
create table s.other (a int not null);
create type mood as enum ('good', 'bad');
create domain positive as int check (value > 0);
create table people (m mood not null, p positive not null, u uuid);
create view rich as select id, amount from loan where amount > 100;
create view richest as select max(amount) as amount from rich;
create materialized view stored as select id from loan;
create function score(x bigint) returns double precision language sql stable as $$ select max(w) * $1 from weights $$;
create function atomic() returns double precision language sql stable begin atomic select max(w) from weights; end;
create view scored as select score(id) as score from loan;
create function note() returns trigger language plpgsql as $$ begin insert into audit values (new.note); return new; end $$;
create trigger noting after insert on loan for each row execute function note();
create function dynamic(x text) returns int language plpgsql volatile as $$ declare n int; begin execute 'select count(*) from ' || x into n; return n; end $$;
create function twice(x int) returns int language sql immutable as $$ select 2 * x $$;
create function nested() returns int language plpgsql stable as $$ declare n int := (select count(*) from customer); begin if exists (select 1 from line) then n := n + (select count(*) from audit); end if; perform atomic(); return n; end $$;
create table logged (a int);
create rule keep as on update to logged do also insert into audit values ('x');
create table guarded (a int not null, owner text not null);
alter table guarded enable row level security; alter table guarded force row level security;
create policy own on guarded using (exists (select 1 from customer c where c.name = owner));
create role reader login; grant select on all tables in schema public to reader; grant usage on schema public to reader;
create table parent (k int not null, a int not null) partition by list (k);
create table part1 partition of parent for values in (1);
`

describe.skipIf(bin === undefined)('checkQueries on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(bin!)
    const c = new Client({ connectionString: server.url })
    await c.connect()
    await c.query(schema)
    await c.end()
  }, 60_000)
  afterAll(() => server?.close())

  const report = async (g: Built<never, unknown>, url = server.url) => {
    const r = await checkQueries(g as never, { db: url })
    if (r._tag === 'Left') throw new Error(JSON.stringify(r.left))
    return r.right.queries.map((q) => q.findings.map((f) => `${f.level}: ${f.cause} -> ${f.remedy}`))
  }
  const Any = row({ x: t.i64 })
  const told = async (
    text: string,
    options: QueryOptions & { row?: typeof Any } = {},
    db: DbOptions = {},
    url?: string,
  ) => {
    const { row: r = Any, ...rest } = options
    const g = graph('g', {}, () => sql('db', db).one('q', r, rest)({ sql: text, parameters: [] }))
    if (g.sealed._tag === 'Left') throw new Error(JSON.stringify(g.sealed.left.problems))
    return (await report(g as never, url))[0]!
  }
  const exec = async (text: string, options: QueryOptions = {}) => {
    const g = graph('g', {}, () => sql('db').exec('q', options)({ sql: text, parameters: [] }))
    if (g.sealed._tag === 'Left') throw new Error(JSON.stringify(g.sealed.left.problems))
    return (await report(g as never))[0]!
  }

  test('columns: missing, surplus, drifted, nullable, unknowable', async () => {
    expect(await told('select id as x from loan')).toEqual([])
    expect(await told('select id from loan')).toEqual([
      `error: the row declares column 'x', and the query answers 'id' -> select it (… as "x"), or remove 'x' from the row`,
      "warning: the query answers column 'id', which the row does not declare -> leave it out of the query, or declare id: t.i64",
    ])
    expect(await told('select amount as x from loan')).toEqual([
      "error: column 'x' is double precision, and the row declares i64 -> declare x: t.f64, or cast it in the query",
    ])
    const Text = row({ x: t.string }) as never
    expect(await told('select note as x from loan', { row: Text })).toEqual([
      "warning: column 'x' can be NULL, and the row declares string -> declare x: t.option(t.string), or keep NULL out: coalesce(x, …)",
    ])
    expect(await told("select coalesce(note, '') as x from loan", { row: Text })).toEqual([
      "note: whether 'x' can be NULL cannot be known: it is computed, or a join may leave them out -> declare t.option(…) where it can",
    ])
    expect((await told('select l.id as x from customer c left join loan l on l.id = c.id'))[0]).toContain(
      'cannot be known',
    )
    expect(await told('select id as x, id as x from loan')).toEqual([
      `error: the query answers two columns 'x' -> give each its own name (… as "x_2")`,
    ])
  })
  test.each([
    ['cents', 'decimal(2)'],
    ['raw', 'option<decimal(5)>'],
    ['n', 'i32'],
    ['n', 'i64'],
    ['n', 'f64'],
    ['small', 'f32'],
    ['at', 'option<timestamp>'],
  ])('column %s is read as %s', async (column, type) => {
    const [, opt, inner] = /^(option<)?([^>]*)>?$/.exec(type)!
    const decimal = /^decimal\((\d)\)$/.exec(inner!)
    const codec = decimal === null ? t[inner as 'i32'] : t.decimal(Number(decimal[1]) as never)
    const Row = row({ x: opt === undefined ? codec : t.option(codec as never) } as never) as never
    expect(await told(`select ${column} as x from loan`, { row: Row })).toEqual([])
  })
  test('enumerations are texts, domains what they are made of, lists by their elements', async () => {
    expect(await told('select m as x from people', { row: row({ x: t.string }) as never })).toEqual([])
    expect(await told('select p as x from people', { row: row({ x: t.i32 }) as never })).toEqual([])
    expect((await told('select cents as x from loan', { row: row({ x: t.decimal(3) }) as never }))[0]).toContain(
      'declare x: t.decimal(2)',
    )
    expect((await told('select tags as x from loan'))[0]).toContain("column 'x' is text[], and the row declares i64")
  })

  test('parameters: their number and types', async () => {
    const with1 = (make: (id: never) => unknown, type: 'i64' | 'string' | 'f64') =>
      report(graph('g', { v: t[type] }, ({ v }) => make(v as never) as never) as never)
    const q = (v: never) => sql('db').one('q', Any)`select id as x from loan where id = ${v}`
    expect(await with1(q, 'i64')).toEqual([[]])
    expect(await with1(q, 'string')).toEqual([
      [
        "error: $1 of 'q' is bigint there, and the graph gives string -> give t.i64 or t.i32 or t.u32, or write cast($1 as …) in the query",
      ],
    ])
    const n = (v: never) => sql('db').one('q', Any)`select id as x from loan where n = ${v}`
    expect((await with1(n, 'i64'))[0]![0]).toContain("$1 of 'q' is integer there, and the graph gives i64")
    const missing = graph('g', {}, () =>
      sql('db').one('q', Any)({ sql: 'select id as x from loan where id = $1 or id = $2', parameters: [1n] }),
    )
    expect((await report(missing as never))[0]![0]).toContain('the text has 2 parameters, and the graph gives 1')
  })

  test('errors of the server are at the line of the text', async () => {
    const g = graph(
      'g',
      {},
      () =>
        sql('db').one('q', Any)`
        select id as x,
               nonsense
        from loan`,
    )
    const r = await checkQueries(g as never, { db: server.url })
    if (r._tag === 'Left') throw new Error('no answer')
    const [f] = r.right.queries[0]!.findings
    expect(f!.cause).toBe('\'q\': column "nonsense" does not exist')
    const line = Number(/:(\d+)$/.exec(f!.place)![1])
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(import.meta.filename, 'utf8').split('\n')[line - 1]).toMatch(/^ +nonsense$/)
    expect((await told('select x from nope'))[0]).toContain('relation "nope" does not exist')
    expect((await told('from loan', { reads: ['loan'] }))[0]).toContain('syntax error')
  })

  test('views are followed, however deep, and materialised ones are not', async () => {
    expect(await told('select id as x from rich')).toContain(
      "error: 'q' reads loan (through view rich), outside its footprint -> declare { reads: ['rich', 'loan'] }",
    )
    const deep = await told('select 1::bigint as x from richest')
    expect(deep.find((f) => f.startsWith('error'))).toContain("declare { reads: ['richest', 'loan', 'rich'] }")
    expect(
      (await told('select 1::bigint as x from richest', { reads: ['richest', 'rich', 'loan'] })).filter((f) =>
        f.startsWith('error'),
      ),
    ).toEqual([])
    expect(
      (await told('select 1::bigint as x from richest', { reads: ['*'] })).filter((f) => f.startsWith('error')),
    ).toEqual([])
    expect((await told('select 1::bigint as x from stored')).filter((f) => f.startsWith('error'))).toEqual([])
  })
  test('functions are followed into their bodies', async () => {
    const pure: DbOptions = { functions: { score: {}, atomic: {}, nested: {}, dynamic: {}, twice: {} } }
    const errors = async (text: string) => (await told(text, {}, pure)).filter((f) => !f.includes('cannot be known'))
    expect(await errors('select score(1)::bigint as x')).toEqual([
      "error: 'q' reads weights (through function score()), outside its footprint -> declare { reads: ['weights'] }",
    ])
    expect((await errors('select atomic()::bigint as x'))[0]).toContain("{ reads: ['weights'] }")
    expect((await errors('select max(score)::bigint as x from scored'))[0]).toContain('weights (through view scored)')
    const nested = (await errors('select nested()::bigint as x'))[0]!
    for (const name of ['customer', 'line', 'audit', 'weights']) expect(nested).toContain(name)
    expect(await errors('select twice(1)::bigint as x')).toEqual([])
    expect(await errors("select dynamic('loan')::bigint as x")).toEqual([
      'note: through function dynamic(): dynamic(), which makes SQL while it runs, so what it touches cannot be seen -> see to it that the query declares what that reads and writes',
    ])
  })
  test('triggers, rules and cascades of foreign keys', async () => {
    const insert = "insert into loan (id, amount, cents, n, small, tags) values (1, 1, 1, 1, 1, '{}')"
    expect(await exec(insert)).toEqual([
      "error: 'q' writes audit (through trigger noting on loan), outside its footprint -> declare { writes: ['loan', 'audit'] }",
    ])
    expect(await exec(insert, { writes: ['loan', 'audit'] })).toEqual([])
    expect(await exec('delete from loan')).toEqual([])
    expect(await exec('delete from customer')).toEqual([
      "error: 'q' writes line (through foreign key order_customer_fkey, foreign key line_order_fkey), order (through foreign key order_customer_fkey), outside its footprint -> declare { writes: ['customer', 'line', 'order'] }",
    ])
    expect(await exec("update customer set name = 'x'")).toEqual([])
    expect(await exec('insert into "order" (customer) values (1)')).toEqual([])
    expect(await exec('update logged set a = 1')).toEqual([
      "error: 'q' writes audit (through a rule on logged), outside its footprint -> declare { writes: ['logged', 'audit'] }",
    ])
  })
  test('policies of row level security', async () => {
    const url = server.url.replace('quoin@', 'reader@')
    expect(
      (await told('select a::bigint as x from guarded', {}, {}, url)).filter((f) => f.startsWith('error')),
    ).toEqual([
      "error: 'q' reads customer (through a policy of row level security), outside its footprint -> declare { reads: ['guarded', 'customer'] }",
    ])
  })
  test('one table under two names', async () => {
    const url = `${server.url}?options=-csearch_path%3Dpublic,s`
    const g = graph('g', {}, () => ({
      a: sql('db').one('first', Any)`select a::bigint as x from s.other`,
      b: sql('db').one('second', Any)`select a::bigint as x from other`,
    }))
    const all = await report(g as never, url)
    expect(all[1]!.filter((f) => f.startsWith('error'))).toEqual([
      "error: 'second' says 'other' for the table that 'first' calls 's.other' -> call it by one name in both, so that it is seen that they touch the same rows",
    ])
  })
  test('dialects: those of another engine, and column types outside the portable subset', async () => {
    expect(await told('select 1::bigint as x', { dialect: 'duckdb' })).toEqual([
      "error: 'q' is written for duckdb, and 'db' is postgres here -> give a duckdb database, or declare another dialect",
    ])
    expect(await told('select id as x from loan where small > 1', { dialect: 'portable' })).toEqual([
      "warning: 'q' is declared portable, and is not: column loan.small is smallint -> see docs/sql.md for what the engines answer alike",
    ])
    expect(await told('select id as x from loan where n > 1', { dialect: 'portable' })).toEqual([])
  })
  test('partitions count where another query names them', async () => {
    const parent = (options: QueryOptions) => sql('db').one('all', Any, options)`select a::bigint as x from parent`
    const alone = await report(graph('g', {}, () => parent({})) as never)
    expect(alone[0]!.filter((f) => f.startsWith('error'))).toEqual([])
    const both = (options: QueryOptions) =>
      report(graph('g', {}, () => ({ a: parent({}), b: sql('db').exec('some', options)`delete from part1` })) as never)
    expect((await both({})).map((q) => q.filter((f) => f.startsWith('error')))).toEqual([
      [
        "error: 'all' reads part1 (through partitions or inheritance), outside its footprint -> declare { reads: ['parent', 'part1'] }",
      ],
      [
        "error: 'some' writes parent (through partitions or inheritance), outside its footprint -> declare { writes: ['part1', 'parent'] }",
      ],
    ])
  })
  test('nothing is run and nothing is changed', async () => {
    await exec('delete from audit', {})
    await told("insert into audit values ('x') returning 1::bigint as x", { writes: ['audit'] })
    await exec('create table made (a int)')
    await exec('drop table audit')
    const c = new Client({ connectionString: server.url })
    await c.connect()
    const { rows } = await c.query("select (select count(*)::int from audit) as n, to_regclass('made') as made")
    await c.end()
    expect(rows).toEqual([{ n: 0, made: null }])
  })
  test('a server that is not there is a value', async () => {
    const g = graph('g', {}, () => sql('db').one('q', Any)`select 1 as x`)
    const r = await checkQueries(g as never, { db: 'postgres://quoin@127.0.0.1:1/x' })
    expect(r).toMatchObject({ _tag: 'Left', left: { _tag: 'NoDatabase', db: 'db' } })
    expect(await checkQueries(g as never, { db: '/nowhere/x.duckdb' })).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'NoDatabase' },
    })
  })
})
