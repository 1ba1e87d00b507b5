// Requirements: E5 E7 E12

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import { Outside } from '../specs/traces/outside.ts'
import type { Report } from './campaign.ts'
import { campaign } from './campaign.ts'
import type { Place } from './place.ts'
import { allPlaces } from './places/all.ts'
import { httpPlace } from './places/http.ts'
import { play } from './play.ts'
import { everyPosition } from './positions.ts'
import type { FaultyProxy } from './proxy.ts'
import { proxyBefore, reset } from './proxy.ts'
import type { Plan } from './script.ts'

/** A few seconds of what `npm run faults` does; servers that are not here are skipped, with a line that says so. */
const seed = Number(process.env.QUOIN_SEED ?? 20261121)
let places: readonly Place[]
beforeAll(async () => {
  places = await allPlaces()
})
afterAll(async () => {
  for (const p of places ?? []) await p.close()
})

/** Specifications that had something to read. */
const readers = new Set<string>()
/** What drivers and runs were seen to do under faults is what the specifications allow. */
const behaviours = ({ seen }: Report, name: string): void => {
  const all = seen.judged(name)
  expect(all.flatMap((j) => j.strange)).toEqual([])
  expect(all.map((j) => j.spec)).toEqual(expect.arrayContaining(['Cancellation', 'Batching']))
  for (const { spec } of all) readers.add(spec)
  // Few traces, each of a call or two, may leave little to corrupt.
  for (const { corrupted, refused } of all) if (corrupted > 30) expect(refused).toBeGreaterThan(corrupted / 8)
}
test('runs under faults', async () => {
  const report = await campaign(places, { seed, runs: 150, seconds: 8 })
  expect([report.failures, report.leaks]).toEqual([[], []])
  expect(report.runs).toBeGreaterThan(20)
  behaviours(report, 'faults')
})
test('runs while servers are killed and start again', async () => {
  const servers = places.filter((p) => p.embedded !== true)
  const report = await campaign(servers, { seed, runs: 80, seconds: 5, killEveryMs: 200, firstId: 1e8 })
  expect([report.failures, report.leaks]).toEqual([[], []])
  expect(report.killed).toBeGreaterThan(0)
  behaviours(report, 'kills')
})

test('calls of graphs under faults were read as blocks', (c) => {
  // They need all three servers.
  if (places.filter((p) => p.embedded !== true).length < 3) c.skip()
  expect([...readers]).toContain('Scheduler')
})

test('a connection that is ending is closed when it is to be reset', async () => {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const far = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true }).on(
    'error',
    () => undefined,
  )
  const [near] = (await once(server, 'connection')) as [Socket]
  const closed = once(near, 'close')
  near.end('all was said')
  reset(near)
  await closed
  far.destroy()
  await new Promise((done) => server.close(done))
})

test.each(['read', 'many', 'write'] as const)('a %s that is cut off at many places', async (kind) => {
  for (const [i, place] of places.filter((p) => p.embedded !== true).entries()) {
    const proxy = await proxyBefore(place)
    const { wrong, runs } = await everyPosition(place, proxy, kind, 'reset', 1e6 * (i + 1), 37)
    await proxy.close()
    expect(wrong).toEqual([])
    expect(runs).toBeGreaterThan(5)
  }
})

/** Each write has a number of its own, whichever case it is of. */
let nextId = 500_000_000
const corpus = new URL('corpus/', import.meta.url)
describe.each(readdirSync(corpus))('what was once wrong: %s', (file) => {
  const { plan } = JSON.parse(readFileSync(new URL(file, corpus), 'utf8')) as { readonly plan: Plan }
  test('is right', async () => {
    const place = places.find((p) => p.name === plan.place)
    if (place === undefined) return
    const proxy = await proxyBefore(place)
    for (let i = 0; i < 3; i++) {
      nextId += 20
      expect((await play(plan, place, proxy, nextId)).problems).toEqual([])
    }
    await proxy.close()
  })
})

describe('the rules catch a driver that', () => {
  const cut: Plan = {
    place: 'http',
    steps: [[{ do: 'write' }], [{ do: 'write' }]],
    faults: [{ fault: 'truncate', way: 'down', after: 20 }],
    timeoutMs: 400,
    max: 1,
  }
  const calmly: Plan = { ...cut, faults: [] }
  let seen: Outside
  beforeEach(() => {
    seen = new Outside()
  })
  const broken = async (plan: Plan, change: (p: Place) => Place['driver']): Promise<readonly string[]> => {
    const place = await httpPlace()
    const proxy: FaultyProxy = await proxyBefore(place)
    const { problems } = await play(plan, { ...place, driver: change(place) }, proxy, 1, seen)
    await proxy.close()
    await place.close()
    return problems
  }
  test('is as it is: nothing', async () => {
    expect(await broken(cut, (p) => p.driver)).toEqual([])
    expect(seen.strange()).toEqual([])
  })
  test('writes twice', async () => {
    const problems = await broken(calmly, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return { ...d, perform: async (c, x) => [await d.perform(c, x), await d.perform(c, x)][1]! }
    })
    expect(problems[0]).toMatch(/happened 2 times/)
    expect(seen.strange().length).toBeGreaterThan(0)
  })
  test('says that it wrote, and did not', async () => {
    const problems = await broken(calmly, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return {
        ...d,
        perform: async (c, x) =>
          c.attrs.occurrence === 0 && c.args.length === 1 && c.effect === 'httpRequest' && c.attrs.method === 'POST'
            ? right({ status: 200, body: 1 })
            : d.perform(c, x),
      }
    })
    expect(problems[0]).toMatch(/happened 0 times/)
    expect(seen.strange().length).toBeGreaterThan(0)
  })
  test('does not say that the end of a write is unknown', async () => {
    const problems = await broken(cut, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return {
        ...d,
        perform: async (c, x) => {
          const a = await d.perform(c, x)
          if (a._tag === 'Right' || !('outcome' in a.left)) return a
          const { outcome: _, ...rest } = a.left
          return { _tag: 'Left', left: rest as never }
        },
      }
    })
    expect(problems[0]).toMatch(/ended as failed .* happened 1 times/)
    expect(seen.strange().length).toBeGreaterThan(0)
  })
  test('leaves a connection open', async () => {
    const problems = await broken(calmly, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return { ...d, close: async () => undefined }
    })
    expect(problems.join()).toMatch(/connections are left open/)
  })
  test('hangs', async () => {
    const problems = await broken(calmly, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return { ...d, close: () => d.close().then(() => new Promise<void>(() => undefined)) }
    })
    expect(problems).toEqual(['closing hangs'])
  })
  test('forgets its tag', async () => {
    const problems = await broken(cut, (p) => (port, limits) => {
      const d = p.driver(port, limits)
      return {
        ...d,
        perform: async (c, x) => {
          const a = await d.perform(c, x)
          return a._tag === 'Right' ? a : { _tag: 'Left', left: { ...a.left, _tag: 'Bug' } as never }
        },
      }
    })
    expect(problems.join()).toMatch(/ended with Bug/)
  })
})
