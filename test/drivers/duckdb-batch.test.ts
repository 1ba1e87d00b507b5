// Requirements: E3 E4

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ListValue, Value } from '../../graph/values.ts'
import { elementAt, sameValue } from '../../graph/values.ts'
import { batchSql, duckdb } from '../../runtime/drivers/duckdb/index.ts'
import type { Query } from './calls.ts'
import { calm, good, query, told } from './calls.ts'
import { batchIsSingle, batchOf, foldedQueries, keyedQueries, plain, queries } from './sql-laws.ts'

const ordered = new Set(keyedQueries.map(([sql]) => sql))

const db = duckdb()
const run = async (sql: string) => good(await db.perform(query('exec', sql), calm))
const none: Value = { _tag: 'None' }
const many = (calls: readonly Query[]) => db.performMany!(batchOf(calls), calm)
const singly = async (calls: readonly Query[]) => {
  const answers = []
  for (const c of calls) answers.push(await db.perform(c, calm))
  return answers
}

beforeAll(async () => {
  await run(
    'create table t (id bigint, x double, s varchar, quoin_keys integer, d decimal(9,2), ts timestamp, b boolean)',
  )
  await run(`insert into t select case when i % 7 = 0 then null else i % 12 end, case when i % 5 = 0 then null else i / 4.0 end,
    case when i % 3 = 0 then null else 's' || (i % 4) end, i, i / 10.0, make_timestamp(i % 6), i % 2 = 0 from range(40) r(i)`)
})
afterAll(() => db.close())

const airport = '{name: string, state: string, latitude: f64}'
const bySql =
  "select name, state, latitude from read_csv('node_modules/vega-datasets/data/airports.csv') where iata = $1"

test('two hundred lookups are one statement and answer as two hundred would', async () => {
  const codes = good(
    await db.perform(
      query(
        'many',
        "select iata from read_csv('node_modules/vega-datasets/data/airports.csv') using sample 198 rows (reservoir, 7)",
        '{iata: string}',
      ),
      calm,
    ),
  ) as ListValue
  const keys = [
    ...Array.from(
      { length: 198 },
      (_, i) =>
        (
          elementAt(
            { kind: 'record', fields: [['iata', { kind: 'tensor', elem: 'string', shape: [] }]] },
            codes,
            i,
          ) as { iata: string }
        ).iata,
    ),
    '???',
    "'; --",
  ]
  const calls = keys.map((k) => query('maybe', bySql, airport, [['string', k]]))
  const { answers, roundTrips } = await many(calls)
  expect(roundTrips).toBe(1)
  expect(answers.filter((a) => a._tag === 'Right' && (a.right as { _tag: string })._tag === 'Some')).toHaveLength(198)
  expect(answers.slice(-2).map(good)).toEqual([none, none])
  const picked = [0, 50, 197, 198].map((i) => calls[i]!)
  const single = await singly(picked)
  expect([0, 50, 197, 198].every((i, k) => sameValue(answers[i], single[k]))).toBe(true)
})

