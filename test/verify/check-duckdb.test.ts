import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { graph, row, sql, t } from '../../graph/build/index.ts'
import type { DbOptions, QueryOptions } from '../../graph/build/query-footprint.ts'
import { checkQueries } from '../../verify/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'quoin-check-'))
const file = join(folder, 'shop.duckdb')
beforeAll(async () => {
  const instance = await DuckDBInstance.create(file)
  const c = await instance.connect()
  await c.run(`
    create table loan (id bigint, amount double, cents decimal(12,2), big hugeint, tags varchar[], made timestamp);
    create table weights (w double);
    create view rich as select id, amount from loan where amount > 100;
    create view richest as select max(amount) as amount from rich;
    create view odd as select w from weights qualify row_number() over () = 1;
    create macro score(x) as x * (select max(w) from weights)`)
  c.disconnectSync()
  instance.closeSync()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const Any = row({ x: t.i64 })
const told = async (text: string, options: QueryOptions & { row?: typeof Any } = {}, db: DbOptions = {}, at = file) => {
  const { row: r = Any, ...rest } = options
  const g = graph('g', { v: t.i64, s: t.string }, ({ v, s }) =>
    sql('db', db).one(
      'q',
      r,
      rest,
    )({ sql: text, parameters: text.includes('$2') ? [v, s] : text.includes('$1') ? [v] : [] }),
  )
  if (g.sealed._tag === 'Left') throw new Error(JSON.stringify(g.sealed.left.problems))
  const report = await checkQueries(g as never, { db: at })
  if (report._tag === 'Left') throw new Error(JSON.stringify(report.left))
  return report.right.queries[0]!.findings.filter((f) => !f.cause.includes('cannot be known')).map(
    (f) => `${f.level}: ${f.cause} -> ${f.remedy}`,
  )
}

test('columns and parameters', async () => {
  expect(await told('select id as x from loan where id = $1')).toEqual([])
  expect(await told('select amount as x from loan')).toEqual([
    "error: column 'x' is DOUBLE, and the row declares i64 -> declare x: t.f64, or cast it in the query",
  ])
  expect(await told('select big as x from loan')).toEqual([
    "error: column 'x' is HUGEINT, and the row declares i64 -> declare x: t.string (with a cast to text), or cast it in the query",
  ])
  expect(await told('select cents as x from loan', { row: row({ x: t.decimal(2) }) as never })).toEqual([])
  expect(await told('select id as x from loan where id = $1 and made = $2')).toEqual([])
  expect(await told('select id as x from loan where id = $1 and amount = $2')).toEqual([
    "error: $2 of 'q' is DOUBLE there, and the graph gives string -> give t.i32 or t.u32 or t.i64 or t.u64 or t.f64 or t.f32 or t.decimal, or write cast($2 as …) in the query",
  ])
  expect(await told('select id as x, amount as y from loan')).toEqual([
    "warning: the query answers column 'y', which the row does not declare -> leave it out of the query, or declare y: t.f64",
  ])
})
test('names that are not there, and SQL that is none', async () => {
  expect((await told('select id as x from nope'))[0]).toContain('Table with name nope does not exist')
  expect((await told('select nope as x from loan'))[0]).toContain('"nope" not found')
  expect((await told('selec', { reads: [] }))[0]).toContain('Parser Error')
  expect((await told('select id as x from loan', {}, {}, ':memory:'))[0]).toContain(
    'Table with name loan does not exist',
  )
  expect(await told('select 1::bigint as x', {}, {}, ':memory:')).toEqual([])
})
test('views and macros are followed', async () => {
  expect(await told('select id as x from rich')).toEqual([
    "error: 'q' reads loan (through view rich), outside its footprint -> declare { reads: ['rich', 'loan'] }",
  ])
  expect((await told('select 1::bigint as x from richest'))[0]).toContain(
    "declare { reads: ['richest', 'loan', 'rich'] }",
  )
  expect(await told('select 1::bigint as x from richest', { reads: ['richest', 'rich', 'loan'] })).toEqual([])
  expect(await told('select score(1)::bigint as x', {}, { functions: { score: {} } })).toEqual([
    "error: 'q' reads weights (through macro score), outside its footprint -> declare { reads: ['weights'] }",
  ])
  expect(await told('select 1::bigint as x from odd')).toEqual([
    "note: through view odd is written in SQL of DuckDB's own, so what it reads cannot be followed -> see to it that the query declares what that reads and writes",
  ])
})
test('a query for another engine', async () => {
  expect((await told('select 1::bigint as x', { dialect: 'postgres' }))[0]).toContain(
    "written for postgres, and 'db' is duckdb here",
  )
})
