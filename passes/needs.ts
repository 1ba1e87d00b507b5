import type { Arena, NodeId } from '../graph/arena.ts'
import type { Need, Plan } from '../graph/need.ts'
import { join, needKey, needOfBody, nothing, planOf } from '../graph/need.ts'
import { postorder } from '../graph/walk.ts'

/** Every region of a graph by its root, owners before the regions inside them. */
export const regionRoots = (arena: Arena, root: NodeId): readonly NodeId[] => {
  const seen = new Set<NodeId>()
  const out: NodeId[] = []
  const enter = (r: NodeId): void => {
    if (seen.has(r)) return
    seen.add(r)
    for (const id of postorder(arena, r)) for (const body of arena.regionsOf(id)) enter(body.root)
    out.push(r)
  }
  enter(root)
  return out.reverse()
}

/** What is needed in one region, over all the places from which it is entered. */
export interface RegionPlan {
  /** Each way in which it is entered: how much of its result is looked at, and the plan for that. None: it never runs. */
  readonly ways: readonly { readonly need: Need; readonly plan: Plan }[]
  /** The plan for all that is asked of its result anywhere. */
  readonly plan: Plan
  /** Whether a node runs every time the region does: what a pass may count on. */
  readonly always: (id: NodeId) => boolean
}

/**
 * Plans for every region. A region that is entered with different needs is one region still: it keeps what any of them
 * needs, and only what all of them need may be relied upon.
 */
export const regionPlans = (arena: Arena, root: NodeId): ReadonlyMap<NodeId, RegionPlan> => {
  const asked = new Map<NodeId, Map<string, Need>>([[root, new Map([['*', true]])]])
  const plans = new Map<NodeId, RegionPlan>()
  for (const r of regionRoots(arena, root)) {
    const needs = [...(asked.get(r) ?? new Map<string, Need>()).values()]
    const need = needs.reduce<Need>(join, nothing)
    const plan = planOf(arena, r, need)
    const ways = needs.map((n) => ({ need: n, plan: planOf(arena, r, n) }))
    plans.set(r, { ways, plan, always: (id) => ways.length > 0 && ways.every((w) => w.plan.need.has(id)) })
    // Bodies are asked from each plan apart, so that their own `always` is exact.
    for (const { plan: p } of ways) {
      for (const id of p.order) {
        const bodies = arena.regionsOf(id)
        if (bodies.length === 0) continue
        const owner = arena.node(id)
        for (const [k, body] of bodies.entries()) {
          const n = needOfBody(owner, k, p.need.get(id)!)
          const known = asked.get(body.root) ?? new Map<string, Need>()
          asked.set(body.root, known.set(needKey(n), n))
        }
      }
    }
  }
  return plans
}