test('errors are per key', async () => {
  const sql = 'select s, x from t where quoin_keys = $1 or (id = 4 and $1 = 1000)'
  const { answers, roundTrips } = await many(
    [1, 2, 3, 5, 999, 1000, 1].map((k) => query('one', sql, '{s: string, x: f64}', [['i32', k]])),
  )
  expect(answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual([
    'ok',
    'ok',
    'Decode',
    'Decode',
    'NoRow',
    'TooManyRows',
    'ok',
  ])
  expect(told(answers[2]!)).toEqual([
    'Decode',
    "row 1 has NULL in column 's', which the row declares as string",
    "declare 's' as t.option(…), or keep NULL out in the query",
  ])
  expect(roundTrips).toBe(3) // the two keys with NULL speak for themselves
})

test('limits are per key', async () => {
  const calls = [1n, 2n, 50n].map((k) =>
    query('many', 'select range as a from range($1)', '{a: i64}', [['i64', k]], { maxRows: 10 }),
  )
  expect((await many(calls)).answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual([
    'ok',
    'ok',
    'TooManyRows',
  ])
  // Together they answer no more than allowed; one of them does.
  const uneven = [1n, 2n, 12n].map((k) =>
    query('many', 'select range as a from range($1)', '{a: i64}', [['i64', k]], { maxRows: 10 }),
  )
  expect((await many(uneven)).answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual([
    'ok',
    'ok',
    'TooManyRows',
  ])
  const texts = [1, 200].map((k) =>
    query('many', "select repeat('x', $1) as a", '{a: string}', [['i32', k]], { maxBytes: 300 }),
  )
  expect((await many(texts)).answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual(['ok', 'TooLarge'])
})

describe('what the engine refuses, or order forbids, runs one by one in order', () => {
  test.each<[string, string, string, [string, Value][], number]>([
    [
      'an outer join on the key',
      'select t.s, u.x from t left join t u on u.id = $1 where t.quoin_keys = 1',
      '{s: string, x: option<f64>}',
      [
        ['i64', 3n],
        ['i64', 4n],
      ],
      3,
    ],
    [
      'a file named by the key',
      'select count(*) as n from read_csv($1)',
      '{n: i64}',
      [
        ['string', 'nope.csv'],
        ['string', 'node_modules/vega-datasets/data/airports.csv'],
      ],
      3,
    ],
    [
      'many with an order',
      'select s from t where quoin_keys < $1 order by quoin_keys desc',
      '{s: option<string>}',
      [
        ['i32', 3],
        ['i32', 4],
      ],
      2,
    ],
    [
      'two columns of one name',
      'select id, s, s from t where quoin_keys = $1',
      '{s: string}',
      [
        ['i32', 1],
        ['i32', 2],
      ],
      3,
    ],
    [
      'a key that is a list',
      'select count(*) as n from t where id = any($1)',
      '{n: i64}',
      [
        ['i64[k]', { shape: [1], data: BigInt64Array.of(3n) }],
        ['i64[k]', { shape: [0], data: new BigInt64Array(0) }],
      ],
      3,
    ],
    ['one call', 'select count(*) as n from t where id = $1', '{n: i64}', [['i64', 3n]], 1],
  ])('%s', async (_, sql, row, keys, trips) => {
    const calls = keys.map((k) => query('many', sql, row, [k]))
    const { answers, roundTrips } = await many(calls)
    expect(roundTrips).toBe(trips)
    expect(sameValue(answers.map(plain), (await singly(calls)).map(plain))).toBe(true)
  })
  test('other authorities, and batch: false', async () => {
    const ask = (tenant: string, batch: boolean) =>
      query(
        'one',
        'select count(*) as n from t where id = $1',
        '{n: i64}',
        [
          ['string', tenant],
          ['i64', 3n],
        ],
        { authority: true, batch },
      )
    expect((await many([ask('a', true), ask('a', true)])).roundTrips).toBe(1)
    expect((await many([ask('a', true), ask('b', true)])).roundTrips).toBe(2)
    expect((await many([ask('a', false), ask('a', false)])).roundTrips).toBe(2)
  })
  test('nothing to ask is no round trip', async () => {
    expect(await db.performMany!({ calls: [], plan: { params: [], ordered: false } }, calm)).toEqual({
      answers: [],
      roundTrips: 0,
    })
  })
})
test('generated names are none of the text', () => {
  const sql = 'select QUOIN_keys from t where id = $1; '
  const text = batchSql(sql, { params: [{ at: sql.indexOf('$1'), length: 2, number: 1 }], ordered: false }, ['BIGINT'])
  expect(text).toBe(`select quoin2_keys.quoin2_ordinal, quoin2_rows.* from
(select unnest($1::INTEGER[]) as quoin2_ordinal, unnest($2::BIGINT[]) as quoin2_1) as quoin2_keys
left join lateral (select true as quoin2_here, quoin2_query.* from (
select QUOIN_keys from t where id = quoin2_keys.quoin2_1
) as quoin2_query) as quoin2_rows on true`)
})

test('a cancelled batch does not start over', async () => {
  const stop = AbortSignal.abort()
  const calls = [1n, 2n].map((k) => query('many', 'select x from t where id = $1', '{x: option<f64>}', [['i64', k]]))
  const { answers, roundTrips } = await db.performMany!(batchOf(calls), { signal: stop })
  expect(answers.map((a) => a._tag === 'Left' && a.left._tag)).toEqual(['Cancelled', 'Cancelled'])
  expect(roundTrips).toBe(1)
})

test('an ordered query for many keys is one statement where a column is compared with the key', async () => {
  for (const [sql, row, types, args] of keyedQueries.slice(0, 4)) {
    const keys = fc.sample(args, { numRuns: 20, seed: 7 })
    const calls = keys.map((k) =>
      query(
        'many',
        sql,
        row,
        k.map((v, i) => [types[i]!, v] as const),
      ),
    )
    expect((await many(calls)).roundTrips, sql).toBe(1)
  }
})

describe('a batch answers as its members would one by one', () => {
  test.each([...queries, ...keyedQueries, ...foldedQueries])('%s', (...q) => batchIsSingle(() => db, q, ordered, 12))
})
