import { isDecimal, isFloat } from '../elem.ts'
import type { Reduction } from '../reduction.ts'
import type { Dim } from '../types.ts'
import { scalar, showType, tensor } from '../types.ts'
import { add, check, constantLike, convert, div, mul, prim1, prim2, sub } from './arith.ts'
import { current } from './builder.ts'
import { counting, elemOf, isTensor, literal, shapeOf, spread } from './lift.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'

/** Axes by the names or sizes the user gave; none means all of them. */
export const axesOf = (op: string, x: Ref, dims: readonly Dim[]): readonly number[] | undefined => {
  const shape = shapeOf(x.type)
  if (!isTensor(x)) {
    current().fail(
      op,
      `${op} works on tensors, not on ${showType(x.type)}`,
      'take the column you mean: .columns()',
      x.type,
    )
    return undefined
  }
  if (dims.length === 0) return shape.map((_, k) => k)
  const axes: number[] = []
  for (const d of dims) {
    const at = shape.flatMap((s, k) => (s === d || s === `~${d}` ? [k] : []))
    if (at.length === 1 && !axes.includes(at[0]!)) axes.push(at[0]!)
    else {
      const cause =
        at.length === 0
          ? `${op} over '${d}', but ${showType(x.type)} has no such axis`
          : `${op} over '${d}', which names more than one axis of ${showType(x.type)}`
      const remedy =
        at.length > 1 && new Set(shape).size < shape.length
          ? "give the axes names of their own where they come in: t.tensor(t.f64, 'row', 'column')"
          : `name one of its axes: ${shape.join(', ')}`
      current().fail(op, cause, remedy, x.type)
      return undefined
    }
  }
  return axes.sort((p, q) => p - q)
}
const keptOf = (x: Ref, axes: readonly number[]): readonly number[] =>
  shapeOf(x.type)
    .map((_, k) => k)
    .filter((k) => !axes.includes(k))
const without = (x: Ref, axes: readonly number[] | undefined): Ref => {
  const shape = axes === undefined ? [] : keptOf(x, axes).map((k) => shapeOf(x.type)[k]!)
  return current().poisoned(tensor(elemOf(x.type), shape))
}

export const reduceAxes = (how: Reduction, x: Ref, axes: readonly number[]): Ref =>
  current().node(
    'reduce',
    { how, axes },
    [x],
    how === 'any' || how === 'all' ? 'compare first: .gt(0)' : 'convert to a number first: .to(t.i32)',
  )

/** Sum, product, extremes, any, all over the named axes. Sums of decimals end the run where they might overflow. */
export const reduce = (how: Reduction, x: Ref, dims: readonly Dim[]): Ref => {
  const axes = axesOf(how, x, dims)
  if (axes === undefined || isPoisoned(x)) return without(x, axes)
  const e = elemOf(x.type)
  const b = current()
  if (e === 'timestamp' || isDecimal(e)) {
    const raw = b.node('stored', {}, [x])
    if (how === 'min' || how === 'max')
      return b.node('restored', { to: e as 'timestamp' }, [reduceAxes(how, raw, axes)])
    if (how === 'sum' && isDecimal(e)) {
      const value = b.node('restored', { to: e as 'decimal(2)' }, [reduceAxes('sum', raw, axes)])
      // The sum of the magnitudes bounds every partial sum; 9e18 leaves room for its rounding below 2^63.
      const size = reduceAxes('sum', prim1('abs', convert(raw, 'f64')), axes)
      return check(prim2('lt', size, 9e18), value, `a sum does not fit ${e}`, 'sum')
    }
  }
  return reduceAxes(how, x, axes)
}

/** The number of cells along axes, at the element of x. */
export const countOf = (x: Ref, axes: readonly number[]): Ref => {
  const b = current()
  const e = elemOf(x.type)
  const one = (axis: number): Ref => {
    const d = shapeOf(x.type)[axis]!
    if (typeof d === 'number') return literal(b, scalar(e), e === 'i64' || e === 'u64' ? BigInt(d) : d)
    // Counted where the dimension comes from: whoever counts a computed tensor keeps it from being fused away.
    const known = b.sizeOf(d)
    const list = (r: Ref): boolean => r.type.kind === 'list' || shapeOf(r.type).length === 1
    const source = known?.axis === 0 && list(known.ref) ? known.ref : list(x) ? x : undefined
    const n = b.node('length', {}, [source ?? (axis === 0 ? b.node('iota', { dim: d }, [x]) : counting(b, d))])
    return convert(n, e, false)
  }
  return axes.map(one).reduce((m, n) => mul(m, n))
}
const back = (b: ReturnType<typeof current>, r: Ref, x: Ref, axes: readonly number[]): Ref =>
  spread(b, r, shapeOf(x.type), keptOf(x, axes), x)
