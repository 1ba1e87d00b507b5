// Requirements: E14 K9

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { left, right } from '../../graph/either.ts'
import { Disk } from '../../runtime/engine/disk.ts'
import type { EngineEvent } from '../../runtime/engine/index.ts'
import { keyOf } from '../../runtime/engine/key.ts'
import { Store } from '../../runtime/engine/store.ts'
import { compiledTiers } from '../../runtime/engine/tiers.ts'
import type { Code } from '../../runtime/engine/workshop.ts'
import { engineOf, inThisThread, line, refusal, submitted } from './shops.ts'

const roots: string[] = []
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quoin-cache-'))
  roots.push(directory)
})
afterAll(() => {
  for (const r of roots) rmSync(r, { recursive: true, force: true })
})
const codeOf = (text: string, bytes = 10): Code => ({ module: text, wasm: new Uint8Array(bytes).fill(text.length) })
const disk = (events: EngineEvent[] = [], maxBytes = 1e9) =>
  new Disk({ directory, maxBytes, patienceMs: 5000 }, (e) => events.push(e))
const file = (key: string) => join(directory, `${key}.quoin`)
const get = (d: Disk, key: string, made: Code) => d.codeFor(key, async () => right({ code: made, from: 'compiler' }))

describe('in memory', () => {
  test('one key is made once, however many ask at once', async () => {
    const store = new Store(1000, undefined, () => 0, undefined)
    let made = 0
    const make = async () => {
      made++
      await new Promise((done) => setTimeout(done, 5))
      return right(codeOf('a'))
    }
    const all = await Promise.all(Array.from({ length: 20 }, () => store.codeFor('k', make)))
    expect(made).toBe(1)
    expect(new Set(all.map((a) => a._tag === 'Right' && a.right.code.module))).toEqual(new Set(['a']))
    expect(await store.codeFor('k', make)).toMatchObject({ right: { from: 'memory' } })
  })
  test('what was used longest ago goes first, by bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(7), fc.nat(60)), { maxLength: 60 }), async (asks) => {
        const store = new Store(100, undefined, () => 0, undefined)
        const model = new Map<string, number>()
        for (const [k, size] of asks) {
          const key = `k${k}`
          const known = model.get(key)
          let made = false
          await store.codeFor(key, async () => {
            made = true
            return right({ module: 'x'.repeat(size) })
          })
          expect(made).toBe(known === undefined)
          model.delete(key)
          model.set(key, known ?? size)
          const total = () => [...model.values()].reduce((a, b) => a + b, 0)
          while (total() > 100) model.delete(model.keys().next().value!)
          expect([store.entries, store.bytes]).toEqual([model.size, total()])
        }
      }),
    )
  })
  test('failures are not kept; they are answered again until their time is over, twice as long each time', async () => {
    let now = 0
    let made = 0
    const store = new Store(1000, undefined, () => now, undefined)
    const make = async () => {
      made++
      return left(refusal)
    }
    for (const wait of [1000, 2000, 4000]) {
      await store.codeFor('k', make)
      expect(store.waitMs('k')).toBe(wait)
      now += wait - 1
      expect(await store.codeFor('k', make)).toEqual(left(refusal))
      now += 1
    }
    expect(made).toBe(3)
    expect(await store.codeFor('k', async () => right(codeOf('a')))).toMatchObject({ right: { from: 'compiler' } })
    expect(store.waitMs('k')).toBe(0)
  })
})

test('the key depends on each of its parts, and not on the order of their spelling', () => {
  const base = keyOf('g', 'quick', { off: ['fuse'] }, { quoin: '1', numerics: 1 })
  const others = [
    keyOf('h', 'quick', { off: ['fuse'] }, { quoin: '1', numerics: 1 }),
    ...compiledTiers
      .filter((t) => t !== 'quick')
      .map((t) => keyOf('g', t, { off: ['fuse'] }, { quoin: '1', numerics: 1 })),
    keyOf('g', 'quick', {}, { quoin: '1', numerics: 1 }),
    keyOf('g', 'quick', { off: ['fuse'], relax: ['reciprocal'] }, { quoin: '1', numerics: 1 }),
    keyOf('g', 'quick', { off: ['fuse'] }, { quoin: '2', numerics: 1 }),
    keyOf('g', 'quick', { off: ['fuse'] }, { quoin: '1', numerics: 2 }),
  ]
  expect(new Set([base, ...others]).size).toBe(others.length + 1)
  expect(keyOf('g', 'quick', { off: ['fuse'] }, { numerics: 1, quoin: '1' })).toBe(base)
})

