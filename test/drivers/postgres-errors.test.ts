// Requirements: E7

import { describe, expect, test } from 'vitest'
import { effectErrors } from '../../graph/errors.ts'
import { classifyError, postgres } from '../../runtime/drivers/postgres/index.ts'
import { bad, calm, query } from './calls.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'

const error = (code: string, message = 'said', more: object = {}): Error =>
  Object.assign(new Error(message), { code, severity: 'ERROR', ...more })

/** Every condition that PostgreSQL 18 names, by its code; the list stands in appendix A of its manual. */
const conditions =
  `00000 01000 0100C 01008 01003 01007 01006 01004 01P01 02000 02001 03000 08000 08003 08006 08001 08004
  08007 08P01 09000 0A000 0B000 0F000 0F001 0L000 0LP01 0P000 0Z000 0Z002 10608 20000 21000 22000 2202E 22021 22008
  22012 22005 2200B 22022 22015 2201E 22014 22016 2201F 2201G 22018 22007 22019 2200D 22025 22P06 22010 22023 22013
  2201B 2201W 2201X 2202H 2202G 22009 2200C 2200G 22004 22002 22003 2200H 22026 22001 22011 22027 22024 2200F 22P01
  22P02 22P03 22P04 22P05 2200L 2200M 2200N 2200S 2200T 22030 22031 22032 22033 22034 22035 22036 22037 22038 22039
  2203A 2203B 2203C 2203D 2203E 2203F 2203G 23000 23001 23502 23503 23505 23514 23P01 24000 25000 25001 25002 25008
  25003 25004 25005 25006 25007 25P01 25P02 25P03 25P04 26000 27000 28000 28P01 2B000 2BP01 2D000 2F000 2F005 2F002
  2F003 2F004 34000 38000 38001 38002 38003 38004 39000 39001 39004 39P01 39P02 39P03 3B000 3B001 3D000 3F000 40000
  40002 40001 40003 40P01 42000 42601 42501 42846 42803 42P20 42P19 42830 42602 42622 42939 42804 42P18 42P21 42P22
  42809 428C9 42703 42883 42P01 42P02 42704 42701 42P03 42P04 42723 42P05 42P06 42P07 42712 42710 42702 42725 42P08
  42P09 42P10 42611 42P11 42P12 42P13 42P14 42P15 42P16 42P17 44000 53000 53100 53200 53300 53400 54000 54001 54011
  54023 55000 55006 55P02 55P03 55P04 57000 57014 57P01 57P02 57P03 57P04 57P05 58000 58030 58P01 58P02 58P03 72000
  F0000 F0001 HV000 HV005 HV002 HV010 HV021 HV024 HV007 HV008 HV004 HV006 HV091 HV00B HV00C HV00D HV090 HV00A HV009
  HV014 HV001 HV00P HV00J HV00K HV00Q HV00R HV00L HV00M HV00N P0000 P0001 P0002 P0003 P0004 XX000 XX001 XX002`.split(
    /\s+/,
  )

test.each(conditions)('%s is classified, with what to do about it', (code) => {
  const e = error(code)
  const found = classifyError(e)
  expect(effectErrors.dbQuery).toContain(found.tag)
  expect(found.original).toBe(e)
  expect(found.cause).toContain(code)
  expect(found.remedy.length).toBeGreaterThan(10)
  // Only what the server itself calls damaged, odd or unknown is left so.
  if (found.tag === 'Unknown') expect(code).toMatch(/^(00|01|40003|58|F0|XX)/)
})

test('a code that no PostgreSQL has is Unknown, with the original kept', () => {
  for (const e of [error('ZZ999'), error(''), new Error('odd'), 'text', undefined, null, 7, { code: '23505' }]) {
    const found = classifyError(e)
    expect(found.original).toBe(e)
    expect(found.tag).toBe((e as { code?: string } | null)?.code === '23505' ? 'Conflict' : 'Unknown')
  }
})

test.each([
  ['23505', 'Conflict'],
  ['23503', 'Constraint'],
  ['23502', 'Constraint'],
  ['23514', 'Constraint'],
  ['57014', 'Timeout'],
  ['08006', 'Connection'],
  ['40001', 'SerializationFailure'],
  ['40P01', 'SerializationFailure'],
  ['42601', 'Refused'],
  ['42P01', 'NotFound'],
  ['28P01', 'Connection'],
  ['53300', 'Connection'],
  ['57P01', 'Connection'],
  ['57P03', 'Connection'],
])('%s is %s', (code, tag) => expect(classifyError(error(code)).tag).toBe(tag))

