import type { Float } from '../elem.ts'
import type { Calc, Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import type { Pair } from './dd.ts'
import { fastTwoSum, split } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { expLimits, expOfSum } from './exponential.ts'
import { scaled } from './log.ts'
import { estrin } from './poly.ts'

/**
 * pow(x, y) = ±e^(y·ln|x|), the logarithm and the product carried as pairs, because y·ln|x| may reach 745 and its
 * absolute error becomes the relative error of the result.
 *
 * With |x| = 2^k·(1 + f) as in `log`, σ = f/(3 + 1.5·f) and a = 2.25·σ² (which is (f/(2 + f))²),
 * ln(1 + f) = σ·(3 + a + a²·p(a)). σ's high part is so short that 2.25·σ² of it is exact; its low part comes from the
 * exact remainder of the division. (The grouping 3 + s² + … is that of fdlibm's pow; splitting by Veltkamp and Dekker.)
 * `p` is a minimax polynomial (error relative to ln(1 + f): f64 degree 7, 2^-73.4; f32 degree 2, 2^-36.8).
 */
const parameters = {
  f64: {
    ln2: [0.6931471805598903, 5.497923018708371e-14],
    most: 2 ** 64,
    // Bits dropped: σ keeps 24, f and the factors of the product 26, the sum 29.
    drop: { sigma: 29, half: 27, sum: 24 },
    p: [
      0.5999999999999996, 0.428571428571688, 0.33333333326029446, 0.27272728339206814, 0.23076833007690928,
      0.2000456446688356, 0.17510436627173095, 0.1799841961833024,
    ],
  },
  f32: {
    ln2: [0.693145751953125, 1.428606765330187e-6],
    most: 2 ** 32,
    drop: { sigma: 14, half: 12, sum: 10 }, // σ keeps 10 bits, f and the factors 12, the sum 14
    p: [0.6000022888183594, 0.42820635437965393, 0.35129493474960327],
  },
} as const

/** ln of a positive finite x as a pair whose high part has only half the bits. */
const logPair = <E>(f: Calc<E>, elem: Float, x: E): Pair<E> => {
  const { c, add, sub, mul, div } = f
  const { ln2, drop, p } = parameters[elem]
  const { k, m } = scaled(f, elem, x, true)
  const frac = sub(m, c(1))
  const inverse = div(c(1), add(c(3), mul(c(1.5), frac)))
  const [sigma] = split(f, mul(frac, inverse), drop.sigma)
  const [fracHigh, fracLow] = split(f, frac, drop.half)
  const part = mul(c(1.5), sigma)
  const remainder = sub(sub(sub(frac, mul(c(3), sigma)), mul(part, fracHigh)), mul(part, fracLow))
  const sigmaLow = mul(remainder, inverse)
  const square = mul(mul(c(2.25), sigma), sigma)
  const squareLow = mul(mul(c(2.25), sigmaLow), add(add(sigma, sigma), sigmaLow))
  const a = add(square, squareLow)
  const rest = add(mul(mul(a, a), estrin(f, a, p)), squareLow)
  const whole = add(c(3), add(square, rest))
  const [sum] = split(f, whole, drop.sum)
  const sumLow = add(add(sub(c(3), sum), square), rest)
  const low = add(mul(sigma, sumLow), mul(sigmaLow, whole))
  const [high, lost] = fastTwoSum(f, mul(k, c(ln2[0])), mul(sigma, sum))
  const small = add(lost, add(low, mul(k, c(ln2[1]))))
  const [first] = split(f, add(high, small), drop.half)
  return [first, add(sub(high, first), small)]
}

/** |x|^y for positive finite |x|. */
const magnitude = <E>(m: Emit<E>, elem: Float, x: E, y: E): E => {
  const f = calc(m, elem)
  const { c, add, mul, lt, select } = f
  const { most, drop } = parameters[elem]
  // A larger |y| gives 0, 1 or infinity just the same, and splitting it would overflow.
  const upper = select(lt(c(most), y), c(most), y)
  const bounded = select(lt(upper, c(-most)), c(-most), upper)
  const [high, low] = logPair(f, elem, x)
  const [yHigh, yLow] = split(f, bounded, drop.half)
  const product = mul(yHigh, high)
  const rest = add(mul(yLow, high), mul(bounded, low))
  const { least, most: greatest } = expLimits[elem]
  const e = expOfSum(m, elem, product, rest)
  return select(lt(c(greatest), product), c(Infinity), select(lt(product, c(least)), c(0), e))
}

export const pow: Elementary = {
  arity: 2,
  doc:
    'x^y with the special cases of C99 and IEEE 754: pow(x, ±0) = pow(1, y) = 1 even for NaN; a negative x wants an ' +
    'integer y and an odd one keeps its sign; pow(-1, ±inf) = 1; zeros and infinities by the sign and parity of y.',
  range: 'all x and y',
  ulps: { f64: 1.15, f32: 1.35 },
  expand: (m, elem, x, y) => {
    const { c, mul, div, neg, abs, lt, gt, eq, ne, and, or, floor, select } = calc(m, elem)
    const size = abs(x)
    const r = magnitude(m, elem, size, y)
    const whole = eq(floor(y), y)
    const half = mul(y, c(0.5))
    const odd = and(whole, ne(floor(half), half))
    const signed = select(lt(x, c(0)), select(odd, neg(r), select(whole, r, c(NaN))), r)
    // x is zero, infinite or NaN: x or its inverse, the sign kept only by an odd y; NaN where y is.
    const edge = select(gt(y, c(0)), x, select(lt(y, c(0)), div(c(1), x), y))
    const ordinary = and(gt(size, c(0)), lt(size, c(Infinity)))
    const v = select(ordinary, signed, select(odd, edge, abs(edge)))
    return select(or(eq(y, c(0)), eq(x, c(1))), c(1), v)
  },
}
