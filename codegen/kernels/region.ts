import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { storage } from '../../graph/elem.ts'
import type { Dim, TensorType, Type } from '../../graph/types.ts'
import { isScalar, sameShape, showType } from '../../graph/types.ts'
import { postorder } from '../../graph/walk.ts'
import { isElementary, isScalarOp, isSingle, readings } from './ops.ts'

/** A body that kernels can be made of: what its outputs are, in order. */
export interface Outputs {
  readonly domain: readonly Dim[]
  readonly outputs: readonly NodeView[]
}

export const numericOf = (t: Type): Numeric | undefined => (t.kind === 'tensor' ? storage(t.elem) : undefined)
export const elemOf = (t: Type): Numeric => numericOf(t)!
export const shapeOf = (t: Type): readonly Dim[] => (t as TensorType).shape

/** Another name for the same cells. */
const unchanged = ['stored', 'restored']
export const viewing = ['broadcast', 'transpose', 'slice', 'iota', 'stored', 'restored', 'const', 'param']

/** Why a region is not the body of a kernel this generator knows; undefined if it is one. */
export const kernelProblem = (arena: Arena, region: Region): string | undefined => {
  const odd = region.params.find((t) => numericOf(t) === undefined)
  if (odd !== undefined) return `takes ${showType(odd)}, which no kernel holds`
  const root = arena.node(region.root)
  if (root.op.name !== 'record') return `ends in ${root.op.name}, not in a record of outputs`
  const names = (root.op.attrs as { fields: readonly string[] }).fields
  if (names.some((n, k) => n !== String(k))) return `names its outputs ${names.join(', ')}, not 0, 1 …`
  if (names.length === 0) return 'has no output'
  const nodes = postorder(arena, region.root)
    .map((id) => arena.node(id))
    .filter((n) => n.id !== root.id)
  const strange = nodes.find((n) => numericOf(n.type) === undefined)
  if (strange !== undefined) return `computes ${showType(strange.type)}, which no kernel holds`
  if (singlesOf(arena, region) !== undefined) return undefined
  const product = finishedProduct(arena, region)
  if (product !== undefined) {
    const others = nodes.filter((n) => n.id !== product.product.id)
    return others.some((n) => n.op.name === 'reduce') ? 'reduces beside a product' : alienProblem(arena, others)
  }
  const pieces = piecesOf(arena, region)
  if (pieces === undefined) return loopProblem(arena, root, nodes)
  // Each piece is a loop over its own shape.
  const inside = [...new Set(pieces.flatMap((p) => [...postorder(arena, p.id)]))].map((id) => arena.node(id))
  const reduced = inside.find((n) => n.op.name === 'reduce')
  return reduced === undefined ? alienProblem(arena, inside) : 'joins what it reduces'
}

