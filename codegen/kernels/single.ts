import type { Arena, NodeView } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { reductions } from '../../graph/reduction.ts'
import type { Dim } from '../../graph/types.ts'
import type { Dims } from './dims.ts'
import type { Buffer, Inst, Step, Stmt } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ixOf, mul, product, sub } from './ix.ts'
import type { Names } from './nest.ts'
import { ifZero } from './nest.ts'
import type { Single } from './ops.ts'
import { contract } from './product.ts'
import { elemOf, shapeOf } from './region.ts'
import type { Operand } from './steps.ts'
import { constant, divided, lanes, load, loop, prim, store } from './steps.ts'

export interface Given {
  readonly node: NodeView
  /** Where the result goes. */
  readonly to: Buffer
  readonly args: readonly Operand[]
  readonly elem: Numeric
  readonly dims: Dims
  readonly names: Names
  /** Makes a buffer to work in. */
  readonly scratch: (elem: Numeric, length: number) => Buffer
}
type Body = (g: Given) => readonly Stmt[]

/** Ops that are kernels of their own, on inputs that lie in memory. */
export const singleNest = (
  arena: Arena,
  node: NodeView,
  output: number,
  dims: Dims,
  names: Names,
  scratch: Given['scratch'],
): readonly Stmt[] =>
  bodies[node.op.name as Single]({
    node,
    to: `out${output}`,
    dims,
    names,
    scratch,
    elem: elemOf(node.type),
    args: node.args.map((a) => ({
      from: `in${(arena.opOf(a).attrs as { index: number }).index}`,
      elem: elemOf(arena.typeOf(a)),
      shape: shapeOf(arena.typeOf(a)),
    })),
  })

/** Cells before, on and after an axis, as sizes of three nested loops. */
const around = (
  dims: Dims,
  shape: readonly Dim[],
  axis: number,
): { outer: Product; size: Product; inner: Product } => ({
  outer: dims.cells(shape.slice(0, axis)),
  size: dims.size(shape[axis]!),
  inner: dims.cells(shape.slice(axis + 1)),
})

const gather: Body = ({ to, args: [x, index], elem, dims, names }) => {
  const rows = ixOf(dims.size(x!.shape[0]!))
  const width = ixOf(dims.cells(x!.shape.slice(1)))
  const count = ixOf(dims.cells(index!.shape))
  const e = index!.elem as Exclude<Numeric, 'f64' | 'f32' | 'bool'>
  const convert = (id: number, on: Numeric, elem: Numeric, arg: number): Inst => ({
    i: 'convert',
    id,
    on,
    elem,
    args: [arg],
  })
  const bounds: Inst[] = [
    { i: 'index', id: 0, elem: 'i32', at: sub(rows, 1), step: 0 },
    ...(e === 'i32' ? [] : [convert(1, 'i32', e, 0)]),
    constant(2, e, 0),
  ]
  const clamp = (at: Ix, step: Ix): Inst[] => [
    load(3, index!, at, step),
    prim(4, 'max', e, e, 3, 2),
    prim(5, 'min', e, e, 4, e === 'i32' ? 0 : 1),
    ...(e === 'i32' ? [] : [convert(6, e, 'i32', 5)]),
  ]
  const row = e === 'i32' ? 5 : 6
  const fetch = (scale: Ix, step: Ix): Step => ({
    i: 'fetch',
    id: 7,
    elem,
    from: x!.from,
    at: 0,
    step,
    index: row,
    scale,
  })
  const i = names.fresh()
  const found: Stmt = divided(
    width === 1
      ? lanes(count, [...clamp(0, 1), fetch(1, 0), store(to, elem, 0, 1, 7)], bounds)
      : loop(
          i,
          count,
          lanes(width, [fetch(width, 1), store(to, elem, mul(i, width), 1, 7)], [...bounds, ...clamp(i, 0)]),
        ),
  )
  const zero = divided(lanes(mul(count, width), [store(to, elem, 0, 1, 0)], [constant(0, elem, 0)]))
  return ifZero(rows, [zero], [found])
}

