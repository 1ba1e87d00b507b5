// Requirements: E5

import { expect, test } from 'vitest'
import type { Answer } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import type { Task } from '../../runtime/schedule.ts'
import { scheduled } from '../../runtime/schedule.ts'

const broken = (what: string): Answer => left(bug(what, new Error(what)))
const later = (a: Answer, ms: number): Promise<Answer> => new Promise((done) => setTimeout(() => done(a), ms))
const nodeOf = (a: Answer): unknown => a._tag === 'Left' && 'node' in a.left && a.left.node

test('after an error no later step is started, and earlier ones go on to their end', async () => {
  const started: number[] = []
  let ended = 0
  const step = (k: number, answer: () => Promise<Answer> | Answer, after: readonly number[] = []): Task => ({
    after,
    waits: true,
    run: () => {
      started.push(k)
      return answer()
    },
  })
  const block = scheduled(
    [
      step(0, async () => {
        const answer = await later(right(1), 20)
        ended++
        return answer
      }),
      step(1, () => broken('one')),
      step(2, () => right(2)),
      step(3, () => right(3), [0]),
    ],
    () => null,
  )
  expect(nodeOf(await block([], []))).toBe('one')
  expect([started, ended]).toEqual([[0, 1], 1])
})

test('of two errors the first in program order is told, whichever came first', async () => {
  const run = async (a: number, b: number): Promise<Answer> =>
    scheduled(
      [
        { after: [], waits: true, run: () => later(broken('first'), a) },
        { after: [], waits: true, run: () => later(broken('second'), b) },
      ],
      () => null,
    )([], [])
  expect([nodeOf(await run(1, 20)), nodeOf(await run(20, 1))]).toEqual(['first', 'first'])
})

test('a step that throws is a mistake of ours, and a value', async () => {
  const throws = (): never => {
    throw new Error('no')
  }
  for (const run of [throws, () => Promise.reject(new Error('no'))])
    expect(await scheduled([{ after: [], run }], () => null)([], [])).toMatchObject({ left: { _tag: 'Bug' } })
})
