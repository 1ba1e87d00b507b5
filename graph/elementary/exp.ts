import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import { fastTwoDiff, fastTwoSum } from './dd.ts'
import type { Pair } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * The exponential family. With k = nearest(x / ln 2) and r = x - k·ln 2 in [-0.3466, 0.3466], e^x = 2^k·e^r and
 * e^r = 1 + r + r²·q(r), q a minimax polynomial. ln 2 is a high part, short enough that k·high is exact, and a low part
 * (Cody & Waite, Software Manual for the Elementary Functions, 1980); r stays a pair, so its rounding does not count.
 *
 * `q` has the constant 1/2 fixed and serves exp (error relative to e^r: f64 degree 9, 2^-57.3; f32 degree 4, 2^-28.0);
 * `q1` serves expm1 (error relative to e^r - 1: f64 degree 10, 2^-61.6; f32 degree 5, 2^-31.1). Both by weighted
 * minimax fits on 1.001 times the interval in 50-digit arithmetic, rounded one coefficient after another.
 */
const parameters = {
  f64: {
    invLn2: 1.4426950408889634, ln2: [0.6931471805598903, 5.497923018708371e-14], least: -746, most: 710, one: 44,
    q: [
      0.5, 0.1666666666666643, 0.04166666666660346, 0.008333333333502023, 0.0013888888927019456,
      0.00019841269462691198, 2.4801508376994343e-5, 2.7557643230246662e-6, 2.7625317800281886e-7,
      2.4977899860582534e-8,
    ],
    q1: [
      0.16666666666666677, 0.04166666666666668, 0.008333333333321737, 0.0013888888888895425,
      0.00019841269885558128, 2.4801587278624218e-5, 2.75572448992558e-6, 2.755732789203566e-7,
      2.510878284907487e-8, 2.0894866599639506e-9,
    ],
  },
  f32: {
    invLn2: 1.4426950216293335, ln2: [0.693145751953125, 1.428606765330187e-6], least: -105, most: 89, one: 20,
    q: [0.5, 0.16666533052921295, 0.04166721925139427, 0.008367585018277168, 0.001386552583426237],
    q1: [
      0.1666666567325592, 0.04166649281978607, 0.008333543315529823, 0.001393234240822494,
      0.00019764239550568163,
    ],
  },
} as const

/** x + low as k·ln 2 + high - rest; `low` is far below x and may be left out. */
const reduced = <E>(m: Emit<E>, elem: Float, x: E, low?: E): { k: E; high: E; rest: E } => {
  const { c, sub, mul, nearest } = calc(m, elem)
  const { invLn2, ln2 } = parameters[elem]
  const k = nearest(mul(x, c(invLn2)))
  const small = mul(k, c(ln2[1]))
  return { k, high: sub(x, mul(k, c(ln2[0]))), rest: low === undefined ? small : sub(small, low) }
}

/** k, and e^r - 1 as the pair (r's high part, the rest). */
const fraction = <E>(m: Emit<E>, elem: Float, x: E, low?: E): { k: E; t: Pair<E> } => {
  const f = calc(m, elem)
  const { sub, mul } = f
  const { k, high, rest } = reduced(m, elem, x, low)
  const r = sub(high, rest)
  return { k, t: [high, sub(mul(mul(r, r), estrin(f, r, parameters[elem].q)), rest)] }
}

/** The same, better: r²/2 apart from the polynomial, and what r rounds away put back to first order. */
const fineFraction = <E>(m: Emit<E>, elem: Float, x: E): { k: E; t: Pair<E> } => {
  const f = calc(m, elem)
  const { c, add, sub, mul } = f
  const { k, high, rest } = reduced(m, elem, x)
  const [r, lost] = fastTwoDiff(f, high, rest)
  const square = mul(r, r)
  const curve = add(mul(square, c(0.5)), mul(mul(square, r), estrin(f, r, parameters[elem].q1)))
  return { k, t: [high, add(curve, sub(mul(r, lost), rest))] }
}

/** e^(x + low) without regard to overflow of the reduction; in two scalings, so that subnormals round once. */
export const expOfSum = <E>(m: Emit<E>, elem: Float, x: E, low?: E): E => {
  const { c, add, sub, mul, nearest, pow2 } = calc(m, elem)
  const { k, t } = fraction(m, elem, x, low)
  const half = nearest(mul(k, c(0.5)))
  return mul(mul(add(c(1), add(t[0], t[1])), pow2(half)), pow2(sub(k, half)))
}
/** Beyond these the exponential is 0 and infinite. */
export const expLimits = { f64: [-746, 710], f32: [-105, 89] } as const satisfies Record<Float, readonly [number, number]>

