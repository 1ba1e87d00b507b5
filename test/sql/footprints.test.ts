// Requirements: E5

import { describe, expect, test } from 'vitest'
import { graph, row, sql, t } from '../../graph/build/index.ts'
import type { DbOptions, QueryOptions } from '../../graph/build/query-footprint.ts'
import { conflict, footprintOf, traitsOf } from '../../graph/effects.ts'
import { outside } from '../../graph/sql/covers.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'

type Row = readonly [sql: string, reads: string, writes: string, ...unknown: readonly string[]]
/** Statements with what they read, what they write, and the functions that need a declaration. `*` is anything. */
const statements: readonly Row[] = [
  // Names.
  ['select * from t', 't', ''],
  ['select * from s.t', 's.t', ''],
  ['select * from d.s.t', 'd.s.t', ''],
  ['select * from "T"', 'T', ''],
  ['select * from "my table" x', 'my table', ''],
  ['select * from T, "t"', 't', ''],
  ['select * from only t', 't', ''],
  ['table t', 't', ''],
  ['values (1)', '', ''],
  ['select 1', '', ''],
  // Queries inside queries.
  ['select (select max(a) from u) from t', 't u', ''],
  ['select * from t where exists (select 1 from u where u.a = t.a)', 't u', ''],
  ['select * from t where a in (select a from u) order by (select 1 from w limit 1)', 't u w', ''],
  ['select * from t join lateral (select * from u where u.a = t.a) x on true', 't u', ''],
  ['select * from (t join u using (a)) natural join w', 't u w', ''],
  ['select a from t union all (select a from u except select a from w)', 't u w', ''],
  ['select count(*) filter (where a in (select a from u)) over (partition by (select 1 from w)) from t', 't u w', ''],
  ['select array(select a from u), row(a, (select 1 from w)) from t', 't u w', ''],
  ['select * from t tablesample system (10)', 't', ''],
  ['select case when exists (select 1 from u) then 1 else (select 2 from w) end from t', 't u w', ''],
  ['select * from t group by rollup (a), (select 1 from u) having (select true from w)', 't u w', ''],
  ['select * from t limit (select 1 from u) offset (select 1 from w)', 't u w', ''],
  ['select xmlelement(name x, (select a from u)), extract(year from (select d from w)) from t', 't u w', ''],
  // Common table expressions hide tables of their name, where they can be seen.
  ['with x as (select * from t) select * from x', 't', ''],
  ['with x as (select * from x) select * from x', 'x', ''],
  ['with recursive x as (select 1 union all select * from x) select * from x', '', ''],
  ['with x as (select * from y), y as (select 1) select * from x, y', 'y', ''],
  ['with recursive x as (select * from y), y as (select 1) select * from x, y', '', ''],
  ['with x as (select 1) select * from s.x', 's.x', ''],
  ['with x as (select 1) select * from (with x as (select * from t) select * from x) q, x', 't', ''],
  ['select * from (with x as (select 1) select * from x) q, x', 'x', ''],
  ['with x as (insert into t values (1) returning *) select * from x', '', 't'],
  ['with x as (update t set a = 1 returning *), y as (delete from u returning *) select * from x, y', 't u', 't u'],
  ['with x as (select 1) insert into x select * from x', '', 'x'],
  ['with x as (select * from t) update u set a = 1 from x', 't u', 'u'],
  ['with recursive x as (select 1 n union select n + 1 from x) search depth first by n set o select * from x', '', ''],
  // Changes of rows.
  ['insert into t values ($1)', '', 't'],
  ['insert into t default values', '', 't'],
  ['insert into t select * from u', 'u', 't'],
  ['insert into t (a) values ((select max(a) from t))', 't', 't'],
  ['insert into t values (1) on conflict do nothing', 't', 't'],
  ['insert into t values (1) on conflict (a) do update set b = (select 1 from u) where t.a > 0', 't u', 't'],
  ['insert into t values (1) returning (select count(*) from u)', 'u', 't'],
  ['update t set a = 1', 't', 't'],
  ['update s.t set a = u.a from u where u.b = t.b', 's.t u', 's.t'],
  ['update t set (a, b) = (select 1, 2 from u)', 't u', 't'],
  ['delete from t', 't', 't'],
  ['delete from t using u, w where t.a = u.a', 't u w', 't'],
  ['delete from t where a in (select a from u) returning *', 't u', 't'],
  [
    'merge into t using u on t.a = u.a when matched then update set b = 1 when not matched then insert values (1)',
    't u',
    't',
  ],
  ['merge into t using (select * from w) u on t.a = u.a when matched then delete', 't w', 't'],
  ['select * into u from t', 't', 'u'],
  ['select * from t for update', 't', ''],
  ['select * from t, u for share of t', 't u', ''],
  // Other statements.
  ['truncate t, s.u', 's.u t', 's.u t'],
  ['truncate t cascade', '* t', '* t'],
  ["copy t from '/data/x.csv'", 'file:/data/x.csv', 't'],
  ['copy t from stdin', '', 't'],
  ["copy t to '/data/x.csv'", 't', 'file:/data/x.csv'],
  ["copy (select * from t join u using (a)) to '/data/x.csv'", 't u', 'file:/data/x.csv'],
  ["copy t from program 'curl x'", '*', '* t'],
  ['create table t (a int)', '', 't'],
  ['create table t (a int references u (a), foreign key (a) references w (a))', 'u w', 't'],
  ['create table t (like u)', 'u', 't'],
  ['create table t partition of u for values in (1)', 'u', 't'],
  ['create temp table t as select * from u', 'u', 't'],
  ['create materialized view v as select * from t', 't', 'v'],
  ['create view s.v as select * from t', 't', 's.v'],
  ['create index on t (a)', '', 't'],
  ['alter table t add column a int', '', 't'],
  ['alter table t rename column a to b', '', 't'],
  ['alter table s.t rename to u', '', 's.t s.u'],
  ['alter table t set schema s', '*', '*'],
  ['drop table t, s.u', '', 's.u t'],
  ['drop view v cascade', '*', '* v'],
  ['drop function f', '*', '*'],
  ['create sequence s', '', 's'],
  ['alter sequence s restart', '', 's'],
  ['refresh materialized view v', '*', 'v'],
  ['lock table t', 't', 't'],
  ['explain select * from t', 't', ''],
  ['explain analyze delete from t', 't', 't'],
  ['do $$ begin delete from t; end $$', '*', '*'],
  ['call p(1)', '*', '*'],
  ["set search_path = 'x'", '*', '*'],
  ['create function f() returns int language sql as $$ select 1 $$', '*', '*'],
  ['create trigger g after insert on t execute function f()', '*', '*'],
  ['vacuum t', '*', '*'],
  ['begin', '*', '*'],
  ['execute q', '*', '*'],
  ['select 1; delete from t', 't', 't'],
  // Functions.
  ['select lower(a), count(*), row_number() over () from t', 't', ''],
  ['select f(a) from t', 't', '', 'f'],
  ['select s.lower(a) from t', 't', '', 's.lower'],
  ['select pg_catalog.lower(a) from t', 't', ''],
  ['select "Lower"(a) from t', 't', '', 'Lower'],
  ['select a operator(s.+) b from t', 't', '', 'operator s.+'],
  ['select a operator(pg_catalog.+) b from t', 't', ''],
  ['select * from generate_series(1, 3), unnest(array[1])', '', ''],
  ['select * from f(1) x, t', 't', '', 'f'],
  ['select * from rows from (generate_series(1, 2), f(3)) x', '', '', 'f'],
  ["select * from read_csv('x.csv')", 'file:x.csv', ''],
  ["select * from read_parquet(array['a', 'b'])", 'file:a file:b', ''],
  ['select * from read_csv($1)', 'file:*', ''],
  ["select * from read_csv('a' || 'b')", 'file:*', ''],
  ['select * from "x.csv"', 'file:x.csv x.csv', ''],
  ['select * from "s3://bucket/x.parquet"', 'file:s3://bucket/x.parquet s3://bucket/x.parquet', ''],
  ["select nextval('s')", '', 's'],
  ["select nextval('s'::regclass), currval('u')", 'u', 's'],
  ['select nextval($1)', '', '*'],
  ["insert into t values (nextval('s'))", '', 's t'],
  ["select set_config('search_path', $1, false)", '*', '*'],
  ["select pg_read_file('/etc/passwd')", 'file:/etc/passwd', ''],
  ['select pg_read_file($1)', 'file:*', ''],
  ["select lo_import('/x')", 'file:/x', 'pg_largeobject'],
  ["select * from dblink('host=x', 'delete from t') as r(a int)", '*', '*'],
  ["select query_to_xml('select 1', true, true, '')", '*', '*'],
  ['select pg_advisory_lock(1)', '', 'pg_advisory_lock'],
  ["select pg_notify('c', 'x')", '', 'pg_notify'],
  ["select current_setting('x')", 'pg_settings', ''],
]

