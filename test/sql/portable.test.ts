import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notPortable } from '../../graph/sql/portable.ts'
import {
  notPortableTable,
  portableChanges,
  portableForms,
  portableFunctions,
  portableOperators,
} from '../../graph/sql/portable-table.ts'
import { noPostgres, postgresBin } from '../drivers/servers/postgres.ts'
import type { Both } from './both.ts'
import { bothEngines, exampleTable, onBoth } from './both.ts'
import { query, tables } from './portable-queries.ts'

const cases = Number(process.env.QUOIN_CASES ?? 300)
const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const bin = postgresBin()
if (bin === undefined) process.stderr.write(noPostgres)

const asQuery = (example: string): string => `select ${example} as x from t order by i`
const calls = Object.entries({ ...portableFunctions, ...portableOperators }).map(
  ([name, f]) => [name, asQuery(f.example)] as const,
)

describe('the checker', () => {
  test.each(calls)('takes %s', (_, text) => expect(notPortable(text)).toEqual([]))
  test.each(Object.entries(portableForms))('takes %s', (_, text) => expect(notPortable(text)).toEqual([]))
  test.each(portableChanges)('takes %s', (text) => expect(notPortable(text)).toEqual([]))
  test.each(notPortableTable.map((n) => [n.what, n.example] as const))('refuses %s', (_, text) =>
    expect(notPortable(text)).not.toEqual([]),
  )
  test.each([
    ['select round(f) as x from t', 'round is portable only of a cast to decimal: doubles are rounded otherwise'],
    ['select sum(i) as x from t', 'sum is portable only inside a cast'],
    ['select extract(year from d) as x from t', 'extract is portable only year'],
    ['select cast(extract(second from ts) as integer) as x from t', 'extract is portable only year'],
    ['select i % b as x from t', '% by what may be 0: write % nullif(…, 0)'],
    ['select i % 0 as x from t', '% by what may be 0: write % nullif(…, 0)'],
    ['select cast(i as double precision) / 0 as x from t', '/ other than cast(… as double precision) / nullif(…, 0)'],
    ['select i from t for update', 'FOR UPDATE or FOR SHARE'],
    ['select distinct on (i) i from t', 'DISTINCT ON'],
    ['select i from t order by i fetch first 1 rows with ties', 'WITH TIES'],
    ['select * from generate_series(1, 3)', 'a function in FROM'],
    ['select i from t tablesample system (1)', 'TABLESAMPLE'],
    ['select current_date as x', 'the clock and the user of the server: give them as parameters'],
    ['select array[1] as x', 'arrays'],
    ['select array(select i from t) as x', 'ARRAY(…)'],
    ['select null as x', 'NULL as a column: write cast(null as …) as name'],
    ['select cast(i as smallint) as x from t', 'a cast to int2'],
    ['select cast(s as varchar(3)) as x from t', 'a cast to text of a length'],
    ['select cast(i as decimal) as x from t', 'a cast to decimal without (p,s), p at most 18'],
    ['select cast(i as decimal(38,2)) as x from t', 'a cast to decimal without (p,s), p at most 18'],
    ['select s collate "de_DE" as x from t', 'COLLATE other than "C"'],
    ['select 99999999999999999999 as x', 'the number 99999999999999999999, beyond bigint'],
    ["select string_agg(s, ',') as x from t", 'string_agg is portable only with an order by of its own'],
    ['select i from only t', 'ONLY'],
    ['select i from (select count(*) from t) x', 'a column of the answer without a name: write … as name'],
    ['select row_number() over (order by i desc) as x from t', 'ORDER BY … DESC without NULLS FIRST or NULLS LAST'],
    ['select $1 as x', '$1 has no type of its own there: write cast($1 as …)'],
    ['select i + $1 as x from t', '$1 has no type of its own there'],
    ['select i from t where s like $1', 'LIKE with a pattern that is not written out or holds a backslash: add ESCAPE'],
    ['create table q (a int)', 'CreateStmt, which was not tried on both engines'],
    ['merge into t using u on t.i = u.i when matched then delete', 'MERGE'],
    ['from t', "PostgreSQL's grammar does not take it"],
    ['select 1 as x; select 2 as x', "it is not one statement of PostgreSQL's grammar"],
  ])('%s: %s', (text, why) => expect(notPortable(text).some((w) => w.startsWith(why))).toBe(true))
  test.each([
    'select i from t where i = $1 and s in ($2, $3) and d between $4 and $5 limit $6 offset $7',
    "select i from t where s like $1 escape '!'",
    'select cast($1 as bigint) + i as x from t',
    'insert into t (i, s) values ($1, null), ($2, default)',
    'update t set s = $1 where i = $2 returning i',
    'select "at", "Total" from t',
    "select 'A Text' as x -- Or A Comment",
    'select t.* from t',
  ])('takes %s', (text) => expect(notPortable(text)).toEqual([]))
})

describe.skipIf(bin === undefined)('on PostgreSQL and DuckDB', () => {
  let both: Both
  beforeAll(async () => {
    both = await bothEngines()
    for (const sql of [...exampleTable, 'create table u (k integer primary key, v varchar)', ...tables]) {
      const { postgres, duckdb } = await onBoth(both, sql)
      if ('error' in postgres || 'error' in duckdb) throw new Error(JSON.stringify({ sql, postgres, duckdb }))
    }
  }, 60_000)
  afterAll(() => both?.close())
  const alike = async (sql: string): Promise<void> => {
    const { postgres, duckdb } = await onBoth(both, sql)
    expect(postgres).not.toHaveProperty('error')
    expect({ sql, ...duckdb }).toEqual({ sql, ...postgres })
  }

  test.each(calls)('%s answers alike', (_, text) => alike(text))
  test.each(Object.entries(portableForms))('%s answers alike', (_, text) => alike(text))
  test('changes leave the same rows', async () => {
    for (const sql of portableChanges) {
      const { postgres, duckdb } = await onBoth(both, sql)
      expect('error' in postgres || 'error' in duckdb ? { sql, postgres, duckdb } : {}).toEqual({})
      await alike('select k, v from u order by k')
    }
  })
  test.each(notPortableTable.map((n) => [n.what, n.example] as const))('%s: they differ', async (what, text) => {
    const { postgres, duckdb } = await onBoth(both, text)
    // The locale of this cluster is C, where lower and upper leave accents alone.
    expect({ what, ...duckdb }).not.toEqual({ what, ...postgres })
  })
  test('random portable queries over small tables answer alike', async () => {
    let answered = 0
    await fc.assert(
      fc.asyncProperty(query, async (sql) => {
        expect(notPortable(sql)).toEqual([])
        const { postgres, duckdb } = await onBoth(both, sql)
        // Integers that overflow are refused by both, each in its own words.
        if ('error' in postgres && 'error' in duckdb) return
        answered++
        expect({ sql, ...duckdb }).toEqual({ sql, ...postgres })
      }),
      { numRuns: cases, seed },
    )
    expect(answered).toBeGreaterThan(cases * 0.7)
  }, 3_600_000)
})
