// Requirements: E3 E4 E8

import { describe, expect, test } from 'vitest'
import { fromValue, toValue } from '../../graph/build/host.ts'
import type { Answer, Call } from '../../graph/effects.ts'
import { effectError, effects } from '../../graph/effects.ts'
import { left } from '../../graph/either.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Built } from '../../graph/index.ts'
import { cond, constant, foreign, graph, http, kv, match, row, sequence, t, text } from '../../graph/index.ts'
import { compile, interpret } from '../../index.ts'
import type { Driver } from '../../runtime/driver.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { http as service } from '../../runtime/drivers/http/index.ts'
import { kv as memory } from '../../runtime/drivers/kv/index.ts'
import { load } from '../../runtime/load.ts'
import type { RunStats } from '../../runtime/run.ts'
import { httpServer, json } from '../drivers/servers/http.ts'
import { orThrow } from './authors.ts'

const User = row({ id: t.i64, name: t.string })
const cache = kv('cache')
const shop = http('shop')
const many = { url: '/users', query: 'id', key: 'id' }
const lookUp = shop.lookup('user', User, { one: '/users/{key}', many })
const price = foreign('price', { in: t.i64, out: t.f64, writes: [] })
const ids = { ids: t.list(t.row({ id: t.i64 }), 'n') }

/** One request, as it left: what was asked, for whom, and with which keys. */
interface Sent {
  readonly effect: string
  readonly who: readonly unknown[]
  readonly keys: readonly unknown[]
}
/** A world that answers from the arguments alone, remembers what is put into stores, and keeps every request. */
const model = (options: { readonly fails?: unknown; readonly maxBatch?: number; readonly many?: boolean } = {}) => {
  const sent: Sent[] = []
  const stored = new Map<string, unknown>()
  const plainly = (call: Call): readonly unknown[] => call.args.map((a, i) => fromValue(call.argTypes[i]!, a))
  const keyOf = (call: Call): unknown => plainly(call)['authority' in call.attrs && call.attrs.authority ? 1 : 0]
  const whoOf = (call: Call): unknown =>
    'authority' in call.attrs && call.attrs.authority ? plainly(call)[0] : undefined
  const answer = (call: Call): Answer => {
    const key = keyOf(call)
    if (key === options.fails) return left(effectError(call, 'Unavailable', `no ${key}`, 'wait'))
    if (call.effect === 'kvSet') stored.set(String(key), plainly(call).at(-1))
    const given = {
      kvGet: () => stored.get(String(key)) ?? (String(key).length % 2 === 0 ? String(key).length : null),
      httpRequest: () => (key === 4n ? null : { id: key, name: `${whoOf(call)} ${key}` }),
      foreign: () => Number(key) / 2,
    }[call.effect as 'kvGet']
    return toValue(effects[call.effect].answer(call.attrs as never), given?.() ?? null) as Answer
  }
  const note = (calls: readonly Call[]): void =>
    void sent.push({ effect: calls[0]!.effect, who: [...new Set(calls.map(whoOf))], keys: calls.map(keyOf) })
  const driver: Driver = {
    kind: 'kv',
    effects: Object.keys(effects) as EffectName[],
    assumptions: [],
    ...(options.maxBatch === undefined ? {} : { maxBatch: options.maxBatch }),
    perform: async (call) => {
      note([call])
      return answer(call)
    },
    ...(options.many === false
      ? {}
      : {
          performMany: async ({ calls }) => {
            note(calls)
            return { answers: calls.map(answer), roundTrips: 1 }
          },
        }),
    close: async () => {},
  }
  return { sent, drivers: { cache: driver, shop: driver, price: driver, other: driver } }
}
type Model = ReturnType<typeof model>

const plain = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

