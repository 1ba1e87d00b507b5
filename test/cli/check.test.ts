// Requirements: E5

import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture, quoin, scratch } from './quoin.ts'

const folder = scratch()
const file = folder.path('loans.duckdb')
beforeAll(async () => {
  const instance = await DuckDBInstance.create(file)
  const c = await instance.connect()
  await c.run('create table loan (id bigint, amount double, note varchar)')
  c.disconnectSync()
  instance.closeSync()
})
afterAll(() => folder.remove())

test('says what does not fit, at its line, and exits with 1', async () => {
  const r = await quoin(['check', fixture('checked.ts'), '--db', `db=${file}`])
  expect(r.code).toBe(1)
  expect(r.out).toContain("checked.ts:9 error: 'bad': Catalog Error: Table with name nope does not exist!")
  expect(r.out).toContain(
    "warning: the query answers column 'more', which the row does not declare\n  fix: leave it out",
  )
  expect(r.out).toMatch(/query +database +errors +warnings +notes/)
  expect(r.out).toMatch(/^good +db +0 +0 +1$/m)
  expect(r.err).toBe('quoin: 1 thing does not fit db\n')
}, 60_000)
test('the same as JSON', async () => {
  const r = await quoin(['check', fixture('checked.ts'), '--db', `db=${file}`, '--json', '--strict'])
  expect([r.code, r.err]).toEqual([1, 'quoin: 2 things do not fit db\n'])
  const { ok, queries } = JSON.parse(r.out) as {
    ok: boolean
    queries: { name: string; findings: { level: string }[] }[]
  }
  expect(ok).toBe(false)
  expect(queries.map((q) => q.name)).toEqual(['good', 'bad', 'drift'])
  expect(queries[1]!.findings.map((f) => f.level)).toEqual(['error'])
}, 60_000)
test('quoin explain says what is portable', async () => {
  const portable = await quoin(['explain', fixture('checked.ts')])
  expect(portable.out).toContain("good   query of 'db' (one): runs once; portable SQL")
  const odd = await quoin(['explain', fixture('bound.ts')])
  expect(odd.out).toContain('; not portable: a cast to text of anything but a parameter or a literal and 1 more')
}, 60_000)
test('wrong calls are told apart from what does not fit', async () => {
  const ask = (db: string) => quoin(['check', fixture('checked.ts'), '--db', db])
  expect(await ask('shop=:memory:')).toMatchObject({
    code: 2,
    err: expect.stringContaining("has no database 'shop'\n  fix: its databases are 'db'"),
  })
  expect(await ask('db=/nowhere.duckdb')).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no such file'),
  })
  const gone = await ask('db=postgres://quoin:secret@127.0.0.1:1/x')
  expect([gone.code, gone.err]).toEqual([
    1,
    expect.stringContaining("the database 'db' cannot be opened: connect ECONNREFUSED"),
  ])
  expect(gone.err).not.toContain('secret')
}, 60_000)
test('a database that was not asked about is not known to fit', async () => {
  const place = fixture('two-databases.ts')
  const none = await quoin(['check', place])
  expect([none.code, none.err]).toEqual([
    1,
    expect.stringMatching(/'a', 'b' were not asked\n {2}fix: add --db a=… --db b=…, or --partial/),
  ])
  const one = await quoin(['check', place, '--db', 'a=:memory:'])
  expect([one.code, one.err]).toEqual([1, expect.stringContaining("'b' was not asked")])
  const partial = await quoin(['check', place, '--db', 'a=:memory:', '--partial'])
  expect([partial.code, partial.err]).toEqual([0, ''])
}, 60_000)
