import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Need } from '../../graph/need.ts'
import { needKey, needOfBody, planOf } from '../../graph/need.ts'
import { mayFail, occurrenceOf, postorder } from '../../graph/walk.ts'

/**
 * What happens and what can fail in a region, in the order in which it does when so much of the result is needed; then
 * how much of its parameters is, because that decides what happens outside.
 */
export const happenings = (arena: Arena, root: NodeId, need: Need): string => {
  const params: string[] = []
  for (const [id, n] of planOf(arena, root, need).need)
    if (arena.opOf(id).name === 'param') params.push(`${id}:${needKey(n)}`)
  return `${events(arena, root, need).join()} ${params.sort().join()}`
}
const events = (arena: Arena, root: NodeId, need: Need): readonly string[] => {
  const plan = planOf(arena, root, need)
  const out: string[] = []
  for (const id of plan.order) {
    if (!isLoud(arena, id)) continue
    const node = arena.node(id)
    const own = occurrenceOf(node)
    // What of a body happens depends on what is needed of it: of a list that only its size is needed of, nothing may.
    const inner = node.regions.map((r, k) => events(arena, r.root, needOfBody(node, k, plan.need.get(id)!)).join())
    if (own !== undefined) out.push(String(own))
    else if (node.regions.length === 0 || inner.some((e) => e !== '')) out.push(`(${inner.join(' | ')})`)
  }
  return out
}
const isLoud = (arena: Arena, id: NodeId): boolean =>
  isEffect(arena.opOf(id).name) ||
  mayFail(arena, id) ||
  arena.regionsOf(id).some((r) => postorder(arena, r.root).some((x) => isLoud(arena, x)))
/** Nodes below which something happens or can fail; found once for each node. */
export const loudBelow = (arena: Arena): ((id: NodeId) => boolean) => {
  const known = new Map<NodeId, boolean>()
  return (root) => {
    if (!known.has(root)) {
      for (const id of postorder(arena, root, (x) => (known.has(x) ? [] : arena.argsOf(x)))) {
        if (!known.has(id)) known.set(id, isLoud(arena, id) || arena.argsOf(id).some((a) => known.get(a) === true))
      }
    }
    return known.get(root)!
  }
}

/** Whether an array expression comes to the operands of a map in the order in which the map does. */
export const sameEntry = (
  arena: Arena,
  args: readonly NodeId[],
  array: NodeId,
  loud: (id: NodeId) => boolean,
): boolean => {
  const own = new Set(args)
  const expected = [...own].filter(loud)
  if (expected.length === 0) return true
  const met = postorder(arena, array, (id) => (own.has(id) ? [] : arena.argsOf(id))).filter(
    (id) => own.has(id) && loud(id),
  )
  return met.join() === expected.join()
}