const concat: Body = ({ node, to, args, elem, dims, names }) => {
  const { axis } = node.op.attrs as { axis: number }
  const parts = args.map((a) => around(dims, a.shape, axis))
  const total = parts.reduce<Ix>((n, p) => add(n, ixOf(p.size)), 0)
  const { outer, inner } = parts[0]!
  let from: Ix = 0
  return parts.map((p, k) => {
    const [o, run] = [names.fresh(), ixOf(product(p.size, p.inner))]
    const at = mul(add(mul(o, total), from), ixOf(inner))
    from = add(from, ixOf(p.size))
    const whole = lanes(run, [load(0, args[k]!, mul(o, run), 1), store(to, elem, at, 1, 0)])
    return oneOrMore(o, outer, [whole])
  })
}

/** Lanes along the axes after `axis`, or along those before it when none are left; the axis itself is run through in order. */
const lines = (
  g: Given,
  axis: number,
  line: (o: { count: Ix; size: Ix; at: Ix; step: Ix; stride: Ix; outAt: Ix }) => readonly Stmt[],
): readonly Stmt[] => {
  const { outer, size, inner } = around(g.dims, g.args[0]!.shape, axis)
  const [o, n] = [g.names.fresh(), ixOf(size)]
  if (ixOf(inner) === 1) return line({ count: ixOf(outer), size: n, at: 0, step: n, stride: 1, outAt: 0 }).map(divided)
  const count = ixOf(inner)
  const at = mul(o, ixOf(product(size, inner)))
  return [oneOrMore(o, outer, line({ count, size: n, at, step: 1, stride: count, outAt: mul(o, count) }))]
}
/** What threads divide: the turns of a loop, or the lanes within where there is one turn. */
const oneOrMore = (name: string, count: Product, body: readonly Stmt[]): Stmt =>
  ixOf(count) === 1 ? loop(name, 1, ...body.map(divided)) : divided(loop(name, ixOf(count), ...body))

/** `cumulate` says what is carried along, `cumsum` adds. */
const carried = ({ node }: Given) => reductions[(node.op.attrs as { how?: 'prod' | 'min' | 'max' }).how ?? 'sum']
const cumsum: Body = (g) =>
  lines(g, (g.node.op.attrs as { axis: number }).axis, ({ count, size, at, step, stride }) => {
    const j = g.names.fresh()
    const place = add(at, mul(j, stride))
    return [
      lanes(
        count,
        [
          {
            i: 'repeat',
            name: j,
            count: size,
            carried: [{ id: 1, elem: g.elem, from: 0, next: 3 }],
            body: [
              load(2, g.args[0]!, place, step),
              prim(3, carried(g).prim, g.elem, g.elem, 1, 2),
              store(g.to, g.elem, place, step, 3),
            ],
          },
        ],
        [{ i: 'const', id: 0, elem: g.elem, value: carried(g).identity(g.elem) }],
      ),
    ]
  })

const argReduce: Body = (g) => {
  const { how, axis } = g.node.op.attrs as { how: 'min' | 'max'; axis: number }
  const { to } = g
  const x = g.args[0]!
  const e = x.elem
  return lines(g, axis, ({ count, size, at, step, stride, outAt }) => {
    const j = g.names.fresh()
    // A NaN beats every number and nothing beats a NaN.
    const better: Inst[] = [
      load(4, x, add(at, mul(j, stride)), step),
      prim(5, how === 'min' ? 'lt' : 'gt', e, 'bool', 4, 2),
      prim(6, 'ne', e, 'bool', 4, 4),
      prim(7, 'or', 'bool', 'bool', 5, 6),
      prim(8, 'eq', e, 'bool', 2, 2),
      prim(9, 'and', 'bool', 'bool', 7, 8),
      { i: 'index', id: 10, elem: 'i32', at: j, step: 0 },
      { i: 'select', id: 11, elem: e, args: [9, 4, 2] },
      { i: 'select', id: 12, elem: 'i32', args: [9, 10, 3] },
    ]
    const found = lanes(
      count,
      [
        load(0, x, at, step),
        {
          i: 'repeat',
          name: j,
          count: size,
          body: better,
          carried: [
            { id: 2, elem: e, from: 0, next: 11 },
            { id: 3, elem: 'i32', from: 1, next: 12 },
          ],
        },
        store(to, 'i32', outAt, 1, 3),
      ],
      [constant(1, 'i32', 0)],
    )
    return ifZero(size, [lanes(count, [store(to, 'i32', outAt, 1, 0)], [constant(0, 'i32', -1)])], [found])
  })
}

const bodies: Readonly<Record<Single, Body>> = { contract, gather, concat, argReduce, cumsum, cumulate: cumsum }
