import type { Arena, NodeId } from '../graph/arena.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { mustMake } from '../graph/make.ts'
import { postorder, withParts } from '../graph/walk.ts'
import type { VectoriseCertificate } from './certificate.ts'
import type { RegionPlan } from './needs.ts'
import { regionPlans, regionRoots } from './needs.ts'
import type { Pass } from './pass.ts'
import { columnOf } from './vectorise/forms.ts'
import type { Arrays } from './vectorise/lift.ts'
import { lift } from './vectorise/lift.ts'
import { happenings, loudBelow, sameEntry } from './vectorise/order.ts'

/** Maps whose body only computes become operations on whole columns, which kernels then fuse and run with SIMD. */
export const vectorise: Pass = {
  name: 'vectorise',
  doc: `Makes array operations of a map whose body only computes.
before: map(loans) { {fee: element.sum * rate} }           a body run for each element
after:  rows(fee: column(loans, sum) * broadcast(rate))    one loop over numbers
limits: bodies that can fail, read or write stay; so do ragged lists (but for their sums) and tensors of unknown size in an element.`,
  from: 'normal',
  to: 'normal',
  run: (graph, tell) => {
    const { arena } = graph
    const plans = regionPlans(arena, graph.root)
    const done = new Map<NodeId, NodeId>()
    const lifted: VectoriseCertificate['lifted'][number][] = []
    const projected: VectoriseCertificate['projected'][number][] = []
    const loud = loudBelow(arena)
    // Owners come before the bodies inside them, so the reverse has every body ready when its owner is rebuilt.
    for (const r of regionRoots(arena, graph.root).toReversed()) {
      const made = regionOf(arena, r, plans.get(r)!, (x) => done.get(x) ?? x, loud)
      done.set(r, made.root)
      lifted.push(...made.lifted.map(([map, array]) => ({ region: r, map, array })))
      projected.push(...made.projected.map((column) => ({ region: r, column })))
      for (const [map, array] of made.lifted) tell?.(array, map, 'its body over all elements at once')
      for (const [from, to] of made.moved) tell?.(to, from, '')
    }
    const n = lifted.length
    const after: Graph = {
      ...graph,
      root: done.get(graph.root)!,
      stage: graph.stage === 'source' ? 'normal' : graph.stage,
    }
    const notes = n === 0 ? [] : [{ text: `${n} ${n === 1 ? 'map' : 'maps'} became array operations` }]
    return right({ graph: after, certificate: { kind: 'vectorise', lifted, projected }, notes })
  },
}

interface Made {
  readonly root: NodeId
  readonly lifted: readonly (readonly [map: NodeId, array: NodeId])[]
  readonly projected: readonly NodeId[]
  /** Nodes that others stand for now. */
  readonly moved: readonly (readonly [from: NodeId, to: NodeId])[]
}
/**
 * Lifts every map of a region that can be, if then everything happens in the order in which it did; else those that
 * by themselves come to their operands in order, if need be by looking at a column of the list first; else none.
 */
const regionOf = (
  arena: Arena,
  root: NodeId,
  { ways }: RegionPlan,
  body: (root: NodeId) => NodeId,
  loud: (id: NodeId) => boolean,
): Made => {
  const all = rebuilt(arena, root, body, (_, { array }) => array)
  if (all.lifted.length + all.projected.length === 0) return all
  const none = rebuilt(arena, root, body, () => undefined, false)
  const fits = (made: Made): boolean =>
    ways.every(({ need }) => happenings(arena, none.root, need) === happenings(arena, made.root, need))
  if (fits(all)) return all
  const inOrder = (args: readonly NodeId[], { array, column }: Arrays): NodeId | undefined => {
    if (sameEntry(arena, args, array, loud)) return array
    const after = column === undefined ? array : mustMake(arena, 'sequence', {}, [column, array])
    return sameEntry(arena, args, after, loud) ? after : undefined
  }
  const some = rebuilt(arena, root, body, inOrder)
  return fits(some) ? some : none
}
const rebuilt = (
  arena: Arena,
  root: NodeId,
  body: (root: NodeId) => NodeId,
  choose: (args: readonly NodeId[], made: Arrays) => NodeId | undefined,
  project = true,
): Made => {
  const done = new Map<NodeId, NodeId>()
  const lifted: (readonly [NodeId, NodeId])[] = []
  const projected: NodeId[] = []
  for (const id of postorder(arena, root)) {
    const node = arena.node(id)
    const args = node.args.map((a) => done.get(a)!)
    if (project && node.op.name === 'column' && arena.opOf(args[0]!).name === 'rows') {
      projected.push(id)
      done.set(id, columnOf(arena, args[0]!, (node.op.attrs as { name: string }).name))
      continue
    }
    const bodies = node.regions.map((b) => ({ params: b.params, root: body(b.root) }))
    const isMap = node.op.name === 'map' || node.op.name === 'forkMap'
    const made = isMap ? lift(arena, args, bodies[0]!.root) : undefined
    const array = made === undefined ? undefined : choose(args, made)
    if (array !== undefined) lifted.push([id, array])
    done.set(id, array ?? withParts(arena, node, args, bodies))
  }
  return { root: done.get(root)!, lifted, projected, moved: [...done].filter(([from, to]) => from !== to) }
}
