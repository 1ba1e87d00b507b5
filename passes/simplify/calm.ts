import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'

/** Nodes below which nothing can fail, read or write, bodies included; found once for each node. */
export const calmNodes = (arena: Arena): ((id: NodeId) => boolean) => {
  const known = new Map<NodeId, boolean>()
  const below = (id: NodeId): readonly NodeId[] => [...arena.argsOf(id), ...arena.regionsOf(id).map((r) => r.root)]
  return (root) => {
    const stack = [root]
    while (stack.length > 0) {
      const id = stack.at(-1)!
      const parts = known.has(id) ? [] : below(id)
      const open = parts.filter((a) => !known.has(a))
      if (open.length > 0) stack.push(...open)
      else {
        stack.pop()
        const { name } = arena.opOf(id)
        if (!known.has(id))
          known.set(
            id,
            !isEffect(name) && declOf(name as OpName).fallible !== true && parts.every((a) => known.get(a) === true),
          )
      }
    }
    return known.get(root)!
  }
}
