import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { postorder } from '../../graph/walk.ts'

/** Carries out a claim: rebuilds a graph bottom up, bodies first, each node by `step`, which also gets its region. */
export const replay = (
  arena: Arena,
  root: NodeId,
  step: (node: NodeView, args: readonly NodeId[], bodies: readonly Region[], region: NodeId) => NodeId,
): NodeId => {
  const regions = new Map<NodeId, NodeId>()
  const enter = (r: NodeId): NodeId => {
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, r)) {
      const node = arena.node(id)
      const bodies = node.regions.map((b) => ({ params: b.params, root: regions.get(b.root) ?? enter(b.root) }))
      done.set(
        id,
        step(
          node,
          node.args.map((a) => done.get(a)!),
          bodies,
          r,
        ),
      )
    }
    regions.set(r, done.get(r)!)
    return done.get(r)!
  }
  return enter(root)
}

/** Every region of a graph by its root, each once, with its nodes in program order. */
export const regionsOf = (arena: Arena, root: NodeId): ReadonlyMap<NodeId, readonly NodeId[]> => {
  const found = new Map<NodeId, readonly NodeId[]>()
  const enter = (r: NodeId): void => {
    if (found.has(r)) return
    const order = postorder(arena, r)
    found.set(r, order)
    for (const id of order) for (const body of arena.regionsOf(id)) enter(body.root)
  }
  enter(root)
  return found
}
