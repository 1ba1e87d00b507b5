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
/** The measure of a graph: of the tree it stands for, bodies beside their operands. */
export const costOf = (arena: Arena, root: NodeId): bigint => {
  const known = new Map<NodeId, bigint>()
  const enter = (r: NodeId): bigint => {
    for (const id of postorder(arena, r)) {
      if (known.has(id)) continue
      const { op, args, regions, type } = arena.node(id)
      const own = nodeCost(
        op.name,
        type.kind === 'tensor' ? type.shape.length : 0,
        args.map((a) => known.get(a)!),
      )
      known.set(
        id,
        regions.reduce((n, b) => n + enter(b.root), own),
      )
    }
    return known.get(r)!
  }
  return enter(root)
}
