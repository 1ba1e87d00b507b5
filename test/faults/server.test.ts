// Requirements: E7

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Call } from '../../graph/effects.ts'
import { right } from '../../graph/either.ts'
import { memory } from '../../runtime/cache.ts'
import { noPlan } from '../../runtime/driver.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { http } from '../../runtime/drivers/http/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { breaker } from '../../runtime/drivers/retry.ts'
import { bad, calm, good, kvGet, kvSet, query, request, told } from '../drivers/calls.ts'
import type { PostgresServer } from '../drivers/servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from '../drivers/servers/postgres.ts'
import { realServer } from '../drivers/servers/resp.ts'
import { gateBefore } from '../drivers/servers/tcp.ts'
import { heapMiB } from './campaign.ts'
import { allowed, endOf, unclassified } from './check.ts'
import type { Place } from './place.ts'
import { postgresPlace } from './places/postgres.ts'
import { redisPlace } from './places/redis.ts'

const bin = postgresBin()
const redisBin = realServer()
const asRoot = process.getuid?.() === 0

/** Servers that die while calls are under way, and come back. */
const servers: readonly (readonly [string, (() => Promise<Place>) | undefined])[] = [
  ['postgres', bin === undefined ? undefined : () => postgresPlace(bin)],
  ['redis', redisBin === undefined ? undefined : () => redisPlace(redisBin)],
]
for (const [name, make] of servers) {
  if (make === undefined) process.stdout.write(`no ${name} server is on this machine: skipped\n`)
  describe.skipIf(make === undefined)(`${name} is killed and started again`, () => {
    test('while it reads and writes: nothing acknowledged is lost, nothing that failed is there', async () => {
      const place = await make!()
      const driver = place.driver(place.port, { timeoutMs: 1000, max: 3 })
      const ends = new Map<number, ReturnType<typeof endOf>>()
      const problems: string[] = []
      let id = 0
      let over = false
      const ask = async (call: Call, mine?: number): Promise<void> => {
        const answer = await driver.perform(call, calm)
        const wrong = unclassified(call, answer)
        if (wrong !== undefined) problems.push(wrong)
        if (mine !== undefined) ends.set(mine, endOf(answer))
        else if (answer._tag === 'Right' && JSON.stringify(answer.right) !== JSON.stringify(place.answer(5)))
          problems.push(JSON.stringify(answer.right))
      }
      const worker = async (): Promise<void> => {
        while (!over) {
          const mine = ++id
          await ask(place.write(mine), mine)
          await ask(place.read(5))
          await sleep(1)
        }
      }
      const work = Promise.all(Array.from({ length: 6 }, worker))
      for (let round = 0; round < 3; round++) {
        await sleep(120 + 40 * round)
        await place.stop()
        await sleep(50)
        await place.start()
      }
      await sleep(100)
      over = true
      await work
      expect(good(await driver.perform(place.read(5), calm))).toEqual(place.answer(5))
      await driver.close()
      const happened = await place.happened([...ends.keys()])
      for (const [mine, end] of ends)
        if (!allowed[end].includes(happened.get(mine) ?? 0))
          problems.push(`${mine} is ${end} and ${happened.get(mine)}`)
      await expect.poll(place.connections).toBe(0)
      await place.close()
      expect(problems).toEqual([])
      expect([...ends.values()].filter((e) => e === 'done').length).toBeGreaterThan(20)
      expect([...ends.values()].some((e) => e !== 'done')).toBe(true)
    })
  })
}

describe.skipIf(bin === undefined)('PostgreSQL', () => {
  let server: PostgresServer
  if (bin === undefined) process.stdout.write(noPostgres)
  beforeAll(async () => {
    server = await startPostgres(bin!, { temp_file_limit: '200kB', work_mem: '64kB' })
  })
  afterAll(() => server?.close())
  const one = (sql: string) => query('one', sql, '{v: i64}')

  test('a pool that is used up: who waits too long is told, and the next call works', async () => {
    const pool = new Pool({ connectionString: server.url, max: 1 })
    const db = postgres({ pool, timeoutMs: 200 })
    const held = await pool.connect()
    const waiting = await Promise.all(Array.from({ length: 5 }, () => db.perform(one('select 1::bigint as v'), calm)))
    for (const a of waiting)
      expect(told(a).slice(0, 2)).toEqual([
        'Timeout',
        'the time limit of 200 ms ended while the query waited for a connection',
      ])
    held.release()
    expect(good(await db.perform(one('select 1::bigint as v'), calm))).toEqual({ v: 1n })
    await db.close()
    await expect.poll(() => [pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0])
    await pool.end()
  })
  test('more space than it may use', async () => {
    const db = postgres({ url: server.url, max: 1 })
    const sorted = one(
      'select count(*) as v from (select i from generate_series(1, 200000) i order by i desc offset 1) q',
    )
    const e = bad(await db.perform(sorted, calm))
    expect(e).toMatchObject({ _tag: 'TooLarge', original: { code: '53400' } })
    expect(good(await db.perform(one('select 1::bigint as v'), calm))).toEqual({ v: 1n })
    await db.close()
  })
  test('an answer that is larger than anybody wants is not kept', async () => {
    const db = postgres({ url: server.url, max: 1 })
    const before = heapMiB() + process.memoryUsage().external / 2 ** 20
    const huge = query(
      'many',
      "select repeat('x', 1000) as s from (select generate_series(1, 20000000)) q",
      '{s: string}',
      [],
      { maxRows: 1e8, maxBytes: 1_000_000 },
    )
    const began = performance.now()
    expect(bad(await db.perform(huge, calm))._tag).toBe('TooLarge')
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(heapMiB() + process.memoryUsage().external / 2 ** 20).toBeLessThan(before + 40)
    await db.close()
  })
  test('rows that come when a call is given up are no answer', async () => {
    const gate = await gateBefore(server)
    const db = postgres({ url: server.url.replace(String(server.port), String(gate.port)), max: 1 })
    const rows = query('many', 'select i::bigint as v from generate_series(1, 3) i', '{v: i64}')
    const only = one('select 1::bigint as v')
    for (const call of [rows, only]) {
      good(await db.perform(call, calm))
      const stop = new AbortController()
      // When the server has answered in full, but the driver has not read it.
      gate.onReceive = () => {
        stop.abort()
        return undefined
      }
      expect(bad(await db.perform(call, { signal: stop.signal }))._tag).toBe('Cancelled')
      gate.onReceive = undefined
    }
    await db.close()
    await gate.close()
  })
})