test.each(statements)('%s', (text, reads, writes, ...unknown) => {
  const facts = sqlFacts(text)
  if (facts._tag === 'Left') throw new Error(facts.left)
  const { right: f } = facts
  const words = (s: string): readonly string[] => (s === '' ? [] : s === 'my table' ? [s] : s.split(' '))
  expect({ reads: f.reads, writes: f.writes }).toEqual({ reads: words(reads), writes: words(writes) })
  expect(f.unknownFunctions).toEqual(unknown)
})
test('there are enough statements, no two alike', () => {
  expect(new Set(statements.map(([s]) => s)).size).toBe(statements.length)
  expect(statements.length).toBeGreaterThan(80)
})

const Row = row({ a: t.i64 })
type Built = { readonly problems: readonly string[]; readonly print: readonly (readonly string[])[] }
const built = (how: (db: ReturnType<typeof sql>) => unknown, options: DbOptions = {}): Built => {
  const g = graph('g', {}, () => how(sql('db', options)) as never)
  if (g.sealed._tag === 'Left')
    return { problems: g.sealed.left.problems.map((p) => `${p.cause} -> ${p.remedy}`), print: [] }
  const { arena } = g.sealed.right
  for (let id = 0; id < arena.size; id++) {
    const { name, attrs } = arena.opOf(id)
    if (name !== 'dbQuery') continue
    const a = attrs as { reads: readonly string[]; writes: readonly string[] }
    return { problems: [], print: [a.reads, a.writes] }
  }
  throw new Error('no query')
}
const one = (options: QueryOptions, text: string, db: DbOptions = {}): Built =>
  built((d) => d.one('q', Row, options)({ sql: text, parameters: [] }), db)
