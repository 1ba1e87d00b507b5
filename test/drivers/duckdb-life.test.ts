// Requirements: E7

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, describe, expect, test } from 'vitest'
import { describeError } from '../../graph/errors.ts'
import { classifyError, duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { bad, calm, good, query, told } from './calls.ts'

const dir = mkdtempSync(join(tmpdir(), 'quoin-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const endless = query(
  'one',
  'select sum(a.range * b.range)::DOUBLE as s from range(1000000000) a, range(1000) b',
  '{s: f64}',
)
const answer = query('one', 'select 42 as a', '{a: i32}')

describe('stopping', () => {
  test('the time limit', async () => {
    const db = duckdb({ timeoutMs: 100 })
    const t = performance.now()
    expect(told(await db.perform(endless, calm))).toEqual([
      'Timeout',
      'the time limit of 100 ms ended while the query ran',
      "make the query cheaper, or set a longer timeoutMs in the driver's options",
    ])
    expect(performance.now() - t).toBeLessThan(1500)
    expect(good(await db.perform(answer, calm))).toEqual({ a: 42 }) // the connection is usable again
    await db.close()
  })
  test('the caller cancels, before and during', async () => {
    const db = duckdb()
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 60)
    expect(told(await db.perform(endless, stop))).toEqual([
      'Cancelled',
      'the run was cancelled while the query ran',
      "nothing is wrong with the query: the caller's signal was aborted",
    ])
    expect(told(await db.perform(answer, stop))[1]).toBe('the run was cancelled before the query was sent')
    expect(good(await db.perform(answer, calm))).toEqual({ a: 42 })
    await db.close()
  })
  test('rows that an interrupted engine leaves out are no answer', async () => {
    // Its stream then ends as if there were no more rows.
    const engine = await import('@duckdb/node-api')
    let interrupted = (): void => undefined
    const stream = async () => {
      const stopping = new Promise<void>((done) => {
        interrupted = done
      })
      return {
        returnType: 3,
        rowsChanged: 0,
        columnNames: () => ['a'],
        columnTypes: () => [engine.INTEGER],
        fetchChunk: () => stopping.then(() => null),
      }
    }
    const connection = {
      prepare: async () => ({
        statementType: 1,
        parameterCount: 0,
        bindNull: () => undefined,
        bindValue: () => undefined,
        stream,
        destroySync: () => undefined,
      }),
      interrupt: () => interrupted(),
      disconnectSync: () => undefined,
    }
    const db = duckdb({ connection, timeoutMs: 50 })
    for (const mode of ['one', 'maybe', 'many'] as const)
      expect(bad(await db.perform(query(mode, 'select 1 as a', '{a: i32}'), calm))._tag).toBe('Timeout')
    const parts: unknown[] = []
    const end = await db.performInParts!(query('many', 'select 1 as a', '{a: i32}'), 10, calm, async (rows) => {
      parts.push(rows)
      return true
    })
    expect([bad(end)._tag, parts]).toEqual(['Timeout', []])
    await db.close()
  })
  test('a stopped write changed nothing', async () => {
    const db = duckdb({ timeoutMs: 300 })
    good(await db.perform(query('exec', 'create table t (a bigint)'), calm))
    const e = bad(
      await db.perform(query('exec', 'insert into t select a.range from range(1000000) a, range(100000) b'), calm),
    )
    expect(e).toMatchObject({ _tag: 'Timeout' })
    expect('outcome' in e).toBe(false)
    expect(good(await db.perform(query('one', 'select count(*) as n from t', '{n: i64}'), calm))).toEqual({ n: 0n })
    await db.close()
  })
  // Whoever is next may still get the connection in the moment the first one loses it, and then it is running: try again.
  test('waiting for a connection counts', { retry: 10 }, async () => {
    const db = duckdb({ timeoutMs: 200, connections: 1 })
    const all = await Promise.all([db.perform(endless, calm), db.perform(answer, calm)])
    expect([all[0], all.at(-1)].map((a) => told(a!)[1])).toEqual([
      'the time limit of 200 ms ended while the query ran',
      'the time limit of 200 ms ended while the query waited for a connection',
    ])
    await db.close()
  })
})

describe('connections', () => {
  test('more queries than connections wait for their turn', async () => {
    const db = duckdb({ connections: 2 })
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) => db.perform(query('one', 'select $1 as a', '{a: i32}', [['i32', i]]), calm)),
    )
    expect(all.map((a) => (good(a) as { a: number }).a)).toEqual(Array.from({ length: 40 }, (_, i) => i))
    await db.close()
  })
  test("the user's own instance and connection stay open", async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run('create table mine as select 7 as a')
    await connection.run('create temporary table hidden as select 8 as a')
    const [shared, own] = [duckdb({ instance }), duckdb({ connection })]
    expect(good(await shared.perform(query('one', 'select a from mine', '{a: i32}'), calm))).toEqual({ a: 7 })
    expect(told(await shared.perform(query('one', 'select a from hidden', '{a: i32}'), calm))[0]).toBe('NotFound')
    expect(good(await own.perform(query('one', 'select a from hidden', '{a: i32}'), calm))).toEqual({ a: 8 })
    await Promise.all([shared.close(), own.close()])
    expect(await (await connection.run('select a from mine')).getRows()).toEqual([[7]])
    connection.closeSync()
    instance.closeSync()
  })
  test('databases in files last; each driver without a path has its own', async () => {
    const path = join(dir, 'a.duckdb')
    const first = duckdb({ path })
    good(await first.perform(query('exec', 'create table t as select 1 as a'), calm))
    await first.close()
    const second = duckdb({ path, config: { access_mode: 'READ_ONLY' } })
    expect(good(await second.perform(query('one', 'select a from t', '{a: i32}'), calm))).toEqual({ a: 1 })
    expect(told(await second.perform(query('exec', 'delete from t'), calm))[0]).toBe('Refused')
    await second.close()
    const [a, b] = [duckdb(), duckdb()]
    good(await a.perform(query('exec', 'create table t as select 1 as a'), calm))
    expect(told(await b.perform(query('one', 'select a from t', '{a: i32}'), calm))[0]).toBe('NotFound')
    await Promise.all([a.close(), b.close()])
  })
  test('closing ends what runs, and nothing begins afterwards', async () => {
    const db = duckdb()
    const running = db.perform(endless, calm)
    await new Promise((r) => setTimeout(r, 200))
    await db.close()
    expect(told(await running)).toEqual([
      'Connection',
      'the driver was closed while the query ran',
      'close the driver after the last run has ended',
    ])
    expect(told(await db.perform(answer, calm))[0]).toBe('Connection')
    await duckdb().close() // never opened
  })
  test('the process ends by itself after close, and loading the driver loads no DuckDB', async () => {
    const script = `
      const { duckdb } = await import(${JSON.stringify(new URL('../../runtime/drivers/duckdb/index.ts', import.meta.url).href)})
      const { query, calm, good } = await import(${JSON.stringify(new URL('./calls.ts', import.meta.url).href)})
      const db = duckdb()
      const before = process.memoryUsage().rss
      const loaded = () => process.report.getReport().sharedObjects.some((s) => s.includes('duckdb'))
      const lazy = !loaded()
      const v = good(await db.perform(query('one', 'select 1 as a', '{a: i32}'), calm))
      await db.close()
      console.log(JSON.stringify({ lazy, later: loaded(), v }))`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=quoin-source', '--input-type=module', '-e', script],
      { timeout: 20_000 },
    )
    expect(JSON.parse(stdout)).toEqual({ lazy: true, later: true, v: { a: 1 } })
  })
})

