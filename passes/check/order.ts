import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { NeedJson } from '../certificate.ts'
import { bodyNeed, demandOf } from './demand.ts'
import type { Refusal } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * Order is part of what a graph means: it decides which read sees which write, and which error comes first. The trace of
 * a region lists, in program order, the calls and everything that can fail, with the traces of bodies inside; two graphs
 * in which the same calls happen in the same order have the same trace. `gone` names occurrences that are left out.
 */
export const traceOf = (g: Graph, gone: ReadonlySet<number> = nobody): Trace => {
  if (gone.size > 0) return tell(g, gone)
  // What one pass hands to the next is asked for twice.
  const known = traces.get(g.arena) ?? new Map<NodeId, Trace>()
  const trace = known.get(g.root) ?? tell(g, gone)
  traces.set(g.arena, known.set(g.root, trace))
  return trace
}
const nobody: ReadonlySet<number> = new Set()
const traces = new WeakMap<Arena, Map<NodeId, Trace>>()

const tell = (g: Graph, gone: ReadonlySet<number>): Trace => {
  const live = demandOf(g.arena)
  const known = new Map<string, string>()
  const names = new Map<string, string>()
  /** Long traces are told by a short name; equal traces have one name. */
  const short = (trace: string): string => {
    if (trace.length < 40) return trace
    const name = names.get(trace) ?? `#${names.size}`
    names.set(trace, name)
    return name
  }
  const region = (root: NodeId, need: NeedJson): readonly string[] => {
    const { order, needs } = live(root, need)
    const out: string[] = []
    for (const id of order) {
      const op = g.arena.opOf(id)
      const name = op.name as OpName
      if (isEffect(name) || declOf(name).fallible === true) {
        const { occurrence } = op.attrs as { occurrence: number }
        if (!gone.has(occurrence)) out.push(`${name} ${occurrence}`)
      }
      if (!g.arena.hasRegions(id)) continue
      const node = g.arena.node(id)
      const inner = node.regions.map((r, k) => inside(r.root, bodyNeed(node, k, needs.get(id)!)))
      if (inner.some((t) => t !== '')) out.push(`${plainName(name, op.attrs)}(${inner.map(short).join(' | ')})`)
    }
    return out
  }
  const inside = (root: NodeId, need: NeedJson): string => {
    const key = `${root} ${JSON.stringify(need)}`
    const found = known.get(key) ?? region(root, need).join('; ')
    known.set(key, found)
    return found
  }
  return { top: region(g.root, true), long: [...names.keys()] }
}
export interface Trace {
  readonly top: readonly string[]
  /** What the short names stand for, in order of their numbers. */
  readonly long: readonly string[]
}
const plainName = (name: OpName, attrs: object): string =>
  name === 'mapBatched' ? ((attrs as { fork: boolean }).fork ? 'forkMap' : 'map') : name

/** Refuses two graphs whose calls differ, or happen in another order; calls in `gone` may be missing from the second. */
export const sameOrder = (before: Graph, after: Graph, gone: ReadonlySet<number> = nobody): Refusal | undefined => {
  if (gone.size === 0 && before.root === after.root) return undefined
  const a = traceOf(before, gone)
  const b = traceOf(after)
  const at = a.top.findIndex((t, i) => t !== b.top[i])
  if (at >= 0) return refuse('order', `${a.top[at]} ${b.top[at] === undefined ? 'is missing' : `became ${b.top[at]}`}`)
  if (b.top.length > a.top.length) return refuse('order', `${b.top[a.top.length]} is new`)
  const inner = a.long.findIndex((t, i) => t !== b.long[i])
  return inner < 0 ? undefined : refuse('order', `inside a body, ${a.long[inner]} became ${b.long[inner]}`)
}