/** Runs a graph compiled and as written, each in a world of its own; they must answer alike. */
const both = async <I, O>(g: Built<I, O>, input: I, world: () => Model) => {
  const written = world()
  const expected = await interpret(g, written.drivers, input)
  const c = orThrow(await compile(g, { target: 'ts' }))
  expect(c.optimised.failures).toEqual([])
  const batched = world()
  let stats: RunStats | undefined
  const found = await orThrow(await load(c, batched.drivers)).run(input, { stats: (s) => (stats = s) })
  const told = (r: typeof found): string =>
    plain(r._tag === 'Left' ? { ...r.left, place: '', node: '' } : (r as { right: unknown }).right)
  expect(told(found)).toBe(told(expected as typeof found))
  return { sent: batched.sent, asWritten: written.sent.length, roundTrips: stats!.roundTrips, found, compiled: c }
}
const some = { ids: [3n, 4n, 3n, 7n, 10n, 3n].map((id) => ({ id })) }

describe('one request for all elements', () => {
  test('of a store: equal keys once, and whatever else is read of it with them', async () => {
    const g = graph('g', ids, ({ ids }) => ({
      all: ids.map(({ id }) => ({ a: cache.get(text('user:', id), t.f64), b: cache.get('default', t.i32) })),
    }))
    const { sent, asWritten, roundTrips, compiled } = await both(g, some, model)
    expect(asWritten).toBe(12)
    expect(sent).toEqual([
      { effect: 'kvGet', who: [undefined], keys: expect.arrayContaining(['user:3', 'user:10', 'default']) },
    ])
    expect(sent[0]!.keys).toHaveLength(5)
    expect(roundTrips).toBe(1)
    expect(compiled.manifest.inventory.map((a) => a.id)).toContain('bulk-lookups')
    expect(compiled.manifest.inventory.map((a) => a.id)).not.toContain('batched-sql')
  })
  test('of a bulk endpoint, and of a function with many', async () => {
    const g = graph('g', ids, ({ ids }) => ({ all: ids.map(({ id }) => ({ user: lookUp(id), price: price(id) })) }))
    const { sent, asWritten, roundTrips } = await both(g, some, model)
    expect(asWritten).toBe(12)
    expect(sent.map((s) => [s.effect, s.keys])).toEqual([
      ['httpRequest', [3n, 4n, 7n, 10n]],
      ['foreign', [3n, 4n, 7n, 10n]],
    ])
    expect(roundTrips).toBe(1)
  })
  test('what follows from an answer is the next request', async () => {
    const g = graph('g', ids, ({ ids }) => ({
      all: ids.map(({ id }) => ({
        it: match(lookUp(id), { some: (u) => price(u.id), none: () => constant(t.f64, 0) }),
      })),
    }))
    const { sent, asWritten } = await both(g, some, model)
    expect(asWritten).toBe(11)
    expect(sent.map((s) => [s.effect, s.keys])).toEqual([
      ['httpRequest', [3n, 4n, 7n, 10n]],
      ['foreign', [3n, 7n, 10n]],
    ])
  })
  test('only of the elements that come to it', async () => {
    const g = graph('g', ids, ({ ids }) => ({
      all: ids.map(({ id }) =>
        cond(
          id.gt(5),
          () => price(id),
          () => constant(t.f64, 0),
        ),
      ),
    }))
    expect((await both(g, some, model)).sent.map((s) => s.keys)).toEqual([[7n, 10n]])
  })
})

describe('calls under different authority never share a request', () => {
  const tenants = { rows: t.list(t.row({ who: t.string, id: t.i64 }), 'n') }
  const rows = [
    { who: 'a', id: 1n },
    { who: 'b', id: 1n },
    { who: 'a', id: 2n },
    { who: '', id: 1n },
    { who: 'a', id: 1n },
  ]
  test.each([
    ['kvGet', (who: never, id: never) => cache.as(who).get(text(id), t.f64)],
    ['httpRequest', (who: never, id: never) => shop.as(who).lookup('user', User, { one: '/users/{key}', many })(id)],
    ['foreign', (who: never, id: never) => foreign('price', { in: t.i64, out: t.f64, writes: [], authority: who })(id)],
  ])('%s', async (effect, ask) => {
    const g = graph('g', tenants, ({ rows }) => ({
      all: rows.map((r) => ({ it: ask(r.who as never, r.id as never) as never })),
    }))
    const { sent, asWritten } = await both(g as never, { rows }, model)
    expect(asWritten).toBe(5)
    expect(sent.map((s) => [s.effect, s.who, s.keys.length])).toEqual([
      [effect, ['a'], 2],
      [effect, ['b'], 1],
      [effect, [''], 1],
    ])
  })
})

