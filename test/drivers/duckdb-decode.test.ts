import { createRequire } from 'node:module'
import { afterAll, describe, expect, test } from 'vitest'
import type { RecordType } from '../../graph/types.ts'
import type { ListValue, Value } from '../../graph/values.ts'
import { collect, elementAt, sameValue } from '../../graph/values.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { calm, good, query, told, typeOf } from './calls.ts'

const db = duckdb()
afterAll(() => db.close())
const ask = (sql: string, row: string) => db.perform(query('many', sql, row), calm)
const one = async (expression: string, type: string): Promise<Value> =>
  (good(await db.perform(query('one', `select ${expression} as a`, `{a: ${type}}`), calm)) as { a: Value }).a

describe('exact widenings', () => {
  test.each([
    ['(-7)::TINYINT', ['i32', 'i64', 'f64', 'f32']],
    ['(-7)::SMALLINT', ['i32', 'i64', 'f64', 'f32']],
    ['(-7)::INTEGER', ['i32', 'i64', 'f64']],
    ['(-7)::BIGINT', ['i64']],
    ['7::UTINYINT', ['u32', 'i32', 'i64', 'u64', 'f64']],
    ['7::USMALLINT', ['u32', 'i32', 'i64', 'u64', 'f64']],
    ['4294967295::UINTEGER', ['u32', 'i64', 'u64', 'f64']],
    ['18446744073709551615::UBIGINT', ['u64']],
    ['0.1::FLOAT', ['f32', 'f64']],
    ['0.1::DOUBLE', ['f64']],
    ['true', ['bool']],
  ])('%s', async (sql, types) => {
    for (const type of types) {
      const v = await one(sql, type)
      const x = Number(/-?[\d.]+/.exec(sql)?.[0] ?? 1)
      const want =
        type === 'bool'
          ? true
          : /64/.test(type) && type[0] !== 'f'
            ? BigInt(/-?\d+/.exec(sql)![0])
            : /FLOAT/.test(sql)
              ? Math.fround(x)
              : x
      expect([type, v]).toEqual([type, want])
    }
  })
  test.each<[string, string, Value]>([
    ["'é😀' || repeat('x', 20)", 'string', `é😀${'x'.repeat(20)}`],
    ["''", 'string', ''],
    ["'ab'", 'string', 'ab'],
    ["'b'::ENUM('a', 'b')", 'string', 'b'],
    ["'\\x00\\xFF'::BLOB", 'bytes', Uint8Array.of(0, 255)],
    ["TIMESTAMP '2020-01-01 00:00:00.000001'", 'timestamp', 1577836800000001n],
    ["TIMESTAMP_S '1969-12-31 23:59:59'", 'timestamp', -1_000_000n],
    ["TIMESTAMP_MS '1970-01-01 00:00:00.001'", 'timestamp', 1000n],
    ["TIMESTAMP_NS '1970-01-01 00:00:00.000002'", 'timestamp', 2n],
    ["TIMESTAMPTZ '1970-01-01 01:00:00+01'", 'timestamp', 0n],
    ["DATE '1969-12-31'", 'timestamp', -86_400_000_000n],
    ['(-1.25)::DECIMAL(4,2)', 'decimal(2)', -125n],
    ['(-1.25)::DECIMAL(9,2)', 'decimal(2)', -125n],
    ['12345678901234.56::DECIMAL(18,2)', 'decimal(2)', 1234567890123456n],
    ['\'{"a": [1, null]}\'::JSON', 'json', { a: [1, null] }],
    ["'[true]'", 'json', [true]],
    ['[1, 2]::BIGINT[]', 'i64[k]', { shape: [2], data: BigInt64Array.of(1n, 2n) }],
    ['[1, 2]::DOUBLE[2]', 'f64[2]', { shape: [2], data: Float64Array.of(1, 2) }],
    ['{a: 1, b: {c: true}}', '{a: i32, b: {c: bool}}', { a: 1, b: { c: true } }],
    ['NULL::BIGINT', 'option<i64>', { _tag: 'None' }],
    ['5::BIGINT', 'option<i64>', { _tag: 'Some', value: 5n }],
    [
      "[{s: 'x', n: NULL}, {s: 'y', n: 2}]",
      'list<{s: string, n: option<i32>}>[k]',
      {
        list: 'columns',
        length: 2,
        columns: {
          s: { shape: [2], data: ['x', 'y'] },
          n: {
            list: 'options',
            length: 2,
            valid: Uint8Array.of(0, 1),
            values: { shape: [2], data: Int32Array.of(0, 2) },
          },
        },
      },
    ],
  ])('%s', async (sql, type, want) => {
    const v = await one(sql, type)
    expect(v).toEqual(want)
    expect(sameValue(v, want)).toBe(true)
  })
})

