import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Need } from '../../graph/need.ts'
import { needKey, planOf } from '../../graph/need.ts'
import { mayFail, occurrenceOf, postorder } from '../../graph/walk.ts'

/**
 * What happens and what can fail in a region, in the order in which it does when so much of the result is needed; then
 * how much of its parameters is, because that decides what happens outside.
 */
export const happenings = (arena: Arena, root: NodeId, need: Need): string => {
  const plan = planOf(arena, root, need)
  const out: string[] = []
  for (const id of plan.order) if (isLoud(arena, id)) out.push(nameOf(arena, id))
  const params: string[] = []
  for (const [id, n] of plan.need) if (arena.opOf(id).name === 'param') params.push(`${id}:${needKey(n)}`)
  return `${out.join()} ${params.sort().join()}`
}
const isLoud = (arena: Arena, id: NodeId): boolean =>
  isEffect(arena.opOf(id).name) ||
  mayFail(arena, id) ||
  arena.regionsOf(id).some((r) => postorder(arena, r.root).some((x) => isLoud(arena, x)))
/** Occurrences are in one place of a graph only, so those inside a node tell it apart. */
const nameOf = (arena: Arena, id: NodeId): string => {
  const own = occurrenceOf(arena.node(id))
  if (own !== undefined) return String(own)
  const inner = arena.regionsOf(id).flatMap((r) => postorder(arena, r.root).filter((x) => isLoud(arena, x)))
  return `(${inner.map((x) => nameOf(arena, x)).join()})`
}

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