const atLeast = <E>(m: Emit<E>, elem: Float, low: number, x: E): E => {
  const { c, lt, select } = calc(m, elem)
  return select(lt(x, c(low)), c(low), x)
}
const atMost = <E>(m: Emit<E>, elem: Float, high: number, x: E): E => {
  const { c, lt, select } = calc(m, elem)
  return select(lt(c(high), x), c(high), x)
}

/** U·(e^x - 1), U = 2^-k, from 2^-k·e^x = 1 + t: what cancels is exact. */
const minusOne = <E>(m: Emit<E>, elem: Float, [high, rest]: Pair<E>, u: E): Pair<E> => {
  const f = calc(m, elem)
  const [one, lostOne] = fastTwoDiff(f, f.c(1), u)
  const [sum, lost] = fastTwoSum(f, one, high)
  return [sum, f.add(f.add(lost, lostOne), rest)]
}

/** U·(e^x + 1), rounded, and what that rounds away. */
const plusOne = <E>(m: Emit<E>, elem: Float, [high, rest]: Pair<E>, u: E): Pair<E> => {
  const f = calc(m, elem)
  const [one, lostOne] = fastTwoSum(f, f.c(1), u)
  return fastTwoSum(f, one, f.add(high, f.add(rest, lostOne)))
}

export const exp = {
  arity: 1,
  doc: 'e^x. Gradual underflow rounds once; above the largest finite result it is infinite.',
  range: 'all x',
  ulps: { f64: 2, f32: 2 },
  expand: (m, elem, x) => {
    const { least, most } = parameters[elem]
    return expOfSum(m, elem, atMost(m, elem, most, atLeast(m, elem, least, x!)))
  },
} as const satisfies Elementary

export const expm1 = {
  arity: 1,
  doc: 'e^x - 1 without cancellation near 0; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 2, f32: 2 },
  expand: (m, elem, x) => {
    const { c, add, sub, mul, neg, eq, pow2, select } = calc(m, elem)
    const { most, one } = parameters[elem]
    const { k, t } = fineFraction(m, elem, atMost(m, elem, most, atLeast(m, elem, -one, x!)))
    const [high, low] = minusOne(m, elem, t, pow2(neg(k)))
    const y = add(high, low)
    // 2^k may be too large where the result is not: half of it times twice the rest.
    return select(eq(x!, c(0)), x!, mul(add(y, y), pow2(sub(k, c(1)))))
  },
} as const satisfies Elementary

export const tanh = {
  arity: 1,
  doc: '(e^2x - 1) / (e^2x + 1), both times 2^-k, with what numerator and denominator round away put back to first '
    + 'order; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 2, f32: 2 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, neg, abs, lt, gt, pow2, select } = f
    const a = abs(x!)
    const { k, t } = fineFraction(m, elem, atMost(m, elem, parameters[elem].one, add(a, a)))
    const u = pow2(neg(k))
    const [above, lostAbove] = fastTwoSum(f, ...minusOne(m, elem, t, u))
    const [below, lostBelow] = plusOne(m, elem, t, u)
    const q = div(above, below)
    // 1/below within 6 %, on [0.7, 2.42]; enough for a correction of an ulp.
    const inverse = add(mul(sub(mul(below, c(0.3412)), c(1.5967)), below), c(2.3016))
    const v = add(q, mul(sub(lostAbove, mul(q, lostBelow)), inverse))
    return select(gt(x!, c(0)), v, select(lt(x!, c(0)), neg(v), x!))
  },
} as const satisfies Elementary

export const sigmoid = {
  arity: 1,
  doc: '1 / (1 + e^-x) = 2^-k / (2^-k + e^r): one rounding in the denominator, put back to first order. Gradual '
    + 'underflow for x far below 0.',
  range: 'all x',
  ulps: { f64: 2, f32: 2 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, sub, mul, div, neg, nearest, pow2 } = f
    const { least, one } = parameters[elem]
    const { k, t } = fraction(m, elem, atMost(m, elem, -least, atLeast(m, elem, -one, neg(x!))))
    const minus = neg(k)
    const [below, lost] = plusOne(m, elem, t, pow2(minus))
    const q = div(c(1), below)
    const half = nearest(mul(minus, c(0.5)))
    return mul(mul(sub(q, mul(q, mul(q, lost))), pow2(half)), pow2(sub(minus, half)))
  },
} as const satisfies Elementary
