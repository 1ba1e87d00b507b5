// Requirements: E17

import { expect, test } from 'vitest'
import type { Answer } from '../../graph/effects.ts'
import { isLeft, right } from '../../graph/either.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Stopping } from './protocols/cancellation.ts'
import { cancellation } from './protocols/cancellation.ts'
import { stoppable } from './runs/stopped.ts'
import { constantsOf } from './spec.ts'

const endings = { Acknowledge: 'acknowledged', Refuse: 'refused', Break: 'broken' } as const

test('a run and a driver take every step of the specification, and say of each write what it says', async () => {
  const constants = constantsOf(read(`Cancellation${process.env.QUOIN_DEEP === '1' ? 'Large' : 'Small'}.cfg`))
  const graph = explored<Stopping>(cancellation.machine(constants))
  const covered = new Set<string>()
  for (const walk of edgeCover(graph)) {
    const start = graph.states[walk[0]!.from]!
    const { tries, told, ...run } = stoppable(start.idem, constants.Attempts as number)
    let answer: Answer | undefined
    void run.answer.then((a) => {
      answer = a
    })
    const same = (s: Stopping) => {
      expect(tries).toEqual(s.tries)
      for (const [k, ph] of s.ph.entries()) {
        const a = told[k]
        const unknown = a !== undefined && isLeft(a) && 'outcome' in a.left && a.left.outcome === 'unknown'
        if (ph === 'done') expect(a).toEqual(right(1))
        else if (ph === 'failed') expect([a, unknown]).toMatchObject([{ left: { _tag: 'Refused' } }, false])
        else if (ph === 'unknown') expect([a, unknown]).toMatchObject([{ _tag: 'Left' }, true])
        else expect(a).toBeUndefined()
      }
      const over = !s.ph.some((p) => p === 'sent' || p === 'applied')
      expect(answer !== undefined).toBe(over)
      const first = s.ph.findIndex((p) => p === 'failed' || p === 'unknown')
      if (over) expect(answer).toEqual(first < 0 ? right(null) : told[first])
    }
    const turn = () => new Promise((done) => setImmediate(done))
    await turn()
    same(start)
    for (const { from, action, args, to } of walk) {
      const s = graph.states[to]!
      const k = args[0]! - 1
      if (action === 'Stop') run.stop()
      else if (action !== 'Apply') run.end(endings[action as keyof typeof endings])
      await turn()
      // Before it is sent again it rests, if only for a moment.
      for (let n = 0; action === 'Break' && s.ph[k] === 'sent' && tries[k]! < s.tries[k]! && n < 1000; n++)
        await new Promise((done) => setTimeout(done, 1))
      same(s)
      covered.add(`${from} ${action} ${args} ${to}`)
    }
    run.stop()
  }
  expect(covered.size).toBe(graph.edges.length)
}, 300_000)
