// Requirements: E14 E15

import { expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import type { Engine } from '../../index.ts'
import { fx, graph, now, t } from '../../index.ts'
import type { Build } from '../../runtime/engine/build.ts'
import { Room } from '../../runtime/engine/room.ts'
import type { Driver } from '../../runtime/index.ts'
import { clock } from '../../runtime/index.ts'
import { closing, inThisThread, line, submitted } from './shops.ts'

const opened = closing()
/** Room for the code of so many such graphs. */
const roomFor = async (n: number, g = line(1)): Promise<number> => {
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager' })
  submitted(engine, g, { drivers: { clock: clock() } })
  await engine.settled()
  return engine.stats().loaded.bytes * n + 50 * n
}
const loadedOf = (e: Engine): string[] =>
  e
    .stats()
    .handles.filter((h) => h.tier === 'optimised')
    .map((h) => h.graph)

test('who was used longest ago leaves first, and goes on in the interpreter', async () => {
  const options = { compile: 'eager', cache: { loadedBytes: await roomFor(2) } } as const
  const { engine, events } = opened({ compile: await inThisThread() }, options)
  const [a, b] = [submitted(engine, line(1)), submitted(engine, line(2))]
  await engine.settled()
  await b.run({ x: 1 })
  await a.run({ x: 1 })
  const c = submitted(engine, line(3), { compile: 'eager' })
  await engine.settled()
  expect(loadedOf(engine)).toEqual(['line 1', 'line 3'])
  expect(await b.run({ x: 1 })).toEqual(right({ y: 3 }))
  expect(await c.run({ x: 1 })).toEqual(right({ y: 4 }))
  expect(events.some((e) => e.event === 'move' && e.action === 'Evict' && e.graph === 'line 2')).toBe(true)
})

test('what is used without a pause is handed out no more when somebody waits for its room', async () => {
  const waiting: (() => void)[] = []
  const slow: Driver = { ...clock(), perform: () => new Promise((done) => waiting.push(() => done(right(7)))) }
  const busy = graph('busy', { x: t.f64 }, ({ x }) => ({ y: fx`${x} + 1`, at: now() }))
  const loadedBytes = await roomFor(1, busy as never)
  const { engine, events } = opened({ compile: await inThisThread() }, { compile: 'eager', cache: { loadedBytes } })
  const h = submitted(engine, busy, { drivers: { clock: slow } })
  await engine.settled()
  // One run has begun before the one before it ends, without end.
  const runs = [h.run({ x: 1 })]
  const turn = async () => {
    runs.push(h.run({ x: 1 }))
    while (waiting.length < 2) await new Promise((done) => setImmediate(done))
    waiting.shift()!()
    await runs[runs.length - 2]
  }
  for (let i = 0; i < 5; i++) await turn()
  expect(loadedOf(engine)).toEqual(['busy'])
  const other = submitted(engine, line(1))
  for (let i = 0; i < 5; i++) await turn()
  for (let i = 0; i < 200 && engine.stats().loaded.waiting > 0; i++) await turn()
  while (!loadedOf(engine).includes('line 1')) await turn()
  expect(loadedOf(engine)).toEqual(['line 1'])
  expect(await other.run({ x: 1 })).toEqual(right({ y: 2 }))
  for (const w of waiting.splice(0)) w()
  for (const r of await Promise.all(runs)) expect(r).toEqual(right({ y: 2, at: 7 }))
  const moves = events.flatMap((e) =>
    e.event === 'move' && e.graph === 'busy' && e.tier === 'optimised' ? [e.action] : [],
  )
  expect(moves.slice(moves.indexOf('Doom')).filter((a) => a === 'Join' || a === 'Begin')).toEqual([])
  expect(moves).toContain('Release')
})

test('never more than fits is loaded, however many graphs there are', async () => {
  const loadedBytes = await roomFor(3)
  const { engine } = opened({ compile: await inThisThread() }, { compile: 'eager', cache: { loadedBytes } })
  const handles = Array.from({ length: 12 }, (_, k) => submitted(engine, line(k)))
  for (let round = 0; round < 3; round++) {
    const answers = handles.map((h) => h.run({ x: 2 }))
    expect(engine.stats().loaded.bytes).toBeLessThanOrEqual(loadedBytes)
    for (const [k, a] of (await Promise.all(answers)).entries()) expect(a).toEqual(right({ y: 2 * k + 1 }))
    await engine.settled()
    expect(engine.stats().loaded.bytes).toBeLessThanOrEqual(loadedBytes)
  }
})

test('room that is on its way is counted: nobody else leaves for it', async () => {
  const gone: string[] = []
  const room = new Room(20)
  const build = (name: string, state: string) =>
    ({ state, leaving: false, evict: () => gone.push(name) }) as unknown as Build & { leaving: boolean }
  const [a, b, c] = [build('a', 'Executing'), build('b', 'Ready'), build('c', 'Compiling')]
  expect(await Promise.all([room.enter(a, 10), room.enter(b, 10)])).toEqual([true, true])
  // Its runs have to end first.
  a.leaving = true
  const entered = room.enter(c, 10)
  expect([gone, room.waiting]).toEqual([[], 1])
  room.leave(a)
  expect(await entered).toBe(true)
  expect([gone, room.used]).toEqual([[], 20])
})

test('who was admitted and is not yet installed is not asked to leave', async () => {
  const gone: string[] = []
  const room = new Room(20)
  const build = (name: string, state: string) =>
    ({ state, leaving: false, evict: () => gone.push(name) }) as unknown as Build
  const [a, b] = [build('a', 'Compiling'), build('b', 'Compiling')]
  expect(await room.enter(a, 20)).toBe(true)
  const entered = room.enter(b, 10)
  expect(gone).toEqual([])
  room.leave(a)
  expect(await entered).toBe(true)
})
