import type { Elem, Float, Int } from '../elem.ts'
import type { ElementaryName } from '../elementary/index.ts'
import type { PlainPrim } from '../prims.ts'
import * as arith from './arith.ts'
import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { lift } from './lift.ts'
import * as reduce from './reduce.ts'
import { contract } from './shape.ts'
import type { Dims, Join, Last, Less, Lift, Room, Scalar } from './types.ts'

type Numbers = Float | Int

/** Elementary functions: derived from IEEE 754 primitives, the same bits on every target. */
const elementaryFn =
  (name: ElementaryName) =>
  <E extends Float, D extends Dims>(x: Tensor<E, D>): Tensor<E, D> =>
    wrapAs(current().node(name, {}, [unwrap(x)], `${name} works on f64 and f32: .to(t.f64)`))
export const exp = elementaryFn('exp')
export const expm1 = elementaryFn('expm1')
export const exp2 = elementaryFn('exp2')
/** The natural logarithm. */
export const log = elementaryFn('log')
export const log1p = elementaryFn('log1p')
export const log2 = elementaryFn('log2')
export const log10 = elementaryFn('log10')
export const sin = elementaryFn('sin')
export const cos = elementaryFn('cos')
export const tan = elementaryFn('tan')
export const asin = elementaryFn('asin')
export const acos = elementaryFn('acos')
export const atan = elementaryFn('atan')
export const sinh = elementaryFn('sinh')
export const cosh = elementaryFn('cosh')
export const tanh = elementaryFn('tanh')
/** The error function. */
export const erf = elementaryFn('erf')
/** 1 - erf(x), without cancellation. */
export const erfc = elementaryFn('erfc')
export const cbrt = elementaryFn('cbrt')
/** 1 / (1 + exp(-x)). */
export const sigmoid = elementaryFn('sigmoid')
const elementaryFn2 =
  (name: 'pow' | 'atan2' | 'hypot') =>
  <E extends Float, D extends Dims, X extends Room<D> = []>(
    x: Tensor<E, D>,
    y: Tensor<E, X> | Lift<E>,
  ): Tensor<E, Join<D, X>> => {
    const [a, b] = arith.pair(name, unwrap(x), operandOf(y))
    return wrapAs(current().node(name, {}, [a, b], `${name} works on f64 and f32: .to(t.f64)`))
  }
export const pow = elementaryFn2('pow')
/** The angle of the point (x, y), given as `atan2(y, x)`, in [-π, π]. */
export const atan2 = elementaryFn2('atan2')
/** √(x² + y²), without overflow inside. */
export const hypot = elementaryFn2('hypot')

const floatFn =
  (name: PlainPrim) =>
  <E extends Float, D extends Dims>(x: Tensor<E, D>): Tensor<E, D> =>
    wrapAs(arith.prim1(name, unwrap(x)))
export const sqrt = floatFn('sqrt')
export const floor = floatFn('floor')
export const ceil = floatFn('ceil')
/** Toward zero. */
export const trunc = floatFn('trunc')
/** To the nearest whole number, halves to even. */
export const round = floatFn('nearest')
export const abs = <E extends Numbers, D extends Dims>(x: Tensor<E, D>): Tensor<E, D> =>
  wrapAs(arith.prim1('abs', unwrap(x)))

const cellwise =
  (name: PlainPrim) =>
  <E extends Numbers, D extends Dims, X extends Room<D> = []>(
    x: Tensor<E, D>,
    y: Tensor<E, X> | Lift<E>,
  ): Tensor<E, Join<D, X>> =>
    wrapAs(arith.prim2(name, unwrap(x), operandOf(y)))
/** The lesser of two, cell by cell; NaN if either is. */
export const minimum = cellwise('min')
export const maximum = cellwise('max')
/** Integer division that gives 0 for a zero divisor (and MIN for MIN / -1); on floats the same as div. */
export const divTotal = cellwise('div')
/** Remainder that gives the dividend for a zero divisor. */
export const remTotal = cellwise('rem')
export const xor = cellwise('xor')
/** Shifts take their count modulo the width. */
export const shl = cellwise('shl')
export const shr = cellwise('shr')
/** The remainder of integers; a zero divisor ends the run. */
export const rem = <E extends Int, D extends Dims, X extends Room<D> = []>(
  x: Tensor<E, D>,
  y: Tensor<E, X> | Lift<E>,
): Tensor<E, Join<D, X>> => wrapAs(arith.rem(unwrap(x), operandOf(y)))