/** The ops of a kernel whose outputs each read their operands from memory, in an order of their own, one after the other. */
export const singlesOf = (arena: Arena, region: Region): readonly NodeView[] | undefined => {
  const outputs = arena.argsOf(region.root).map((a) => arena.node(a))
  const single = (o: NodeView): boolean => isSingle(o.op.name) && o.args.every((a) => arena.opOf(a).name === 'param')
  return outputs.every(single) ? outputs : undefined
}
/** A product and what is made of each of its cells, where a kernel is that and nothing else. */
export const finishedProduct = (
  arena: Arena,
  region: Region,
): { readonly product: NodeView; readonly output: NodeView } | undefined => {
  const [root, ...others] = arena.argsOf(region.root)
  if (root === undefined || others.length > 0) return undefined
  const output = arena.node(root)
  const nodes = [...postorder(arena, root)].map((id) => arena.node(id))
  const products = nodes.filter((n) => n.op.name === 'contract')
  const [product] = products
  if (product === undefined || products.length > 1 || product.id === root) return undefined
  if (!product.args.every((a) => arena.opOf(a).name === 'param') || elemOf(product.type) !== elemOf(output.type))
    return undefined
  const { batch } = product.op.attrs as { batch: number }
  const [x, y] = product.args.map((a) => shapeOf(arena.typeOf(a)).length) as [number, number]
  if (batch > 1 || x !== batch + 2 || y > batch + 2) return undefined
  // Each cell of the result is made of the one cell of the product that lies where it lies.
  const made = new Set<NodeId>([product.id])
  for (const n of nodes) {
    // What is spread may look at the product for its shape only.
    const read = n.op.name === 'broadcast' ? n.args.slice(0, 1) : n.args
    if (read.some((a) => made.has(a))) {
      if (!isScalarOp(n.op.name) && !isElementary(n.op.name) && !unchanged.includes(n.op.name)) return undefined
      made.add(n.id)
    }
  }
  return made.has(root) ? { product, output } : undefined
}
/** A part of a joined array: a value, and along each axis the sizes of what lies before it. */
export interface Piece {
  readonly id: NodeId
  readonly before: readonly (readonly Dim[])[]
}
/** The pieces of a kernel whose one output is a join of what it computes. */
export const piecesOf = (arena: Arena, region: Region): readonly Piece[] | undefined => {
  const [root, ...others] = arena.argsOf(region.root)
  if (root === undefined || others.length > 0 || arena.opOf(root).name !== 'concat') return undefined
  const pieces: Piece[] = []
  const stack: Piece[] = [{ id: root, before: shapeOf(arena.typeOf(root)).map(() => []) }]
  while (stack.length > 0) {
    const top = stack.pop()!
    const { op, args } = arena.node(top.id)
    if (op.name !== 'concat') {
      pieces.push(top)
      continue
    }
    const { axis } = op.attrs as { axis: number }
    let passed: readonly Dim[] = []
    for (const id of args) {
      const before = top.before.map((b, k) => (k === axis ? [...b, ...passed] : b))
      stack.push({ id, before })
      passed = [...passed, shapeOf(arena.typeOf(id))[axis]!]
    }
  }
  return pieces
}

/** A loop can read through a reshape, or a gather of single cells, of what lies in memory; a literal row is a mere view. */
const readsMemory = (arena: Arena, n: NodeView): boolean => {
  if (!readings.has(n.op.name)) return false
  if (n.op.name === 'gather' && arena.opOf(n.args[1]!).name === 'const' && isScalar(arena.typeOf(n.args[1]!)))
    return true
  const lies = arena.opOf(n.args[0]!).name === 'param'
  return lies && (n.op.name === 'reshape' || shapeOf(arena.typeOf(n.args[0]!)).length === 1)
}

const alienProblem = (arena: Arena, nodes: readonly NodeView[]): string | undefined => {
  const alien = nodes.find(
    (n) =>
      !isScalarOp(n.op.name) &&
      !isElementary(n.op.name) &&
      !viewing.includes(n.op.name) &&
      n.op.name !== 'reduce' &&
      !readsMemory(arena, n),
  )
  if (alien !== undefined) return `holds ${alien.op.name}, which has no loop form`
  const array = nodes.find((n) => n.op.name === 'const' && shapeOf(n.type).length > 0)
  if (array !== undefined)
    return `holds a literal of type ${showType(array.type)}; only scalars are written into a kernel`
  return undefined
}
const loopProblem = (arena: Arena, root: NodeView, nodes: readonly NodeView[]): string | undefined => {
  const alien = alienProblem(arena, nodes)
  if (alien !== undefined) return alien
  const inner = nodes.find((n) => n.args.some((a) => arena.opOf(a).name === 'reduce'))
  if (inner !== undefined) return `uses the result of a reduction in ${inner.op.name}`
  const { domain, outputs } = outputsOf(arena, root.id)
  const stray = outputs.find((o) => !sameShape(domainOf(arena, o), domain))
  if (stray !== undefined)
    return `has outputs over [${domain.join(', ')}] and over [${domainOf(arena, stray).join(', ')}]`
  const axes = outputs
    .filter((o) => o.op.name === 'reduce')
    .map((o) => (o.op.attrs as { axes: readonly number[] }).axes)
  const uneven = axes.find((a) => a.join() !== axes[0]!.join())
  return uneven === undefined ? undefined : `reduces axes [${axes[0]!.join(', ')}] and [${uneven.join(', ')}]`
}

const domainOf = (arena: Arena, output: NodeView): readonly Dim[] =>
  shapeOf(output.op.name === 'reduce' ? arena.typeOf(output.args[0]!) : output.type)

export const outputsOf = (arena: Arena, root: NodeId): Outputs => {
  const outputs = arena.argsOf(root).map((a) => arena.node(a))
  return { domain: domainOf(arena, outputs[0]!), outputs }
}
