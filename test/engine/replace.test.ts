// Requirements: E15

import { expect, test } from 'vitest'
import { isLeft, left, right } from '../../graph/either.ts'
import { assert, fx, graph, now, t } from '../../index.ts'
import type { Driver } from '../../runtime/index.ts'
import { clock, effectError } from '../../runtime/index.ts'
import { closing, inThisThread, line, submitted, taken } from './shops.ts'

const opened = closing()

/** Answers when it is told to. */
const gate = () => {
  const waiting: (() => void)[] = []
  const driver: Driver = { ...clock(), perform: () => new Promise((done) => waiting.push(() => done(right(7)))) }
  const open = () => {
    for (const w of waiting.splice(0)) w()
  }
  return { driver, waiting, open }
}
/** Waits for the outside, and says which version it is. */
const slow = (k: number) => graph(`slow ${k}`, { x: t.f64 }, ({ x }) => ({ y: fx`${x} + ${k}`, at: now() }))
const broken = graph('line', { x: t.f64 }, ({ x }) => ({ y: assert(x.lt(0), 'it has to be negative', { x }).x }))
const tick = () => new Promise((done) => setImmediate(done))

test.each(['interpreter', 'optimised'] as const)(
  'runs keep the version they began with, in the %s tier',
  async (tier) => {
    const g = gate()
    const { engine } = opened(
      { compile: await inThisThread() },
      { drivers: { clock: g.driver }, compile: tier === 'optimised' ? 'eager' : 'never' },
    )
    const h = submitted(engine, slow(1))
    await engine.settled()
    const old = h.run({ x: 10 })
    await tick()
    expect(taken(h.replace(slow(2)))).toBe(2)
    await engine.settled()
    const young = h.run({ x: 10 })
    while (g.waiting.length < 2) await tick()
    g.open()
    expect([await old, await young]).toMatchObject([{ right: { y: 11 } }, { right: { y: 12 } }])
    expect(engine.stats().runs[tier]).toBe(2)
  },
)

test('a version is trusted after its first runs, and what the old one held goes', async () => {
  const { engine, events } = opened({ compile: await inThisThread() }, { compile: 'eager', probation: { runs: 3 } })
  const h = submitted(engine, line(2))
  await engine.settled()
  expect(engine.stats().loaded.builds).toBe(1)
  h.replace(line(3))
  await engine.settled()
  expect(engine.stats().loaded.builds).toBe(2)
  for (let i = 0; i < 3; i++) expect(await h.run({ x: 1 })).toEqual(right({ y: 4 }))
  expect(engine.stats()).toMatchObject({ loaded: { builds: 1 }, handles: [{ version: 2, tier: 'optimised' }] })
  expect(
    events
      .filter((e) => e.event === 'version')
      .map((e) => ('what' in e ? `${e.what} ${'version' in e && e.version}` : '')),
  ).toEqual(['submitted 1', 'replaced 2', 'proven 2', 'retired 1'])
})

test('a version whose first runs fail by its own fault gives way to the one before, and holds nothing', async () => {
  const { engine, events } = opened({ compile: await inThisThread() }, { compile: 'eager' })
  const h = submitted(engine, line(2))
  h.replace(broken as never)
  await engine.settled()
  const first = await h.run({ x: 1 })
  expect(isLeft(first) && first.left._tag).toBe('AssertionFailed')
  await h.run({ x: 1 })
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  await engine.settled()
  expect(engine.stats()).toMatchObject({ loaded: { builds: 1 }, handles: [{ version: 1 }] })
  expect(events.find((e) => e.event === 'version' && e.what === 'rolledBack')).toMatchObject({
    version: 2,
    error: { _tag: 'AssertionFailed' },
  })
  const held = events.filter((e) => e.event === 'move' && e.version === 2)
  expect(held.at(-1)).toMatchObject({ to: 'Evicted' })
})

test('errors of drivers, callers and deadlines roll nothing back', async () => {
  const failing: Driver = {
    ...clock(),
    perform: async (call) => left(effectError(call, 'Unknown', 'the clock is gone', 'wind it')),
  }
  const { engine } = opened({}, { compile: 'never', drivers: { clock: failing } })
  const h = submitted(engine, slow(1))
  h.replace(slow(2))
  for (let i = 0; i < 5; i++) {
    await h.run({ x: 1 })
    await h.run({ x: 'no' as never })
    await h.run({ x: 1 }, { signal: AbortSignal.abort() })
    await h.run({ x: 1 }, { deadlineMs: 0 })
  }
  expect(engine.stats().handles[0]).toMatchObject({ version: 2 })
})

