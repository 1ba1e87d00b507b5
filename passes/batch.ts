import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import type { DbQueryAttrs } from '../graph/effects.ts'
import { conflict, effects, isEffect } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { left, right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { mustMake } from '../graph/make.ts'
import { whyNotBatchable } from '../graph/sql/batchable.ts'
import { sqlFacts } from '../graph/sql/facts.ts'
import { occurrenceOf, postorder, regionFootprint, withParts, writes } from '../graph/walk.ts'
import type { BatchClaim } from './certificate.ts'
import type { RegionPlan } from './needs.ts'
import { regionPlans } from './needs.ts'
import type { Note, Pass } from './pass.ts'
import { rewrite } from './rewrite.ts'

const maps: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched'])

/**
 * Queries in the body of a map are answered for all elements together, where parsing, footprints and authority allow it.
 * The original body stays inside the node; the SQL for many keys is written by the driver.
 */
export const batch: Pass = {
  name: 'batch',
  doc: `Answers a query in a map for all elements at once.
before: map(pairs) { query "airport" (element.code) }      one round trip an element
after:  mapBatched(pairs) { … } plans: "airport"           one round trip
limits: queries at the top of the body, not under a condition or in a nested body; each level of nesting by itself.`,
  from: 'normal',
  to: 'batched',
  run: (graph) => {
    const { arena } = graph
    const claims: BatchClaim[] = []
    const notes = new Map<number, Note>()
    const plans = regionPlans(arena, graph.root)
    const root = rewrite(arena, graph.root, (node, args, bodies) => {
      if (!maps.has(node.op.name)) return withParts(arena, node, args, bodies)
      const own: BatchClaim[] = []
      for (const query of queriesThatRun(arena, node, bodies[0]!.root, plans)) {
        const { name, occurrence } = query.op.attrs as DbQueryAttrs
        const plan = planFor(arena, bodies[0]!.root, query)
        if (plan._tag === 'Right') own.push(plan.right)
        notes.set(occurrence, {
          occurrence,
          text:
            plan._tag === 'Right'
              ? `query '${name}' batched: one call answers all elements`
              : `query '${name}' runs once an element: ${plan.left}`,
        })
      }
      for (const query of nested(arena, bodies[0]!.root)) {
        const { name, occurrence } = query.attrs
        notes.set(occurrence, {
          occurrence,
          text: `query '${name}' runs by itself: it stands inside ${query.inside}, not at the top of the body`,
        })
      }
      claims.push(...own)
      if (own.length === 0 && node.op.name !== 'mapBatched') return withParts(arena, node, args, bodies)
      const fork = node.op.name === 'forkMap' || (node.op.attrs as { fork?: boolean }).fork === true
      return mustMake(arena, 'mapBatched', { plans: own.map(({ assumes: _, ...p }) => p), fork }, args, bodies)
    })
    const after: Graph = { ...graph, root, stage: graph.stage === 'fused' ? 'fused' : 'batched' }
    const told = [...notes.values()].sort((a, b) => a.occurrence! - b.occurrence!)
    return right({ graph: after, certificate: { kind: 'batch', plans: claims }, notes: told })
  },
}

/** The queries at the top of a rebuilt body that ran in the body as it was. */
const queriesThatRun = (
  arena: Arena,
  map: NodeView,
  root: NodeId,
  plans: ReadonlyMap<NodeId, RegionPlan>,
): readonly NodeView[] => {
  const { order } = plans.get(map.regions[0]!.root)!.plan
  const live = new Set(
    order
      .map((id) => arena.node(id))
      .filter((n) => n.op.name === 'dbQuery')
      .map(occurrenceOf),
  )
  return postorder(arena, root)
    .map((id) => arena.node(id))
    .filter((n) => n.op.name === 'dbQuery' && live.has(occurrenceOf(n)))
}

/** Queries further inside a body, down to the next map, with the op that holds them. */
const nested = (arena: Arena, root: NodeId): readonly { attrs: DbQueryAttrs; inside: string }[] =>
  postorder(arena, root)
    .filter((id) => !maps.has(arena.opOf(id).name))
    .flatMap((id) =>
      arena.regionsOf(id).flatMap((r) => [
        ...postorder(arena, r.root)
          .map((x) => arena.opOf(x))
          .filter((op) => op.name === 'dbQuery')
          .map((op) => ({ attrs: op.attrs as DbQueryAttrs, inside: arena.opOf(id).name })),
        ...nested(arena, r.root),
      ]),
    )

/** How a query is batched over the elements of its map, or why it is not. */
const planFor = (arena: Arena, body: NodeId, query: NodeView): Either<string, BatchClaim> => {
  const a = query.op.attrs as DbQueryAttrs
  if (a.mode === 'exec') return left('it changes data; only queries that read are batched')
  if (!a.batch) return left('batching is switched off for it')
  const facts = sqlFacts(a.sql)
  if (facts._tag === 'Left') return left(facts.left)
  const params = a.authority ? query.args.slice(1) : query.args
  const why = whyNotBatchable(
    facts.right,
    params.map((p) => arena.typeOf(p)),
  )
  if (why !== undefined) return left(why)
  const print = effects.dbQuery.footprint(a)
  if (print.writes.length > 0) return left('it declares that it writes')
  if (conflict(print, { reads: [], writes: regionFootprint(arena, body).writes }))
    return left('the body writes what it reads, so the elements depend on one another')
  const below = (ids: readonly NodeId[]): readonly NodeId[] => ids.flatMap((x) => postorder(arena, x))
  if (below(query.args).some((x) => writes(arena, x))) return left('its arguments wait for a write in the same element')
  if (a.authority && below(query.args.slice(0, 1)).some((x) => varies(arena, x)))
    return left('its authority may differ from element to element')
  if (!below(params).some((x) => differs(arena, x)))
    return left('its arguments are the same for every element; take it out of the map to run it once')
  const { ordered } = facts.right
  return right({
    occurrence: a.occurrence,
    ordered,
    params: facts.right.params.map(({ at, length, number }) => ({ at, length, number })),
    assumes: `'${a.name}' is one read-only ${facts.right.statement} without volatile functions or locks`,
  })
}
/** The same for every element: made of captures and literals. */
const plain: ReadonlySet<string> = new Set(['const', 'field', 'record'])
const varies = (arena: Arena, id: NodeId): boolean =>
  isElement(arena, id) || (!plain.has(arena.opOf(id).name) && arena.opOf(id).name !== 'param')
const isElement = (arena: Arena, id: NodeId): boolean => {
  const { name, attrs } = arena.opOf(id)
  return name === 'param' && (attrs as { index: number }).index === 0
}
/** Differs from element to element: the element itself, or a call or body, which may answer anew. */
const differs = (arena: Arena, id: NodeId): boolean =>
  isElement(arena, id) || isEffect(arena.opOf(id).name) || arena.regionsOf(id).length > 0
