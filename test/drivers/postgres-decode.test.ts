// Requirements: E8

import { inspect } from 'node:util'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import { sameValue } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { bad, calm, good, query, told } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)
const none: Value = { _tag: 'None' }
const some = (value: Value): Value => ({ _tag: 'Some', value })

describe.skipIf(bin === undefined)('on a server', () => {
  let server: PostgresServer
  let db: Driver
  const ask = (
    mode: 'one' | 'maybe' | 'many' | 'exec',
    sql: string,
    row = '{}',
    args: readonly (readonly [string, Value])[] = [],
    more: Parameters<typeof query>[4] = {},
  ) => db.perform(query(mode, sql, row, args, more), calm)
  const cell = async (sql: string, type: string, args: readonly (readonly [string, Value])[] = []): Promise<Value> =>
    (good(await ask('one', `select ${sql} as v`, `{v: ${type}}`, args)) as { readonly v: Value }).v
  const refusal = async (sql: string, type: string) => told(await ask('many', `select ${sql} as v`, `{v: ${type}}`))

  beforeAll(async () => {
    server = await startPostgres(bin!)
    db = postgres({ url: server.url, max: 2 })
  })
  afterAll(async () => {
    await db?.close()
    await server?.close()
  })

  test('the four modes', async () => {
    good(await ask('exec', 'create table m (id int primary key, s text)'))
    expect(good(await ask('exec', "insert into m values (1, 'a'), (2, 'b')"))).toBe(2n)
    expect(good(await ask('exec', "insert into m values (3, 'c') returning id"))).toBe(1n)
    expect(good(await ask('exec', 'update m set s = s || s where id > $1', '{}', [['i32', 1]]))).toBe(2n)
    expect(good(await ask('exec', 'delete from m where id = 9'))).toBe(0n)
    expect(good(await ask('exec', 'select * from m'))).toBe(0n)
    expect(good(await ask('one', 'select s from m where id = 1', '{s: string}'))).toEqual({ s: 'a' })
    expect(good(await ask('maybe', 'select s from m where id = 9', '{s: string}'))).toEqual(none)
    expect(bad(await ask('one', 'select s from m where id = 9', '{s: string}'))._tag).toBe('NoRow')
    expect(bad(await ask('one', 'select s from m', '{s: string}'))._tag).toBe('TooManyRows')
    expect(good(await ask('many', 'select s, id from m order by id', '{id: i32, s: string}'))).toEqual({
      list: 'columns',
      length: 3,
      columns: { id: { shape: [3], data: Int32Array.of(1, 2, 3) }, s: { shape: [3], data: ['a', 'bb', 'cc'] } },
    })
    expect(good(await ask('many', 'select s from m where false', '{s: string}'))).toMatchObject({ length: 0 })
  })

  test('a read is no write, and a write no read', async () => {
    expect(told(await ask('many', 'delete from m returning id', '{id: i32}'))[1]).toMatch(/not a SELECT/)
    expect(told(await ask('many', ' -- x\n /* y */ (insert into m values (7))', '{id: i32}'))[1]).toMatch(
      /not a SELECT/,
    )
    expect(good(await ask('many', '/* a */ -- b\n (select id from m)', '{id: i32}'))).toMatchObject({ length: 3 })
    const hidden = 'with x as (insert into m values (8) returning id) select id from x'
    expect(told(await ask('many', hidden, '{id: i32}'))).toEqual([
      'Refused',
      expect.stringMatching(/read-only/),
      expect.stringMatching(/\.exec/),
    ])
    const harmless = "with x as (select 'delete' as s) select s from x"
    expect(good(await ask('one', harmless, '{s: string}'))).toEqual({ s: 'delete' })
    expect(bad(await ask('exec', 'select 1; select 2'))._tag).toBe('Refused')
    expect(bad(await ask('exec', 'copy m from stdin'))._tag).toBe('Refused')
    expect(good(await ask('exec', 'copy m to stdout'))).toBe(3n)
    expect(good(await ask('one', 'select count(*) as n from m', '{n: i64}'))).toEqual({ n: 3n })
  })

  test.each<[string, string, Value]>([
    ['true', 'bool', true],
    ['(-5)::int2', 'i32', -5],
    ['(-5)::int2', 'f32', -5],
    ['(-5)::int2', 'i64', -5n],
    ['2147483647', 'i32', 2147483647],
    ['-2147483648', 'f64', -2147483648],
    ['-2147483648', 'i64', -2147483648n],
    ['4294967295::int8', 'u32', 4294967295],
    ['4294967295::oid', 'u32', 4294967295],
    ['(-9223372036854775808)::int8', 'i64', -(2n ** 63n)],
    ['9223372036854775807', 'u64', 2n ** 63n - 1n],
    ['18446744073709551615::numeric', 'u64', 2n ** 64n - 1n],
    ['(-9223372036854775808)::numeric', 'i64', -(2n ** 63n)],
    ['1000000000000::numeric', 'i64', 10n ** 12n],
    ['1e10::numeric', 'i64', 10n ** 10n],
    ['0::numeric', 'u64', 0n],
    ["'-0'::float8", 'f64', -0],
    ["'nan'::float8", 'f64', Number.NaN],
    ["'-infinity'::float4", 'f64', Number.NEGATIVE_INFINITY],
    ['0.1::float4', 'f32', Math.fround(0.1)],
    ['5e-324::float8', 'f64', 5e-324],
    ['-12.34::numeric(10,2)', 'decimal(2)', -1234n],
    ['12.3', 'decimal(4)', 123000n],
    ['0.0001', 'decimal(4)', 1n],
    ['92233720368547758.07', 'decimal(2)', 2n ** 63n - 1n],
    ['-0.5', 'decimal(1)', -5n],
    ['10000.00000001', 'decimal(8)', 1000000000001n],
    ["'é😀'::text", 'string', 'é😀'],
    ["''::varchar", 'string', ''],
    ["'ab'::char(4)", 'string', 'ab  '],
    ['\'x\'::"char"', 'string', 'x'],
    ["'n'::name", 'string', 'n'],
    ["'\ufffd'::text", 'string', '\ufffd'],
    ["'C4CA4238a0b923820dcc509a6f75849b'::uuid", 'string', 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'],
    ["'127.0.0.1'::inet", 'string', '127.0.0.1'],
    ["interval '1 day'", 'string', '1 day'],
    ['\'{"a": 1}\'::json', 'string', '{"a": 1}'],
    ['\'{"a": [1, null]}\'::jsonb', 'json', { a: [1, null] }],
    ["'[1]'", 'json', [1]],
    ["'\\x00ff'::bytea", 'bytes', Uint8Array.of(0, 255)],
    ["timestamp '1970-01-01 00:00:00.000001'", 'timestamp', 1n],
    ["timestamptz '1969-12-31 23:59:59Z'", 'timestamp', -1_000_000n],
    ["timestamptz '4714-11-24 00:00:00Z BC'", 'timestamp', -210_866_803_200_000_000n],
    ["timestamp '294246-01-01'", 'timestamp', 9223339708800000000n],
    ["date '1969-12-31'", 'timestamp', -86_400_000_000n],
    ['null::int4', 'option<i32>', none],
    ["'x'::text", 'option<string>', some('x')],
    ['array[1, 2]::int8[]', 'i64[2]', { shape: [2], data: BigInt64Array.of(1n, 2n) }],
    ['array[]::float8[]', 'f64[k]', { shape: [0], data: new Float64Array(0) }],
    [
      "array['a', null, 'c']",
      'list<option<string>>[~k]',
      { list: 'options', length: 3, valid: Uint8Array.of(1, 0, 1), values: { shape: [3], data: ['a', '', 'c'] } },
    ],
  ])('%s as %s', async (sql, type, wanted) => {
    const found = await cell(sql, type)
    expect(sameValue(found, wanted), `${String(found)}`).toBe(true)
  })

  test.each<[string, string, RegExp, RegExp]>([
    ['null::int4', 'i32', /^row 1 has NULL in column 'v', which the row declares as i32$/, /t\.option/],
    ['1::int8', 'i32', /column 'v' is int8, and the row declares i32/, /cast\("v" as int4\).*declare 'v' as t\.i64/],
    ['1.5', 'f64', /is numeric/, /cast\("v" as float8\)/],
    ['1.555::numeric(5,3)', 'decimal(2)', /numeric\(…, 3\)/, /t\.decimal\(3\)/],
    ['1.555', 'decimal(2)', /more than 2 digits after the point/, /round/],
    ['1.5', 'i64', /is no whole number/, /round/],
    ['92233720368547758.08', 'decimal(2)', /does not fit decimal\(2\)/, /./],
    ['9223372036854775808', 'i64', /does not fit a 64-bit integer/, /./],
    ['1e400', 'i64', /does not fit a 64-bit integer/, /./],
    ['-1', 'u64', /does not fit a 64-bit integer without sign/, /./],
    ['(-1)::numeric', 'u64', /does not fit a 64-bit integer without sign/, /./],
    ['(-1)::int8', 'u32', /does not fit a 32-bit integer without sign/, /./],
    ["'nan'::numeric", 'decimal(2)', /is not a number/, /./],
    ["timestamp 'infinity'", 'timestamp', /infinite time/, /isfinite/],
    ["timestamptz '-infinity'", 'timestamp', /infinite time/, /isfinite/],
    ["date 'infinity'", 'timestamp', /infinite time/, /isfinite/],
    ["date '5000000-01-01'", 'timestamp', /beyond the range/, /./],
    ["'x'", 'json', /not JSON/, /t\.string/],
    ['1', 'string', /column 'v' is int4/, /cast\("v" as text\)/],
    ['array[[1,2],[3,4]]', 'i32[~k]', /2 dimensions/, /./],
    ['array[1,2,3]', 'i32[2]', /3 elements in column 'v'/, /./],
    ['row(1, 2)', '{a: i32}', /column 'v' is a type of your own/, /./],
    ['1 as v, 2', '{v: i32}', /more than one column 'v'/, /own name/],
  ])('%s is no %s', async (sql, type, cause, remedy) => {
    const [tag, said, fix] = await (type === '{v: i32}'
      ? ask('many', `select ${sql} as v`, type).then(told)
      : refusal(sql, type))
    expect(tag).toBe('Decode')
    expect(said).toMatch(cause)
    expect(fix).toMatch(remedy)
  })

  test('an error names node, row and column', async () => {
    const e = bad(
      await ask('many', 'select case when i = 3 then null else i end as v from generate_series(1, 5) i', '{v: i32}'),
    )
    expect(e).toMatchObject({
      _tag: 'Decode',
      node: 'q',
      cause: "row 3 has NULL in column 'v', which the row declares as i32",
    })
    expect(told(await ask('many', 'select 1 as "V"', '{v: i32}'))).toEqual([
      'Decode',
      "the row declares column 'v', and the query returned 'V'",
      `names are compared with their case: write "V" as "v" in the query, or declare 'V'`,
    ])
  })

  test('text that is not UTF-8 is an error', async () => {
    good(await ask('exec', "create database raw encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'"))
    const client = new Client(server.url.replace(/postgres$/, 'raw'))
    await client.connect()
    const raw = postgres({ client })
    try {
      const sql = "select v from x order by v <> 'ok'"
      await client.query(`create table x as select 'ok' as v union all select convert_from('\\xc3', 'SQL_ASCII')`)
      // The server looks at what it sends as UTF-8; where the session asks for another encoding, we do.
      expect(told(await raw.perform(query('many', sql, '{v: string}'), calm))).toMatchObject(
        ['Decode', /22021/, /convert_to/].map((x) => (typeof x === 'string' ? x : expect.stringMatching(x))),
      )
      await client.query("set client_encoding to 'SQL_ASCII'")
      expect(told(await raw.perform(query('many', sql, '{v: string}'), calm))[1]).toBe(
        "row 2 has text in column 'v' that is not UTF-8",
      )
    } finally {
      await raw.close()
      await client.end()
    }
  })

  test('types changed under a prepared statement are seen', async () => {
    good(await ask('exec', 'create table changing (v int4)'))
    good(await ask('exec', 'insert into changing values (7)'))
    for (let i = 0; i < 3; i++) expect(good(await ask('one', 'select v from changing', '{v: i32}'))).toEqual({ v: 7 })
    good(await ask('exec', 'alter table changing alter v type text'))
    expect(told(await ask('one', 'select v from changing', '{v: i32}'))[1]).toMatch(/column 'v' is text/)
    expect(good(await ask('one', 'select v from changing', '{v: string}'))).toEqual({ v: '7' })
    good(await ask('exec', 'deallocate all'))
    expect(good(await ask('one', 'select v from changing', '{v: string}'))).toEqual({ v: '7' })
  })

  describe('limits', () => {
    const series = 'select generate_series(1, $1) as v'
    test('rows', async () => {
      const many = (n: number, maxRows: number) => ask('many', series, '{v: i32}', [['i32', n]], { maxRows })
      expect(good(await many(10, 10))).toMatchObject({ length: 10 })
      expect(told(await many(11, 10))[0]).toBe('TooManyRows')
      const t = performance.now()
      expect(told(await many(200_000_000, 10))[0]).toBe('TooManyRows')
      expect(performance.now() - t).toBeLessThan(15_000)
      expect(told(await ask('one', series, '{v: i32}', [['i32', 100_000_000]]))[0]).toBe('TooManyRows')
      expect(performance.now() - t).toBeLessThan(15_000)
    }, 60_000)
    test('bytes', async () => {
      const texts = (n: number, maxBytes: number) =>
        ask('many', "select repeat('x', 1000) as v from generate_series(1, $1)", '{v: string}', [['i32', n]], {
          maxBytes,
          maxRows: 2e9,
        })
      expect(good(await texts(10, 20_000))).toMatchObject({ length: 10 })
      expect(told(await texts(11, 20_000))[0]).toBe('TooLarge')
      const before = process.memoryUsage().rss
      expect(told(await texts(50_000_000, 1_000_000))[0]).toBe('TooLarge')
      expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
    }, 60_000)
    test('one huge row is not kept', async () => {
      const before = process.memoryUsage().rss
      expect(
        told(await ask('many', "select repeat('x', 400000000) as v", '{v: string}', [], { maxBytes: 1000 }))[0],
      ).toBe('TooLarge')
      expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
    }, 60_000)
    test('three hundred thousand rows arrive as typed arrays', async () => {
      const found = good(
        await ask(
          'many',
          "select i::int8 as a, i / 2.0::float8 as b, 's' || i as c from generate_series(1, 300000) i",
          '{a: i64, b: f64, c: string}',
          [],
          { maxRows: 300_000 },
        ),
      ) as { readonly length: number; readonly columns: Record<string, { readonly data: ArrayLike<unknown> }> }
      expect(found.length).toBe(300_000)
      expect([found.columns.a!.data, found.columns.b!.data].map((d) => d.constructor)).toEqual([
        BigInt64Array,
        Float64Array,
      ])
      expect([found.columns.a!.data[299_999], found.columns.b!.data[2], found.columns.c!.data[9]]).toEqual([
        300_000n,
        1.5,
        's10',
      ])
    })
  })

  describe('parameters', () => {
    const round = (type: string, arbitrary: fc.Arbitrary<Value>, cast: string) =>
      fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 8 }), async (vs) => {
          const found = await Promise.all(vs.map((v) => cell(`$1::${cast}`, type, [[type, v]])))
          expect(sameValue(found, vs), `${inspect(vs)} came back as ${inspect(found)}`).toBe(true)
        }),
        { numRuns: 40, seed: 20261121 },
      )
    const text = fc.string({ unit: 'binary' }).filter((s) => !s.includes('\0') && s.isWellFormed())
    test.each<[string, fc.Arbitrary<Value>, string]>([
      ['f64', fc.double(), 'float8'],
      ['f32', fc.float(), 'float4'],
      ['i32', fc.integer(), 'int4'],
      ['u32', fc.integer({ min: 0, max: 2 ** 32 - 1 }), 'int8'],
      ['i64', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), 'int8'],
      ['u64', fc.bigInt(0n, 2n ** 64n - 1n), 'numeric'],
      ['bool', fc.boolean(), 'bool'],
      ['decimal(3)', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), 'numeric'],
      ['decimal(0)', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), 'numeric'],
      ['string', text, 'text'],
      ['bytes', fc.uint8Array(), 'bytea'],
      ['timestamp', fc.bigInt(-210_866_803_200_000_000n, 2n ** 63n - 10n ** 17n), 'timestamptz'],
      ['timestamp', fc.bigInt(-(10n ** 17n), 10n ** 17n), 'timestamp'],
      ['json', fc.json().map((s) => JSON.parse(s.replaceAll('\\u0000', 'x')) as Value), 'json'],
      ['option<i64>', fc.option(fc.bigInt(0n, 9n)).map((x) => (x === null ? none : some(x))), 'int8'],
    ])('%s %# comes back as it went', (type, arbitrary, cast) => round(type, arbitrary, cast))

    test('lists', async () => {
      const strings: Value = { shape: [6], data: ['', 'a,b', '"', '\\', 'NULL', 'é'] }
      expect(await cell('$1::text[]', 'string[k]', [['string[k]', strings]])).toEqual(strings)
      const floats: Value = { shape: [3], data: Float64Array.of(-0, Number.NaN, 1e-300) }
      expect(sameValue(await cell('$1::float8[]', 'f64[k]', [['f64[k]', floats]]), floats)).toBe(true)
      expect(
        good(
          await ask('one', 'select count(*) as n from m where id = any($1)', '{n: i64}', [
            ['i32[k]', { shape: [2], data: Int32Array.of(1, 9) }],
          ]),
        ),
      ).toEqual({ n: 1n })
    })
    test('a time is what the column says, whatever the zone of the session', async () => {
      const zoned = postgres({ url: server.url, config: { options: '-c TimeZone=America/New_York' } })
      try {
        const one = async (sql: string, row: string, args: readonly (readonly [string, Value])[]) =>
          good(await zoned.perform(query('one', sql, row, args), calm))
        await zoned.perform(query('exec', 'create table times (a timestamp, b timestamptz, c date)'), calm)
        await zoned.perform(
          query('exec', 'insert into times values ($1, $2, $3)', '{}', [
            ['timestamp', 1n],
            ['timestamp', 1n],
            ['timestamp', 1n],
          ]),
          calm,
        )
        expect(
          await one('select a, b, c from times where a = $1 and b = $2', '{a: timestamp, b: timestamp, c: timestamp}', [
            ['timestamp', 1n],
            ['timestamp', 1n],
          ]),
        ).toEqual({ a: 1n, b: 1n, c: 0n })
        expect(await one('select $1 as t', '{t: timestamp}', [['timestamp', 99n]])).toEqual({ t: 99n })
      } finally {
        await zoned.close()
      }
    })
    test('what a text cannot hold is refused before it is sent', async () => {
      expect(told(await ask('one', 'select $1 as v', '{v: string}', [['string', 'a\0b']]))[1]).toMatch(
        /parameter \$1 holds a zero character/,
      )
      expect(told(await ask('one', 'select $1 as v', '{v: string}', [['string', '\ud800']]))[1]).toMatch(
        /half a character/,
      )
      expect(told(await ask('one', 'select $1 as v', '{v: string}', [['{a: i32}', { a: 1 }]]))[1]).toMatch(
        /no SQL form/,
      )
      expect(told(await ask('one', 'select $1 as v', '{v: timestamp}', [['timestamp', -(2n ** 63n)]]))[1]).toMatch(
        /a time that PostgreSQL has not/,
      )
    })
    test('a text that no parameter is spliced into', async () => {
      expect(await cell('$1', 'string', [['string', "'; drop table m; --"]])).toBe("'; drop table m; --")
      expect(await cell('($1 is null)', 'bool', [['option<string>', none]])).toBe(true)
      expect(await cell("coalesce($1, 'b')", 'string', [['option<string>', none]])).toBe('b')
    })
  })

  test('what is decoded is what pg reads', async () => {
    const client = new Client(server.url)
    await client.connect()
    try {
      const sql = `select i, (random() * 1e6 - 5e5)::float8 as f, (random() * 1e12 - 5e11)::numeric(20, 4) as d,
        to_timestamp(random() * 4e9 - 2e9) as t, md5(i::text) as s from generate_series(1, 2000) i`
      await client.query(`create table sample as ${sql}`)
      const { rows } = await client.query('select *, extract(epoch from t) * 1e6 as us from sample order by i')
      const found = good(
        await ask(
          'many',
          'select * from sample order by i',
          '{i: i32, f: f64, d: decimal(4), t: timestamp, s: string}',
          [],
          { maxRows: 2000 },
        ),
      ) as never as { columns: Record<string, { data: ArrayLike<unknown> }> }
      const { i, f, d, t, s } = found.columns
      rows.forEach((r, k) => {
        expect([i!.data[k], f!.data[k], s!.data[k]]).toEqual([r.i, r.f, r.s])
        expect(String(d!.data[k])).toBe(String(BigInt(r.d.replace('.', ''))))
        expect(String(t!.data[k])).toBe(String(BigInt(Math.round(Number(r.us)))))
      })
    } finally {
      await client.end()
    }
  })
})
