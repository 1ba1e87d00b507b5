import type { NodeId } from '../graph/arena.ts'
import { isLeft } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { postorder } from '../graph/walk.ts'
import type { OptimiseOptions } from './manager.ts'
import { atLeast, runPass } from './manager.ts'
import type { Tell } from './pass.ts'
import { pipelineFor } from './pipeline.ts'

/** One thing that a pass did on the way to a node: what stood there before, and what stands there since. */
export interface Event {
  readonly pass: string
  /** A law, or what the pass does; empty where nobody can say more than that the pass made it. */
  readonly rule: string
  readonly before: Graph
  readonly after: Graph
  readonly from: NodeId | undefined
  readonly made: NodeId
}

interface Ran {
  readonly pass: string
  readonly before: Graph
  readonly after: Graph
  /** By what was made: what it stands for, and why. */
  readonly told: ReadonlyMap<NodeId, readonly { readonly from: NodeId; readonly rule: string }[]>
  readonly known: ReadonlySet<NodeId>
}

/** How the nodes of an optimised graph came to be. Passes tell it themselves: it is for people, and decides nothing. */
export class History {
  readonly graph: Graph
  readonly #ran: readonly Ran[]
  constructor(source: Graph, options: OptimiseOptions = {}) {
    const off = new Set(options.off)
    const ran: Ran[] = []
    let now = source
    for (const pass of pipelineFor(options.collapse).filter((p) => !off.has(p.name))) {
      const told = new Map<NodeId, { from: NodeId; rule: string }[]>()
      const before = atLeast(now, pass.from)
      const tell: Tell = (made, from, rule) => {
        const list = told.get(made) ?? []
        told.set(made, list)
        if (made !== from && !list.some((t) => t.from === from)) list.push({ from, rule })
      }
      const done = runPass(pass, before, { tell })
      if (isLeft(done)) continue
      now = done.right.graph
      ran.push({ pass: pass.name, before, after: now, told, known: nodesOf(before) })
    }
    this.graph = now
    this.#ran = ran
  }

  /** What made a node, the first thing first, and the nodes of the graph as written that it comes from. */
  of(id: NodeId): { readonly events: readonly Event[]; readonly origins: readonly NodeId[] } {
    const events: Event[][] = []
    let now: ReadonlySet<NodeId> = new Set([id])
    for (const { pass, before, after, told, known } of this.#ran.toReversed()) {
      const mine: Event[] = []
      const earlier = new Set<NodeId>()
      const seen = new Set<NodeId>(now)
      for (const made of seen) {
        if (known.has(made)) earlier.add(made)
        const from = told.get(made) ?? []
        if (!known.has(made) && from.length === 0) mine.push({ pass, rule: '', before, after, from: undefined, made })
        for (const t of from) {
          if (t.rule !== '') mine.push({ pass, rule: t.rule, before, after, from: t.from, made })
          seen.add(t.from)
        }
      }
      events.push(mine.toReversed())
      now = earlier
    }
    return { events: events.toReversed().flat(), origins: [...now].sort((a, b) => a - b) }
  }
}

const nodesOf = ({ arena, root }: Graph): ReadonlySet<NodeId> => {
  const all = new Set<NodeId>()
  const regions = new Set([root])
  for (const r of regions) {
    for (const id of postorder(arena, r)) {
      all.add(id)
      for (const b of arena.regionsOf(id)) regions.add(b.root)
    }
  }
  return all
}
