// Requirements: E13 E14 E15 E17

import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Action, Phase } from '../../runtime/engine/lifecycle.ts'
import { edges, moved } from '../../runtime/engine/lifecycle.ts'
import { checkSafety, graphOf, read } from './checker.ts'
import { distinct, mutated, stuck, unsafe } from './mutants.ts'

const spec = read('Lifecycle.tla')
const small = read('LifecycleSmall.cfg')
const large = read('LifecycleLarge.cfg')

/** It takes seconds, and two tests look at it. */
const largeChecked = checkSafety(spec, large)

test.each([
  ['small', checkSafety(spec, small), distinct.Small],
  ['large', largeChecked, distinct.Large],
])('the %s model is safe and has the states that it had', (_, { dot, ...checked }, states) => {
  expect(checked).toEqual({ success: true, error: '', warnings: [], states })
  expect(dot).toContain('s0')
})

test('everything that is claimed is checked: each invariant and property is defined and listed', () => {
  expect(spec.match(/\w*Spec ==/g)).toEqual(['LifecycleSpec =='])
  for (const cfg of [small, large]) {
    const listed = [...cfg.matchAll(/^(?:INVARIANTS|PROPERTIES) (.*)$/gm)].flatMap(([, names]) => names!.split(' '))
    for (const name of listed) expect(spec).toContain(`\n${name} ==`)
    for (const { violates } of [...unsafe, ...stuck]) expect(listed).toContain(violates)
    expect(new Set([...unsafe, ...stuck].map((m) => m.violates))).toEqual(new Set(listed))
  }
})

test.each(unsafe)('a specification in which $about is refused', (m) => {
  const checked = checkSafety(mutated(spec, m), large)
  expect(checked.success).toBe(false)
  expect(checked.error).toContain(m.violates)
})
test.each(stuck)('the change by which $about applies, and is safe, so that only TLC tells it', (m) => {
  expect(checkSafety(mutated(spec, m), small).success).toBe(true)
})

test('the moves of the specification are those of the table, no more and no fewer', () => {
  const { states, steps } = graphOf(largeChecked.dot)
  expect(states.size).toBe(distinct.Large)
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
  for (const [a, b] of steps) {
    const [before, after] = [phases(states.get(a)!), phases(states.get(b)!)]
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
