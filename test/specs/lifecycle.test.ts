// Requirements: E13 E14 E15 E17

import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Action, Phase } from '../../runtime/engine/lifecycle.ts'
import { edges, moved } from '../../runtime/engine/lifecycle.ts'
import { read } from './checker.ts'
import { explored } from './machine.ts'
import { lifecycle } from './protocols/lifecycle.ts'
import { constantsOf } from './spec.ts'

const spec = read('Lifecycle.tla')

test('the moves of the specification are those of the table, no more and no fewer', () => {
  const { states, edges: steps } = explored(lifecycle.machine(constantsOf(read('LifecycleLarge.cfg'))))
  const phases = (s: Readonly<Record<string, unknown>>): (Phase | undefined)[] => {
    const { st, runs, leaving } = s as { st: string[][]; runs: number[][]; leaving: string[][] }
    return st.flatMap((row, h) =>
      row.map((state, v) =>
        state === 'None' ? undefined : ({ state, running: runs[h]![v]!, leaving: leaving[h]![v]! } as Phase),
      ),
    )
  }
  const actions = [...new Set(edges.map(([, a]) => a))]
  const taken = new Set<string>()
  const same = (a: Phase, b: Phase) => a.state === b.state && a.running === b.running && a.leaving === b.leaving
  for (const { from: a, to: b } of steps) {
    const [before, after] = [phases(states[a]!), phases(states[b]!)]
    const changed = before.flatMap((p, i) => (p !== undefined && !same(p, after[i]!) ? [[p, after[i]!] as const] : []))
    expect(changed.length).toBeLessThanOrEqual(1)
    for (const [from, to] of changed) {
      const fitting = actions.filter((x) => {
        const r = moved(from, x as Action)
        return !isLeft(r) && same(r.right, to)
      })
      expect(fitting, `${JSON.stringify(from)} to ${JSON.stringify(to)}`).not.toEqual([])
      for (const x of fitting) taken.add(`${from.state} ${x} ${to.state}`)
    }
  }
  // The specification leaves the interpreter out: it is always there.
  const table = edges.map((e) => e.join(' ')).filter((e) => e !== 'GraphReceived Interpret Ready')
  expect([...taken].sort()).toEqual(table.sort())
})

test('what the specification calls its actions, the table calls them too', () => {
  for (const [, action] of edges)
    if (action !== 'Interpret') expect(spec).toMatch(new RegExp(`^${action}\\(h, v\\) ==`, 'm'))
})
