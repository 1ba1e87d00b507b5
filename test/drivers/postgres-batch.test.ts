// Requirements: E3 E4

import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import { sameValue } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import type { Query } from './calls.ts'
import { bad, calm, good, query } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'
import type { LawQuery } from './sql-laws.ts'
import { batchIsSingle, batchOf, foldedQueries, keyedQueries, optional, plain, queries, some } from './sql-laws.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

describe.skipIf(bin === undefined)('on a server', () => {
  let server: PostgresServer
  let db: Driver
  let client: Client
  let inside: Driver
  const run = async (sql: string) => good(await db.perform(query('exec', sql), calm))
  const many = (calls: readonly Query[], on = db) => on.performMany!(batchOf(calls), calm)
  const singly = async (calls: readonly Query[], on = db) => {
    const answers = []
    for (const c of calls) answers.push(await on.perform(c, calm))
    return answers
  }

  beforeAll(async () => {
    server = await startPostgres(bin!)
    db = postgres({ url: server.url, max: 3 })
    client = new Client(server.url)
    await client.connect()
    inside = postgres({ client })
    await run(`create table t (id bigint, x double precision, s varchar, quoin_keys integer, d decimal(9,2),
      ts timestamp, b boolean, u uuid, j jsonb, y bytea, n numeric, c char(3))`)
    await run(`create type mood as enum ('sad', 'ok', 'happy')`)
    await run('create table feelings (who int, what mood)')
    await run(`insert into feelings values (1, 'ok'), (2, 'sad'), (3, 'ok')`)
    await run(`insert into t select case when i % 7 = 0 then null else i % 12 end, case when i % 5 = 0 then null else i / 4.0 end,
      case when i % 3 = 0 then null else 's' || (i % 4) end, i, i / 10.0, to_timestamp(i % 6) at time zone 'UTC', i % 2 = 0,
      md5((i % 5)::text)::uuid, jsonb_build_object('k', i % 3), decode(lpad(to_hex(i % 4), 2, '0'), 'hex'), i * 1.25, 'c' || (i % 3)
      from generate_series(0, 39) i`)
  })
  afterAll(async () => {
    await db?.close()
    await client?.end()
    await server?.close()
  })

  const exact = new Set(
    [...keyedQueries, ...queries].map(([sql]) => sql).filter((sql) => / order by .*(q|quoin_keys)/.test(sql)),
  )
  const uuid = optional(
    fc.constantFrom(
      'c4ca4238-a0b9-2382-0dcc-509a6f75849b',
      'CFCD208495D565EF66E7DFF9F98764DA',
      '{cfcd2084-95d5-65ef-66e7-dff9f98764da}', // the same again
      '00000000-0000-0000-0000-000000000000',
    ),
  )
  const own: readonly LawQuery[] = [
    [
      'select quoin_keys as q, u from t where u = $1 order by quoin_keys',
      '{q: i32, u: string}',
      ['option<string>'],
      fc.tuple(uuid),
    ],
    [
      'select quoin_keys as q from t where u = $1 or c = $2',
      '{q: i32}',
      ['option<string>', 'string'],
      fc.tuple(uuid, fc.constantFrom('c0', 'c1 ', 'zz')),
    ],
    [
      'select c, n, quoin_keys as q from t where c = $1 and n = $2 order by q desc',
      '{c: string, n: decimal(4), q: i32}',
      ['string', 'option<decimal(2)>'],
      fc.tuple(fc.constantFrom('c0', 'c1 ', 'c2'), optional(fc.constantFrom(0n, 125n, 500n, 4875n))),
    ],
    [
      'select j, quoin_keys as q from t where j = $1',
      '{j: json, q: i32}',
      ['json'],
      fc.tuple(fc.constantFrom({ k: 1 }, { k: 2 }, null, {})),
    ],
    [
      'select y, quoin_keys as q from t where y = $1 order by q',
      '{y: bytes, q: i32}',
      ['option<bytes>'],
      fc.tuple(optional(fc.constantFrom(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(92, 34)))),
    ],
    // Not of the keyed form, with an order of their own.
    [
      'select quoin_keys as q, x from t where id > $1 order by x desc nulls first, quoin_keys',
      '{q: i32, x: option<f64>}',
      ['option<i64>'],
      fc.tuple(optional(fc.bigInt(8n, 12n))),
    ],
    [
      'select quoin_keys + $1 as q from t where b order by quoin_keys desc limit 3',
      '{q: i32}',
      ['i32'],
      fc.tuple(fc.integer({ min: 0, max: 4 })),
    ],
    [
      'select distinct s, $1 as k from t order by s desc',
      '{s: option<string>, k: option<string>}',
      ['option<string>'],
      fc.tuple(optional(fc.constantFrom('', 'a"b', '{}', 'null', 'NULL', '\\', 'é😀', "'", ','))),
    ],
    [
      'select t.quoin_keys as q from generate_series(1, $1) g join t on t.quoin_keys = g order by q',
      '{q: i32}',
      ['i32'],
      fc.tuple(fc.integer({ min: -1, max: 9 })),
    ],
    ['select count(*) as n from t where id = $1', '{n: i64}', ['option<i64>'], fc.tuple(optional(fc.bigInt(-1n, 14n)))],
    [
      'select count(*) as n, max(s) as s from t where id = $1 having count(*) > 2',
      '{n: i64, s: option<string>}',
      ['i64'],
      fc.tuple(fc.bigInt(-1n, 14n)),
    ],
    ['select max(quoin_keys + $1) as m from t', '{m: option<i32>}', ['i32'], fc.tuple(fc.integer({ min: 0, max: 4 }))],
    ['select max($1::int4) as m from t', '{m: option<i32>}', ['i32'], fc.tuple(fc.integer({ min: 0, max: 4 }))],
    [
      'select t.s, v.quoin_keys as q from t left join t v on v.id = $1 and v.quoin_keys = t.quoin_keys where t.quoin_keys < 3',
      '{s: option<string>, q: option<i32>}',
      ['i64'],
      fc.tuple(fc.bigInt(0n, 3n)),
    ],
    [
      'select q from (values ($1::int4), (2)) as w(q) order by q',
      '{q: i32}',
      ['i32'],
      fc.tuple(fc.integer({ min: 0, max: 4 })),
    ],
    [
      'select row_number() over (partition by s order by quoin_keys) as r, quoin_keys as q from t where id = $1 order by q',
      '{r: i64, q: i32}',
      ['i64'],
      fc.tuple(fc.bigInt(0n, 6n)),
    ],
    [
      'select ts, extract(epoch from ts)::int4 as e from t where ts = $1',
      '{ts: timestamp, e: i32}',
      ['timestamp'],
      fc.tuple(fc.bigInt(0n, 6n).map((s) => s * 1_000_000n)),
    ],
  ]
  const ordered = new Set([...exact, ...own.map(([sql]) => sql).filter((sql) => sql.includes('order by'))])

  describe('a batch answers as its members would one by one', () => {
    test.each([...queries, ...keyedQueries, ...foldedQueries, ...own])('%s', (...q) =>
      batchIsSingle(() => db, q, ordered, 12),
    )
  })

  test('an ordered query for many keys is one statement, whatever its form', async () => {
    for (const [sql, row, types, args] of [...keyedQueries, ...own.slice(0, 11)]) {
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

  test('labels of an enum are keys as they are alone', async () => {
    const calls = ['ok', 'sad', 'happy', 'furious'].map((m) =>
      query('many', 'select who, what from feelings where what = $1 order by who', '{who: i32, what: string}', [
        ['string', m],
      ]),
    )
    const { answers } = await many(calls)
    expect(sameValue(answers.map(plain), (await singly(calls)).map(plain))).toBe(true)
    expect(answers.map((a) => a._tag)).toEqual(['Right', 'Right', 'Right', 'Left'])
  })

  test('one bad key is the error of its own', async () => {
    const calls = [1n, 2n, 2n ** 40n].map((k) => query('maybe', 'select 12 / ($1 - 2) as v', '{v: i64}', [['i64', k]]))
    const { answers, roundTrips } = await many(calls)
    expect(answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual(['ok', 'Refused', 'ok'])
    expect(roundTrips).toBe(4)
    expect(sameValue(answers.map(plain), (await singly(calls)).map(plain))).toBe(true)
  })

  describe('inside a transaction of the user', () => {
    const ask = (k: bigint) => query('maybe', 'select 12 / ($1 - 2) as v', '{v: i64}', [['i64', k]])
    const seen = async () => (await client.query('select count(*)::int as n from t where quoin_keys = 1000')).rows[0].n

    test('a batch sees what the transaction did, and leaves it open', async () => {
      await client.query('begin')
      good(await inside.perform(query('exec', 'insert into t (quoin_keys) values (1000)'), calm))
      const calls = [1000, 1001].map((k) =>
        query('one', 'select count(*) as n from t where quoin_keys = $1', '{n: i64}', [['i32', k]]),
      )
      const { answers, roundTrips } = await many(calls, inside)
      expect([answers.map(good), roundTrips]).toEqual([[{ n: 1n }, { n: 0n }], 1])
      expect(await seen()).toBe(1)
      await client.query('rollback')
      expect(await seen()).toBe(0)
    })

    test('a batch that fails is rolled back to where it began, and its members run in order', async () => {
      await client.query('begin')
      good(await inside.perform(query('exec', 'insert into t (quoin_keys) values (1000)'), calm))
      const { answers } = await many([ask(1n), ask(3n), ask(2n), ask(4n)], inside)
      // Each has a savepoint, because nobody knows yet whether the third is ever reached.
      expect(answers.map((a) => (a._tag === 'Left' ? a.left._tag : 'ok'))).toEqual(['ok', 'ok', 'Refused', 'ok'])
      expect(await seen()).toBe(1)
      // In its turn it ends the transaction.
      expect(bad(await inside.perform(ask(2n), calm))._tag).toBe('Refused')
      expect(bad(await inside.perform(ask(4n), calm)).cause).toMatch(/25P02/)
      await client.query('rollback')
    })

    test('a batch that cannot be used costs the transaction nothing', async () => {
      await client.query('begin')
      const calls = [1, 2].map((k) =>
        query('many', 'select max($1::int4) as m from t', '{m: option<i32>}', [['i32', k]]),
      )
      const { answers, roundTrips } = await many(calls, inside)
      expect(answers.map((a) => a._tag)).toEqual(['Right', 'Right'])
      expect(roundTrips).toBe(3)
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      await client.query('commit')
    })

    test.each(own.slice(0, 12))('%s', async (...q) => {
      await client.query('begin')
      // Errors of members would end the transaction, so only what cannot fail is asked.
      const [sql, row, types, args] = q
      await fc.assert(
        fc.asyncProperty(fc.array(args, { minLength: 2, maxLength: 6 }), async (keys) => {
          const calls = keys.map((k: Value[]) =>
            query(
              'many',
              sql,
              row,
              k.map((v, i) => [types[i]!, v] as const),
            ),
          )
          const got = (await many(calls, inside)).answers
          expect(got.map((a) => a._tag)).toEqual(got.map(() => 'Right'))
          if (ordered.has(sql)) expect(sameValue(got, await singly(calls, inside))).toBe(true)
        }),
        { numRuns: 5 },
      )
      await client.query('commit')
    })
  })

  test('what cannot be one statement runs one by one and answers the same', async () => {
    const cases: readonly (readonly [string, string, readonly (readonly [string, Value])[], number])[] = [
      [
        'select count(*) as n from t where id = any($1)',
        '{n: i64}',
        [
          ['i64[k]', { shape: [1], data: BigInt64Array.of(3n) }],
          ['i64[k]', { shape: [0], data: new BigInt64Array(0) }],
        ],
        3,
      ],
      [
        'select id, s, s from t where quoin_keys = $1',
        '{s: string}',
        [
          ['i32', 1],
          ['i32', 2],
        ],
        3,
      ],
    ]
    for (const [sql, row, keys, trips] of cases) {
      const calls = keys.map((k) => query('many', sql, row, [k]))
      const { answers, roundTrips } = await many(calls)
      expect(sameValue(answers.map(plain), (await singly(calls)).map(plain)), sql).toBe(true)
      expect(roundTrips, sql).toBe(trips)
    }
  })

  test('texts find their keys here, unless the database may call different ones equal', async () => {
    const calls = ['A', 'a', 'b', 'c'].map((k) =>
      query('many', 'select who from words where word = $1 order by who', '{who: i32}', [['string', k]]),
    )
    const statement = async (on: Driver): Promise<string> => {
      let text = ''
      const { answers } = await on.performMany!(batchOf(calls), { ...calm, sent: (s) => (text = s) })
      expect(sameValue(answers.map(plain), (await singly(calls, on)).map(plain))).toBe(true)
      return text
    }
    await run('create table words (who int, word text)')
    await run("insert into words values (1, 'a'), (2, 'A'), (3, 'b')")
    expect(await statement(db)).not.toContain('ordinal')
    await run("create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    await run('alter table words alter word type text collate caseless')
    const fresh = postgres({ url: server.url })
    try {
      expect(await statement(fresh)).toContain('ordinal')
    } finally {
      await fresh.close()
      await run('drop table words')
      await run('drop collation caseless')
    }
  })

  test('keys are looked up in an index where the server would, and joined elsewhere', async () => {
    await run(`create table looked as select i as id, i / 3 as many, i % 7 as few, i / 3 as bare, 'x' || i as s
      from generate_series(1, 20000) i`)
    await run('create index on looked (many)')
    await run('create index on looked (few)')
    await run('create index on looked (s) where id < 100')
    await run('analyze looked')
    const fresh = postgres({ url: server.url })
    const statement = async (mode: 'many' | 'one', sql: string, row: string, keys: readonly number[]) => {
      const calls = keys.map((k) => query(mode, sql, row, [['i32', k]]))
      let text = ''
      const { answers } = await fresh.performMany!(batchOf(calls), { ...calm, sent: (s) => (text = s) })
      expect(sameValue(answers.map(plain), (await singly(calls)).map(plain)), sql).toBe(true)
      return text
    }
    const keys = [5, 7, 5, -1, 6000, 999_999]
    try {
      const rows = (column: string): string => `select id, s from looked where ${column} = $1 order by id desc`
      expect(await statement('many', rows('many'), '{id: i32, s: string}', keys)).toContain('any(')
      expect(await statement('many', rows('few'), '{id: i32, s: string}', keys)).toContain('unnest(')
      expect(await statement('many', rows('bare'), '{id: i32, s: string}', keys)).toContain('unnest(')
      const count = 'select count(*) as n, max(s) as s from looked where many = $1'
      expect(await statement('one', count, '{n: i64, s: option<string>}', keys)).toContain('any(')
      await run('create view seen as select * from looked')
      const view = 'select id, s from seen where many = $1 order by id'
      expect(await statement('many', view, '{id: i32, s: string}', keys)).toContain('unnest(')
    } finally {
      await fresh.close()
      await run('drop view if exists seen')
      await run('drop table looked')
    }
  })

  test('ten thousand keys are one statement', async () => {
    const calls = Array.from({ length: 10_000 }, (_, i) =>
      query('maybe', 'select s from t where quoin_keys = $1', '{s: option<string>}', [['i32', i]]),
    )
    const { answers, roundTrips } = await many(calls)
    expect(roundTrips).toBe(1)
    expect(good(answers[1]!)).toEqual(some({ s: some('s1') }))
    expect(good(answers[9999]!)).toEqual({ _tag: 'None' })
  })
})
