// Requirements: E14

import { expect, test } from 'vitest'
import type { Answer, Call, Footprint } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import { cached, compile, foreign, fx, graph, load, loop, t } from '../../index.ts'
import { memory } from '../../runtime/cache.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { cancelled, Halted, tooMuch } from '../../runtime/stopped.ts'
import { memoryInside } from '../../runtime/transaction.ts'
import { query } from '../drivers/calls.ts'

const table = (name: string): readonly Footprint[] => [{ reads: [{ kind: 'table', of: 'db', name }], writes: [] }]
const write = (name: string): Call => query('exec', `update ${name}`, '{}', [], { writes: [name] })
/** Counts how often it computes. */
const counter = (answers: readonly Answer[] = []) => {
  const self = { n: 0, compute: (): Answer => answers[self.n++] ?? right(self.n) }
  return self
}

test('an answer is kept for its time, by a clock that is handed in', async () => {
  let now = 0
  const m = memory(10, () => now)
  const { compute } = counter()
  expect(await m.recall('k', 100, [], compute)).toEqual(right(1))
  now = 99
  expect(await m.recall('k', 100, [], compute)).toEqual(right(1))
  now = 100
  expect(await m.recall('k', 100, [], compute)).toEqual(right(2))
})

test('an error is of the run that met it: whoever waited for the same computes for himself', async () => {
  const m = memory()
  let fail: (a: Answer) => void = () => {}
  const first = m.recall('k', 1000, [], () => new Promise<Answer>((resolve) => (fail = resolve)))
  const second = m.recall('k', 1000, [], () => right('mine'))
  fail(left(cancelled))
  expect(await first).toEqual(left(cancelled))
  expect(await second).toEqual(right('mine'))
})

test('what a run was thrown out by is its own: neither who waited nor who comes later meets it', async () => {
  const m = memory()
  let stop: (e: Error) => void = () => {}
  const first = m.recall('k', 1e6, [], () => new Promise<Answer>((_, reject) => (stop = reject)))
  const second = m.recall('k', 1e6, [], () => right('mine'))
  stop(new Halted(tooMuch('steps', '', 'computed more than 10 values', 'maxSteps')))
  await expect(first).rejects.toThrow('more than 10 values')
  expect(await second).toEqual(right('mine'))
  expect(await m.recall('k', 1e6, [], () => right('not this'))).toEqual(right('mine'))
})

test('bounds of one run are not those of the next one that is answered from the same cache', async () => {
  const price = foreign('price', { in: t.f64, out: t.f64, writes: [], reads: ['price'] })
  const g = graph('kept', { x: t.f64 }, ({ x }) => ({
    y: cached('k', 60_000, () => {
      const p = price(x)
      return loop(
        { i: p, s: p },
        { max: 1000, while: (a) => a.i.gt(0), step: (a) => ({ i: fx`${a.i} - 1`, s: fx`${a.s} * 1.5 + ${price(x)}` }) },
      ).s
    }),
  }))
  const made = await compile(g)
  if (made._tag === 'Left') throw new Error(made.left.cause)
  const loaded = await load(made.right, { price: bindForeign({ one: async () => 100 }) })
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  expect(await loaded.right.run({ x: 1 }, { maxSteps: 10 })).toMatchObject({ left: { _tag: 'ResourceExceeded' } })
  expect(await loaded.right.run({ x: 1 })).toMatchObject({ _tag: 'Right' })
})

test('a failure takes the room of nothing that was computed', async () => {
  const m = memory(2)
  const [a, c] = [counter(), counter()]
  await m.recall('a', 1e6, [], a.compute)
  await m.recall('b', 1e6, [], () => left(cancelled))
  await m.recall('c', 1e6, [], c.compute)
  await m.recall('a', 1e6, [], a.compute)
  await m.recall('c', 1e6, [], c.compute)
  expect([a.n, c.n]).toEqual([1, 1])
  await m.recall('d', 1e6, [], () => right(1))
  await m.recall('c', 1e6, [], c.compute)
  await m.recall('a', 1e6, [], a.compute)
  expect([a.n, c.n]).toEqual([2, 1])
})

test('a write forgets what was read from there, however young, and nothing else', async () => {
  const m = memory()
  const [users, orders] = [counter(), counter()]
  const both = async (): Promise<readonly number[]> => {
    await m.recall('users', 1e6, table('users'), users.compute)
    await m.recall('orders', 1e6, table('orders'), orders.compute)
    return [users.n, orders.n]
  }
  await both()
  m.wrote(query('many', 'select 1'))
  expect(await both()).toEqual([1, 1])
  m.wrote(write('users'))
  expect(await both()).toEqual([2, 1])
})

test('a transaction remembers nothing of its own, and forgets what it wrote when it writes and when it ends', async () => {
  const outside = memory()
  const { memory: inside, ended } = memoryInside(outside)
  const users = counter()
  const read = (m: typeof outside): Promise<Answer> => m.recall('users', 1e6, table('users'), users.compute)
  expect(await read(outside)).toEqual(right(1))
  // What is remembered outside may be older than what this transaction sees.
  expect(await read(inside)).toEqual(right(2))
  expect(await read(outside)).toEqual(right(1))
  inside.wrote(write('users'))
  expect(await read(inside)).toEqual(right(3))
  expect(await read(outside)).toEqual(right(4))
  // Others have read the old state meanwhile.
  ended()
  expect(await read(outside)).toEqual(right(5))
})
