// Requirements: E13

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Action, Phase, State } from '../../runtime/engine/lifecycle.ts'
import { edges, moved, received, table } from '../../runtime/engine/lifecycle.ts'

const actions = [...new Set(edges.map(([, a]) => a))]

/** Walks actions that were chosen blindly, taking those that are possible. */
const walk = (chosen: readonly Action[], seen: (from: Phase, a: Action, to: Phase) => void): Phase => {
  let at: Phase = received
  for (const a of chosen) {
    const to = moved(at, a)
    if (isLeft(to)) continue
    seen(at, a, to.right)
    at = to.right
  }
  return at
}

test('every edge of the table is reached by some walk', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...actions), { minLength: 50, maxLength: 400 }), (chosen) => {
      walk(chosen, (from, a, to) => reached.add(`${from.state} ${a} ${to.state}`))
    }),
    { numRuns: 400, seed: 7 },
  )
  expect([...reached].sort()).toEqual(edges.map((e) => e.join(' ')).sort())
})

test('runs are counted, only what executes has some, and what leaves is handed out no more', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...actions), { maxLength: 200 }), (chosen) => {
      let running = 0
      walk(chosen, (from, a, to) => {
        if (a === 'Begin' || a === 'Join') running++
        if (a === 'Leave' || a === 'Rest' || a === 'Release' || a === 'Discard') running--
        expect(to.running).toBe(running)
        expect(to.running > 0).toBe(to.state === 'Executing')
        if (to.state !== 'Executing') expect(to.leaving).toBe('no')
        if (from.leaving !== 'no') {
          expect(a).not.toBe('Join')
          expect(to.state).not.toBe('Ready')
        }
      })
    }),
  )
})

test('in every phase that can be reached, tried on all of them up to three runs, what has runs executes', () => {
  const key = ({ state, running, leaving }: Phase): string => `${state} ${running} ${leaving}`
  const reached = new Map<string, Phase>([[key(received), received]])
  for (const at of reached.values()) {
    expect([at, at.running > 0]).toEqual([at, at.state === 'Executing'])
    expect([at, at.leaving !== 'no' && at.state !== 'Executing']).toEqual([at, false])
    for (const a of actions) {
      const to = moved(at, a)
      if (!isLeft(to) && to.right.running <= 3) reached.set(key(to.right), to.right)
    }
  }
  // Seven states without runs, and three counts of runs that stay, were doomed or condemned.
  expect(reached.size).toBe(7 + 3 * 3)
})

test('a move that is not in the table is a bug value that says which', () => {
  for (const state of Object.keys(table) as State[]) {
    const phase: Phase = { state, running: state === 'Executing' ? 1 : 0, leaving: 'no' }
    for (const action of actions) {
      const possible = Object.hasOwn(table[state], action)
      const to = moved(phase, action)
      if (!possible) {
        expect(to).toMatchObject({ _tag: 'Left', left: { _tag: 'Bug' } })
        if (isLeft(to)) expect(to.left.cause).toContain(`${action} is not possible in ${state}`)
      }
    }
  }
})