const floats = (op: string, x: Ref): Ref | undefined =>
  isFloat(elemOf(x.type)) || isPoisoned(x)
    ? undefined
    : current().fail(
        op,
        `${op} works on f64 or f32, not on ${showType(x.type)}`,
        'convert first: .to(t.f64)',
        scalar('f64'),
      )

/** sum / n. */
export const mean = (x: Ref, dims: readonly Dim[]): Ref => {
  const axes = axesOf('mean', x, dims)
  if (axes === undefined || isPoisoned(x)) return without(x, axes)
  return floats('mean', x) ?? meanAxes(x, axes)
}
const meanAxes = (x: Ref, axes: readonly number[]): Ref =>
  div(reduceAxes('sum', x, axes), axes.length === 0 ? constantLike(x, 1) : countOf(x, axes))

/** Population variance in one pass, by sums shifted by the first cell: (s2 - s1 * s1 / n) / n. */
export const variance = (x: Ref, dims: readonly Dim[]): Ref => {
  const axes = axesOf('variance', x, dims)
  if (axes === undefined || isPoisoned(x)) return without(x, axes)
  return floats('variance', x) ?? varianceAxes(x, axes)
}
const varianceAxes = (x: Ref, axes: readonly number[]): Ref => {
  const b = current()
  // gather clamps, so the first cell of an empty axis is zero and this stays total.
  let first = axes.every((a, k) => a === k) ? x : b.node('transpose', { perm: [...axes, ...keptOf(x, axes)] }, [x])
  for (const _ of axes) first = b.node('gather', {}, [first, literal(b, scalar('i32'), 0)])
  const d = sub(x, back(b, first, x, axes))
  const s1 = reduceAxes('sum', d, axes)
  const s2 = reduceAxes('sum', mul(d, d), axes)
  const n = countOf(x, axes)
  return div(sub(s2, div(mul(s1, s1), n)), n)
}

const last = (op: string, x: Ref): readonly number[] | undefined => {
  const rank = shapeOf(x.type).length
  if (rank > 0 && isTensor(x)) return [rank - 1]
  current().fail(op, `${op} needs at least one axis, and ${showType(x.type)} has none`, 'give it a tensor', x.type)
  return undefined
}
/** Over the last axis: max, exp(x - max), sum, multiply by 1 / sum. */
export const softmax = (x: Ref): Ref => {
  const b = current()
  const axes = isPoisoned(x) ? undefined : last('softmax', x)
  if (axes === undefined) return b.poisoned(x.type)
  const wrong = floats('softmax', x)
  if (wrong !== undefined) return wrong
  const e = b.node('exp', {}, [sub(x, back(b, reduceAxes('max', x, axes), x, axes))])
  const scale = div(constantLike(x, 1), reduceAxes('sum', e, axes))
  return mul(e, back(b, scale, x, axes))
}
/** Over the last axis: (x - mean) * (1 / sqrt(variance + eps)) * gain + bias. */
export const layerNorm = (x: Ref, gain: Ref, bias: Ref, eps: number): Ref => {
  const b = current()
  const axes = isPoisoned(x) ? undefined : last('layerNorm', x)
  if (axes === undefined) return b.poisoned(x.type)
  const wrong = floats('layerNorm', x)
  if (wrong !== undefined) return wrong
  const wide = (r: Ref): Ref => (shapeOf(r.type).length === 1 ? spread(b, r, shapeOf(x.type), axes, x) : r)
  const centred = sub(x, back(b, meanAxes(x, axes), x, axes))
  const scale = div(constantLike(x, 1), prim1('sqrt', add(varianceAxes(x, axes), constantLike(x, eps))))
  return add(mul(mul(centred, back(b, scale, x, axes)), wide(gain)), wide(bias))
}
/** Index of the least or greatest cell along an axis. */
export const argReduce = (how: 'min' | 'max', x: Ref, dims: readonly Dim[]): Ref => {
  const op = how === 'min' ? 'argmin' : 'argmax'
  const axes = axesOf(op, x, dims)
  const b = current()
  if (axes === undefined || isPoisoned(x)) return b.poisoned(tensor('i32', shapeOf(without(x, axes).type)))
  if (axes.length === 1) return b.node('argReduce', { how, axis: axes[0]! }, [x])
  return b.fail(
    op,
    `${op} works along one axis, and ${showType(x.type)} has ${shapeOf(x.type).length}`,
    'name the axis',
    scalar('i32'),
  )
}
export const cumsum = (x: Ref, dims: readonly Dim[]): Ref => {
  const axes = axesOf('cumsum', x, dims)
  const b = current()
  if (axes === undefined || isPoisoned(x)) return b.poisoned(x.type)
  return axes.length === 1
    ? b.node('cumsum', { axis: axes[0]! }, [x])
    : b.fail(
        'cumsum',
        `cumsum runs along one axis, and ${showType(x.type)} has ${shapeOf(x.type).length}`,
        'name the axis',
        x.type,
      )
}
