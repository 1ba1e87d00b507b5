import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import type { DbQueryAttrs, Dialect } from '../../graph/effects.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { notPortable } from '../../graph/sql/portable.ts'
import type { Type } from '../../graph/types.ts'
import { showType } from '../../graph/types.ts'
import { occurrenceOf, postorder } from '../../graph/walk.ts'

/** A kernel of the optimised graph: what it computes in one loop nest. */
export interface KernelView {
  readonly name: string
  readonly operations: number
  /** Op names with how often they occur, most frequent first. */
  readonly ops: readonly (readonly [op: string, count: number])[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** How a query of the graph as written is run. */
export type Way = 'once' | 'batched' | 'each' | 'removed'
export interface QueryView {
  readonly occurrence: number
  readonly name: string
  readonly db: string
  readonly mode: DbQueryAttrs['mode']
  readonly place: string
  readonly sql: string
  readonly params: readonly string[]
  readonly dialect?: Dialect
  /** What lies outside the portable subset of SQL; empty for a portable query. */
  readonly notPortable: readonly string[]
  readonly way: Way
  readonly plan?: BatchPlanView
}
export interface BatchPlanView {
  readonly occurrence: number
  readonly ordered: boolean
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
}

/** What does not compute: leaves, the glue of records, and broadcasts, which are only another way to count. */
const glue = new Set(['param', 'input', 'absent', 'const', 'record', 'field', 'broadcast'])
const repeating = new Set(['map', 'forkMap', 'mapBatched', 'loop'])

/** Visits every node once, bodies after their owner, with the owners around it. */
const everyNode = (arena: Arena, root: NodeId, visit: (node: NodeView, owners: readonly NodeView[]) => void): void => {
  const seen = new Set<NodeId>()
  const enter = (r: NodeId, owners: readonly NodeView[]): void => {
    for (const id of postorder(arena, r)) {
      if (seen.has(id)) continue
      seen.add(id)
      const node = arena.node(id)
      visit(node, owners)
      if (node.op.name !== 'kernel') for (const b of node.regions) enter(b.root, [...owners, node])
    }
  }
  enter(root, [])
}

/** Nodes of a graph, those inside kernels not counted: a kernel is one step. */
export const steps = (g: Graph): number => {
  let n = 0
  everyNode(g.arena, g.root, () => n++)
  return n
}

/** The kernels of an optimised graph, in program order. */
export const kernelsOf = (g: Graph): readonly KernelView[] => {
  const found = new Map<NodeId, KernelView>()
  everyNode(g.arena, g.root, (node) => {
    const body = node.regions[0]
    if (node.op.name !== 'kernel' || body === undefined || found.has(body.root)) return
    const ops = operations(g.arena, body.root)
    found.set(body.root, {
      name: `k${found.size}`,
      ops,
      operations: ops.reduce((n, [, k]) => n + k, 0),
      inputs: body.params.map(showType),
      outputs: outputsOf(g.arena.typeOf(body.root)),
    })
  })
  return [...found.values()]
}
const outputsOf = (t: Type): readonly string[] =>
  t.kind === 'record' ? t.fields.map(([, f]) => showType(f)) : [showType(t)]

/** The operations below a root, bodies included, counted by name. */
export const operations = (arena: Arena, root: NodeId): readonly (readonly [string, number])[] => {
  const counts = new Map<string, number>()
  const enter = (r: NodeId): void => {
    for (const id of postorder(arena, r)) {
      const { name } = arena.opOf(id)
      if (!glue.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
      for (const b of arena.regionsOf(id)) enter(b.root)
    }
  }
  enter(root)
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
}

/** Every query as written, with how the optimised graph runs it. */
export const queriesOf = (source: Graph, optimised: Graph): readonly QueryView[] => {
  const ways = new Map<number, { way: Way; plan?: BatchPlanView }>()
  everyNode(optimised.arena, optimised.root, (node, owners) => {
    const occurrence = occurrenceOf(node)
    if (node.op.name === 'dbQuery' && occurrence !== undefined) ways.set(occurrence, wayOf(occurrence, owners))
  })
  const found: QueryView[] = []
  everyNode(source.arena, source.root, (node) => {
    if (!isEffect(node.op.name) || node.op.name !== 'dbQuery') return
    const a = node.op.attrs as DbQueryAttrs
    const params = node.args.slice(a.authority ? 1 : 0).map((id) => showType(source.arena.typeOf(id)))
    found.push({
      occurrence: a.occurrence,
      name: a.name,
      db: a.db,
      mode: a.mode,
      sql: a.sql,
      params,
      notPortable: notPortable(a.sql),
      ...(a.dialect === undefined ? {} : { dialect: a.dialect }),
      place: siteOf(source, a.occurrence).place,
      ...(ways.get(a.occurrence) ?? { way: 'removed' }),
    })
  })
  return found.sort((a, b) => a.occurrence - b.occurrence)
}
const wayOf = (occurrence: number, owners: readonly NodeView[]): { way: Way; plan?: BatchPlanView } => {
  for (const o of owners) {
    const { plans } = o.op.attrs as { plans?: readonly BatchPlanView[] }
    const plan = plans?.find((p) => p.occurrence === occurrence)
    if (plan !== undefined) return { way: 'batched', plan }
  }
  return { way: owners.some((o) => repeating.has(o.op.name)) ? 'each' : 'once' }
}
