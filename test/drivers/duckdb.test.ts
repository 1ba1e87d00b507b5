// Requirements: E8

import { afterAll, describe, expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { calm, good, query, told } from './calls.ts'

const airports = "read_csv('node_modules/vega-datasets/data/airports.csv')"
const db = duckdb()
afterAll(() => db.close())
const ask = (...q: Parameters<typeof query>) => db.perform(query(...q), calm)
const run = async (sql: string, ...args: [string, Value][]) => good(await ask('exec', sql, '{}', args))

describe('the four modes', () => {
  const row = '{name: string, latitude: f64}'
  const sql = `select name, latitude from ${airports} where iata = $1`
  test('one', async () => {
    expect(good(await ask('one', sql, row, [['string', 'SEA']]))).toEqual({
      name: 'Seattle-Tacoma Intl',
      latitude: 47.44898194,
    })
    expect(told(await ask('one', sql, row, [['string', '???']]))).toEqual([
      'NoRow',
      'the query answered no row, and .one takes exactly one',
      'use .maybe where a row may be missing, or check the key',
    ])
    expect(told(await ask('one', `select name, latitude from ${airports}`, row))).toEqual([
      'TooManyRows',
      'the query answered more than one row, and .one takes exactly one',
      'make the condition select one row (a key, or limit 1), or use .many',
    ])
  })
  test('maybe', async () => {
    expect(good(await ask('maybe', sql, row, [['string', 'SEA']]))).toMatchObject({
      _tag: 'Some',
      value: { latitude: 47.44898194 },
    })
    expect(good(await ask('maybe', sql, row, [['string', '???']]))).toEqual({ _tag: 'None' })
    expect(told(await ask('maybe', 'select 1 as a union all select 2', '{a: i32}'))[1]).toBe(
      'the query answered more than one row, and .maybe takes at most one',
    )
  })
  test('many answers columns', async () => {
    const v = good(
      await ask(
        'many',
        `select iata, latitude from ${airports} where state = 'RI' order by iata`,
        '{iata: string, latitude: f64}',
      ),
    )
    expect(v).toMatchObject({ list: 'columns', length: 6, columns: { iata: { shape: [6] }, latitude: { shape: [6] } } })
    expect((v as never as { columns: { latitude: { data: unknown } } }).columns.latitude.data).toBeInstanceOf(
      Float64Array,
    )
    expect(good(await ask('many', 'select 1 as a where false', '{a: i32}'))).toEqual({
      list: 'columns',
      length: 0,
      columns: { a: { shape: [0], data: new Int32Array(0) } },
    })
  })
  test('exec answers how many rows changed', async () => {
    expect(await run('create table t (a integer, b varchar)')).toBe(0n)
    expect(await run('insert into t values ($1, $2), (2, null)', ['i32', 1], ['string', 'x'])).toBe(2n)
    expect(await run('update t set b = $1', ['string', "it's"])).toBe(2n)
    expect(await run('delete from t where a = 2 returning a')).toBe(1n)
    expect(await run('select * from t')).toBe(0n)
    expect(good(await ask('one', 'select a, b from t', '{a: i32, b: string}'))).toEqual({ a: 1, b: "it's" })
  })
  test('only exec may write', async () => {
    await run('create table w (a integer)')
    expect(told(await ask('many', 'insert into w values (1) returning a', '{a: i32}'))).toEqual([
      'Refused',
      'the statement is not a SELECT, and only .exec may run one that changes something',
      'use .exec, which is never merged, dropped or sent twice',
    ])
    expect(good(await ask('one', 'select count(*) as n from w', '{n: i64}'))).toEqual({ n: 0n })
  })
})

describe('limits', () => {
  test('maxRows and maxBytes end the reading early', async () => {
    const flights = "select delay, distance from read_parquet('node_modules/vega-datasets/data/flights-3m.parquet')"
    const row = '{delay: i64, distance: i64}'
    expect(told(await ask('many', flights, row, [], { maxRows: 50_000 }))).toEqual([
      'TooManyRows',
      'the query answered more than 50,000 rows, its maxRows',
      'raise maxRows, or add a condition or a limit to the query',
    ])
    expect(told(await ask('many', flights, row, [], { maxRows: 4e6, maxBytes: 1e6 }))).toEqual([
      'TooLarge',
      "the rows take more than 1,000,000 bytes, the query's maxBytes",
      'raise maxBytes, select fewer columns, or add a condition to the query',
    ])
    // An endless answer: only early stopping comes back from it.
    expect(told(await ask('many', 'select range as a from range(1000000000000)', '{a: i64}'))[0]).toBe('TooManyRows')
    expect(
      good(await ask('many', 'select range as a from range(5)', '{a: i64}', [], { maxRows: 5, maxBytes: 40 })),
    ).toMatchObject({ length: 5 })
    expect(told(await ask('many', 'select range as a from range(5)', '{a: i64}', [], { maxBytes: 39 }))[0]).toBe(
      'TooLarge',
    )
    expect(told(await ask('one', "select repeat('x', 100) as a", '{a: string}', [], { maxBytes: 199 }))[0]).toBe(
      'TooLarge',
    )
    expect(good(await ask('one', "select repeat('x', 100) as a", '{a: string}', [], { maxBytes: 200 }))).toBeTruthy()
  })
  test('three million rows arrive as typed arrays', async () => {
    const sql = "select delay, distance from read_parquet('node_modules/vega-datasets/data/flights-3m.parquet')"
    const v = good(await ask('many', sql, '{delay: i64, distance: i64}', [], { maxRows: 3_000_000 }))
    const { delay, distance } = (v as never as { columns: Record<'delay' | 'distance', { data: BigInt64Array }> })
      .columns
    const sum = good(
      await ask('one', `select sum(delay)::bigint as a, sum(distance)::bigint as b from (${sql})`, '{a: i64, b: i64}'),
    )
    expect({ a: delay.data.reduce((x, y) => x + y), b: distance.data.reduce((x, y) => x + y) }).toEqual(sum)
    expect(delay.data.buffer.byteLength).toBe(24_000_000)
  })
})

describe('parameters are bound, with their types', () => {
  test.each<[string, Value, string]>([
    ['f64', -0.1, 'DOUBLE'],
    ['f32', 0.5, 'FLOAT'],
    ['i32', -7, 'INTEGER'],
    ['u32', 4294967295, 'UINTEGER'],
    ['i64', -9223372036854775808n, 'BIGINT'],
    ['u64', 18446744073709551615n, 'UBIGINT'],
    ['bool', true, 'BOOLEAN'],
    ['string', "'; drop table t; --", 'VARCHAR'],
    ['bytes', Uint8Array.of(0, 255), 'BLOB'],
    ['timestamp', -1n, 'TIMESTAMP'],
    ['decimal(2)', -12345n, 'DECIMAL(18,2)'],
    ['option<i64>', { _tag: 'Some', value: 5n }, 'BIGINT'],
    ['option<string>', { _tag: 'None' }, 'VARCHAR'],
    ['option<decimal(3)>', { _tag: 'None' }, 'DECIMAL(18,3)'],
  ])('%s', async (type, value, duck) => {
    const v = good(await ask('one', 'select $1 as a, typeof($1) as t', `{a: ${type}, t: string}`, [[type, value]]))
    expect(v).toEqual({ a: value, t: duck })
  })
  test('lists', async () => {
    const list = { shape: [3], data: BigInt64Array.of(1n, 2n, 3n) }
    expect(
      good(
        await ask('one', 'select count(*) as n from range(10) r(a) where a = any($1)', '{n: i64}', [['i64[k]', list]]),
      ),
    ).toEqual({ n: 3n })
    expect(good(await ask('one', 'select $1 as a', '{a: i64[k]}', [['i64[k]', list]]))).toEqual({ a: list })
    const empty = { shape: [0], data: [] }
    expect(good(await ask('one', 'select len($1) as n', '{n: i64}', [['string[k]', empty]]))).toEqual({ n: 0n })
  })
  test('the authority is no parameter', async () => {
    const args: [string, Value][] = [
      ['string', 'tenant-1'],
      ['i64', 3n],
    ]
    expect(good(await ask('one', 'select $1 as a', '{a: i64}', args, { authority: true }))).toEqual({ a: 3n })
  })
  test('$1 in text, names and comments is no parameter', async () => {
    const sql = `select '$1' as a, "$1" as b, $$ $1 $$ as c, $1 as d /* $1 */ from (select 5 as "$1") -- $1`
    const v = good(
      await ask('one', sql, '{a: string, b: i32, c: string, d: option<i64>}', [['option<i64>', { _tag: 'None' }]]),
    )
    expect(v).toEqual({ a: '$1', b: 5, c: ' $1 ', d: { _tag: 'None' } })
  })
  test('what cannot be bound is refused', async () => {
    expect(told(await ask('one', 'select $1 as a', '{a: i64}', [['{x: i64}', { x: 1n }]]))).toEqual([
      'Refused',
      'parameter $1 is {x: i64}, which has no SQL form',
      'pass its fields one by one, as numbers, strings, options or lists of those',
    ])
    expect(told(await ask('one', 'select $1 as a', '{a: decimal(2)}', [['decimal(2)', 10n ** 18n]]))).toEqual([
      'Refused',
      'parameter $1 has more than the 18 digits of DECIMAL(18)',
      'pass a smaller number, or an f64',
    ])
    expect(told(await ask('one', 'select $1 + $2 as a', '{a: i64}', [['i64', 1n]]))[0]).toBe('Refused')
    expect(told(await ask('one', 'select 1 as a', '{a: i32}', [['i64', 1n]]))[2]).toBe(
      'give one argument for each of $1, $2 … in the query',
    )
  })
})
