// Requirements: E14

import { expect, test } from 'vitest'
import type { Answer, Call, Footprint } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import { memory } from '../../runtime/cache.ts'
import { cancelled } from '../../runtime/stopped.ts'
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