test('replacing during probation keeps the last trusted version to go back to', async () => {
  const { engine } = opened({}, { compile: 'never' })
  const h = submitted(engine, line(2))
  h.replace(line(3))
  await h.run({ x: 1 })
  h.replace(broken as never)
  await h.run({ x: 1 })
  await h.run({ x: 1 })
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  expect(engine.stats().handles[0]).toMatchObject({ version: 1 })
})

test('a graph of another type does not take the place of one', () => {
  const { engine } = opened({})
  const h = submitted(engine, line(2))
  const r = h.replace(graph('other', { x: t.f32 }, ({ x }) => ({ y: x })) as never)
  expect(isLeft(r) && r.left.cause).toContain('{x: f32}')
  expect(engine.stats().handles[0]).toMatchObject({ version: 1 })
})

test('closing waits for runs that have begun, takes no more, and leaves nothing', async () => {
  const g = gate()
  const { engine } = opened({ compile: await inThisThread() }, { drivers: { clock: g.driver }, compile: 'eager' })
  const h = submitted(engine, slow(1))
  await engine.settled()
  const run = h.run({ x: 1 })
  while (g.waiting.length < 1) await tick()
  let closed = false
  const closing = engine.close().then(() => {
    closed = true
  })
  await tick()
  const late = await h.run({ x: 1 })
  expect(isLeft(late) && late.left._tag).toBe('Cancelled')
  expect(closed).toBe(false)
  g.open()
  expect(await run).toMatchObject({ right: { y: 2 } })
  await closing
  expect(engine.stats()).toMatchObject({
    handles: [],
    running: 0,
    compiles: { running: 0 },
    loaded: { builds: 0, bytes: 0, waiting: 0 },
    kept: { entries: 0, bytes: 0 },
  })
})

test('closing cancels what does not end in its time', async () => {
  const stubborn: Driver = {
    ...clock(),
    perform: (call, { signal }) =>
      new Promise((done) => {
        const end = () => done(left(effectError(call, 'Unknown', 'told to stop', 'run again')))
        signal.addEventListener('abort', end)
      }),
  }
  const { engine } = opened({}, { drivers: { clock: stubborn }, compile: 'never' })
  const run = submitted(engine, slow(1)).run({ x: 1 })
  await tick()
  await engine.close({ graceMs: 20 })
  expect(isLeft(await run)).toBe(true)
  expect(engine.stats().running).toBe(0)
})

test('many runs at once whose drivers listen for their end make no noise', async () => {
  const listening: Driver = {
    ...clock(),
    perform: (_, { signal }) =>
      new Promise((done) => {
        const end = () => done(right(7))
        signal.addEventListener('abort', end)
        setTimeout(() => {
          signal.removeEventListener('abort', end)
          end()
        }, 5)
      }),
  }
  const warned: Error[] = []
  const hear = (w: Error) => warned.push(w)
  process.on('warning', hear)
  const { engine } = opened({}, { drivers: { clock: listening }, compile: 'never' })
  const h = submitted(engine, slow(1))
  const { signal } = new AbortController()
  for (const options of [{}, { signal }, { deadlineMs: 5000 }])
    for (const r of await Promise.all(Array.from({ length: 40 }, () => h.run({ x: 1 }, options))))
      expect(r).toMatchObject({ right: { y: 2 } })
  await tick()
  process.off('warning', hear)
  expect(warned).toEqual([])
})

test('each authority has drivers of its own', async () => {
  const asked: (string | undefined)[] = []
  const { engine } = opened(
    { compile: await inThisThread() },
    {
      compile: 'eager',
      drivers: (authority) => {
        asked.push(authority)
        return { clock: clock({ now: () => (authority === 'b' ? 2 : 1) }) }
      },
    },
  )
  const h = submitted(engine, slow(0))
  await engine.settled()
  for (const [authority, at] of [['a', 1], ['b', 2], ['a', 1]] as const) // biome-ignore format: a table
    expect(await h.run({ x: 0 }, { authority })).toEqual(right({ y: 0, at }))
  expect(asked).toEqual(['a', 'b'])
})
