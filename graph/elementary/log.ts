import type { Float } from '../elem.ts'
import type { Calc } from '../emit.ts'
import { calc } from '../emit.ts'
import { fastTwoSum, twoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * Logarithms. x = 2^k·(1 + f) with 1 + f in [√½, √2]; with s = f/(2 + f), ln(1 + f) = 2·artanh(s) = 2s + s·R, R = z·p(z)
 * and z = s² <= 0.0295. Because f is exact and s is not, 2s is rewritten: with h = f²/2, f - 2s = h - s·h, hence
 * ln(1 + f) = f - (h - s·(h + R)), where only small terms carry errors (the identity behind fdlibm's logarithm,
 * Muller, Elementary Functions, 3rd ed., section 11). k·ln 2 joins as an exact high part and a low part.
 *
 * `p` is a minimax polynomial (error relative to 2s: f64 degree 6, 2^-59.5; f32 degree 2, 2^-30.2) by the Remez
 * exchange in 60-digit arithmetic, rounded one coefficient after another, the others refitted.
 */
const parameters = {
  f64: {
    ln2: [0.6931471805598903, 5.497923018708371e-14],
    normal: 2 ** -1022,
    lift: 54,
    p: [
      0.6666666666666735, 0.39999999999409347, 0.28571428743688876, 0.2222219842859189, 0.18183572383394295,
      0.153138312087884, 0.14798270652677972,
    ],
  },
  f32: {
    ln2: [0.693145751953125, 1.428606765330187e-6],
    normal: 2 ** -126,
    lift: 25,
    p: [0.6666677594184875, 0.3997756838798523, 0.29871460795402527],
  },
} as const

/** k and 1 + f of a positive finite x; subnormals are lifted into the normal range first. */
export const scaled = <E>(f: Calc<E>, elem: Float, x: E, subnormals: boolean): { k: E; m: E } => {
  const { c, add, mul, lt, exponent, mantissa, select } = f
  const { normal, lift } = parameters[elem]
  const small = lt(x, c(normal))
  const lifted = subnormals ? select(small, mul(x, c(2 ** lift)), x) : x
  const k = subnormals ? add(exponent(lifted), select(small, c(-lift), c(0))) : exponent(lifted)
  const m = mantissa(lifted)
  const wide = lt(c(Math.SQRT2), m)
  return { k: select(wide, add(k, c(1)), k), m: select(wide, mul(m, c(0.5)), m) }
}

/** h = f²/2 and rest = s·(h + R): ln(1 + f) = f - h + rest. */
export const artanhRest = <E>(f: Calc<E>, elem: Float, frac: E): { h: E; rest: E } => {
  const { c, add, mul, div } = f
  const s = div(frac, add(c(2), frac))
  const z = mul(s, s)
  const h = mul(mul(c(0.5), frac), frac)
  return { h, rest: mul(s, add(h, mul(z, estrin(f, z, parameters[elem].p)))) }
}

/** k·ln 2 + ln(1 + f) + extra, `extra` being far below f. */
const logOf = <E>(f: Calc<E>, elem: Float, k: E, frac: E, extra?: E): E => {
  const { c, add, sub, mul } = f
  const { ln2 } = parameters[elem]
  const { h, rest } = artanhRest(f, elem, frac)
  const curve = sub(h, rest)
  const [sum, lost] = fastTwoSum(f, mul(k, c(ln2[0])), frac)
  const low = extra === undefined ? mul(k, c(ln2[1])) : add(extra, mul(k, c(ln2[1])))
  return add(sum, add(lost, sub(low, curve)))
}

export const log: Elementary = {
  arity: 1,
  doc: 'Natural logarithm. log(±0) = -inf, log of a negative number is NaN.',
  range: 'all x, subnormals too',
  ulps: { f64: 0.9, f32: 0.9 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, sub, lt, gt, eq, select } = f
    const r = scaled(f, elem, x, true)
    const y = logOf(f, elem, r.k, sub(r.m, c(1)))
    const outside = select(eq(x, c(0)), c(-Infinity), c(NaN))
    return select(gt(x, c(0)), select(lt(x, c(Infinity)), y, x), outside)
  },
}

export const log1p: Elementary = {
  arity: 1,
  doc: 'ln(1 + x) without cancellation near 0: what 1 + x rounds away is carried along. Keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 0.95, f32: 0.95 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, sub, mul, neg, lt, gt, eq, ne, and, pow2, select } = f
    const [u, lostU] = twoSum(f, c(1), x)
    const r = scaled(f, elem, u, false)
    const [frac, lost] = fastTwoSum(f, sub(r.m, c(1)), mul(lostU, pow2(neg(r.k))))
    const y = logOf(f, elem, r.k, frac, sub(lost, mul(frac, lost)))
    const outside = select(eq(x, c(-1)), c(-Infinity), c(NaN))
    const ordinary = and(ne(x, c(0)), lt(x, c(Infinity)))
    return select(gt(x, c(-1)), select(ordinary, y, x), outside)
  },
}
