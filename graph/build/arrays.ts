import type { Elem, Int, Numeric } from '../elem.ts'
import type { Rounding } from '../meaning/elementwise.ts'
import { elementOf, isRagged, tensor } from '../types.ts'
import * as arith from './arith.ts'
import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec, ElemCodec } from './codec.ts'
import type { Tensor } from './expr.ts'
import { filtered, Rows, wrapAs } from './expr.ts'
import { literal } from './lift.ts'
import type { Ref } from './scope.ts'
import type { SliceOptions } from './shape.ts'
import * as shape from './shape.ts'
import type { Dims, In, Join, ListOf, Reverse, Room, RowsLike, Scalar, Tail, TensorLike } from './types.ts'

/** A constant of any type: `constant(t.decimal(2), '12.50')`, `constant(t.tensor(t.i32, 2), [1, 2])`. */
export const constant = <X>(codec: Codec<X>, value: In<NoInfer<X>>): X => wrapAs(literal(current(), codec.type, value))
/** A constant vector of f64; its length is part of its type. */
export const vector = <const V extends readonly number[]>(values: V): Tensor<'f64', [V['length']]> =>
  wrapAs(literal(current(), tensor('f64', [values.length]), values))
/** A constant matrix of f64, row by row: `matrix(2, 3, [1, 2, 3, 4, 5, 6])`; zeros where no values are given. */
export const matrix = <const M extends number, const N extends number>(
  rows: M,
  columns: N,
  values?: readonly number[],
): Tensor<'f64', [M, N]> => {
  const type = tensor('f64', [rows, columns])
  const size = Number.isSafeInteger(rows) && Number.isSafeInteger(columns) && rows >= 0 && columns >= 0
  if (!size)
    return wrapAs(current().fail('matrix', `matrix(${rows}, ${columns})`, 'give whole sizes', tensor('f64', [0, 0])))
  return wrapAs(
    literal(current(), type, { shape: [rows, columns], data: values ?? new Array<number>(rows * columns).fill(0) }),
  )
}
/** 0, 1, 2 … along a dimension that is known here, or of a literal size. */
export const iota = <const D extends string | number>(dim: D): Tensor<'i32', [D]> => wrapAs(shape.iota(dim))

/** The axes the other way round, or in the order named: `transpose(x, 'b', 'a')`. */
export const transpose = <E extends Elem, D extends Dims, const P extends readonly D[number][]>(
  x: Tensor<E, D>,
  ...order: P
): Tensor<E, P extends readonly [] ? Reverse<D> : [...P]> => wrapAs(shape.transpose(unwrap(x), order))
/** Part of an axis (the first one, or the named one), from `start` up to `stop`; negative ends count from the back. */
export const slice = <E extends Elem, D extends Dims>(
  x: Tensor<E, D>,
  start: number,
  stop?: number,
  options: SliceOptions = {},
): Tensor<E, { [K in keyof D]: number | D[K] }> => wrapAs(shape.slice(unwrap(x), start, stop, options))
/** Tensors end to end along the first axis. */
export const concat = <E extends Elem>(...xs: readonly Tensor<E, Dims>[]): Tensor<E, number[]> =>
  wrapAs(
    shape.concat(
      xs.map((x) => unwrap(x)),
      undefined,
    ),
  )
/** Rows at integer indices; an index outside ends the run. */
export const gather = <E extends Elem, D extends Dims, I extends Int, S extends Dims>(
  x: Tensor<E, D>,
  index: Tensor<I, S>,
): Tensor<E, [...S, ...Tail<D>]> => wrapAs(shape.gather(unwrap(x), unwrap(index), true))
/** Rows at integer indices; an index outside takes the nearest row. */
export const gatherClamped = <E extends Elem, D extends Dims, I extends Int, S extends Dims>(
  x: Tensor<E, D>,
  index: Tensor<I, S>,
): Tensor<E, [...S, ...Tail<D>]> => wrapAs(shape.gather(unwrap(x), operandOf(index), false))
/** x along the dimension of y, on your claim that both have one size; a run in which they differ ends and shows both. */
export const sameDim = <
  X extends TensorLike<Elem, readonly [string | number]> | RowsLike<unknown, string | number>,
  Y extends string | number,
>(
  x: X,
  y: TensorLike<Elem, readonly [Y]> | RowsLike<unknown, Y>,
): X extends TensorLike<infer E extends Elem, unknown>
  ? Tensor<E, [Y]>
  : X extends RowsLike<infer R, unknown>
    ? Rows<R, Y>
    : never => wrapAs(shape.sameDim(unwrap(x), unwrap(y)))