test('what the network and pg itself say is a connection', () => {
  for (const e of [
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    Object.assign(new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })], 'both'), {
      code: 'ECONNREFUSED',
    }),
    new Error('Connection terminated unexpectedly'),
    new Error('Cannot use a pool after calling end on the pool'),
    new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
  ])
    expect(classifyError(e).tag).toBe('Connection')
})

test('a missing package, and a client of another kind', async () => {
  const found = classifyError(Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' }))
  expect([found.tag, found.remedy]).toEqual(['Connection', 'npm install pg@8'])
  const native = postgres({ client: { query: () => undefined } })
  expect(bad(await native.perform(query('one', 'select 1 as v', '{v: i32}'), calm))).toMatchObject({
    _tag: 'Refused',
    remedy: 'hand in a Pool, or a Client of pg 8 without pipeline',
  })
})

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)
describe.skipIf(bin === undefined)('on a server', () => {
  test('what it refuses, with the original', async () => {
    const server = await startPostgres(bin!)
    const db = postgres({ url: server.url })
    const run = (sql: string) => db.perform(query('exec', sql), calm)
    try {
      await run(
        'create table a (id int primary key, n int not null, p int check (p > 0), r int references a, s varchar(2))',
      )
      await run('insert into a (id, n) values (1, 1)')
      const said = async (sql: string) => {
        const e = bad(await run(sql))
        const { code } = ('original' in e ? e.original : undefined) as { readonly code: string }
        return `${e._tag} ${code}`
      }
      expect(await said('insert into a (id, n) values (1, 1)')).toBe('Conflict 23505')
      expect(await said('insert into a (id) values (2)')).toBe('Constraint 23502')
      expect(await said('insert into a (id, n, p) values (2, 2, 0)')).toBe('Constraint 23514')
      expect(await said('insert into a (id, n, r) values (2, 2, 9)')).toBe('Constraint 23503')
      expect(await said("insert into a (id, n, s) values (2, 2, 'abc')")).toBe('Refused 22001')
      expect(await said('insert into a (id, n) values (2147483648, 2)')).toBe('Refused 22003')
      expect(await said('select 1 / 0')).toBe('Refused 22012')
      expect(await said('selec 1')).toBe('Refused 42601')
      expect(await said('select x from a')).toBe('Refused 42703')
      expect(await said('select * from nope')).toBe('NotFound 42P01')
      expect(await said('select nope()')).toBe('Refused 42883')
      expect(await said('begin read only; insert into a values (1)')).toBe('Refused 42601')
      const e = bad(await run('insert into a (id, n) values (1, 1)'))
      expect(e.cause).toBe(
        'PostgreSQL says: duplicate key value violates unique constraint "a_pkey". Key (id)=(1) already exists. (23505)',
      )
      expect(e).toMatchObject({ original: { constraint: 'a_pkey', table: 'a', schema: 'public', severity: 'ERROR' } })
      const { statement } = e as { statement?: { written: string; run?: string } }
      expect(statement?.written).toBe('insert into a (id, n) values (1, 1)')
      expect(statement?.run).toMatch(/^insert into a \(id, n\) values \(1, 1\)\n\/\* .* \*\/$/)
      // A constraint that is looked at when the transaction ends, after the statement has been answered.
      await run('create table d (id int primary key, r int references d deferrable initially deferred)')
      expect(await said('insert into d values (1, 2)')).toBe('Constraint 23503')
      expect(await db.perform(query('one', 'select count(*) as n from d', '{n: i64}'), calm)).toMatchObject({
        right: { n: 0n },
      })
      const nobody = postgres({ url: server.url.replace('quoin@', 'nobody@') })
      expect(bad(await nobody.perform(query('one', 'select 1 as v', '{v: i32}'), calm))).toMatchObject({
        _tag: 'Connection',
        original: { code: '28000' },
      })
      const nowhere = postgres({ url: server.url.replace(/postgres$/, 'nowhere') })
      expect(bad(await nowhere.perform(query('one', 'select 1 as v', '{v: i32}'), calm))._tag).toBe('NotFound')
      await nobody.close()
      await nowhere.close()
    } finally {
      await db.close()
      await server.close()
    }
  })
})
