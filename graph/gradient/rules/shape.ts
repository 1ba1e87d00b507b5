import type { NodeId, NodeView } from '../../arena.ts'
import type { Int } from '../../elem.ts'
import { sliceRange } from '../../meaning/shape.ts'
import type { AttrsOf, ShapeName } from '../../ops/index.ts'
import type { Dim } from '../../types.ts'
import { isScalar } from '../../types.ts'
import type { Cells } from '../cells.ts'
import { lit } from '../cells.ts'
import type { CellRule, Decision } from '../rule.ts'
import { cells, flat, never, refused } from '../rule.ts'

const attrsOf = <N extends ShapeName>({ op }: NodeView): AttrsOf<N> => op.attrs as AttrsOf<N>

const places = flat('places are integers')

const transpose: CellRule = (c, g, node) => {
  const { perm } = attrsOf<'transpose'>(node)
  const back = perm.map((_, k) => perm.indexOf(k))
  return [() => c.transpose(g, back)]
}
/** Each cell was repeated, so what flows into all of them is added. */
const broadcast: CellRule = (c, g, node) => {
  const { axes } = attrsOf<'broadcast'>(node)
  return [() => c.sum(g, c.rest(g, axes))]
}

/** g with zeros before and after it, along an axis that is of literal size. */
const padded = (c: Cells, g: NodeId, axis: number, before: number, after: number): NodeId => {
  const zeros = (n: number): readonly NodeId[] => {
    const shape = c.shape(g).map((d, k): Dim => (k === axis ? n : d))
    return n === 0 ? [] : [c.widen(c.constant(c.tensor(g).elem, 0), shape, [], g)]
  }
  const parts = [...zeros(before), g, ...zeros(after)]
  return parts.length === 1 ? g : c.make('concat', { axis, dim: '' }, ...parts)
}
const slice: CellRule = (c, g, node) => {
  const [x] = node.args
  const a = attrsOf<'slice'>(node)
  const d = c.shape(x!)[a.axis]!
  if (typeof d === 'number') {
    const { start, count } = sliceRange(a, d)
    if (count === 0) return [() => c.cut(c.zeros(x!))]
    if (a.step === 1) return [() => c.cut(padded(c, g, a.axis, start, d - start - count))]
  }
  return [
    () => {
      // Cell i of x is cell (i - start) / step of the part, if that is one.
      const n = c.size(x!, a.axis)
      const first = a.start >= 0 ? c.prim('min', n, lit(a.start)) : c.prim('max', c.add(n, lit(a.start)), lit(0))
      const from = c.sub(c.places(x!, a.axis), first)
      const at = c.prim('div', from, lit(a.step))
      const within = c.make('and', {}, c.prim('ge', from, lit(0)), c.prim('lt', at, c.size(g, a.axis)))
      const met =
        a.step === 1 ? within : c.make('and', {}, within, c.prim('eq', c.prim('rem', from, lit(a.step)), lit(0)))
      const wide = c.pick(g, a.axis, at)
      return c.only(c.along(met, wide, a.axis), wide)
    },
  ]
}
const concat: CellRule = (c, g, node) => {
  const { axis } = attrsOf<'concat'>(node)
  const sizes = node.args.map((x) => c.shape(x)[axis]!)
  const literal = sizes.every((d): d is number => typeof d === 'number')
  let begin = 0
  let begins: NodeId | undefined
  return node.args.map((x, k) => {
    const [from, offset] = [begin, begins]
    if (literal) begin += sizes[k] as number
    else begins = offset === undefined ? c.size(x, axis) : c.add(offset, c.size(x, axis))
    return () => {
      if (literal && typeof c.shape(g)[axis] === 'number')
        return c.make(
          'slice',
          { axis, start: from, stop: begin === from ? from : from + (sizes[k] as number), step: 1, dim: '' },
          g,
        )
      const line = c.places(x, axis)
      const start = literal ? c.constant('i32', from) : offset
      return c.pick(g, axis, start === undefined ? line : c.add(line, start))
    }
  })
}
/** What was taken is given back; a row that was taken twice gets both. */
const gather: CellRule = (c, g, { args: [x, index] }) => [
  () => {
    const rows = c.shape(x!)[0]!
    if (!isScalar(c.tensor(index!))) {
      const given = c.make('scatterReduce', { how: 'sum' }, c.zeros(x!), index!, g)
      return c.cut(given)
    }
    // One row: comparing places fuses with what is around it. An index out of range means the nearest row.
    const elem = c.tensor(index!).elem as Int
    const as = (i: NodeId): NodeId => (elem === 'i32' ? i : c.make('convert', { to: elem }, i))
    const last = as(typeof rows === 'number' ? c.constant('i32', Math.max(0, rows - 1)) : c.sub(c.size(x!, 0), lit(1)))
    const zero = as(c.constant('i32', 0))
    const at = c.prim('min', c.prim('max', index!, zero), last)
    const met = c.along(c.prim('eq', as(c.places(x!, 0)), at), x!, 0)
    return c.only(met, c.spread(g, x!, c.rest(x!, [0])))
  },
]

