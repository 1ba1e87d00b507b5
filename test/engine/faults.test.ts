// Requirements: E12 E14

import { expect, test } from 'vitest'
import { workshop } from '../../engine.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { closing, inThisThread, line, refusal, submitted } from './shops.ts'

const opened = closing()

test.each([
  ['hangs', 'ResourceExceeded', 'longer than 300 ms'],
  ['crashes', 'BackendCompileError', 'out of luck'],
  ['exits', 'BackendCompileError', 'code 3'],
  ['eats', 'ResourceExceeded', 'more than 32 MB'],
])('a compiler that %s leaves the graph running in the interpreter, and is told of once', async (how, tag, words) => {
  const script = new URL(`./threads/${how}.ts`, import.meta.url)
  const compiler = { timeMs: how === 'hangs' ? 300 : 30_000, memoryMb: 32 }
  const options = { compile: 'eager', compiler } as const
  const { engine, events } = opened(workshop(options, script), options)
  const h = submitted(engine, line(2), { compile: 'eager' })
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  await engine.settled()
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  await engine.settled()
  const told = events.filter((e) => e.event === 'unavailable' && e.tier === 'optimised')
  expect(told).toMatchObject([{ error: { _tag: tag, cause: expect.stringContaining(words) } }])
  expect(engine.stats()).toMatchObject({
    errors: 0,
    handles: [{ tier: 'interpreter' }],
    loaded: { builds: 0, waiting: 0 },
  })
})

test('the next graph gets a new thread', async () => {
  const real = workshop({})
  const bad = workshop({}, new URL('./threads/exits.ts', import.meta.url))
  let jobs = 0
  const { engine } = opened({
    ...real,
    compile: (job, stage) => (jobs++ === 0 ? bad : real).compile(job, stage),
    close: async () => void (await Promise.all([real.close(), bad.close()])),
  })
  submitted(engine, line(2), { compile: 'eager' })
  await engine.settled()
  submitted(engine, line(3), { compile: 'eager' })
  await engine.settled()
  expect(engine.stats().handles[1]).toMatchObject({ tier: 'optimised' })
})

test('a compiler that refuses is asked again later and later, however hot the graph is', async () => {
  let asked = 0
  const compile = async () => {
    asked++
    return left(refusal)
  }
  const { engine, events } = opened({ compile }, { policy: { calls: { typescript: 1e9, quick: 1e9, optimised: 0 } } })
  const h = submitted(engine, line(2), { compile: 'eager' })
  for (let i = 0; i < 300; i++) {
    await h.run({ x: 1 })
    await engine.settled()
  }
  // Eager asks for each of the three tiers once, and then waits a second.
  expect(asked).toBeLessThanOrEqual(6)
  expect(events.filter((e) => e.event === 'unavailable')).toHaveLength(3)
})

test('code that does not fit is not loaded, and the graph runs', async () => {
  const options = { cache: { loadedBytes: 100 }, compile: 'eager' } as const
  const { engine, events } = opened({ compile: await inThisThread() }, options)
  const h = submitted(engine, line(2))
  await engine.settled()
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  const told = events.find((e) => e.event === 'unavailable')
  expect(told).toMatchObject({ error: { _tag: 'ResourceExceeded', what: 'memory' } })
})

test('code that does not load is forgotten, and the graph runs', async () => {
  const compile = async () => right({ module: 'this is (no code' })
  const { engine, events } = opened({ compile }, { compile: 'eager' })
  const h = submitted(engine, line(2))
  await engine.settled()
  expect(await h.run({ x: 1 })).toEqual(right({ y: 3 }))
  expect(engine.stats().kept.entries).toBe(0)
  expect(events.find((e) => e.event === 'unavailable')).toMatchObject({ error: { _tag: 'LoadFailed' } })
})

test('a listener that throws, and drivers that cannot be made, disturb nobody', async () => {
  const { engine } = opened(
    {},
    {
      compile: 'never',
      trace: () => {
        throw new Error('not listening')
      },
      drivers: () => {
        throw new Error('no drivers')
      },
    },
  )
  const warned: Error[] = []
  const hear = (w: Error) => warned.push(w)
  process.on('warning', hear)
  const r = await submitted(engine, line(2)).run({ x: 1 })
  expect(isLeft(r) && r.left).toMatchObject({ _tag: 'Bug', cause: expect.stringContaining('no drivers') })
  await new Promise((done) => setImmediate(done))
  process.off('warning', hear)
  expect(warned.length).toBeGreaterThan(0)
})