describe('on disk', () => {
  test('what was written is read by another', async () => {
    await get(disk(), 'k', codeOf('äöü', 1000))
    expect(await get(disk(), 'k', codeOf('other'))).toEqual(right({ code: codeOf('äöü', 1000), from: 'disk' }))
    await get(disk(), 'plain', { module: 'no wasm' })
    expect(await get(disk(), 'plain', codeOf('other'))).toEqual(right({ code: { module: 'no wasm' }, from: 'disk' }))
  })
  test('whatever is damaged counts as not there, and is written anew', async () => {
    await get(disk(), 'k', codeOf('abc', 50))
    const good = readFileSync(file('k'))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.nat(good.length - 1).map((n) => good.subarray(0, n)),
          fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([i, x]) => {
            const bad = Buffer.from(good)
            bad[i]! ^= x
            return bad
          }),
          fc.uint8Array({ maxLength: 200 }).map((a) => Buffer.from(a)),
          fc.uint8Array({ minLength: 1, maxLength: 20 }).map((a) => Buffer.concat([good, a])),
        ),
        async (bad) => {
          writeFileSync(file('k'), bad)
          const events: EngineEvent[] = []
          expect(await get(disk(events), 'k', codeOf('new'))).toEqual(right({ code: codeOf('new'), from: 'compiler' }))
          expect(events).toMatchObject([{ event: 'cache', what: 'damaged' }])
          expect(await get(disk(), 'k', codeOf('never'))).toMatchObject({ right: { from: 'disk' } })
        },
      ),
      { numRuns: 60 },
    )
  })
  test('an entry under the name of another is not believed', async () => {
    await get(disk(), 'a', codeOf('a'))
    writeFileSync(file('b'), readFileSync(file('a')))
    expect(await get(disk(), 'b', codeOf('b'))).toMatchObject({ right: { from: 'compiler' } })
  })
  test('the entries used longest ago go first', async () => {
    await get(disk(), 'a', codeOf('a', 1000))
    const size = readFileSync(file('a')).length
    const d = disk([], size * 3 + 10)
    for (const k of ['b', 'c']) await get(d, k, codeOf(k, 1000))
    for (const [i, k] of ['a', 'b', 'c'].entries()) utimesSync(file(k), i + 1, i + 1)
    await get(d, 'a', codeOf('a'))
    await get(d, 'd', codeOf('d', 1000))
    expect(readdirSync(directory).sort()).toEqual(['a.quoin', 'c.quoin', 'd.quoin'])
  })
  test('a directory that cannot be used costs speed and no answer', async () => {
    const events: EngineEvent[] = []
    writeFileSync(file('in-the-way'), '')
    const d = new Disk({ directory: join(file('in-the-way'), 'below'), maxBytes: 1, patienceMs: 10 }, (e) =>
      events.push(e),
    )
    expect(await get(d, 'k', codeOf('a'))).toMatchObject({ right: { from: 'compiler' } })
    expect(events.some((e) => e.event === 'cache' && e.what === 'trouble')).toBe(true)
  })
  test('a lock of a process that died is taken away', async () => {
    writeFileSync(`${file('k')}.lock`, '999999999')
    expect(await get(disk(), 'k', codeOf('a'))).toMatchObject({ right: { from: 'compiler' } })
    expect(readdirSync(directory)).toEqual(['k.quoin'])
  })
  test('an error is not written, and leaves no lock', async () => {
    expect(await disk().codeFor('k', async () => left(refusal))).toEqual(left(refusal))
    expect(readdirSync(directory)).toEqual([])
  })
})

