import type { NodeId } from '../../graph/arena.ts'
import { effects, isEffect } from '../../graph/effects.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { planOf } from '../../graph/need.ts'
import { elementOf } from '../../graph/types.ts'
import { occurrenceOf } from '../../graph/walk.ts'

/** How often one call of the graph goes out in a run. */
export interface Requests {
  readonly effect: EffectName
  readonly name: string
  /** Where it is written, as file and line. */
  readonly place: string
  readonly times: number
}
/** Inside the process: nobody waits for them. */
const near: ReadonlySet<string> = new Set(['nowMs', 'randomBytes', 'logLine'])

/**
 * Requests of an optimised graph, by occurrence, when lists of unknown length have `rows` elements: a batch is one, the arm of
 * a condition that asks more counts, and a loop turns as often as it may.
 */
export const requestsOf = (g: Graph, rows: number): readonly Requests[] => {
  const { arena } = g
  type Counts = ReadonlyMap<number, number>
  const add = (into: Map<number, number>, from: Counts, times = 1): void => {
    for (const [o, n] of from) into.set(o, (into.get(o) ?? 0) + n * times)
  }
  const total = (c: Counts): number => [...c.values()].reduce((a, b) => a + b, 0)
  const sizeOf = (list: NodeId): number => {
    const dim = elementOf(arena.typeOf(list))?.dim
    return typeof dim === 'number' ? dim : rows
  }
  const found = new Map<number, Omit<Requests, 'times'>>()
  const known = new Map<string, Counts>()
  /** What one run of a region asks, beside what was asked ahead of it. */
  const region = (root: NodeId, ahead: ReadonlySet<number>): Counts => {
    const key = `${root} ${[...ahead].join()}`
    const seen = known.get(key)
    if (seen !== undefined) return seen
    const counts = new Map<number, number>()
    for (const id of planOf(arena, root, true).order) node(id, ahead, counts)
    known.set(key, counts)
    return counts
  }
  const node = (id: NodeId, ahead: ReadonlySet<number>, counts: Map<number, number>): void => {
    const n = arena.node(id)
    const { name } = n.op
    if (isEffect(name)) {
      const occurrence = occurrenceOf(n)!
      if (near.has(name) || ahead.has(occurrence)) return
      const site = siteOf(g, occurrence)
      const own = (n.op.attrs as { readonly name?: string }).name
      const driver = effects[name].driver(n.op.attrs as never)
      found.set(occurrence, { effect: name, name: own ?? (site.name === '' ? driver : site.name), place: site.place })
      add(counts, new Map([[occurrence, 1]]))
      return
    }
    if (name === 'kernel' || n.regions.length === 0) return
    const plans = (n.op.attrs as { plans?: readonly { readonly occurrence: number }[] }).plans ?? []
    const inner = new Set([...ahead, ...plans.map((p) => p.occurrence)])
    const bodies = n.regions.map((r) => region(r.root, inner))
    if (plans.length > 0)
      for (const r of n.regions)
        batched(
          r.root,
          plans.map((p) => p.occurrence),
          counts,
        )
    if (name === 'cond' || name === 'match')
      add(
        counts,
        bodies.reduce((a, b) => (total(b) > total(a) ? b : a)),
      )
    else {
      const times =
        name === 'loop'
          ? (n.op.attrs as { max: number }).max
          : name === 'map' || name === 'forkMap' || name === 'mapBatched'
            ? sizeOf(n.args[0]!)
            : 1
      for (const b of bodies) add(counts, b, times)
    }
  }
  /** Calls that are asked together, each of them once, wherever it stands in a body. */
  const batched = (root: NodeId, occurrences: readonly number[], counts: Map<number, number>): void => {
    const alone = region(root, new Set())
    for (const o of occurrences) if (alone.has(o)) add(counts, new Map([[o, 1]]))
  }
  const root = arena.node(g.root)
  const first = new Map<number, number>()
  const counts = new Map<number, number>()
  if (root.op.name === 'ahead') {
    const plans = (root.op.attrs as { plans: readonly { readonly occurrence: number }[] }).plans
    const asked = plans.map((p) => p.occurrence)
    batched(root.args[0]!, asked, first)
    add(counts, region(root.args[0]!, new Set(asked)))
  } else add(counts, region(g.root, new Set()))
  add(counts, first)
  return [...counts]
    .filter(([, times]) => times > 0)
    .sort(([a], [b]) => a - b)
    .map(([o, times]) => ({ ...found.get(o)!, times }))
}
