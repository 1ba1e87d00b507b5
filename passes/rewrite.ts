import type { Arena, NodeId, NodeView, Region } from '../graph/arena.ts'
import { postorder, withParts } from '../graph/walk.ts'
import type { Tell } from './pass.ts'

/** Rebuilds one node: its operands and regions are rebuilt already; `region` is the root of where it stands. */
export type Rewrite = (node: NodeView, args: readonly NodeId[], regions: readonly Region[], region: NodeId) => NodeId

/**
 * Rebuilds a graph, one region after another, bodies first. What a node becomes may depend on the region it stands in,
 * so a node that occurs in two regions is rebuilt in each.
 */
export const rewrite = (arena: Arena, root: NodeId, f: Rewrite, tell?: Tell): NodeId => {
  const regions = new Map<NodeId, NodeId>()
  const inside = (r: NodeId): NodeId => {
    const known = regions.get(r)
    if (known !== undefined) return known
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, r)) {
      const node = arena.node(id)
      const bodies = node.regions.map((x) => ({ params: x.params, root: inside(x.root) }))
      const made = f(
        node,
        node.args.map((a) => done.get(a)!),
        bodies,
        r,
      )
      if (made !== id) tell?.(made, id, '')
      done.set(id, made)
    }
    regions.set(r, done.get(r)!)
    return done.get(r)!
  }
  return inside(root)
}
export const unchanged = (arena: Arena, node: NodeView, args: readonly NodeId[], regions: readonly Region[]): NodeId =>
  withParts(arena, node, args, regions)

/** Nodes of a graph, bodies included, each once for every region it stands in. */
export const countNodes = (arena: Arena, root: NodeId): number => {
  const seen = new Set<NodeId>()
  const enter = (r: NodeId): number => {
    if (seen.has(r)) return 0
    seen.add(r)
    let n = 0
    for (const id of postorder(arena, r)) {
      n++
      for (const body of arena.regionsOf(id)) n += enter(body.root)
    }
    return n
  }
  return enter(root)
}
