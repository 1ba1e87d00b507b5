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
  const projected = new Set(claim.projected.map((p) => key(p.region, p.column)))
  if (arrays.size !== claim.lifted.length || projected.size !== claim.projected.length)
    return refuse('certificate', 'a node is claimed twice')
  const used = new Set<string>()
  let wrong: string | undefined
  const root = replay(arena, before.root, (node, args, bodies, region) => {
    const array = arrays.get(key(region, node.id))
    if (array === undefined && !projected.has(key(region, node.id))) return withParts(arena, node, args, bodies)
    used.add(key(region, node.id))
    if (array === undefined) {
      const part = node.op.name === 'column' ? partOf(arena.node(args[0]!), node) : undefined
      if (part === undefined) wrong ??= `%${node.id} does not read a column of rows`
      return part ?? withParts(arena, node, args, bodies)
    }
    const odd = unlike(arena, node, args, bodies, array)
    if (odd === undefined) return array
    wrong ??= `%${node.id}: ${odd}`
    return withParts(arena, node, args, bodies)
  })
  if (wrong !== undefined) return refuse('legality', wrong)
  const idle = [...arrays.keys(), ...projected].find((k) => !used.has(k))
  if (idle !== undefined) return refuse('certificate', `there is no region and node ${idle}`)
  if (root !== after.root) return refuse('graph', 'these arrays in the place of these maps do not give this graph')
  return sameOrder(before, after)
}

const partOf = (rows: NodeView, { op }: NodeView): NodeId | undefined =>
  rows.op.name === 'rows'
    ? rows.args[(rows.op.attrs as { fields: readonly string[] }).fields.indexOf((op.attrs as { name: string }).name)]
    : undefined

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
  // What comes first in a sequence changes no value; whether it changes the order of calls is looked at in the whole graph.
  const { op, args: parts } = arena.node(array)
  const value = op.name === 'sequence' ? parts[1]! : array
  return new Simulation(arena, args, elementOf(arena.typeOf(args[0]!))!.dim).follow(bodies[0]!.root, value)
}
