import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import type { Pair } from './dd.ts'
import { fastTwoDiff, fastTwoSum, halfBits, quotient } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * Sine and cosine. x = n·π/2 + r with |r| <= π/4; π/2 is cut into short parts, so that n times a part is exact
 * (Cody & Waite, 1980). The first subtractions are exact; the later ones keep their rounding errors, so r is a pair,
 * good to the last place even where x is as near to a multiple of π/2 as a float can be.
 *
 * sin r = r + r·z·s(z), cos r = 1 - z/2 + z²·c(z), z = r²: minimax polynomials for z <= 1.001·(π/4)² by the Remez
 * exchange in 60-digit arithmetic, rounded one coefficient after another, the others refitted. Errors relative to the
 * function: s f64 degree 5, 2^-58.0; f32 degree 2, 2^-28.0; c f64 degree 5, 2^-63.9; f32 degree 2, 2^-33.0.
 */
const parameters = {
  f64: {
    perQuarter: 0.6366197723675814, // 2/π
    zeroFrom: 2 ** 30,
    exact: [1.5707963267341256],
    kept: [6.077100506303966e-11, 2.0222662487111665e-21],
    last: -8.4784276603689e-32,
    s: [
      -0.16666666666666632, 0.008333333333322472, -0.00019841269829835672, 2.755731369732753e-6, -2.5050758485730672e-8,
      1.589679602398545e-10,
    ],
    c: [
      0.041666666666666595, -0.0013888888888873325, 2.4801587288983675e-5, -2.7557314210071734e-7,
      2.0875704270307253e-9, -1.1358683285375944e-11,
    ],
  },
  f32: {
    perQuarter: 0.6366197466850281,
    zeroFrom: 2 ** 17,
    exact: [1.5703125, 0.0004837512969970703],
    kept: [7.549533620476723e-8],
    last: -2.5633440682570896e-12,
    s: [-0.16666655242443085, 0.008332191035151482, -0.00019518604676704854],
    c: [0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-5],
  },
} as const

/** n and r, as a pair. */
const reduced = <E>(m: Emit<E>, elem: Float, x: E): { n: E; r: Pair<E> } => {
  const f = calc(m, elem)
  const { c, add, sub, mul, abs, lt, nearest, select } = f
  const { perQuarter, zeroFrom, exact, kept, last } = parameters[elem]
  // Times 0 rather than 0 itself: infinities and NaN become NaN.
  const bounded = select(lt(abs(x), c(zeroFrom)), x, mul(x, c(0)))
  const n = nearest(mul(bounded, c(perQuarter)))
  let high = bounded
  for (const part of exact) high = sub(high, mul(n, c(part)))
  let low = mul(n, c(last))
  for (const part of kept) {
    const [difference, lost] = fastTwoDiff(f, high, mul(n, c(part)))
    high = difference
    low = add(low, lost)
  }
  return { n, r: fastTwoSum(f, high, low) }
}

/** sin r and cos r as two terms each, the larger first. */
const sinKernel = <E>(m: Emit<E>, elem: Float, [r, low]: Pair<E>): Pair<E> => {
  const f = calc(m, elem)
  const { c, add, sub, mul } = f
  const z = mul(r, r)
  const turned = sub(low, mul(mul(z, c(0.5)), low)) // low·cos r
  return [r, add(mul(mul(r, z), estrin(f, z, parameters[elem].s)), turned)]
}

const cosKernel = <E>(m: Emit<E>, elem: Float, [r, low]: Pair<E>): Pair<E> => {
  const f = calc(m, elem)
  const { c, sub, mul } = f
  const z = mul(r, r)
  const [high, lost] = fastTwoDiff(f, c(1), mul(z, c(0.5)))
  const rest = sub(mul(mul(z, z), estrin(f, z, parameters[elem].c)), mul(r, low))
  return [high, f.add(lost, rest)]
}

/** sin(x + quarters·π/2): n, counted from there, says which kernel (odd: cos) and which sign (2 and 3 of 4: minus). */
const turned = <E>(m: Emit<E>, elem: Float, x: E, quarters: 0 | 1): E => {
  const { c, add, mul, neg, ne, floor, select } = calc(m, elem)
  const { n, r } = reduced(m, elem, x)
  const half = mul(quarters === 0 ? n : add(n, c(1)), c(0.5))
  const whole = floor(half)
  const fourth = mul(whole, c(0.5))
  const v = select(ne(half, whole), add(...cosKernel(m, elem, r)), add(...sinKernel(m, elem, r)))
  return select(ne(fourth, floor(fourth)), neg(v), v)
}

const range = '|x| <= 2^21·π/2 (f64), 2^13·π/2 (f32)'
const beyond =
  'Beyond its range the absolute error grows with |x|, and from 2^30 (f64) or 2^17 (f32) on x counts as 0; ' +
  'the result stays within [-1, 1]. NaN for infinities and NaN.'

export const sin: Elementary = {
  arity: 1,
  doc: `Sine of x radians; keeps the sign of zero. ${beyond}`,
  range,
  ulps: { f64: 0.9, f32: 0.85 },
  expand: (m, elem, x) => {
    const { c, eq, select } = calc(m, elem)
    return select(eq(x, c(0)), x, turned(m, elem, x, 0))
  },
}

export const cos: Elementary = {
  arity: 1,
  doc: `Cosine of x radians. ${beyond}`,
  range,
  ulps: { f64: 0.9, f32: 0.85 },
  expand: (m, elem, x) => turned(m, elem, x, 1),
}

export const tan: Elementary = {
  arity: 1,
  doc:
    'Tangent of x radians: the quotient of sine and cosine, both carried as pairs; keeps the sign of zero. Beyond its ' +
    'range as sine and cosine; NaN for infinities and NaN.',
  range,
  ulps: { f64: 1.1, f32: 1.05 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, mul, neg, eq, ne, floor, select } = f
    const { n, r } = reduced(m, elem, x)
    const [s, k] = [fastTwoSum(f, ...sinKernel(m, elem, r)), fastTwoSum(f, ...cosKernel(m, elem, r))]
    const half = mul(n, c(0.5))
    const odd = ne(half, floor(half))
    const above = [select(odd, k[0], s[0]), select(odd, k[1], s[1])] as const
    const below = [select(odd, s[0], k[0]), select(odd, s[1], k[1])] as const
    const q = add(...quotient(f, above, below, halfBits[elem]))
    return select(eq(x, c(0)), x, select(odd, neg(q), q))
  },
}