/** Cell by cell `a` where the condition is true, else `b`. Both are evaluated; use `cond` for effects. */
export const select = <E extends Elem, C extends Dims, D extends Dims, X extends Room<D> = []>(
  condition: Tensor<'bool', C>,
  a: Tensor<E, D>,
  b: Tensor<E, X> | Lift<E>,
): Tensor<E, Join<C, Join<D, X>>> => wrapAs(arith.select(unwrap(condition), unwrap(a), operandOf(b)))

const over =
  <F extends (x: ReturnType<typeof unwrap>, axes: Dims) => ReturnType<typeof unwrap>>(f: F) =>
  <E extends Numbers, D extends Dims, const A extends readonly D[number][]>(
    x: Tensor<E, D>,
    ...axes: A
  ): Tensor<E, Less<D, A>> =>
    wrapAs(f(unwrap(x), axes))
export const prod = over((x, axes) => reduce.reduce('prod', x, axes))
/** Population variance: sums shifted by the first cell, in one pass. */
export const variance = <E extends Float, D extends Dims, const A extends readonly D[number][]>(
  x: Tensor<E, D>,
  ...axes: A
): Tensor<E, Less<D, A>> => wrapAs(reduce.variance(unwrap(x), axes))
/** Population standard deviation. */
export const std = <E extends Float, D extends Dims, const A extends readonly D[number][]>(
  x: Tensor<E, D>,
  ...axes: A
): Tensor<E, Less<D, A>> => wrapAs(arith.prim1('sqrt', reduce.variance(unwrap(x), axes)))
const logical =
  (how: 'any' | 'all') =>
  <D extends Dims, const A extends readonly D[number][]>(
    x: Tensor<'bool', D>,
    ...axes: A
  ): Tensor<'bool', Less<D, A>> =>
    wrapAs(reduce.reduce(how, unwrap(x), axes))
export const any = logical('any')
export const all = logical('all')
/** Running sums, strictly left to right, along the named axis or the only one. */
export const cumsum = <E extends Numbers, D extends Dims>(x: Tensor<E, D>, axis?: D[number]): Tensor<E, D> =>
  wrapAs(reduce.cumsum(unwrap(x), axis === undefined ? [] : [axis]))

/** Over the last axis: max, exp(x - max), sum, times 1 / sum. */
export const softmax = <E extends Float, D extends Dims>(x: Tensor<E, D>): Tensor<E, D> =>
  wrapAs(reduce.softmax(unwrap(x)))
/** Over the last axis: (x - mean) / sqrt(variance + eps) * gain + bias. */
export const layerNorm = <E extends Float, D extends Dims>(
  x: Tensor<E, D>,
  gain: Tensor<E, Last<D>>,
  bias: Tensor<E, Last<D>>,
  eps = 1e-5,
): Tensor<E, D> => wrapAs(reduce.layerNorm(unwrap(x), unwrap(gain), unwrap(bias), eps))

/** The sum of products over k in order, multiply and add rounded apart; `a.mul(b).sum()` adds in stripes instead. */
export const dot = <E extends Numbers, K extends string | number>(
  a: Tensor<E, readonly [K]>,
  b: Tensor<E, readonly [NoInfer<K>]>,
): Scalar<E> => product('dot', a, b, 0)
export const matvec = <E extends Numbers, M extends string | number, K extends string | number>(
  a: Tensor<E, readonly [M, K]>,
  b: Tensor<E, readonly [NoInfer<K>]>,
): Tensor<E, [M]> => product('matvec', a, b, 0)
export const matmul = <
  E extends Numbers,
  M extends string | number,
  K extends string | number,
  N extends string | number,
>(
  a: Tensor<E, readonly [M, K]>,
  b: Tensor<E, readonly [NoInfer<K>, N]>,
): Tensor<E, [M, N]> => product('matmul', a, b, 0)
/** A matrix product for each index of a first axis. */
export const batchMatmul = <
  E extends Numbers,
  B extends string | number,
  M extends string | number,
  K extends string | number,
  N extends string | number,
>(
  a: Tensor<E, readonly [B, M, K]>,
  b: Tensor<E, readonly [NoInfer<B>, NoInfer<K>, N]>,
): Tensor<E, [B, M, N]> => product('batchMatmul', a, b, 1)
const product = <Y>(op: string, a: unknown, c: unknown, batch: number): Y =>
  wrapAs(contract(op, unwrap(a), unwrap(c), batch))

/** Every value of a tensor the same: `full(0, 'loan')`, `full(1, 2, 3)`, as f64. */
export const full = <const D extends Dims>(value: number, ...dims: D): Tensor<'f64', [...D]> =>
  wrapAs(arith.along(lift(current(), value, 'f64'), dims))
