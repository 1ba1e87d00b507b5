import type { NodeId, NodeView, Region } from '../graph/arena.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { postorder } from '../graph/walk.ts'
import { emit } from './fuse/emit.ts'
import { groupsOf } from './fuse/groups.ts'
import { rolesOf } from './fuse/roles.ts'
import { regionPlans, regionRoots } from './needs.ts'
import type { Pass } from './pass.ts'

/**
 * Array operations become kernels: loop nests that hold elementwise operations, literals, index maps and reductions over
 * one shape, each value computed once and nothing stored that only the loop needs; and kernels of one operation each for
 * those with loops of their own (contract, gather, concat, argReduce, cumsum, cumulate); small products of one shape share one, and a
 * product that one loop alone uses is finished by it.
 */
export const fuse: Pass = {
  name: 'fuse',
  doc: `Fuses array operations into one loop.
before: m = sum(x), s = sum(mul(x, x))                     two loops and an array for mul(x, x)
after:  k = kernel(x) { sum(x), sum(mul(x, x)) }           one loop and no array
limits: one shape and one set of reduced axes a kernel; a value needed in another shape is stored between two kernels.`,
  from: 'batched',
  to: 'fused',
  run: (graph, tell) => {
    const { arena } = graph
    const plans = regionPlans(arena, graph.root)
    const fused = new Map<NodeId, NodeId>()
    let operations = 0
    let kernels = 0
    const inBodies = new Set<NodeId>()
    const bodies = (node: NodeView): readonly Region[] =>
      node.op.name === 'kernel'
        ? node.regions
        : node.regions.map((b) => ({ params: b.params, root: fused.get(b.root) ?? b.root }))
    // Owners come before the bodies inside them, so the reverse has every body ready when its owner is rebuilt.
    const order = regionRoots(arena, graph.root)
    for (const r of order) for (const b of kernelBodies(graph, r)) inBodies.add(b)
    for (const r of order.toReversed()) {
      if (inBodies.has(r)) continue
      const roles = rolesOf(arena, r, plans.get(r)!, graph.statics)
      const groups = groupsOf(roles)
      kernels += groups.length
      operations += groups.reduce((n, g) => n + g.members.length, 0)
      fused.set(r, emit(roles, r, groups, bodies, tell))
    }
    const after: Graph = { ...graph, root: fused.get(graph.root)!, stage: 'fused' }
    const notes =
      kernels === 0
        ? []
        : [
            {
              text: `${operations} array ${operations === 1 ? 'operation' : 'operations'} fused into ${kernels} ${kernels === 1 ? 'loop' : 'loops'}`,
            },
          ]
    return right({ graph: after, certificate: { kind: 'fuse' }, notes })
  },
}

const kernelBodies = ({ arena }: Graph, region: NodeId): readonly NodeId[] =>
  postorder(arena, region)
    .filter((id) => arena.opOf(id).name === 'kernel')
    .flatMap((id) => arena.regionsOf(id).map((b) => b.root))
