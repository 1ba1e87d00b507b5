import type { NodeId } from '../graph/arena.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { rebuild, withParts } from '../graph/walk.ts'
import type { Law, Mode } from './laws/index.ts'
import { laws } from './laws/index.ts'
import type { Note, Pass } from './pass.ts'
import { countNodes } from './rewrite.ts'
import { eventsOf } from './simplify/events.ts'
import { Settler } from './simplify/settle.ts'

/** Constant folding and the laws of a table, bottom up, until none applies. */
export const simplifyBy = (table: readonly Law[]): Pass => ({
  name: 'simplify',
  doc: `Computes what is constant, and rewrites by named laws, each of which has its evidence (see docs/laws.md).
before: mul(x, add(2, -1))      field(record(a: x, b: y), "a")      reduce max(neg(x))
after:  x                       x                                   neg(reduce min(x))
limits: a law applies where what it drops or moves cannot fail, read or write; constants of at most 64 cells.`,
  from: 'normal',
  to: 'normal',
  run: (graph, tell) => {
    const { arena } = graph
    // Laws that go through shared expressions once for each index could otherwise take long on huge graphs.
    const budget = 20 * countNodes(arena, graph.root) + 1000
    const once = (calmOnly: boolean): { readonly settler: Settler; readonly root: NodeId } => {
      const modes = (graph.relaxed ?? []) as readonly Mode[]
      const settler = new Settler(arena, graph.root, table, modes, budget, { tell, calmOnly })
      const root = rebuild(arena, graph.root, (node, args, bodies) => {
        const now = withParts(arena, node, args, bodies)
        if (now !== node.id) tell?.(now, node.id, '')
        return settler.settle(now)
      })
      return { settler, root }
    }
    const all = once(false)
    // A part of a record that is looked at in one place less may come later there, and calls with it.
    const moved = all.settler.loud && eventsOf(arena, graph.root) !== eventsOf(arena, all.root)
    const { settler, root } = moved ? once(true) : all
    const after: Graph = { ...graph, root, stage: graph.stage === 'source' ? 'normal' : graph.stage }
    const { steps, modes } = settler
    return right({ graph: after, certificate: { kind: 'simplify', modes, steps }, notes: notesOf(steps) })
  },
})
export const simplify: Pass = simplifyBy(laws)

/** How many times each law fired, the busiest first. */
const notesOf = (steps: Settler['steps']): readonly Note[] => {
  const times = new Map<string, number>()
  for (const [, name] of steps) times.set(name, (times.get(name) ?? 0) + 1)
  return [...times]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, n]) => ({
      text:
        name === 'constant'
          ? `${n} ${n === 1 ? 'node' : 'nodes'} computed while compiling`
          : `law ${name} fired ${n === 1 ? 'once' : `${n} times`}`,
    }))
}
