// Requirements: E7

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as q from '../../graph/index.ts'
import { graph, sql, t } from '../../graph/index.ts'
import { compile, interpret, load } from '../../index.ts'
import type { Driver } from '../../runtime/driver.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { http } from '../../runtime/drivers/http/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'
import { must } from '../gradients/difference.ts'

// biome-ignore lint/suspicious/noExplicitAny: what these tests are about is what happens without types.
type Untyped = any
const [shop, docs] = [sql('shop'), q.files('docs')]
const asks = graph('asks', {}, () => ({ one: shop.one('one', t.row({ n: t.i32 }))`select 1 as n` }))
const reads = graph('reads', {}, () => ({ text: docs.readText('a.txt') }))

test.each<[string, () => Driver, cause: string, remedy: string]>([
  [
    'a path for options',
    () => (duckdb as Untyped)('x.db'),
    'duckdb: its options are a string, and not an object',
    "write duckdb({ path: 'risk.duckdb' }), or duckdb() for one in memory",
  ],
  [
    'a number for a path',
    () => (duckdb as Untyped)({ path: 3 }),
    "duckdb: 'path' is a number, and not a text",
    "write duckdb({ path: 'risk.duckdb' }), or duckdb() for one in memory",
  ],
  [
    'a misspelt option',
    () => (duckdb as Untyped)({ pth: 'x' }),
    "duckdb has no option 'pth'",
    'choose from path, instance, connection, config, connections, timeoutMs, engine',
  ],
  [
    'no options',
    () => (files as Untyped)(),
    "files: its options are undefined, and it needs 'root'",
    "write files({ root: '/srv/reports' })",
  ],
  [
    'a folder',
    () => (files as Untyped)('/dir'),
    'files: its options are a string, and not an object',
    "write files({ root: '/srv/reports' })",
  ],
  [
    'no base',
    () => (http as Untyped)({}),
    "http: it needs 'base'",
    "write http({ base: 'https://api.example.com/v1' })",
  ],
  [
    'an array',
    () => (kv as Untyped)([]),
    'kv: its options are an array, and not an object',
    'write kv({ maxEntries: 1000 }), or kv()',
  ],
  [
    'a url',
    () => (postgres as Untyped)('postgres://x'),
    'postgres: its options are a string, and not an object',
    "write postgres({ url: 'postgres://user@host/database' })",
  ],
  [
    'another url',
    () => (redis as Untyped)('redis://x'),
    'redis: its options are a string, and not an object',
    "write redis({ url: 'redis://localhost:6379' })",
  ],
])('%s is refused when the driver is bound', async (_, make, cause, remedy) => {
  const driver = make()
  const loaded = await load(must(await compile(asks)), { shop: driver })
  expect(loaded).toMatchObject({ _tag: 'Left', left: { _tag: 'DriverMissing', node: 'shop', cause, remedy } })
  await driver.close()
})
test('and by the interpreter when it is asked', async () => {
  const answer = await interpret(asks, { shop: (duckdb as Untyped)('x.db') }, {})
  expect(answer).toMatchObject({
    left: { _tag: 'Unknown', node: 'one', cause: 'duckdb: its options are a string, and not an object' },
  })
  const unread = await interpret(reads, { docs: (files as Untyped)('/dir') }, {})
  expect(unread).toMatchObject({
    left: { _tag: 'Unknown', cause: 'files: its options are a string, and not an object' },
  })
})
test('what is right is a driver as before', async () => {
  const at = mkdtempSync(join(tmpdir(), 'quoin-options-'))
  try {
    const path = join(at, 'x.db')
    for (const options of [{ path }, undefined, null, {}]) {
      const l = must(await load(must(await compile(asks)), { shop: duckdb(options as never) }))
      expect(must(await l.run({}))).toEqual({ one: { n: 1 } })
      await l.close()
    }
    expect(existsSync(path)).toBe(true)
  } finally {
    rmSync(at, { recursive: true })
  }
})
test('a misspelt name is shown beside the one that is missing', async () => {
  const loaded = await load(must(await compile(asks)), { shpo: duckdb() })
  expect(loaded).toMatchObject({
    left: { cause: "no driver is bound to 'shop', and the graph has nothing called 'shpo'" },
  })
})
