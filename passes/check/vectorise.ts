import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { elementOf, sameType } from '../../graph/types.ts'
import { withParts } from '../../graph/walk.ts'
import type { VectoriseCertificate } from '../certificate.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import { Simulation } from './simulate.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * Each array stands for its map: walking the body of the map and the array together, every operation of the body meets
 * the array operation that does the same for all elements at once, by the table in `simulate.ts`. Nothing that fails,
 * reads or writes is in that table. Putting these arrays for these maps gives the graph that came out.
 */
export const checkVectorise: Checker<VectoriseCertificate> = (before, after, claim) => {
  const { arena } = before
  const key = (region: NodeId, map: NodeId): string => `${region} ${map}`
  const arrays = new Map(claim.lifted.map((l) => [key(l.region, l.map), l.array]))
  if (arrays.size !== claim.lifted.length) return refuse('certificate', 'a map is claimed twice')
  const used = new Set<string>()
  let wrong: string | undefined
  const root = replay(arena, before.root, (node, args, bodies, region) => {
    const array = arrays.get(key(region, node.id))
    if (array === undefined) return withParts(arena, node, args, bodies)
    used.add(key(region, node.id))
    const odd = unlike(arena, node, args, bodies, array)
    if (odd === undefined) return array
    wrong ??= `%${node.id}: ${odd}`
    return withParts(arena, node, args, bodies)
  })
  if (wrong !== undefined) return refuse('legality', wrong)
  const idle = claim.lifted.find((l) => !used.has(key(l.region, l.map)))
  if (idle !== undefined) return refuse('certificate', `%${idle.map} does not stand in region %${idle.region}`)
  if (root !== after.root) return refuse('graph', 'these arrays in the place of these maps do not give this graph')
  return sameOrder(before, after)
}

const unlike = (
  arena: Arena,
  map: NodeView,
  args: readonly NodeId[],
  bodies: readonly Region[],
  array: NodeId,
): string | undefined => {
  if (map.op.name !== 'map' && map.op.name !== 'forkMap') return `${map.op.name} is not a map`
  if (!(array < arena.size) || !sameType(arena.typeOf(array), map.type))
    return 'the array has another type than the map'
  return new Simulation(arena, args, elementOf(arena.typeOf(args[0]!))!.dim).follow(bodies[0]!.root, array)
}
