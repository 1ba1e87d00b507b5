import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import type { Float, Numeric } from '../../graph/elem.ts'
import type { Elementary } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Scalar } from '../../graph/emit.ts'
import type { SliceAttrs } from '../../graph/meaning/shape.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { isScalar } from '../../graph/types.ts'
import type { Dims } from './dims.ts'
import type { Buffer, Id } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ixOf, max, min, mul, none, one, product, strides, sub } from './ix.ts'
import { isElementary } from './ops.ts'
import { elemOf, shapeOf } from './region.ts'
import { Ssa } from './ssa.ts'

/**
 * Index along one axis of a node: offset + step · index along an axis of the domain (-1: the offset alone). `of` is the size
 * of an axis that may be empty although a place on it is asked for: then nothing may be read there.
 */
interface Coordinate {
  readonly offset: Ix
  readonly axis: number
  readonly step: number
  readonly of?: Product
}
type View = readonly Coordinate[]
const mayBeEmpty = (size: Product): boolean => size.times === 0 || size.of.length > 0
const keyOf = (id: NodeId, v: View): string => `${id} ${JSON.stringify(v)}`

/**
 * Values at a place of the domain, pulled through views: broadcast, transpose, slice and iota only change where an
 * operand is read. Operands that are not yet known are put on a stack, so depth costs nothing.
 */
