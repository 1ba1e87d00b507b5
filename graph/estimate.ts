import type { Arena, NodeId } from './arena.ts'
import { isEffect } from './effects.ts'
import { storage } from './elem.ts'
import type { Dim, Type } from './types.ts'
import { postorder } from './walk.ts'

/**
 * How large values are taken to be and how much work nodes are taken to be, where sizes are not known before a run. These
 * are figures to choose by, never bounds: a wrong guess costs time and no answer.
 */
export interface Sizes {
  /** Sizes of named dimensions. */
  readonly dims?: Readonly<Record<string, number>>
  /** Every other named dimension; 1000 if nothing is said. */
  readonly otherwise?: number
  /** Most turns that a loop is taken to have; its limit if nothing is said. */
  readonly turns?: number
}
export const defaultSize = 1000
/** Bytes of what has no fixed size, by element; a bool is 1. */
const assumedBytes: Readonly<Record<string, number>> = {
  string: 32,
  bytes: 256,
  json: 256,
  unit: 0,
  bool: 1,
  f32: 4,
  i32: 4,
  u32: 4,
}

const sizeOf = (d: Dim, s: Sizes): number =>
  typeof d === 'number' ? d : (s.dims?.[d.replace(/^~/, '')] ?? s.otherwise ?? defaultSize)

/** Cells of a value: the scalars it holds, at every depth. */
export const cellsOfType = (t: Type, s: Sizes): number => measure(t, s, () => 1)
/** Bytes of a value when it travels. */
export const bytesOfType = (t: Type, s: Sizes): number =>
  measure(t, s, (elem) => assumedBytes[elem] ?? (storage(elem) === undefined ? 32 : 8))

const measure = (t: Type, s: Sizes, cell: (elem: Extract<Type, { kind: 'tensor' }>['elem']) => number): number => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.reduce<number>((n, d) => n * sizeOf(d, s), cell(t.elem))
    case 'list':
      return sizeOf(t.dim, s) * measure(t.of, s, cell)
    case 'record':
      return t.fields.reduce((n, [, f]) => n + measure(f, s, cell), 0)
    case 'union':
      return 1 + Math.max(0, ...t.cases.map(([, f]) => measure(f, s, cell)))
    case 'option':
    case 'result':
      return 1 + measure(t.of, s, cell)
  }
}

/** Names for parts of values, and other ways to look at them: no work. */
const free: ReadonlySet<string> = new Set([
  'input',
  'param',
  'const',
  'absent',
  'record',
  'field',
  'column',
  'rows',
  'sequence',
  'broadcast',
  'transpose',
  'reshape',
  'slice',
])

/**
 * Work of the nodes of an arena, bodies included, in operations on one cell: the cells of its result, or of its operands where it looks
 * at more than it gives; every multiplication of a product of matrices; a body once for each element; of the branches of a
 * condition the dearest; a loop to its limit. A call is one operation: what the other side does is the same wherever it
 * is asked from.
 */
export const workIn = (arena: Arena, s: Sizes): ((id: NodeId) => number) => {
  const bodies = new Map<NodeId, number>()
  const body = (root: NodeId): number => {
    const known = bodies.get(root) ?? postorder(arena, root).reduce((n, id) => n + node(id), 0)
    bodies.set(root, known)
    return known
  }
  const node = (id: NodeId): number => {
    const { op, args, regions, type } = arena.node(id)
    const inside = regions.map((r) => body(r.root))
    const sum = inside.reduce((a, b) => a + b, 0)
    const first = args[0] === undefined ? 0 : cellsOfType(arena.typeOf(args[0]), s)
    switch (op.name) {
      case 'map':
      case 'forkMap':
      case 'mapBatched': {
        const list = arena.typeOf(args[0]!)
        const dim = list.kind === 'list' ? list.dim : list.kind === 'tensor' ? list.shape[0]! : 1
        return sizeOf(dim, s) * Math.max(1, sum)
      }
      case 'loop':
        return Math.min((op.attrs as { max: number }).max, s.turns ?? Number.POSITIVE_INFINITY) * Math.max(1, sum)
      case 'cond':
      case 'match':
        return Math.max(1, ...inside)
      case 'contract': {
        const shape = type.kind === 'tensor' ? type.shape.slice(0, (op.attrs as { batch: number }).batch) : []
        const batch = shape.reduce<number>((n, d) => n * sizeOf(d, s), 1)
        const all = first * cellsOfType(arena.typeOf(args[1]!), s) * cellsOfType(type, s)
        return batch === 0 ? 0 : Math.sqrt(all / batch)
      }
      default:
        if (free.has(op.name)) return 0
        return regions.length > 0 ? sum : isEffect(op.name) ? 1 : Math.max(first, cellsOfType(type, s))
    }
  }
  return node
}
