// Requirements: E13 E14 E15 E17

import { expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import { Build } from '../../runtime/engine/build.ts'
import type { Action } from '../../runtime/engine/lifecycle.ts'
import { edges } from '../../runtime/engine/lifecycle.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Lifecycle } from './protocols/lifecycle.ts'
import { lifecycle } from './protocols/lifecycle.ts'
import { constantsOf } from './spec.ts'
import { engineTraces } from './traces/engine.ts'

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

/** What an engine does with a build for each action; the others are steps of their own. */
const verbs: Partial<Record<string, (b: Build) => unknown>> = {
  Begin: (b) => b.begin(),
  Join: (b) => b.begin(),
  Leave: (b) => b.end(),
  Rest: (b) => b.end(),
  Release: (b) => b.end(),
  Discard: (b) => b.end(),
  Evict: (b) => b.evict(),
  Doom: (b) => b.evict(),
  Forget: (b) => b.evict(),
  Condemn: (b) => b.condemn(),
}
test('builds take every step of the specification, by that name, and are in the same states after each', () => {
  const graph = explored<Lifecycle>(lifecycle.machine(constantsOf(read('LifecycleLarge.cfg'))))
  const covered = new Set<string>()
  for (const walk of edgeCover(graph)) {
    const told: string[] = []
    const make = () =>
      new Build(
        {} as never,
        '',
        (e) => e.event === 'move' && told.push(e.action),
        () => undefined,
      )
    const builds = graph.states[0]!.st.map((row) => row.map(make))
    for (const { from, action, args, to } of walk) {
      const [h, v] = args
      covered.add(`${from} ${action} ${args} ${to}`)
      // Versions are the engine's own; recorded runs are held to those.
      if (v === undefined) continue
      const build = builds[h! - 1]![v - 1]!
      const done = (verbs[action] ?? ((b: Build) => b.step(action as Action)))(build)
      if (verbs[action] === undefined) expect(done).toEqual(right(null))
      const s = graph.states[to]!
      const found = builds.map((row) => row.map((b) => [b.state, b.running, b.leaving]))
      const wanted = s.st.map((row, i) =>
        row.map((st, j) => [st === 'None' ? 'GraphReceived' : st, s.runs[i]![j], s.leaving[i]![j] !== 'no']),
      )
      if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted)
      if (told.at(-1) !== action) expect(told.at(-1)).toBe(action)
    }
  }
  expect(covered.size).toBe(graph.edges.length)
}, 300_000)

test('what real engines told of themselves is a behaviour of the specification, faults and all', async () => {
  const all = await engineTraces.record()
  const real = all.filter((t) => t.real)
  expect(real.filter((t) => !engineTraces.accepted(t))).toEqual([])
  const seen = new Set(real.flatMap((t) => t.events.map(([what]) => what)))
  expect(seen).toEqual(
    new Set([...edges.map(([, a]) => a), 'Replace', 'Prove', 'Rollback'].filter((a) => a !== 'Interpret')),
  )
  const bad = all.filter((t) => !t.real)
  const refused = bad.filter((t) => !engineTraces.accepted(t)).length
  process.stdout.write(
    `Lifecycle: ${real.length} recorded traces accepted; of ${bad.length} corrupted ones ${refused} refused, the others are behaviours too\n`,
  )
  expect(refused).toBeGreaterThan(bad.length / 2)
}, 300_000)