const program = fileURLToPath(new URL('./writer.ts', import.meta.url))
const writer = (count: number, seed: number) =>
  spawn(process.execPath, [program, directory, String(count), String(seed)])

test('processes that want the same compile it once', async () => {
  const lines: string[] = []
  const all = [0, 1, 2].map(() => {
    const p = writer(50, 0)
    p.stdout.on('data', (b: Buffer) => lines.push(...String(b).split('\n').filter(Boolean)))
    return once(p, 'exit')
  })
  for (const [code] of await Promise.all(all)) expect(code).toBe(0)
  expect(lines.sort()).toEqual([...new Set(lines)].sort())
  expect(readdirSync(directory).filter((f) => f.endsWith('.quoin'))).toHaveLength(50)
})

const kills = process.env.QUOIN_DEEP === '1' ? 200 : 6
test(`processes killed while they write (${kills} times) leave nothing that is wrong`, async () => {
  const random = fc.sample(fc.integer({ min: 0, max: 120 }), { numRuns: kills, seed: 11 })
  for (const [i, after] of random.entries()) {
    const p = writer(100_000, i * 1000)
    await once(p.stdout, 'data')
    await new Promise((done) => setTimeout(done, after))
    p.kill('SIGKILL')
    await once(p, 'exit')
  }
  // A lock without a number is of somebody who is just writing it; after a second, of somebody who died meanwhile.
  await new Promise((done) => setTimeout(done, 1100))
  const events: EngineEvent[] = []
  const d = disk(events)
  const keys = readdirSync(directory).flatMap((f) => (f.endsWith('.quoin') ? [f.slice(0, -6)] : []))
  // On a busy machine many are killed before their first entry is whole; what counts is that some were at work.
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys) {
    const code = { module: key.repeat(2000), wasm: new Uint8Array(20_000).fill(key.length) }
    expect(await get(d, key, codeOf('never'))).toEqual(right({ code, from: 'disk' }))
  }
  expect(events).toEqual([])
  expect(readdirSync(directory).filter((f) => f.endsWith('.lock'))).toEqual([])
}, 300_000)

test('closing an engine does not wait for another process that compiles', async () => {
  const other = engineOf({ compile: await inThisThread() }, { compile: 'eager', cache: { directory } })
  submitted(other.engine, line(2))
  await other.engine.settled()
  const [entry] = readdirSync(directory)
  rmSync(join(directory, entry!))
  // This very process holds the lock, and is alive.
  writeFileSync(join(directory, `${entry}.lock`), String(process.pid))
  const waiting = engineOf({ compile: await inThisThread() }, { compile: 'eager', cache: { directory } })
  submitted(waiting.engine, line(2))
  await new Promise((done) => setTimeout(done, 100))
  const began = performance.now()
  await waiting.engine.close()
  expect(performance.now() - began).toBeLessThan(5000)
  expect(waiting.engine.stats().compiles).toMatchObject({ running: 0 })
  await other.engine.close()
})

test('an engine starts from what an earlier one has compiled, and forgets what was spoiled', async () => {
  const options = { compile: 'eager', cache: { directory } } as const
  const start = async () => {
    const { engine, events } = engineOf({ compile: await inThisThread() }, options)
    const h = submitted(engine, line(2))
    await engine.settled()
    expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
    const { compiles, runs } = engine.stats()
    await engine.close()
    return {
      compiled: compiles.done,
      optimised: runs.optimised,
      recalled: events.some((e) => e.event === 'move' && e.action === 'Recall'),
    }
  }
  expect(await start()).toEqual({ compiled: 1, optimised: 1, recalled: false })
  expect(await start()).toEqual({ compiled: 0, optimised: 1, recalled: true })
  const [entry] = readdirSync(directory)
  writeFileSync(join(directory, entry!), readFileSync(join(directory, entry!)).subarray(0, 500))
  expect(await start()).toEqual({ compiled: 1, optimised: 1, recalled: false })
})
