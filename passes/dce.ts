import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import type { DbQueryAttrs } from '../graph/effects.ts'
import { isEffect } from '../graph/effects.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { siteOf } from '../graph/graph.ts'
import { mustMake } from '../graph/make.ts'
import type { Need } from '../graph/need.ts'
import { occurrenceOf, postorder, withParts, writes } from '../graph/walk.ts'
import type { NeedJson } from './certificate.ts'
import type { RegionPlan } from './needs.ts'
import { regionPlans, regionRoots } from './needs.ts'
import type { Note, Pass } from './pass.ts'
import type { Rewrite } from './rewrite.ts'
import { rewrite } from './rewrite.ts'

/**
 * Dead code. An operand that nothing looks at becomes `absent`, through records, lists, forks, conditions and bodies, so
 * that what only it reached is gone. Types stay as they are. What writes stays, and so does the path to it: a node that
 * nobody needs but through which a write is reached keeps that one operand.
 */
export const dce: Pass = {
  name: 'dce',
  doc: `Removes what nothing needs.
before: field(record(total: sum(x), states: query), "total")
after:  field(record(total: sum(x), states: absent), "total")
limits: a dead node stays as a path where a write is only reached through it.`,
  from: 'source',
  to: 'normal',
  run: (graph, tell) => {
    const { arena } = graph
    const plans = regionPlans(arena, graph.root)
    const shapes = new Map([...plans].map(([root, p]) => [root, shapeOf(arena, root, p)]))
    const gone = (id: NodeId): NodeId => {
      const made = absent(arena, id)
      tell?.(made, id, 'nothing looks at it')
      return made
    }
    const rebuilt: Rewrite = (node, args, bodies, region) => {
      const shape = shapes.get(region)!
      if (!shape.kept.has(node.id)) return node.id
      const operands = node.args.map((a, i) => (shape.looks(node, i) ? args[i]! : gone(a)))
      const parts = bodies.map((b, k) => {
        const old = node.regions[k]!.root
        return shapes.get(old)!.kept.has(old) ? b : { params: b.params, root: gone(old) }
      })
      return withParts(arena, node, operands, parts)
    }
    const root = rewrite(arena, graph.root, rebuilt, tell)
    const after: Graph = { ...graph, root, stage: graph.stage === 'source' ? 'normal' : graph.stage }
    const regions = [...plans].flatMap(([r, { ways }]) =>
      ways.map(({ need, plan }) => ({
        root: r,
        need: toJson(need),
        needs: [...plan.need].map(([id, n]) => [id, toJson(n)] as const),
      })),
    )
    return right({ graph: after, certificate: { kind: 'dce', regions }, notes: whatWent(graph, after, plans) })
  },
}

const absent = (arena: Arena, id: NodeId): NodeId =>
  arena.opOf(id).name === 'absent' ? id : mustMake(arena, 'absent', { type: arena.typeOf(id) })

interface Shape {
  /** Needed, or on the way to a write. */
  readonly kept: ReadonlySet<NodeId>
  readonly looks: (node: NodeView, operand: number) => boolean
}
/** What stays of one region, read off its plan. */
const shapeOf = (arena: Arena, root: NodeId, { ways }: RegionPlan): Shape => {
  const carries = new Set<NodeId>()
  for (const id of postorder(arena, root)) {
    if (writes(arena, id) || arena.argsOf(id).some((a) => carries.has(a))) carries.add(id)
  }
  return {
    kept: new Set([...ways.flatMap(({ plan }) => [...plan.need.keys()]), ...carries]),
    looks: (node, i) => ways.some(({ plan }) => plan.looks(node.id, i)) || carries.has(node.args[i]!),
  }
}

const toJson = (n: Need): NeedJson =>
  n === true ? true : Object.fromEntries([...n].map(([f, part]) => [f, toJson(part)]))

/** Names the calls that no longer happen, in the order they stood in. */
const whatWent = (before: Graph, after: Graph, plans: ReadonlyMap<NodeId, RegionPlan>): readonly Note[] => {
  const { arena } = before
  const live = new Set(
    [...plans.values()].flatMap(({ ways }) =>
      ways.flatMap(({ plan }) => plan.order.map((id) => occurrenceOf(arena.node(id)))),
    ),
  )
  const gone = new Map<number, NodeId>()
  for (const r of plans.keys()) {
    for (const id of postorder(arena, r)) {
      const occurrence = isEffect(arena.opOf(id).name) ? occurrenceOf(arena.node(id)) : undefined
      if (occurrence !== undefined && !live.has(occurrence)) gone.set(occurrence, id)
    }
  }
  const went = stillThere(before, after)
  return [...gone]
    .filter(([occurrence]) => !went.has(occurrence))
    .sort(([a], [b]) => a - b)
    .map(([occurrence, id], i) => {
      const { op } = arena.node(id)
      const site = siteOf(before, occurrence).name
      const fields = i < explained ? fieldsThatReach(before, plans, id) : []
      const why = fields.length === 0 ? 'nothing needs its answer' : `nothing projects field ${fields.join(' or ')}`
      const what =
        op.name === 'dbQuery'
          ? `query '${(op.attrs as DbQueryAttrs).name}'`
          : `${op.name}${site === '' ? '' : ` '${site}'`}`
      return { occurrence, text: `${what} removed: ${why}` }
    })
}
/** Reasons cost a walk each, so beyond this many the note is short. */
const explained = 32

/** A second run removes nothing: calls that were only left as a path to a write are not told again. */
const stillThere = (before: Graph, after: Graph): ReadonlySet<number> =>
  before.root === after.root
    ? new Set(
        regionRoots(after.arena, after.root).flatMap((r) =>
          postorder(after.arena, r).map((id) => occurrenceOf(after.arena.node(id)) ?? -1),
        ),
      )
    : new Set()

/** The record fields through which a node is reached first: what somebody would have had to look at. */
const fieldsThatReach = (g: Graph, plans: ReadonlyMap<NodeId, RegionPlan>, call: NodeId): readonly string[] => {
  const fields = new Set<string>()
  for (const r of plans.keys()) {
    const below = new Set<NodeId>([call])
    for (const id of postorder(g.arena, r)) {
      const { op, args } = g.arena.node(id)
      const hits = args.flatMap((a, i) => (below.has(a) ? [i] : []))
      if (hits.length === 0) continue
      if (op.name !== 'record' && op.name !== 'rows') below.add(id)
      else for (const i of hits) fields.add((op.attrs as { fields: readonly string[] }).fields[i]!)
    }
  }
  return [...fields]
}
