import { calc } from '../emit.ts'
import { fastTwoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { atLeast, atMost, expLimits, fineFraction, fraction, minusOne, plusOne } from './exponential.ts'

export const tanh: Elementary = {
  arity: 1,
  doc:
    '(e^2x - 1) / (e^2x + 1), both times 2^-k, with what numerator and denominator round away put back to first ' +
    'order; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 1.35, f32: 1.35 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, neg, abs, lt, gt, pow2, select } = f
    const a = abs(x)
    const { k, t } = fineFraction(m, elem, atMost(m, elem, expLimits[elem].one, add(a, a)))
    const u = pow2(neg(k))
    const [above, lostAbove] = fastTwoSum(f, ...minusOne(m, elem, t, u))
    const [below, lostBelow] = plusOne(m, elem, t, u)
    const q = div(above, below)
    // 1/below within 6 %, on [0.7, 2.42]; enough for a correction of an ulp.
    const inverse = add(mul(sub(mul(below, c(0.3412)), c(1.5967)), below), c(2.3016))
    const v = add(q, mul(sub(lostAbove, mul(q, lostBelow)), inverse))
    return select(gt(x, c(0)), v, select(lt(x, c(0)), neg(v), x))
  },
}

export const sigmoid: Elementary = {
  arity: 1,
  doc:
    '1 / (1 + e^-x) = 2^-k / (2^-k + e^r): one rounding in the denominator, put back to first order. Gradual ' +
    'underflow for x far below 0.',
  range: 'all x',
  ulps: { f64: 1.4, f32: 1.4 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, sub, mul, div, neg, nearest, pow2 } = f
    const { least, one } = expLimits[elem]
    const { k, t } = fraction(m, elem, atMost(m, elem, -least, atLeast(m, elem, -one, neg(x))))
    const minus = neg(k)
    const [below, lost] = plusOne(m, elem, t, pow2(minus))
    const q = div(c(1), below)
    const half = nearest(mul(minus, c(0.5)))
    return mul(mul(sub(q, mul(q, mul(q, lost))), pow2(half)), pow2(sub(minus, half)))
  },
}
