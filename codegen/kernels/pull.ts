import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import type { Float, Numeric } from '../../graph/elem.ts'
import type { Elementary } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Scalar } from '../../graph/emit.ts'
import type { SliceAttrs } from '../../graph/meaning/shape.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import type { Dims } from './dims.ts'
import type { Id } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ixOf, max, mul, none, one, product, strides } from './ix.ts'
import { isElementary } from './ops.ts'
import { elemOf, shapeOf } from './region.ts'
import { Ssa } from './ssa.ts'

/** Index along one axis of a node: offset + step · index along an axis of the domain (-1: the offset alone). */
interface Coordinate {
  readonly offset: Ix
  readonly axis: number
  readonly step: number
}
type View = readonly Coordinate[]
const keyOf = (id: NodeId, v: View): string => `${id} ${JSON.stringify(v)}`

/**
 * Values at a place of the domain, pulled through views: broadcast, transpose, slice and iota only change where an
 * operand is read. Operands that are not yet known are put on a stack, so depth costs nothing.
 */
export const pull = (arena: Arena, region: Region, dims: Dims, domain: readonly Product[]) => {
  const ssa = new Ssa()
  const known = new Map<string, Id>()
  const rank = domain.length

  const affine = (shape: readonly Product[], v: View): { offset: Ix; strides: Product[] } => {
    const s = strides(shape)
    const out = new Array<Product>(rank).fill(none)
    let offset: Ix = 0
    v.forEach((c, k) => {
      offset = add(offset, mul(c.offset, ixOf(s[k]!)))
      if (c.axis >= 0) out[c.axis] = product(s[k]!, { times: c.step, of: [] })
    })
    return { offset, strides: out }
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
      case 'iota':
      case 'param':
      case 'const':
        return []
      default:
        return n.args.map((id) => ({ id, view: v }))
    }
  }
  const sliced = (a: SliceAttrs, n: NodeView, c: Coordinate): Coordinate => {
    const size = ixOf(dims.size(shapeOf(arena.typeOf(n.args[0]!))[a.axis]!))
    // A start beyond the end leaves no cell, so the upper bound needs no care.
    const start = a.start >= 0 ? a.start : max(0, add(size, a.start))
    return { offset: add(start, mul(a.step, c.offset)), axis: c.axis, step: a.step * c.step }
  }

  const compute = (n: NodeView, v: View, xs: readonly Id[]): Id => {
    const a = n.op.attrs as { to: Numeric; index: number }
    const from = n.args[0] === undefined ? undefined : arena.typeOf(n.args[0])
    switch (n.op.name) {
      case 'param':
        return ssa.load(elemOf(n.type), `in${a.index}`, affine(dims.sizes(shapeOf(n.type)), v))
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
