import fc from 'fast-check'
import { expect } from 'vitest'
import type { Answer } from '../../graph/effects.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'
import type { RecordType } from '../../graph/types.ts'
import type { ListValue, Value } from '../../graph/values.ts'
import { elementAt, sameValue } from '../../graph/values.ts'
import type { Batch, Driver } from '../../runtime/driver.ts'
import type { Query } from './calls.ts'
import { calm, query, told } from './calls.ts'

/** The law of a SQL driver: many([k]) = [one(k)], for random keys with NULLs, duplicates and missing ones. */

export const some = (value: Value): Value => ({ _tag: 'Some', value })
const none: Value = { _tag: 'None' }

/** Calls of one query with the plan that the compiler would give them. */
export const batchOf = (calls: readonly Query[]): Batch => {
  const facts = sqlFacts(calls[0]!.attrs.sql)
  if (facts._tag === 'Left') throw new Error(facts.left)
  const { params, ordered, keyed } = facts.right
  return { calls, plan: { params, ordered, keyed: keyed === undefined ? [] : [keyed] } }
}
/** An answer without the thrown object it came from. */
export const plain = (a: Awaited<ReturnType<Driver['perform']>>): unknown =>
  a._tag === 'Left' ? { ...a.left, original: undefined } : a.right

export const optional = <T extends Value>(a: fc.Arbitrary<T>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: a.map(some) }, { weight: 1, arbitrary: fc.constant(none) })
export const id = optional(fc.bigInt(-1n, 14n))
export const word = optional(fc.constantFrom('s0', 's1', 's2', 's3', '', "'", 'é'))
export const float = optional(fc.constantFrom(0, -0, 0.25, 1.5, 9.75, Number.NaN, Number.POSITIVE_INFINITY, 1e300))

export type LawQuery = [sql: string, row: string, types: readonly string[], args: fc.Arbitrary<Value[]>]
export const queries: readonly LawQuery[] = [
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
export const keyedQueries: readonly LawQuery[] = [
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

/** Of the keyed form: one row of counts and sums, grouped by the key where the database can. */
export const foldedQueries: readonly LawQuery[] = [
  ['select count(*) as n from t where id = $1', '{n: i64}', ['option<i64>'], fc.tuple(id)],
  [
    "select 'c' as c, count(distinct s) + 1 as n, min(quoin_keys) as q, 2 as two from t where b and $2 = s and t.id = $1",
    '{c: string, n: i64, q: option<i32>, two: i32}',
    ['option<i64>', 'option<string>'],
    fc.tuple(id, word),
  ],
  [
    'select max(t.ts) as ts, bool_or(u.b) as any, count(u.id) filter (where u.b) as n, sum(u.quoin_keys) as q from t join t u on u.id = t.id where t.d = $1',
    '{ts: option<timestamp>, any: option<bool>, n: i64, q: option<i64>}',
    ['option<decimal(2)>'],
    fc.tuple(optional(fc.bigInt(0n, 40n))),
  ],
  ['select count(x) as n from t where x = $1', '{n: i64}', ['option<f64>'], fc.tuple(float)],
  ['select count(*) as n, b as b from t where id = $1 group by b', '{n: i64, b: bool}', ['option<i64>'], fc.tuple(id)],
  ['select max(quoin_keys) as q from t where id = $1 having count(*) > 1', '{q: i32}', ['option<i64>'], fc.tuple(id)],
]

/** Rows of a bag in one order, so that two bags can be compared. */
export const bag = (row: RecordType, v: Value): unknown => {
  const list = v as ListValue
  const rows = Array.from({ length: list.length }, (_, i) => elementAt(row, list, i))
  const text = (r: Value): string =>
    JSON.stringify(r, (_k, x: unknown) =>
      typeof x === 'bigint' ? `${x}n` : Object.is(x, -0) ? '-0' : typeof x === 'number' ? String(x) : x,
    )
  return rows.map(text).sort()
}

export const batchIsSingle = async (
  driver: () => Driver,
  [sql, row, types, args]: LawQuery,
  ordered: ReadonlySet<string>,
  numRuns: number,
): Promise<void> => {
  const db = driver()
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
        const { answers } = await db.performMany!(batchOf(calls), calm)
        const single: Answer[] = []
        for (const c of calls) single.push(await db.perform(c, calm))
        answers.forEach((a, i) => {
          const b = single[i]!
          if (a._tag === 'Right' && b._tag === 'Right' && mode === 'many' && !ordered.has(sql)) {
            const type = calls[i]!.attrs.row as RecordType
            expect(bag(type, a.right)).toEqual(bag(type, b.right))
          } else if (a._tag === 'Left' && a.left._tag === 'Decode') {
            expect(told(a)[0]).toBe(told(b)[0]) // which row of a bag has the NULL is not fixed
          } else expect(sameValue(plain(a), plain(b)), `${sql} ${String(keys[i])}`).toBe(true)
        })
      },
    ),
    { numRuns },
  )
}
