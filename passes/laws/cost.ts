import type { Arena, NodeId } from '../../graph/arena.ts'
import { families } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'

/**
 * What every law makes smaller, so that rewriting ends: a number for each node, increasing in the numbers of its operands.
 * Work cell by cell doubles what is below it, so that moving cells is cheaper after the work than before it; a reduction
 * counts its operand three times, and a gather counts what it reads as often as its index costs.
 */
const dear = new Set(['div', 'rem', 'sqrt'])
const cheap = new Set(['neg', 'abs', 'not'])
const weight = (name: string): bigint => (dear.has(name) ? 12n : cheap.has(name) ? 2n : name === 'mul' ? 4n : 3n)

export const nodeCost = (name: string, rank: number, args: readonly bigint[]): bigint => {
  const sum = args.reduce((a, b) => a + b, 0n)
  if (Object.hasOwn(families.elementwise, name)) return 2n * sum + weight(name)
  switch (name) {
    case 'const':
      return rank === 0 ? 1n : 3n
    case 'reduce':
    case 'slice':
      return 3n * sum + 1n
    case 'gather':
      return args[0]! * (args[1]! + 2n)
    default:
      return sum + 1n
  }
}
/**
 * The measure of a graph: of the tree it stands for, bodies beside their operands. A parameter stands for what its owner
 * passes, so it costs more than all of that: opening a body, which may use a parameter many times, lowers the measure.
 * `input` says what inputs cost, which is 1 unless said; a law lowers the measure whatever they cost.
 */
export const costOf = (arena: Arena, root: NodeId, input: (id: NodeId) => bigint = () => 1n): bigint => {
  const enter = (r: NodeId, param: bigint): bigint => {
    const known = new Map<NodeId, bigint>()
    const own = (id: NodeId): bigint => {
      const { op, args, regions, type } = arena.node(id)
      if (op.name === 'param') return param
      if (op.name === 'input') return input(id)
      const costs = args.map((a) => known.get(a)!)
      const passed = costs.reduce((a, b) => a + b, 1n)
      const cost = nodeCost(op.name, type.kind === 'tensor' ? type.shape.length : 0, costs)
      return regions.reduce((n, b) => n + enter(b.root, passed), cost)
    }
    for (const id of postorder(arena, r)) known.set(id, own(id))
    return known.get(r)!
  }
  return enter(root, 1n)
}