const exec = (options: QueryOptions, text: string, db: DbOptions = {}): Built =>
  built((d) => d.exec('q', options)({ sql: text, parameters: [] }), db)

describe('declared footprints', () => {
  test('may be wider than the text, and not narrower', () => {
    expect(one({ reads: ['t', 'u'] }, 'select a from t').print).toEqual([['t', 'u'], []])
    expect(one({ reads: ['*'] }, "select a from s.t, read_csv('x')").print).toEqual([['*'], []])
    expect(one({ reads: ['s.*'] }, 'select a from s.t, s.u').problems).toEqual([])
    expect(one({ reads: ['PUBLIC.T'] }, 'select a from t').problems).toEqual([])
    expect(one({ reads: ['t'] }, 'select a from db.main.t').problems).toEqual([])
    expect(one({ reads: ['u'] }, 'select a from t').problems).toEqual([
      "query 'q' reads t, outside what it declares -> declare { reads: ['u', 't'] }, or leave it out: its text says it",
    ])
    expect(one({ reads: ['t'] }, 'select a from s.t').problems).toHaveLength(1)
    expect(one({ reads: ['t'] }, "select a from t, read_csv('x')").problems).toEqual([
      "query 'q' reads file:x, outside what it declares -> declare { reads: ['t', 'file:x'] }, or leave it out: its text says it",
    ])
    expect(exec({ writes: ['u'] }, 'delete from t').problems).toEqual([
      "query 'q' writes t, outside what it declares -> declare { writes: ['u', 't'] }, or leave it out: its text says it",
    ])
    expect(one({ reads: [], writes: [] }, "select nextval('s') as a").problems).toHaveLength(1)
  })
  test('are at the line of the query', () => {
    const g = graph('g', {}, () => sql('db').one('q', Row, { reads: [] })`select a from t`)
    if (g.sealed._tag === 'Right') throw new Error('accepted')
    expect(g.sealed.left.problems[0]!.place).toMatch(/footprints\.test\.ts:\d+/)
  })
  test('say what nobody can find out', () => {
    expect(exec({ writes: ['t'] }, 'do $$ begin end $$').print).toEqual([['*'], ['t']])
    expect(exec({ reads: [], writes: ['t'] }, 'do $$ begin end $$').print).toEqual([[], ['t']])
    expect(exec({}, 'do $$ begin end $$').print).toEqual([['*'], ['*']])
    expect(one({}, 'from t').problems[0]).toContain("what query 'q' reads and writes is not known")
    expect(one({ reads: ['t'] }, 'from t').print).toEqual([['t'], []])
    expect(exec({ reads: ['t'] }, 'insert or replace into t values (1)').problems[0]).toContain('is not known')
    expect(exec({ writes: ['t'] }, 'insert or replace into t values (1)').print).toEqual([[], ['t']])
  })
  test('what is written is kept where only what is read is declared', () => {
    expect(one({ reads: ['t'] }, 'delete from t returning a').print).toEqual([['t'], ['t']])
  })
})

