// Requirements: E9

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { http } from '../../runtime/drivers/http/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'
import { calm } from './calls.ts'
import { httpServer, json } from './servers/http.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'
import { realServer, startReal } from './servers/resp.ts'

/** Every probe speaks of an assumption that its driver has. */
const found = async (d: Driver): Promise<readonly string[]> => {
  const all = await d.probe!(calm)
  for (const p of all) {
    expect(d.assumptions.map((a) => a.id)).toContain(p.assumption)
    expect([p.found.length > 3, p.fix.length > 10]).toEqual([true, true])
  }
  await d.close()
  return all.map((p) => `${p.ok ? 'ok' : 'failed'} ${p.assumption}`)
}

test('the clock', async () => {
  expect(await found(clock())).toEqual(['ok clock.wall'])
  let at = Date.now()
  expect(await found(clock({ now: () => (at -= 3_600_000) }))).toEqual(['failed clock.wall'])
})
test('files', async () => {
  const root = mkdtempSync(join(tmpdir(), 'quoin-probe-'))
  expect(await found(files({ root }))).toEqual(['ok files.rename-is-atomic'])
  expect(readdirSync(root)).toEqual([])
  rmSync(root, { recursive: true })
  expect(await found(files({ root }))).toEqual(['failed files.rename-is-atomic'])
})
test('a service', async () => {
  const server = await httpServer(({ headers, method }, to) => {
    if (method === 'HEAD') return json(to, {}, headers.authorization === 'bad' ? 401 : 404)
    return json(to, {}, 500)
  })
  const credentials = { one: { authorization: 'good' }, two: { authorization: 'bad' } }
  const names = ['http.reads-only-read', 'http.credentials', 'http.credentials', 'http.credentials']
  expect(await found(http({ base: server.base, credentials }))).toEqual(
    names.map((n, i) => `${i === 3 ? 'failed' : 'ok'} ${n}`),
  )
  expect(server.seen.map((s) => s.method)).toEqual(['HEAD', 'HEAD', 'HEAD', 'HEAD'])
  await server.close()
  expect(await found(http({ base: server.base }))).toEqual(['failed http.reads-only-read', 'ok http.credentials'])
  const open = await http({ base: 'http://shop.invalid', headers: { authorization: 'x' } }).probe!(calm)
  expect(open.map((p) => p.ok)).toEqual([false, false])
})
test('the store in memory', async () => {
  expect(await found(kv())).toEqual(['ok kv.forgets'])
  let at = 10
  expect(await found(kv({ now: () => at-- }))).toEqual(['failed kv.forgets'])
  expect(await found(kv({ now: () => 7 }))).toEqual(['failed kv.forgets'])
  const full = kv({ maxEntries: 0 })
  expect(await found(full)).toEqual(['failed kv.forgets'])
})
test('DuckDB', async () => {
  expect(await found(duckdb())).toEqual(['ok duckdb.vectors', 'ok duckdb.batch-is-single'])
})

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)
describe.skipIf(bin === undefined)('PostgreSQL', () => {
  test('as it should be, set otherwise, and gone', async () => {
    const server = await startPostgres(bin!)
    const names = ['postgres.wire', 'postgres.autocommit', 'postgres.batch-is-single', 'postgres.batch-is-single']
    expect(await found(postgres({ url: server.url }))).toEqual(names.map((n) => `ok ${n}`))
    const odd = { options: '-c standard_conforming_strings=off -c default_transaction_isolation=serializable' }
    expect((await found(postgres({ url: server.url, config: odd }))).slice(0, 3)).toEqual([
      'ok postgres.wire',
      'failed postgres.autocommit',
      'failed postgres.batch-is-single',
    ])
    await server.close()
    expect(await found(postgres({ url: server.url, retry: { attempts: 1 } }))).toEqual(names.map((n) => `failed ${n}`))
  })
})
const real = realServer()
if (real === undefined) process.stdout.write('no redis-server is on the path: skipped\n')
test.skipIf(real === undefined)('Redis', async () => {
  const server = await startReal(real!)
  const names = ['redis.keeps', 'redis.keeps', 'redis.mget-is-get']
  expect(await found(redis({ url: server.url }))).toEqual(names.map((n) => `ok ${n}`))
  await server.close()
  expect(await found(redis({ url: server.url }))).toEqual(names.map((n) => `failed ${n}`))
  const small = await startReal(real!, ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'])
  expect((await found(redis({ url: small.url })))[0]).toBe('failed redis.keeps')
  await small.close()
})
