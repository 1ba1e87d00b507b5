// Requirements: E3

import { describe, expect, test } from 'vitest'
import { whyNotBatchable } from '../../graph/sql/batchable.ts'
import type { SqlFacts } from '../../graph/sql/facts.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'
import { typeOf } from '../drivers/calls.ts'

const facts = (sql: string): SqlFacts => {
  const f = sqlFacts(sql)
  if (f._tag === 'Left') throw new Error(f.left)
  return f.right
}
const refused = (sql: string): string => {
  const f = sqlFacts(sql)
  return f._tag === 'Left' ? f.left : 'accepted'
}
const why = (sql: string, ...types: string[]): string | undefined => whyNotBatchable(facts(sql), types.map(typeOf))

describe('tables', () => {
  test.each([
    ['select * from loan l join s.customer c on c.id = l.customer', ['loan', 's.customer']],
    ['with t as (select * from t) select * from t, u', ['t', 'u']],
    ['with recursive t as (select 1 as n union all select n + 1 from t) select * from t', []],
    ['with a as (select * from x), b as (select * from a) select * from b where id in (select id from y)', ['x', 'y']],
    ['with a as (select 1) select * from s.a', ['s.a']],
    ["select * from read_csv('air ports.csv', header = true) a", ['file:air ports.csv']],
    ["select * from read_parquet(ARRAY['a.parquet', 'b.parquet'])", ['file:a.parquet', 'file:b.parquet']],
    ['select * from read_parquet($1)', ['file:*']],
    ["select * from duckdb_tables(), range(10), iceberg('x')", ['duckdb_tables']],
    ['select (select max(a) from z where z.id = t.id) from t', ['t', 'z']],
    ['select * from a union select * from b', ['a', 'b']],
    ['table t', ['t']],
  ])('%s', (sql, reads) => {
    expect(facts(sql)).toMatchObject({ statement: 'select', readOnly: true, reads, writes: [] })
  })

  test.each([
    ['insert into t select * from u', 'insert', ['u'], ['t']],
    ['insert into t(a) values ($1) on conflict do nothing', 'insert', ['t'], ['t']],
    ['update s.t set a = $1 from v where t.id = v.id', 'update', ['s.t', 'v'], ['s.t']],
    ['delete from t using z where z.a = $1', 'delete', ['t', 'z'], ['t']],
    ['merge into t using s on t.a = s.a when matched then delete', 'update', ['s', 't'], ['t']],
    ['with d as (delete from x returning *) select * from d', 'select', ['x'], ['x']],
    ['select a into b from c', 'select', ['c'], ['b']],
    ['truncate t', 'other', ['t'], ['t']],
    ['create table q (a int)', 'other', [], ['q']],
    ['select 1; delete from t', 'other', ['t'], ['t']],
  ])('%s', (sql, statement, reads, writes) => {
    expect(facts(sql)).toMatchObject({
      statement,
      readOnly: false,
      reads: expect.arrayContaining(reads),
      writes: expect.arrayContaining(writes),
    })
  })
})

test('parameters have their places in UTF-16 units', () => {
  const sql = "select 'é😀', $1 as a, '$9' from t where é = $12 -- $3\n and b = $1"
  const { params } = facts(sql)
  expect(params.map((p) => [sql.slice(p.at, p.at + p.length), p.number])).toEqual([
    ['$1', 1],
    ['$12', 12],
    ['$1', 1],
  ])
  expect(params.map((p) => p.at)).toEqual([sql.indexOf('$1'), sql.indexOf('$12'), sql.lastIndexOf('$1')])
})

test.each([
  ['select count(*) from t', { aggregates: true, group: false, window: false, ordered: false, limited: false }],
  [
    'select a, median(b) from t group by a order by 2 limit 3',
    { aggregates: true, group: true, ordered: true, limited: true },
  ],
  ['select sum(x) over (order by y) from t', { aggregates: false, window: true, ordered: false }],
  ['select distinct a from (select * from t order by a limit 1) q', { distinct: true, ordered: false, limited: false }],
  ['select unnest(a) from t', { setReturning: true }],
  ['select * from t for update', { locking: true, readOnly: true }],
  ['select a from t union select b from u order by 1 offset 2', { ordered: true, limited: true }],
  [
    'select hour(d), extract(hour from d), current_date from t',
    { functions: ['extract', 'hour'], unknownFunctions: [] },
  ],
  ["select quantile_cont(x, 0.5), date_part('hour', d), now() from t", { unknownFunctions: [], volatile: false }],
  [
    'select random(), My_Fn(a), other."Weird"(b) from t',
    { volatileFunctions: ['random'], unknownFunctions: ['my_fn', 'other.Weird'], volatile: true },
  ],
])('%s', (sql, want) => {
  expect(facts(sql)).toMatchObject(want)
})

test('why a query is not batched, as sentences', () => {
  expect(why('select a from t where id = $1', 'i64')).toBeUndefined()
  expect(why('select count(*) from t where id = $1 and s = $2', 'option<i64>', 'string')).toBeUndefined()
  expect(why('select 1; select $1')).toBe('it holds 2 statements; write one a query')
  expect(why('update t set a = $1')).toBe('it changes data; only queries that read are batched')
  expect(why('select * from t where a = $1 for share')).toBe(
    'it locks rows (FOR UPDATE or FOR SHARE), and a batch would lock them in another order',
  )
  expect(why("select nextval('s'), random() where $1")).toBe('it uses nextval(), random(), which answer anew each time')
  expect(why('select * from t tablesample system (5) where a = $1')).toBe(
    'it uses TABLESAMPLE, which answers anew each time',
  )
  expect(why('select score(a) from t where a = $1')).toBe(
    'it calls score(), and it is not known whether that function is pure',
  )
  expect(why('select a from t')).toBe('it has no parameters; equal calls are merged instead')
  expect(why('select a from t where b = $1 limit $2')).toBe(
    'parameter $2 stands in LIMIT or OFFSET, which cannot differ from key to key',
  )
  expect(why('select a from (select * from t limit $1 offset $2) q')).toBe(
    'parameters $1, $2 stand in LIMIT or OFFSET, which cannot differ from key to key',
  )
  expect(why('select * from read_csv($1)')).toBe('parameter $1 names a file, which cannot differ from key to key')
  expect(why('select a from t where b = any($1)', 'i64[n]')).toBe(
    'parameter $1 is i64[n], a list of its own; only scalars travel as keys',
  )
  expect(why('select $1', '{a: i64}')).toBe('parameter $1 is {a: i64}; only scalars travel as keys')
})

test('what PostgreSQL does not take is said with its place', () => {
  expect(refused('select é, * exclude (a) from t')).toBe(
    'PostgreSQL\'s grammar does not take this SQL: syntax error at or near "exclude", at line 1, column 13',
  )
  expect(refused('select 1\n  from')).toBe(
    "PostgreSQL's grammar does not take this SQL: syntax error at end of input, at line 2, column 7",
  )
  expect(refused('from t')).toContain('at line 1, column 1')
  expect(refused('')).toBe('the SQL text holds no statement')
  expect(refused('-- nothing')).toBe('the SQL text holds no statement')
  expect(refused('select 1\0')).toBe('the SQL text holds a zero character')
  expect(refused(`select '${'x'.repeat(1_000_000)}'`)).toBe('the SQL text has more than 1,000,000 characters')
  expect(refused(`select ${'not '.repeat(200_000)}true`)).not.toBe('accepted')
  expect(facts('select 1').statement).toBe('select') // the parser still works after that
})