describe('a batch has a size', () => {
  const numbers = { ids: Array.from({ length: 25 }, (_, i) => ({ id: BigInt(i) })) }
  const g = graph('g', ids, ({ ids }) => ({ all: ids.map(({ id }) => ({ it: price(id) })) }))
  test.each([
    [10, [10, 10, 5]],
    [25, [25]],
    [0, Array.from({ length: 25 }, () => 1)],
    [Number.NaN, Array.from({ length: 25 }, () => 1)],
  ])('of the driver: %s', async (maxBatch, sizes) => {
    const { sent, roundTrips } = await both(g, numbers, () => model({ maxBatch }))
    expect(sent.map((s) => s.keys.length)).toEqual(sizes)
    expect(roundTrips).toBe(1)
  })
  test('of the endpoint', async () => {
    const few = shop.lookup('user', User, { one: '/users/{key}', many: { ...many, most: 8 } })
    const { sent } = await both(
      graph('g', ids, ({ ids }) => ({ all: ids.map(({ id }) => ({ it: few(id) })) })),
      numbers,
      model,
    )
    expect(sent.map((s) => s.keys.length)).toEqual([8, 8, 8, 1])
  })
})

describe('what is not batched', () => {
  test.each<[string, () => Built<{ readonly ids: readonly { readonly id: bigint }[] }, unknown>, number]>([
    [
      'a lookup that the user keeps out',
      () =>
        graph('g', ids, ({ ids }) => ({
          all: ids.map(({ id }) => cache.get(text(id), t.f64, { batch: false })),
        })) as never,
      6,
    ],
    [
      'a lookup without a bulk endpoint',
      () =>
        graph('g', ids, ({ ids }) => ({
          all: ids.map(({ id }) => shop.lookup('user', User, { one: '/users/{key}' })(id)),
        })) as never,
      6,
    ],
    [
      'a read of what the body writes',
      () =>
        graph('g', ids, ({ ids }) => ({
          all: ids.map(({ id }) =>
            sequence(cache.set(text('k:', id), id.to(t.f64)), { it: cache.get(text('k:', id), t.f64) }),
          ),
        })) as never,
      12,
    ],
    [
      'a read of what a write further inside changes',
      () =>
        graph('g', ids, ({ ids }) => ({
          all: ids.map(({ id }) => {
            const it = cache.get('total', t.f64)
            const write = cond(
              id.gt(5),
              () => cache.set('total', id.to(t.f64)),
              () => cache.set('other', id.to(t.f64)),
            )
            return sequence(write, { it })
          }),
        })) as never,
      12,
    ],
  ])('%s', async (_, g, requests) => {
    const { sent, asWritten } = await both(g(), some, model)
    expect(sent.every((s) => s.keys.length === 1)).toBe(true)
    expect([sent.length, asWritten]).toEqual([requests, requests])
  })
  test('a write to something else stands in no way', async () => {
    const g = graph('g', ids, ({ ids }) => ({
      all: ids.map(({ id }) =>
        sequence(kv('other').set(text('k:', id), id.to(t.f64)), { it: cache.get(text(id), t.f64) }),
      ),
    }))
    const { sent } = await both(g, some, model)
    expect(sent.map((s) => s.effect)).toEqual(['kvGet', ...Array.from({ length: 6 }, () => 'kvSet')])
  })
})

