// Requirements: E8 E9

import DataLoader from 'dataloader'
import { expect, test } from 'vitest'
import type { Call } from '../../graph/effects.ts'
import { effects } from '../../graph/effects.ts'
import type { Assumption } from '../../runtime/assumption.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { files } from '../../runtime/drivers/files/index.ts'
import { bindForeign, fromDataLoader } from '../../runtime/drivers/foreign/index.ts'
import { http } from '../../runtime/drivers/http/index.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { log } from '../../runtime/drivers/log/index.ts'
import { random } from '../../runtime/drivers/random/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'
import { bad, calm, good, told } from './calls.ts'

const site = { args: [], argTypes: [], iteration: [] } as const
const now: Call = { effect: 'nowMs', attrs: { occurrence: 0 }, ...site }
const bytes = (count: number): Call => ({ effect: 'randomBytes', attrs: { occurrence: 0, count }, ...site })
const line: Call = {
  ...site,
  effect: 'logLine',
  attrs: { occurrence: 0, level: 'warn' },
  args: ['late', { order: 7, tags: ['a'] }],
}
const fails = (): never => {
  throw new Error('broken')
}

test('clock', async () => {
  expect(Math.abs((good(await clock().perform(now, calm)) as number) - Date.now())).toBeLessThan(1000)
  expect(good(await clock({ now: () => 12.5 }).perform(now, calm))).toBe(12.5)
  expect(told(await clock({ now: fails }).perform(now, calm))).toEqual([
    'Unknown',
    'the clock failed: broken',
    'correct the now that was handed in',
  ])
})

test('random', async () => {
  const v = good(await random().perform(bytes(32), calm)) as Uint8Array
  expect(v.constructor).toBe(Uint8Array)
  expect(v).toHaveLength(32)
  expect(good(await random().perform(bytes(32), calm))).not.toEqual(v)
  expect(good(await random({ bytes: (n) => new Uint8Array(n).fill(7) }).perform(bytes(2), calm))).toEqual(
    Uint8Array.of(7, 7),
  )
  expect(told(await random({ maxBytes: 10 }).perform(bytes(11), calm))).toEqual([
    'TooLarge',
    '11 random bytes were asked for, and one call gives at most 10',
    "ask for fewer, or raise maxBytes in the driver's options",
  ])
  expect(told(await random({ bytes: () => new Uint8Array(1) }).perform(bytes(2), calm))[1]).toBe(
    'the source gave 1 bytes instead of 2',
  )
  expect(told(await random({ bytes: fails }).perform(bytes(2), calm))[1]).toBe('the random source failed: broken')
})

test('log writes one JSON object a line', async () => {
  const lines: string[] = []
  const driver = log({ write: (l) => void lines.push(l), now: () => 0 })
  expect(good(await driver.perform(line, calm))).toBeNull()
  good(await driver.perform({ ...line, args: ['plain\nnext', null] }, calm))
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"late","data":{"order":7,"tags":["a"]}}',
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"plain\\nnext"}',
  ])
  expect(told(await log({ write: fails }).perform(line, calm))).toEqual([
    'Unknown',
    'the line could not be written: broken',
    'check the stream that takes the log',
  ])
})

test('a call for another driver is a Bug', async () => {
  for (const driver of [clock(), random(), files({ root: '.' })])
    expect(bad(await driver.perform(line, calm))).toMatchObject({ _tag: 'Bug' })
  expect(bad(await log().perform(now, calm))).toMatchObject({ _tag: 'Bug' })
})

test('every driver says what it assumes, in full', async () => {
  const keyed = [kv(), redis({ url: 'redis://localhost' }), http({ base: 'http://localhost' })]
  const own = bindForeign(fromDataLoader(new DataLoader<number, number>(async (k) => k), { keepCache: true }))
  const drivers = [clock(), random(), log(), files({ root: '.' }), duckdb(), ...keyed, own]
  const all: Assumption[] = drivers.flatMap((d) => d.assumptions)
  // Every effect has a driver among them, so that none is left without its assumptions.
  expect(new Set(drivers.flatMap((d) => d.effects))).toEqual(new Set(Object.keys(effects)))
  expect(new Set(all.map((a) => a.id)).size).toBe(all.length)
  for (const a of all) for (const value of Object.values(a)) expect([[], '']).not.toContainEqual(value)
  expect(duckdb().assumptions[0]!.statement).toContain('answers each key as the query would by itself')
})