test('a body that does not end is read no further than it is wanted', async () => {
  let sent = 0
  const server = createServer((_, to) => {
    to.writeHead(200, { 'content-type': 'application/octet-stream' })
    const more = (): void => {
      while (!to.destroyed && to.write(Buffer.alloc(65_536))) sent += 65_536
      if (!to.destroyed) to.once('drain', more)
    }
    more()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const shop = http({ base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const e = bad(await shop.perform(request(['/'], 'bytes', [], { maxBytes: 1_000_000 }), calm))
  expect(e._tag).toBe('TooLarge')
  const then = sent
  await sleep(50)
  expect(sent).toBe(then)
  expect(sent).toBeLessThan(30e6)
  await shop.close()
  await new Promise((done) => server.close(done))
})

const fileWrite = (path: string, content: string): Call => ({
  effect: 'fileWrite',
  attrs: { occurrence: 1, root: 'out', path: '*', maxBytes: 1e9 },
  args: [path, content],
  argTypes: [],
  iteration: [],
})
describe('a disk that is full', () => {
  const dir = mkdtempSync(join(tmpdir(), 'quoin-full-'))
  const disk = join(dir, 'disk')
  mkdirSync(disk)
  const mounted = asRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status === 0
  if (!mounted) process.stdout.write('no small disk can be mounted here (it takes root): skipped\n')
  afterAll(() => {
    if (mounted) execFileSync('umount', [disk])
    rmSync(dir, { recursive: true, force: true })
  })
  test.skipIf(!mounted)('leaves the file as it was, and nothing beside it', async () => {
    const out = files({ root: disk })
    good(await out.perform(fileWrite('a', 'old'), calm))
    for (let i = 0; i < 20; i++) {
      const e = bad(await out.perform(fileWrite('a', 'x'.repeat(300_000 + i * 1000)), calm))
      expect([e._tag, (e as { outcome?: unknown }).outcome]).toEqual(['NoSpace', undefined])
    }
    expect([readdirSync(disk), readFileSync(join(disk, 'a'), 'utf8')]).toEqual([['a'], 'old'])
    good(await out.perform(fileWrite('a', 'new'), calm))
    expect(readFileSync(join(disk, 'a'), 'utf8')).toBe('new')
    await out.close()
  })
})

describe('a wall clock that steps back', () => {
  afterEach(() => void vi.restoreAllMocks())
  const back = (): void => {
    const then = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => then - 3_600_000)
  }
  test('is told as it is, and ends nothing sooner or later', async () => {
    const store = kv()
    good(await store.perform(kvSet('k', ['f64', 1], 60), calm))
    let at = 0
    const cache = memory()
    const recall = () => cache.recall('k', 60, [], () => right(++at))
    const rest = breaker({ failures: 1, openMs: 60 })
    rest.tell(false)
    await recall()
    const before = Date.now()
    back()
    expect(
      good(
        await clock().perform(
          { effect: 'nowMs', attrs: { occurrence: 0 }, args: [], argTypes: [], iteration: [] },
          calm,
        ),
      ),
    ).toBeLessThan(before)
    expect([good(await recall()), rest.admits()]).toEqual([1, false])
    expect(good(await store.perform(kvGet('k', 'f64'), calm))).toEqual({ _tag: 'Some', value: 1 })
    await sleep(80)
    expect([good(await recall()), rest.admits()]).toEqual([2, true])
    const { answers } = await store.performMany!({ calls: [kvGet('k', 'f64'), kvGet('k', 'f64')], plan: noPlan }, calm)
    expect(answers.map(good)).toEqual([{ _tag: 'None' }, { _tag: 'None' }])
    await store.close()
  })
})
