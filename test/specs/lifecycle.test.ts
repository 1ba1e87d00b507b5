import { expect, test } from 'vitest'
import { edges } from '../../runtime/engine/lifecycle.ts'
import { read } from './checker.ts'
import { explored } from './machine.ts'
import { lifecycle } from './protocols/lifecycle.ts'
import { constantsOf } from './spec.ts'

const spec = read('Lifecycle.tla')

test('the specification takes every move of the table, and no other', () => {
  const graph = explored<{ st: string[][] }>(lifecycle.machine(constantsOf(read('LifecycleLarge.cfg'))))
  const taken = new Set<string>()
  for (const { from, action, args, to } of graph.edges) {
    const [h, v] = args
    if (v === undefined) continue
    const at = (s: number) => graph.states[s]!.st[h! - 1]![v - 1]!
    taken.add(`${at(from)} ${action} ${at(to)}`)
  }
  // The specification leaves the interpreter out: it is always there.
  const table = edges.map((e) => e.join(' ')).filter((e) => e !== 'GraphReceived Interpret Ready')
  expect([...taken].sort()).toEqual(table.sort())
})

test('what the specification calls its actions, the table calls them too', () => {
  for (const [, action] of edges)
    if (action !== 'Interpret') expect(spec).toMatch(new RegExp(`^${action}\\(h, v\\) ==`, 'm'))
})