const kept = (c: Cells, x: NodeId, axes: readonly number[]): number[] => c.rest(x, axes)
/** The product of all other cells along an axis: of those before and those after, so that zeros do no harm. */
const others = (c: Cells, x: NodeId, axis: number): NodeId => {
  const { elem } = c.tensor(x)
  const before = (y: NodeId): NodeId => {
    const line = c.places(y, axis)
    const running = c.make('cumulate', { how: 'prod', axis }, y)
    const shifted = c.pick(running, axis, c.sub(line, lit(1)))
    return c.select(c.along(c.prim('eq', line, lit(0)), shifted, axis), lit(1), shifted, elem)
  }
  return c.mul(before(x), c.reversed(before(c.reversed(x, axis)), axis))
}
const reduce: CellRule = (c, g, node) => {
  const { id } = node
  const [x] = node.args
  const { how, axes } = attrsOf<'reduce'>(node)
  const back = (y: NodeId): NodeId => c.spread(y, x!, kept(c, x!, axes))
  switch (how) {
    case 'sum':
      return [() => back(g)]
    case 'min':
    case 'max':
      return [
        () => {
          // Shared by all cells that are the extreme; NaN for all where it is NaN.
          const met = c.prim('eq', x!, back(id))
          const { elem } = c.tensor(x!)
          const share = c.div(lit(1), c.sum(c.make('convert', { to: elem as 'f64' }, met), axes))
          const slope = c.select(met, back(share), back(c.nowhere(id)), elem)
          return c.cut(c.scale(c.cutLike(g, back(g)), slope))
        },
      ]
    case 'prod':
      return [
        () => {
          // Axis after axis, the last first: the product of products.
          const partial: NodeId[] = [x!]
          for (const axis of axes.toReversed())
            partial.push(c.make('reduce', { how: 'prod', axes: [axis] }, partial.at(-1)!))
          let flow = g
          for (const [k, axis] of axes.entries()) {
            const y = partial[axes.length - 1 - k]!
            const wide = c.spread(flow, y, c.rest(y, [axis]))
            flow = c.scale(c.cutLike(flow, wide), others(c, y, axis))
          }
          return flow
        },
      ]
    default:
      return []
  }
}

/** a[batch…, m…, k] · b[batch…, k, n…]: the products of g with the other operand, summed over what that one has alone. */
const contract: CellRule = (c, g, node) => {
  const { batch } = attrsOf<'contract'>(node)
  const [a, b] = node.args
  const m = c.shape(a!).length - batch - 1
  const n = c.shape(b!).length - batch - 1
  const range = (from: number, size: number): number[] => Array.from({ length: size }, (_, k) => from + k)
  const outer = range(0, batch)
  /** Both spread over batch, m, k and n, multiplied, and summed over some of these. */
  const crossed = (other: NodeId, axes: readonly number[], over: readonly number[]): NodeId => {
    const shape = [...c.shape(a!), ...c.shape(b!).slice(batch + 1)]
    const [ga, oa] = [[...range(0, batch + m), ...range(batch + m + 1, n)], axes]
    const wide = (x: NodeId, at: readonly number[], y: NodeId): NodeId => c.widen(x, shape, at, witness(x, y))
    /** A node that knows all sizes which x lacks. */
    const witness = (_: NodeId, y: NodeId): NodeId => y
    return c.sum(c.mul(wide(g, ga, other), wide(other, oa, g)), over)
  }
  return [
    () =>
      n === 1
        ? c.make('contract', { batch }, g, c.transpose(b!, [...outer, batch + 1, batch]))
        : crossed(b!, [...outer, ...range(batch + m, n + 1)], range(batch + m + 1, n)),
    () => {
      if (m === 1) return c.make('contract', { batch }, c.transpose(a!, [...outer, batch + 1, batch]), g)
      return crossed(a!, range(0, batch + m + 1), range(batch, m))
    },
  ]
}

export const shapeRules: Readonly<Record<ShapeName, Decision>> = {
  transpose: cells(transpose),
  reshape: cells((c, g, { args: [x] }) => [() => c.make('reshape', { shape: c.shape(x!) }, g)]),
  broadcast: cells(broadcast),
  slice: cells(slice),
  concat: cells(concat),
  gather: cells(gather),
  iota: never('it counts'),
  reduce: cells(reduce),
  argReduce: places,
  cumsum: cells((c, g, node) => {
    const { axis } = attrsOf<'cumsum'>(node)
    return [() => c.reversed(c.make('cumsum', { axis }, c.reversed(g, axis)), axis)]
  }),
  contract: cells(contract),
  segmentReduce: refused(
    'sums of ragged lists have no derivative by their elements here',
    'reduce inside the map that makes the list',
  ),
}