describe('functions that are not known', () => {
  const score = 'select score(a) as a from t'
  test('need a declaration, of the query or of the database', () => {
    expect(one({}, score).problems).toEqual([
      "query 'q' calls score(), and what that function reads and writes is not known -> declare it for the database, sql('…', { functions: { 'score': { reads: [], writes: [] } } }), or for this query, { reads: […] }",
    ])
    expect(one({ reads: ['t', 'weights'] }, score).print).toEqual([['t', 'weights'], []])
    expect(one({}, score, { functions: { Score: { reads: ['weights'] } } }).print).toEqual([['t', 'weights'], []])
    expect(one({}, score, { functions: { score: { writes: ['audit'] } } }).print).toEqual([['t'], ['audit']])
    expect(one({ reads: ['t'] }, score, { functions: { score: { reads: ['weights'] } } }).problems).toHaveLength(1)
    expect(exec({ reads: ['t'] }, 'insert into t values (score(1))').problems).toHaveLength(1)
    expect(exec({ writes: ['t'] }, 'insert into t values (score(1))').problems).toEqual([])
  })
})

test('a query that writes is neither dropped nor merged nor batched, whatever asks it', () => {
  const traits = (writes: readonly string[]) =>
    traitsOf('dbQuery', { mode: 'one', batch: true, reads: ['t'], writes } as never)
  expect(traits([])).toEqual({ mergeable: true, droppable: true, retriable: true, batchable: true })
  expect(traits(['t'])).toEqual({ mergeable: false, droppable: false, retriable: false, batchable: false })
  const g = graph('g', { n: t.i64 }, ({ n }) => {
    sql('db').one('next', Row)`select nextval('s') as a`
    return n
  })
  const problem = g.sealed._tag === 'Left' ? g.sealed.left.problems[0]!.cause : ''
  expect(problem).toMatch(/next/)
})

describe('conflicts', () => {
  const print = (mode: 'one' | 'exec', reads: readonly string[], writes: readonly string[]) =>
    footprintOf('dbQuery', { db: 'db', mode, reads, writes } as never)
  const disk = footprintOf('fileWrite', { root: 'disk', path: 'x' } as never)
  test('a query that reads a file, or anything, conflicts with writing files', () => {
    expect(conflict(print('one', ['file:x'], []), disk)).toBe(true)
    expect(conflict(print('one', ['*'], []), disk)).toBe(true)
    expect(conflict(print('one', ['x'], []), disk)).toBe(false)
    expect(conflict(print('exec', [], ['file:y']), disk)).toBe(true)
  })
  test('the default schema and its database are one with the bare name', () => {
    const writes = print('exec', [], ['t'])
    for (const name of ['T', 'main.t', 'public.t', 'memory.main.t'])
      expect(conflict(print('one', [name], []), writes)).toBe(true)
    expect(conflict(print('one', ['s.t'], []), writes)).toBe(false)
  })
})

test('outside: patterns, files and what nobody knows', () => {
  expect(outside(['a', 'b.c', '*', 'file:x'], [])).toEqual(['a', 'b.c', 'file:x'])
  expect(outside(['a', 'b.c', '*', 'file:x'], ['*'])).toEqual([])
  expect(outside(['ab', 'b'], ['a*'])).toEqual(['b'])
  expect(outside(['file:x'], ['file:y'])).toEqual([])
})
