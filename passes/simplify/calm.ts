import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'

/**
 * Nodes below which nothing can fail, read or write, bodies included; found once for each node. A parameter stands for what
 * its owner passes: where that may be loud, a body that stops using it would leave out the call or claim outside. Equal
 * parameters of two bodies are one node, so a body whose owner takes only what is calm is looked into by itself.
 */
export const calmNodes = (arena: Arena, root: NodeId): ((id: NodeId) => boolean) => {
  const inside = calmBut(arena, (_) => false)
  const strict = calmBut(arena, (_) => true, inside)
  const loud = new Set<NodeId>()
  const marked = new Set<NodeId>()
  const seen = new Set([root])
  const todo = [root]
  for (let r = todo.pop(); r !== undefined; r = todo.pop()) {
    for (const id of postorder(arena, r)) {
      const regions = arena.regionsOf(id)
      const passesLoud = regions.length > 0 && !arena.argsOf(id).every(strict)
      for (const body of regions) {
        if (passesLoud && !marked.has(body.root))
          for (const n of postorder(arena, body.root)) if (arena.opOf(n).name === 'param') loud.add(n)
        if (passesLoud) marked.add(body.root)
        if (!seen.has(body.root)) todo.push(body.root)
        seen.add(body.root)
      }
    }
  }
  return calmBut(arena, (param) => loud.has(param), inside)
}
/** Bodies are judged by `inside`, where it is given: their owner is calm only if all that it passes is. */
const calmBut = (
  arena: Arena,
  isLoud: (param: NodeId) => boolean,
  inside?: (id: NodeId) => boolean,
): ((id: NodeId) => boolean) => {
  const known = new Map<NodeId, boolean>()
  const bodies = (id: NodeId): readonly NodeId[] => arena.regionsOf(id).map((r) => r.root)
  const below = (id: NodeId): readonly NodeId[] =>
    inside === undefined ? [...arena.argsOf(id), ...bodies(id)] : arena.argsOf(id)
  return (root) => {
    const stack = [root]
    while (stack.length > 0) {
      const id = stack.at(-1)!
      const parts = known.has(id) ? [] : below(id)
      const open = parts.filter((a) => !known.has(a))
      if (open.length > 0) for (const a of open) stack.push(a)
      else {
        stack.pop()
        const { name } = arena.opOf(id)
        if (!known.has(id))
          known.set(
            id,
            !(name === 'param' && isLoud(id)) &&
              !isEffect(name) &&
              declOf(name as OpName).fallible !== true &&
              parts.every((a) => known.get(a) === true) &&
              (inside === undefined || bodies(id).every(inside)),
          )
      }
    }
    return known.get(root)!
  }
}