test('columns are in the one form that collect gives, over many chunks and all kinds', async () => {
  const row = typeOf(
    '{i: i64, f: option<f64>, s: option<string>, b: option<bool>, t: option<timestamp>, d: decimal(1), ' +
      'l: list<option<i32>>[x], n: option<string[y]>, r: option<{a: i64, b: option<string>}>, ll: list<i64[u]>[v], z: option<f64[2]>}',
  ) as RecordType
  const sql = `select i, case when i % 3 = 0 then null else i / 2 end as f, case when i % 5 = 0 then null else 'k' || (i % 300) end as s,
    case when i % 7 = 0 then null else i % 2 = 0 end as b, case when i % 2 = 0 then null else make_timestamp(i) end as t,
    (i % 100)::DECIMAL(5,1) as d, [case when j % 2 = 0 then null else j::integer end for j in range(i % 4)] as l,
    case when i % 4 = 0 then null else [i::varchar, 'x'] end as n,
    case when i % 6 = 0 then null else {a: i, b: case when i % 2 = 0 then null else i::varchar end} end as r,
    [range(j) for j in range(i % 3)] as ll, case when i % 9 = 0 then null else [i, 1]::DOUBLE[] end as z
    from range(5000) q(i) where i % 11 <> 3 order by i`
  const v = good(await db.perform(query('many', sql, '{}', [], { row }), calm)) as ListValue
  const rows = Array.from({ length: v.length }, (_, i) => elementAt(row, v, i))
  expect(v.length).toBe(4545)
  expect(sameValue(v, collect(row, rows))).toBe(true)
  // Read once more through the package's own door, a value a cell.
  const api = createRequire(import.meta.url)('@duckdb/node-api')
  const instance = await api.DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const theirs: unknown[][] = await (await connection.run(sql)).getRows()
  const some = (x: unknown): unknown => (x === null ? { _tag: 'None' } : { _tag: 'Some', value: x })
  theirs.forEach((r, i) => {
    const [id, f, s, b, t] = r
    expect(rows[i]).toMatchObject({
      i: id,
      f: some(f),
      s: some(s),
      b: some(b),
      t: some(t === null ? null : (t as { micros: bigint }).micros),
    })
  })
  connection.closeSync()
  instance.closeSync()
})

describe('what is refused, and how to mend it', () => {
  test.each([
    [
      'select 1 as b, 2 as c',
      '{a: i32}',
      "the row declares column 'a', and the query returned 'b', 'c'",
      'select it, or rename another column (… as "a"), or remove \'a\' from the row',
    ],
    [
      'select 1 as A',
      '{a: i32}',
      "the row declares column 'a', and the query returned 'A'",
      'names are compared with their case: write "A" as "a" in the query, or declare \'A\'',
    ],
    [
      'select 1 as a, 2 as a',
      '{a: i32}',
      "the query returned more than one column 'a'",
      'give each column its own name (… as "a_2")',
    ],
    [
      "select 'x' as a",
      '{a: f64}',
      "column 'a' is VARCHAR, and the row declares f64, which cannot hold every such value exactly.",
      'write cast("a" as DOUBLE) in the query, or declare \'a\' as t.string',
    ],
    [
      'select count(*) as n',
      '{n: f64}',
      "column 'n' is BIGINT, and the row declares f64, which cannot hold every such value exactly.",
      'write cast("n" as DOUBLE) in the query, or declare \'n\' as t.i64',
    ],
    [
      'select sum(i) as n from range(3) r(i)',
      '{n: i64}',
      "column 'n' is HUGEINT, and the row declares i64, which cannot hold every such value exactly.",
      'write cast("n" as BIGINT) in the query',
    ],
    [
      'select 1.5::DECIMAL(9,1) as a',
      '{a: decimal(2)}',
      "column 'a' is DECIMAL(9,1), and the row declares decimal(2), which cannot hold every such value exactly.",
      'write cast("a" as DECIMAL(18,2)) in the query, or declare \'a\' as t.decimal(1)',
    ],
    [
      'select 1.5::DECIMAL(30,2) as a',
      '{a: decimal(2)}',
      "column 'a' is DECIMAL(30,2), and the row declares decimal(2), which cannot hold every such value exactly.",
      'write cast("a" as DECIMAL(18,2)) in the query',
    ],
    [
      'select {b: 1} as a',
      '{a: {c: i32}}',
      "column 'a' is STRUCT(\"b\" INTEGER), and the row declares {c: i32}, which cannot hold every such value exactly. It has no entry 'c'.",
      'select a column of the declared type',
    ],
    [
      'select i as a from range(1) r(i)',
      '{a: i64[k]}',
      "column 'a' is BIGINT, and the row declares i64[k], which cannot hold every such value exactly.",
      "declare 'a' as t.i64",
    ],
    [
      'select case when i = 2500 then null else i end as a from range(5000) r(i)',
      '{a: i64}',
      "row 2501 has NULL in column 'a', which the row declares as i64",
      "declare 'a' as t.option(…), or keep NULL out in the query",
    ],
    [
      'select [1, null] as a',
      '{a: i32[k]}',
      "row 1 has NULL in column 'a[]', which the row declares as i32",
      "declare 'a[]' as t.option(…), or keep NULL out in the query",
    ],
    [
      'select [1, 2] as a',
      '{a: i32[3]}',
      "row 1 has 2 elements in column 'a', which the row declares as exactly 3",
      'select lists of 3, or declare the length by name',
    ],
    [
      "select 'no' as a",
      '{a: json}',
      "row 1 has text in column 'a' that is not JSON",
      "store JSON in the column, or declare 'a' as t.string",
    ],
    [
      "select TIMESTAMP_NS '1970-01-01 00:00:00.000000001' as a",
      '{a: timestamp}',
      "row 1 has 1 ns in column 'a', which is no whole number of microseconds",
      'write cast("a" as TIMESTAMP) in the query, or filter such rows out',
    ],
    [
      "select 'infinity'::TIMESTAMP as a",
      '{a: timestamp}',
      "row 1 has an infinite time in column 'a'",
      'filter it out in the query (isfinite("a")), or declare an option and write NULL for it',
    ],
  ])('%s', async (sql, row, cause, remedy) => {
    expect(told(await ask(sql, row))).toEqual(['Decode', cause, remedy])
  })
  test('columns that are not declared are ignored', async () => {
    expect(good(await ask('select 1 as a, NULL as b, 2::HUGEINT as c', '{a: i32}'))).toMatchObject({ length: 1 })
  })
})
