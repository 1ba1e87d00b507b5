import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { storage } from '../../graph/elem.ts'
import { families } from '../../graph/ops/index.ts'
import type { TensorType, Type } from '../../graph/types.ts'

/** Elements a kernel can hold: the machine types, and what is stored as i64. */
const numeric = (t: Type): t is TensorType => t.kind === 'tensor' && storage(t.elem) !== undefined
const allNumeric = (arena: Arena, node: NodeView): boolean =>
  numeric(node.type) && node.args.every((a) => numeric(arena.typeOf(a)))

/** Decimal arithmetic needs integers wider than any kernel has. */
const wide = new Set(['decimal', 'decimalFits'])
export const isElementwise = (arena: Arena, node: NodeView): boolean =>
  Object.hasOwn(families.elementwise, node.op.name) && !wide.has(node.op.name) && allNumeric(arena, node)

const indexOps = new Set(['broadcast', 'transpose', 'slice', 'iota'])
/** Reads its operand at another index and computes nothing, so that any kernel may hold a copy of it. */
export const isIndexMap = (arena: Arena, node: NodeView): boolean =>
  (indexOps.has(node.op.name) || takesRow(arena, node)) && allNumeric(arena, node)
/** One row at a literal index. */
const takesRow = (arena: Arena, node: NodeView): boolean =>
  node.op.name === 'gather' && isScalarLiteral(arena.node(node.args[1]!))
/** One cell: for it alone no loop is worth the call. */
export const isCell = (node: NodeView): boolean =>
  node.op.name === 'gather' && node.type.kind === 'tensor' && node.type.shape.length === 0
/**
 * Reads an operand that lies in memory: a reshape at any place, a gather of single cells at computed ones. A kernel may
 * hold it in place of its result.
 */
export const isReading = (arena: Arena, node: NodeView): boolean =>
  allNumeric(arena, node) &&
  (node.op.name === 'reshape' ||
    (node.op.name === 'gather' && (arena.typeOf(node.args[0]!) as TensorType).shape.length === 1))
export const isScalarLiteral = (node: NodeView): boolean =>
  node.op.name === 'const' && numeric(node.type) && node.type.shape.length === 0

export const isReduction = (arena: Arena, node: NodeView): boolean =>
  node.op.name === 'reduce' && allNumeric(arena, node) && (node.op.attrs as { axes: readonly number[] }).axes.length > 0

const alone = new Set(['contract', 'gather', 'concat', 'argReduce', 'cumsum', 'cumulate'])
/**
 * Has a loop nest of its own where no kernel holds it. A reshape needs none, because it shares the cells of its operand, and
 * for a single cell a loop would cost more than it does.
 */
export const standsAlone = (arena: Arena, node: NodeView): boolean =>
  alone.has(node.op.name) && allNumeric(arena, node) && !isCell(node)

/** So few steps that calling a kernel takes longer than they do. */
const fewSteps = 1024
/** A small product of known size: others of its kind go into one kernel with it, one after the other. */
export const isSmallProduct = (arena: Arena, node: NodeView): boolean =>
  node.op.name === 'contract' && allNumeric(arena, node) && stepsOf(arena, node) <= fewSteps
const stepsOf = (arena: Arena, { type, args }: NodeView): number =>
  cellsOf(type as TensorType) * ((arena.typeOf(args[0]!) as TensorType).shape.at(-1) as number)
/** NaN where a size is known only in a run, which is not small. */
const cellsOf = ({ shape }: TensorType): number =>
  shape.reduce<number>((n, d) => (typeof d === 'number' ? n * d : Number.NaN), 1)
/** Products are alike when one loop nest serves all. */
const kindOfProduct = (arena: Arena, { op, type, args }: NodeView): string =>
  `${op.name} ${(op.attrs as { batch: number }).batch} ${[type, ...args.map((a) => arena.typeOf(a))].map((t) => `${(t as TensorType).elem}${shapeText(t as TensorType)}`).join(' ')}`

/** Whether a member is so small that it shares a kernel with its like, with or without common data. */
export const isSmall = (arena: Arena, node: NodeView): boolean =>
  node.op.name === 'contract' ||
  cellsOf((node.op.name === 'reduce' ? arena.typeOf(node.args[0]!) : node.type) as TensorType) <= fewSteps

/** The shape a member loops over, as text: its own, or for a reduction that of its operand. */
export const domainOf = (arena: Arena, node: NodeView): string => {
  if (node.op.name === 'contract') return kindOfProduct(arena, node)
  const t = node.op.name === 'reduce' ? arena.typeOf(node.args[0]!) : node.type
  return shapeText(t as TensorType)
}
const shapes = new WeakMap<TensorType, string>()
const shapeText = (t: TensorType): string => {
  const text = shapes.get(t) ?? JSON.stringify(t.shape)
  shapes.set(t, text)
  return text
}
export const sameDomain = (arena: Arena, id: NodeId, domain: string): boolean => {
  const t = arena.typeOf(id)
  return t.kind === 'tensor' && shapeText(t) === domain
}
export const axesOf = (node: NodeView): string =>
  node.op.name === 'reduce' ? [...(node.op.attrs as { axes: readonly number[] }).axes].sort((a, b) => a - b).join() : ''

/** What a member weighs against the greatest size of a kernel: elementary functions expand into many primitives. */
export const weightOf = (node: NodeView): number =>
  Object.hasOwn(elementaryWeights, node.op.name) ? elementaryWeights[node.op.name]! : 1
const elementaryWeights: Readonly<Record<string, number>> = {
  exp: 6,
  expm1: 8,
  exp2: 6,
  log: 6,
  log1p: 8,
  log2: 8,
  log10: 8,
  sin: 10,
  cos: 10,
  tan: 12,
  asin: 8,
  acos: 8,
  atan: 12,
  atan2: 14,
  sinh: 10,
  cosh: 8,
  tanh: 8,
  erf: 14,
  erfc: 18,
  cbrt: 8,
  hypot: 10,
  pow: 16,
  contract: 6,
  sigmoid: 8,
}
