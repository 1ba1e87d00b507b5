import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonicalise } from '../../graph/listing.ts'
import { mustMake } from '../../graph/make.ts'
import { remake } from '../../graph/walk.ts'
import { stream } from './world.ts'

/** The same graph, its nodes made in another order, in an arena that holds others as well. */
export const shuffled = (g: Graph<'source'>, seed: number): Graph<'source'> => {
  const next = stream(seed)
  const arena = new Arena()
  for (let i = 0; i < 50; i++) mustMake(arena, 'param', { index: i, type: g.inputs[next(g.inputs.length)]![1] })
  const made = new Map<NodeId, NodeId>()
  const make = (id: NodeId): NodeId => {
    const node = g.arena.node(id)
    const parts = [...node.args, ...node.regions.map((r) => r.root)].map((x) => [next(1000), x] as const)
    for (const [, x] of parts.sort(([a], [b]) => a - b)) if (!made.has(x)) made.set(x, make(x))
    const regions = node.regions.map((r) => ({ params: r.params, root: made.get(r.root)! }))
    const args = node.args.map((a) => made.get(a)!)
    return remake(arena, node, node.op.attrs, args, regions)
  }
  return canonicalise({ ...g, arena, root: make(g.root) })
}
