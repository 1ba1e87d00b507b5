import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import type { Pair } from './dd.ts'
import { fastTwoDiff, fastTwoSum } from './dd.ts'
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
    invLn2: Math.LOG2E,
    ln2: [0.6931471805598903, 5.497923018708371e-14],
    q: [
      0.5, 0.1666666666666643, 0.04166666666660346, 0.008333333333502023, 0.0013888888927019456, 0.00019841269462691198,
      2.4801508376994343e-5, 2.7557643230246662e-6, 2.7625317800281886e-7, 2.4977899860582534e-8,
    ],
    q1: [
      0.16666666666666677, 0.04166666666666668, 0.008333333333321737, 0.0013888888888895425, 0.00019841269885558128,
      2.4801587278624218e-5, 2.75572448992558e-6, 2.755732789203566e-7, 2.510878284907487e-8, 2.0894866599639506e-9,
    ],
  },
  f32: {
    invLn2: Math.LOG2E,
    ln2: [0.693145751953125, 1.428606765330187e-6],
    q: [0.5, 0.16666533052921295, 0.04166721925139427, 0.008367585018277168, 0.001386552583426237],
    q1: [0.1666666567325592, 0.04166649281978607, 0.008333543315529823, 0.001393234240822494, 0.00019764239550568163],
  },
} as const

/**
 * e^x is 0 below `least` and infinite above `most`; from `one` on, e^-x is too small to change a 1. The clamps are
 * written so that a NaN passes.
 */
export const expLimits = { f64: { least: -746, most: 710, one: 44 }, f32: { least: -105, most: 89, one: 20 } } as const

/** x + low as k·ln 2 + high - rest; `low` is far below x and may be left out. */
const reduced = <E>(m: Emit<E>, elem: Float, x: E, low?: E): { k: E; high: E; rest: E } => {
  const { c, sub, mul, nearest } = calc(m, elem)
  const { invLn2, ln2 } = parameters[elem]
  const k = nearest(mul(x, c(invLn2)))
  const small = mul(k, c(ln2[1]))
  return { k, high: sub(x, mul(k, c(ln2[0]))), rest: low === undefined ? small : sub(small, low) }
}

/** k, and e^r - 1 as the pair (r's high part, the rest). */
export const fraction = <E>(m: Emit<E>, elem: Float, x: E, low?: E): { k: E; t: Pair<E> } => {
  const f = calc(m, elem)
  const { sub, mul } = f
  const { k, high, rest } = reduced(m, elem, x, low)
  const r = sub(high, rest)
  return { k, t: [high, sub(mul(mul(r, r), estrin(f, r, parameters[elem].q)), rest)] }
}

/** The same, better: r²/2 apart from the polynomial, and what r rounds away put back to first order. */
export const fineFraction = <E>(m: Emit<E>, elem: Float, x: E): { k: E; t: Pair<E> } => {
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

export const atLeast = <E>(m: Emit<E>, elem: Float, low: number, x: E): E => {
  const { c, lt, select } = calc(m, elem)
  return select(lt(x, c(low)), c(low), x)
}

export const atMost = <E>(m: Emit<E>, elem: Float, high: number, x: E): E => {
  const { c, lt, select } = calc(m, elem)
  return select(lt(c(high), x), c(high), x)
}

/** U·(e^x - 1), U = 2^-k, from 2^-k·e^x = 1 + t: what cancels is exact. */
export const minusOne = <E>(m: Emit<E>, elem: Float, [high, rest]: Pair<E>, u: E): Pair<E> => {
  const f = calc(m, elem)
  const [one, lostOne] = fastTwoDiff(f, f.c(1), u)
  const [sum, lost] = fastTwoSum(f, one, high)
  return [sum, f.add(f.add(lost, lostOne), rest)]
}

/** U·(e^x + 1), rounded, and what that rounds away. */
export const plusOne = <E>(m: Emit<E>, elem: Float, [high, rest]: Pair<E>, u: E): Pair<E> => {
  const f = calc(m, elem)
  const [one, lostOne] = fastTwoSum(f, f.c(1), u)
  return fastTwoSum(f, one, f.add(high, f.add(rest, lostOne)))
}
