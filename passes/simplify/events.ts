import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Need } from '../../graph/need.ts'
import { needKey, needOfBody, planOf } from '../../graph/need.ts'
import { mayFail, occurrenceOf } from '../../graph/walk.ts'

/** What happens and what can fail in a graph, in order, bodies included, as far as it is needed. */
export const eventsOf = (arena: Arena, root: NodeId): string => {
  const known = new Map<string, string>()
  const region = (at: NodeId, need: Need): string => {
    const key = `${at} ${needKey(need)}`
    const seen = known.get(key)
    if (seen !== undefined) return seen
    const plan = planOf(arena, at, need)
    const out: string[] = []
    for (const id of plan.order) {
      const bodies = arena.regionsOf(id)
      if (isEffect(arena.opOf(id).name) || mayFail(arena, id)) out.push(`${occurrenceOf(arena.node(id))}`)
      if (bodies.length === 0) continue
      const node = arena.node(id)
      const inner = bodies.map((b, k) => region(b.root, needOfBody(node, k, plan.need.get(id)!)))
      if (inner.some((t) => t !== '')) out.push(`(${inner.join('|')})`)
    }
    known.set(key, out.join())
    return out.join()
  }
  return region(root, true)
}