describe('errors', () => {
  const db = duckdb()
  afterAll(() => db.close())
  const exec = async (sql: string) => told(await db.perform(query('exec', sql), calm))
  test('a missing peer says what to install, and is looked for again', async () => {
    let tries = 0
    const missing = duckdb({
      engine: () => {
        tries++
        return Promise.reject(
          Object.assign(new Error("Cannot find package '@duckdb/node-api' imported from x"), {
            code: 'ERR_MODULE_NOT_FOUND',
          }),
        )
      },
    })
    const a = await missing.perform(answer, calm)
    expect(describeError(bad(a))).toBe(
      "Connection: 'q': dbQuery the DuckDB driver needs the package '@duckdb/node-api', which is not installed\n" +
        '  query: select 42 as a\n' +
        '  fix: npm install @duckdb/node-api@1.5.6-r.1',
    )
    await missing.perform(answer, calm)
    expect(tries).toBe(2)
    await missing.close()
  })
  test.each([
    [
      "select * from read_csv('nope.csv')",
      'NotFound',
      'DuckDB says: IO Error: No files found that match the pattern "nope.csv"',
    ],
    [
      "select * from 'nope.parquet'",
      'NotFound',
      'DuckDB says: IO Error: No files found that match the pattern "nope.parquet"',
    ],
    [
      'select * from nope',
      'NotFound',
      'DuckDB says: Catalog Error: Table with name nope does not exist! Did you mean "pg_type"?',
    ],
    ['selec 1', 'Refused', 'DuckDB says: Parser Error: syntax error at or near "selec"'],
    [
      'select nope',
      'Refused',
      'DuckDB says: Binder Error: Referenced column "nope" was not found because the FROM clause is missing',
    ],
    ['select 1; select 2', 'Refused', 'DuckDB says: Invalid Input Error: Cannot prepare multiple statements at once!'],
    ["select 'x'::INTEGER", 'Refused', "DuckDB says: Conversion Error: Could not convert string 'x' to INT32"],
    [
      'select 9223372036854775807 + 1::BIGINT',
      'Refused',
      'DuckDB says: Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 1)!',
    ],
    [
      'select $1',
      'Refused',
      'DuckDB says: Invalid Input Error: Values were not provided for the following prepared statement parameters: 1',
    ],
  ])('%s', async (sql, tag, cause) => {
    const e = await exec(sql)
    expect([e[0], e[1].replace(/"pg_\w+"/, '"pg_type"')]).toEqual([tag, cause])
    expect(e[2]).not.toBe('')
  })
  test('constraints, conflicts, memory', async () => {
    await db.perform(query('exec', 'create table k (a integer primary key)'), calm)
    await db.perform(query('exec', 'insert into k values (1)'), calm)
    expect(await exec('insert into k values (1)')).toEqual([
      'Conflict',
      'DuckDB says: Constraint Error: Duplicate key "a: 1" violates primary key constraint.',
      'a row with that key exists already: update it, or insert … on conflict',
    ])
    const instance = await DuckDBInstance.create(':memory:')
    const [one, two] = [await instance.connect(), await instance.connect()]
    await one.run('create table t as select 1 as a')
    await one.run('begin')
    await one.run('update t set a = 2')
    const other = duckdb({ connection: two })
    expect(told(await other.perform(query('exec', 'update t set a = 3'), calm))[0]).toBe('SerializationFailure')
    await one.run('rollback')
    await other.close()
    instance.closeSync()
    const small = duckdb({ config: { memory_limit: '20MB', max_temp_directory_size: '0KB' } })
    expect(
      told(
        await small.perform(
          query('many', 'select md5(range::varchar) as m from range(5000000) order by m', '{m: string}'),
          calm,
        ),
      )[0],
    ).toBe('TooLarge')
    await small.close()
  })
  test('classifyError is total, and keeps what it does not know', () => {
    const odd = new Error('FATAL Error: the moon')
    expect(classifyError(odd)).toMatchObject({
      tag: 'Unknown',
      original: odd,
      cause: 'DuckDB says: FATAL Error: the moon',
    })
    expect(classifyError(undefined)).toMatchObject({ tag: 'Unknown' })
    expect(classifyError({ a: 1 })).toMatchObject({ tag: 'Unknown', original: { a: 1 } })
    expect(classifyError('IO Error: Could not set lock on file "x"')).toMatchObject({ tag: 'Connection' })
  })
  test('a call for another driver is a Bug, not an exception', async () => {
    const call = { effect: 'nowMs', attrs: { occurrence: 0 }, args: [], argTypes: [], iteration: [] } as const
    expect(bad(await db.perform(call, calm))).toMatchObject({ _tag: 'Bug' })
  })
})
