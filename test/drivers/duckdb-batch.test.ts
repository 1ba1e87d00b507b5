import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqlFacts } from '../../graph/sql/facts.ts'
import type { RecordType } from '../../graph/types.ts'
import type { ListValue, Value } from '../../graph/values.ts'
import { elementAt, sameValue } from '../../graph/values.ts'
import type { Batch } from '../../runtime/driver.ts'
import { batchSql, duckdb } from '../../runtime/drivers/duckdb/index.ts'
import type { Query } from './calls.ts'
import { calm, good, query, told } from './calls.ts'

const db = duckdb()
const run = async (sql: string) => good(await db.perform(query('exec', sql), calm))
const some = (value: Value): Value => ({ _tag: 'Some', value })
const none: Value = { _tag: 'None' }
const batchOf = (calls: readonly Query[]): Batch => {
  const facts = sqlFacts(calls[0]!.attrs.sql)
  if (facts._tag === 'Left') throw new Error(facts.left)
  const { params, ordered, keyed } = facts.right
  return { calls, plan: { params, ordered, keyed: keyed === undefined ? [] : [keyed] } }
}
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
/** An answer without the thrown object it came from. */
/** An answer, without the statement that was sent for it: a batch has its own. */
const plain = (a: Awaited<ReturnType<typeof db.perform>>): unknown =>
  a._tag === 'Left' ? { ...a.left, original: undefined, statement: undefined } : a.right

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

// ---- The law: many([k]) = [one(k)], for random keys with NULLs, duplicates and missing ones.

const optional = <T extends Value>(a: fc.Arbitrary<T>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: a.map(some) }, { weight: 1, arbitrary: fc.constant(none) })
const id = optional(fc.bigInt(-1n, 14n))
const word = optional(fc.constantFrom('s0', 's1', 's2', 's3', '', "'", 'é'))
const float = optional(fc.constantFrom(0, -0, 0.25, 1.5, 9.75, Number.NaN, Number.POSITIVE_INFINITY, 1e300))

const queries: readonly [sql: string, row: string, types: readonly string[], args: fc.Arbitrary<Value[]>][] = [
  [
    'select id, x, s from t where id = $1',
    '{id: i64, x: option<f64>, s: option<string>}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select id, s from t where id is not distinct from $1',
    '{id: option<i64>, s: string}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select count(*) as n, max(x) as x from t where id = $1 and s = $2',
    '{n: i64, x: option<f64>}',
    ['option<i64>', 'option<string>'],
    fc.tuple(id, word),
  ],
  [
    'select $1 as k, $2 as s, id from t where quoin_keys < 3',
    '{k: option<i64>, s: option<string>, id: option<i64>}',
    ['option<i64>', 'option<string>'],
    fc.tuple(id, word),
  ],
  ['select x from t where x > $1 and id <> $2', '{x: f64}', ['option<f64>', 'option<i64>'], fc.tuple(float, id)],
  [
    'with c as (select * from t where id = $1) select s, count(*) as n from c group by s',
    '{s: option<string>, n: i64}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select x from t where id = $1 order by x desc nulls last, quoin_keys limit 1',
    '{x: option<f64>}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select quoin_keys as q from t where d = $1 union all select -1 where $1 is null',
    '{q: i32}',
    ['option<decimal(2)>'],
    fc.tuple(optional(fc.bigInt(0n, 400n))),
  ],
  [
    'select distinct b, ts from t where ts >= $1 or b = $2',
    '{b: bool, ts: timestamp}',
    ['option<timestamp>', 'bool'],
    fc.tuple(optional(fc.bigInt(-1n, 7n)), fc.boolean()),
  ],
  [
    'select (select max(u.x) from t u where u.id = $1) as x, s from t where s in (select s from t where id = $1)',
    '{x: option<f64>, s: string}',
    ['option<i64>'],
    fc.tuple(id),
  ],
]

/** Of the keyed form: columns compared with the key, answers in the order that the query states. */
const keyedQueries: typeof queries = [
  [
    'select id, quoin_keys as q, x from t where id = $1 order by x desc nulls last, quoin_keys',
    '{id: i64, q: i32, x: option<f64>}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select s, t.quoin_keys as q from t where $2 = s and b and t.id = $1 order by t.quoin_keys desc -- the last first',
    '{s: string, q: i32}',
    ['option<i64>', 'option<string>'],
    fc.tuple(id, word),
  ],
  [
    'select quoin_keys as id, id as k from t where x = $1 order by quoin_keys',
    '{id: i32, k: option<i64>}',
    ['option<f64>'],
    fc.tuple(float),
  ],
  [
    'select t.s, u.quoin_keys as q from t left join t u on u.quoin_keys = t.quoin_keys + 1 where t.id = $1 order by t.quoin_keys',
    '{s: option<string>, q: option<i32>}',
    ['option<i64>'],
    fc.tuple(id),
  ],
  [
    'select d, ts, (select count(*) from t u where u.id = t.id) as n, quoin_keys as q from t where d = $1 and ts = $2 order by ts, q',
    '{d: option<decimal(2)>, ts: timestamp, n: i64, q: i32}',
    ['option<decimal(2)>', 'option<timestamp>'],
    fc.tuple(optional(fc.bigInt(0n, 40n)), optional(fc.bigInt(-1n, 7n))),
  ],
]
const ordered = new Set(keyedQueries.map(([sql]) => sql))

/** Rows of a bag in one order, so that two bags can be compared. */
const bag = (row: RecordType, v: Value): unknown => {
  const list = v as ListValue
  const rows = Array.from({ length: list.length }, (_, i) => elementAt(row, list, i))
  const text = (r: Value): string =>
    JSON.stringify(r, (_k, x: unknown) =>
      typeof x === 'bigint' ? `${x}n` : Object.is(x, -0) ? '-0' : typeof x === 'number' ? String(x) : x,
    )
  return rows.map(text).sort()
}

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
  test.each([...queries, ...keyedQueries])('%s', async (sql, row, types, args) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('one', 'maybe', 'many' as const),
        fc.array(args, { minLength: 2, maxLength: 12 }),
        async (mode, keys) => {
          const calls = keys.map((k) =>
            query(
              mode,
              sql,
              row,
              k.map((v, i) => [types[i]!, v] as const),
              { maxRows: 30 },
            ),
          )
          const { answers } = await many(calls)
          const single = await singly(calls)
          answers.forEach((a, i) => {
            const b = single[i]!
            if (a._tag === 'Right' && b._tag === 'Right' && mode === 'many' && !ordered.has(sql)) {
              const type = calls[i]!.attrs.row as RecordType
              expect(bag(type, a.right)).toEqual(bag(type, b.right))
            } else if (a._tag === 'Left' && a.left._tag === 'Decode') {
              expect(told(a)[0]).toBe(told(b)[0]) // which row of a bag has the NULL is not fixed
            } else expect(sameValue(plain(a), plain(b))).toBe(true)
          })
        },
      ),
      { numRuns: 12 },
    )
  })
})