/** Another element without a check: floats saturate, NaN gives 0, integers wrap. */
export const toTotal = <E extends Elem, D extends Dims, F extends Elem>(
  x: Tensor<E, D>,
  elem: ElemCodec<F>,
): Tensor<F, D> => wrapAs(arith.convert(unwrap(x), elem.elem, false))
/** The same bits at another element of the same width. */
export const bitcast = <E extends Numeric, D extends Dims, F extends Numeric>(
  x: Tensor<E, D>,
  elem: ElemCodec<F>,
): Tensor<F, D> =>
  wrapAs(current().node('bitcast', { to: elem.elem }, [unwrap(x)], 'choose an element of the same width'))

export interface DecimalOptions<S extends number> {
  readonly scale: S
  /** Half to even, half away from zero, or toward zero. */
  readonly rounding: Rounding
}
type Dec = `decimal(${number})`
const decimals =
  (how: 'mul' | 'div') =>
  <A extends Dec, B extends Dec, D extends Dims, S extends number, X extends Room<D> = []>(
    a: Tensor<A, D>,
    b: Tensor<B, X>,
    o: DecimalOptions<S>,
  ): Tensor<`decimal(${S})`, Join<D, X>> =>
    wrapAs(arith.decimal2(how, unwrap(a), unwrap(b), o.scale, o.rounding))
/** Products of decimals of any scales, at a declared scale and rounding; overflow ends the run. */
export const mulDecimal = decimals('mul')
export const divDecimal = decimals('div')
export const rescale = <A extends Dec, D extends Dims, S extends number>(
  x: Tensor<A, D>,
  o: DecimalOptions<S>,
): Tensor<`decimal(${S})`, D> => wrapAs(arith.decimal('rescale', [unwrap(x)], o.scale, o.rounding))

/** The cells of a vector as rows, to map over: `each(ids).map((id) => …)`. */
export const each = <E extends Elem, D extends string | number>(x: Tensor<E, readonly [D]>): Rows<Scalar<E>, D> =>
  new Rows(unwrap(x))
/** Columns of one dimension side by side, as rows. */
export const zip = <
  const C extends { readonly [name: string]: TensorLike<Elem, readonly [D]> | RowsLike<unknown, D> },
  D extends string | number,
>(
  columns: C & { readonly [name: string]: TensorLike<Elem, readonly [D]> | RowsLike<unknown, D> },
): Rows<{ readonly [K in keyof C]: ElementOf<C[K]> }, D> => {
  const fields = Object.keys(columns)
  return wrapAs(
    current().node(
      'rows',
      { fields },
      fields.map((f) => unwrap(columns[f])),
      'give columns along one dimension',
    ),
  )
}
type ElementOf<X> =
  X extends TensorLike<infer E extends Elem, unknown> ? Scalar<E> : X extends RowsLike<infer R, unknown> ? R : never
/** The cells at which the mask is true, along a new dimension. */
export const filter = <E extends Elem, D extends string | number, const N extends string = `${D}.kept`>(
  x: Tensor<E, readonly [D]>,
  mask: Tensor<'bool', readonly [NoInfer<D>]>,
  dim?: N,
): Tensor<E, [N]> => wrapAs(filtered(unwrap(x), unwrap(mask), dim))

/** All inner elements of a list of lists, in order, along a new dimension. */
export const flatten = <X, const N extends string>(
  x: Rows<Rows<X, string | number> | Tensor<Elem, readonly [string | number]>, string | number>,
  dim: N,
): ListOf<X, N> => {
  const b = current()
  const list = unwrap(x)
  return wrapAs(
    b.node(
      'flatten',
      { dim: b.introduce(dim, 'flatten', `flatten ${list.id}`) },
      [list],
      'give it rows whose elements are lists',
    ),
  )
}
/** Inner lists of one length are no ragged lists: their type says so, and it is the type that has to change. */
const ragged = (x: Ref, otherwise: string): string => {
  const inner = elementOf(x.type)?.of
  const dim = inner === undefined ? undefined : elementOf(inner)?.dim
  if (typeof dim !== 'string' || isRagged(dim)) return otherwise
  return `name the inner dimension '~${dim}' (ragged), because its size differs from element to element: t.list(…, '~${dim}')`
}
const segments =
  (how: 'sum' | 'prod' | 'min' | 'max') =>
  <E extends Elem, D extends string | number>(x: Rows<Tensor<E, readonly [string | number]>, D>): Tensor<E, [D]> => {
    const list = unwrap(x)
    const remedy = ragged(list, 'give it rows of lists of numbers: orders.map((o) => o.lines.columns().amount)')
    return wrapAs(current().node('segmentReduce', { how }, [list], remedy))
  }
/** One number for each inner list: orders → lines → sum. */
export const segmentSum = segments('sum')
export const segmentProd = segments('prod')
export const segmentMin = segments('min')
export const segmentMax = segments('max')