export const pull = (arena: Arena, region: Region, dims: Dims, domain: readonly Product[]) => {
  const ssa = new Ssa()
  const known = new Map<string, Id>()
  const rank = domain.length

  const affine = (shape: readonly Product[], v: View): { offset: Ix; strides: Product[]; empty: Product[] } => {
    const s = strides(shape)
    const out = new Array<Product>(rank).fill(none)
    let offset: Ix = 0
    v.forEach((c, k) => {
      offset = add(offset, mul(c.offset, ixOf(s[k]!)))
      if (c.axis >= 0) out[c.axis] = product(s[k]!, { times: c.step, of: [] })
    })
    return { offset, strides: out, empty: v.flatMap((c) => (c.of === undefined ? [] : [c.of])) }
  }

  const operand = (n: NodeView, v: View): readonly { id: NodeId; view: View }[] => {
    const a = n.op.attrs
    switch (n.op.name) {
      case 'transpose': {
        const { perm } = a as { perm: readonly number[] }
        return [{ id: n.args[0]!, view: perm.map((_, k) => v[perm.indexOf(k)]!) }]
      }
      case 'broadcast':
        return [{ id: n.args[0]!, view: (a as { axes: readonly number[] }).axes.map((x) => v[x]!) }]
      case 'slice':
        return [
          { id: n.args[0]!, view: v.map((c, k) => (k === (a as SliceAttrs).axis ? sliced(a as SliceAttrs, n, c) : c)) },
        ]
      case 'gather':
        return rowOf(n) === undefined
          ? [{ id: n.args[1]!, view: v }]
          : [{ id: n.args[0]!, view: [placeIn(n, rowOf(n)!), ...v] }]
      case 'iota':
      case 'param':
      case 'const':
      case 'reshape':
      case 'contract':
        return []
      default:
        return n.args.map((id) => ({ id, view: v }))
    }
  }
  /** The row that a gather at a literal index takes; undefined where the index is computed. */
  const rowOf = (n: NodeView): bigint | undefined => {
    const { op, type } = arena.node(n.args[1]!)
    return op.name === 'const' && isScalar(type) ? BigInt((op.attrs as { value: string | number }).value) : undefined
  }
  const rowsOf = (n: NodeView): Product => dims.size(shapeOf(arena.typeOf(n.args[0]!))[0]!)
  const placeIn = (n: NodeView, row: bigint): Coordinate => {
    const rows = rowsOf(n)
    const at = Number(row < 0n ? 0n : row > 2n ** 31n - 1n ? 2n ** 31n - 1n : row)
    const offset = at === 0 ? 0 : max(0, min(at, sub(ixOf(rows), 1)))
    return { offset, axis: -1, step: 0, ...(mayBeEmpty(rows) ? { of: rows } : {}) }
  }
  const sliced = (a: SliceAttrs, n: NodeView, c: Coordinate): Coordinate => {
    const size = ixOf(dims.size(shapeOf(arena.typeOf(n.args[0]!))[a.axis]!))
    // A start beyond the end leaves no cell, so the upper bound needs no care.
    const start = a.start >= 0 ? a.start : max(0, add(size, a.start))
    return { offset: add(start, mul(a.step, c.offset)), axis: c.axis, step: a.step * c.step }
  }

  const inputOf = (param: NodeId): Buffer => `in${(arena.opOf(param).attrs as { index: number }).index}`
  const countOf = (size: Product): Id => ssa.index({ offset: ixOf(size), strides: new Array<Product>(rank).fill(none) })
  const zero = (e: Numeric): Id => ssa.constant(e, e === 'i64' || e === 'u64' ? 0n : e === 'bool' ? false : 0)
  const isEmpty = (size: Product): Id => ssa.prim('eq', 'i32', countOf(size), zero('i32'))
  /** Zero where an axis that may be empty is. */
  const orZero = (elem: Numeric, size: Product, x: Id): Id =>
    mayBeEmpty(size) ? ssa.select(elem, isEmpty(size), zero(elem), x) : x
  /** A cell of an input; where an axis may be empty, its first place stands for all that are not there. */
  const cellOf = (elem: Numeric, from: Buffer, at: ReturnType<typeof affine>): Id =>
    at.empty.length === 0
      ? ssa.load(elem, from, at)
      : ssa.fetch(
          elem,
          from,
          at.empty.reduce((index, size) => orZero('i32', size, index), ssa.index(at)),
          rank,
        )
  /** The cell at a computed index, clamped. */
  const gathered = (n: NodeView, index: Id): Id => {
    const elem = elemOf(n.type)
    const on = elemOf(arena.typeOf(n.args[1]!))
    const rows = rowsOf(n)
    const count = countOf(rows)
    const last = ssa.prim('max', 'i32', ssa.prim('sub', 'i32', count, ssa.constant('i32', 1)), ssa.constant('i32', 0))
    const clamped = ssa.prim('max', on, ssa.prim('min', on, index, ssa.convert('i32', on, last)), zero(on))
    return orZero(elem, rows, ssa.fetch(elem, inputOf(n.args[0]!), ssa.convert(on, 'i32', clamped), rank))
  }

  const compute = (n: NodeView, v: View, xs: readonly Id[]): Id => {
    const a = n.op.attrs as { to: Numeric; index: number }
    const from = n.args[0] === undefined ? undefined : arena.typeOf(n.args[0])
    switch (n.op.name) {
      case 'param':
        return cellOf(elemOf(n.type), `in${a.index}`, affine(dims.sizes(shapeOf(n.type)), v))
      case 'reshape':
        // The operand lies in memory row by row, so it is read at the new shape as it was written at the old one.
        return cellOf(elemOf(n.type), inputOf(n.args[0]!), affine(dims.sizes(shapeOf(n.type)), v))
      case 'contract':
        // What is made of a product finds it where its own result will lie.
        return ssa.load(elemOf(n.type), 'out0', affine(dims.sizes(shapeOf(n.type)), v))
      case 'gather':
        return rowOf(n) === undefined ? gathered(n, xs[0]!) : orZero(elemOf(n.type), rowsOf(n), xs[0]!)
      case 'iota':
        return ssa.index(affine([one], v))
      case 'const':
        return ssa.constant(elemOf(n.type), declOf('const').meaning!(a as never, [], [], n.type) as Scalar)
      case 'transpose':
      case 'broadcast':
      case 'slice':
      case 'stored':
      case 'restored':
        return xs[0]!
      case 'select':
        return ssa.select(elemOf(n.type), xs[0]!, xs[1]!, xs[2]!)
      case 'convert':
        return ssa.convert(elemOf(from!), a.to, xs[0]!)
      case 'bitcast':
        return ssa.bitcast(elemOf(from!), a.to, xs[0]!)
    }
    const name = n.op.name as OpName
    if (isElementary(name)) return (elementary[name] as Elementary).expand<Id>(ssa, elemOf(n.type) as Float, ...xs)
    return ssa.prim(name as PlainPrim, elemOf(from!), ...xs)
  }

  const at = (root: NodeId): Id => {
    const identity: View = domain.map((_, k) => ({ offset: 0, axis: k, step: 1 }))
    const stack: { id: NodeId; view: View }[] = [{ id: root, view: identity }]
    while (stack.length > 0) {
      const top = stack.at(-1)!
      const n = arena.node(top.id)
      const operands = operand(n, top.view)
      const missing = operands.filter((o) => !known.has(keyOf(o.id, o.view)))
      if (missing.length > 0) {
        stack.push(...missing)
        continue
      }
      stack.pop()
      const key = keyOf(top.id, top.view)
      if (!known.has(key))
        known.set(
          key,
          compute(
            n,
            top.view,
            operands.map((o) => known.get(keyOf(o.id, o.view))!),
          ),
        )
    }
    return known.get(keyOf(root, identity))!
  }
  return { ssa, at, params: region.params }
}