test('two maps that differ in their bodies only, of which the look ahead needs one', async () => {
  const g = graph('g', ids, ({ ids }) => ({
    all: ids.map(({ id: x }) => {
      const written = ids.map(({ id }) => sequence(kv('other').set(text(id), x), { it: text(id) }))
      const named = ids.map(({ id }) => ({ it: text(id, x) }))
      return sequence(written, { found: named.map(({ it }) => ({ it: cache.get(it, t.f64) })) })
    }),
  }))
  const { sent } = await both(g, some, model)
  expect(sent.filter((s) => s.effect === 'kvGet').map((s) => s.keys.length)).toEqual([16])
})

test('an error is that of the first element that meets it, with its place', async () => {
  const g = graph('g', ids, ({ ids }) => ({ all: ids.map(({ id }) => ({ a: price(id), b: lookUp(id) })) }))
  for (const many of [true, false]) {
    const { found } = await both(g, some, () => model({ fails: 7n, many }))
    expect(found).toMatchObject({ left: { _tag: 'Unavailable', effect: 'foreign', iteration: [3] } })
  }
})

test('with drivers: requests on the wire, and the answers of one by one', async () => {
  const server = await httpServer((s, to) => {
    const url = new URL(s.url, 'http://x')
    const wanted = url.searchParams.getAll('id')
    const known = (id: string): object | undefined => (id === '4' ? undefined : { id: Number(id), name: `u${id}` })
    if (wanted.length > 0)
      return json(
        to,
        wanted.flatMap((id) => known(id) ?? []),
      )
    const one = known(url.pathname.split('/').at(-1)!)
    return json(to, one ?? null, one === undefined ? 404 : 200)
  })
  const batches: number[] = []
  const drivers = () => ({
    cache: memory(),
    shop: service({ base: server.base }),
    price: bindForeign({
      one: (id: bigint) => Number(id) / 2,
      many: (all: readonly bigint[]) => {
        batches.push(all.length)
        return all.map((id) => Number(id) / 2)
      },
      maxBatch: 2,
    }),
  })
  const g = graph('g', ids, ({ ids }) => ({
    all: sequence(
      ids.map(({ id }) => cache.set(text('user:', id), id.to(t.f64))),
      { all: ids.map(({ id }) => ({ seen: cache.get(text('user:', id), t.f64), user: lookUp(id), price: price(id) })) },
    ),
  }))
  try {
    const c = orThrow(await compile(g, { target: 'ts' }))
    const loaded = orThrow(await load(c, drivers()))
    const found = orThrow(await loaded.run(some))
    expect(server.seen.map((s) => s.url)).toEqual(['/users?id=3&id=4&id=7&id=10'])
    expect(batches).toEqual([2, 2])
    await loaded.close()
    expect(plain(found)).toBe(plain(orThrow(await interpret(g, drivers(), some))))
    expect(server.seen).toHaveLength(7)
  } finally {
    await server.close()
  }
})

test('a batch that is given too few answers, or too many, is told and nobody gets the answer of another', async () => {
  const g = graph('few', ids, ({ ids: list }) => ({ all: list.map((x) => ({ p: price(x.id) })) }))
  for (const n of [0, 1, 3]) {
    const driver: Driver = {
      kind: 'foreign',
      effects: ['foreign'],
      assumptions: [],
      perform: async () => ({ _tag: 'Right', right: 1 }),
      performMany: async () => ({ answers: Array<Answer>(n).fill({ _tag: 'Right', right: 1 }), roundTrips: 1 }),
      close: async () => {},
    }
    const loaded = orThrow(await load(orThrow(await compile(g, { target: 'ts' })), { price: driver }))
    const r = await loaded.run({ ids: [{ id: 1n }, { id: 2n }] })
    expect(r).toMatchObject({
      left: { _tag: 'Unknown', cause: expect.stringContaining(`a batch of 2 was given ${n} answers`) },
    })
  }
})
