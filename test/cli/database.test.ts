import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoin } from './quoin.ts'

const folder = mkdtempSync(join(tmpdir(), 'quoin-db-'))
const file = join(folder, 'shop.duckdb')
const [reads, writes] = ['test/cli/fixtures/tables.ts', 'test/cli/fixtures/adds.ts']
beforeAll(async () => {
  const instance = await DuckDBInstance.create(file)
  const c = await instance.connect()
  await c.run('create table t as select 1 as x')
  c.disconnectSync()
  instance.closeSync()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = (graph: string, db: string, more: readonly string[] = []) =>
  quoin(['run', graph, '-t', 'interpret', '--json', '--db', `db=${db}`, ...more])

describe('quoin run --db', () => {
  test('a graph that only reads opens the file for reading: others read it too, and it may be protected', async () => {
    const reader = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
    chmodSync(file, 0o444)
    const r = await run(reads, file)
    chmodSync(file, 0o644)
    reader.closeSync()
    expect(r).toMatchObject({ code: 0, out: '{"n":"1"}\n' })
  }, 60_000)
  test('a graph that writes still writes', async () => {
    expect(await run(writes, file)).toMatchObject({ code: 0, out: '{"n":"2"}\n' })
    expect(await run(reads, file)).toMatchObject({ code: 0, out: '{"n":"2"}\n' })
  }, 60_000)
  test('a file that is no database is said to be none', async () => {
    const json = join(folder, 'data.json')
    writeFileSync(json, '{"a": 1, "and so": "on"}')
    const fix =
      'give a DuckDB database file; JSON, CSV and Parquet files are read by queries: select … from read_json($path)'
    for (const path of [json, writes]) {
      const r = await run(reads, path)
      expect([r.code, r.err]).toEqual([2, `quoin: --db db=${path}: that file is no DuckDB database\n  fix: ${fix}\n`])
    }
    expect((await run(reads, folder)).err).toContain('that is not a file')
  }, 60_000)
})

test('an artefact whose code was changed does not run', async () => {
  expect((await quoin(['build', reads, '--out', folder])).code).toBe(0)
  const made = join(folder, 'tables.quoin')
  expect((await quoin(['run', made, '--json', '--db', `db=${file}`])).out).toBe('{"n":"2"}\n')
  const module = join(made, 'module.js')
  const before = readFileSync(module)
  appendFileSync(module, '// edited\n')
  const r = await quoin(['run', made, '--json', '--db', `db=${file}`])
  expect([r.code, r.err]).toEqual([
    1,
    `quoin: ${module} was changed: its content has not the hash that the manifest.json beside it names\n  fix: build it again with quoin build\n`,
  ])
  writeFileSync(module, before)
}, 60_000)

test('npm run quoin means paths from where the user is', async () => {
  const from = { npm_lifecycle_event: 'quoin', INIT_CWD: join(import.meta.dirname, 'fixtures') }
  const r = await quoin(['explain', 'double.ts'], { env: from })
  expect([r.code, r.err]).toEqual([0, ''])
  expect((await quoin(['explain', 'double.ts'], { env: { ...from, npm_lifecycle_event: 'test' } })).code).toBe(2)
}, 60_000)
