import { calc } from '../emit.ts'
import type { Elementary } from './declaration.ts'
import { atLeast, atMost, expLimits, expOfSum, fineFraction, minusOne } from './exponential.ts'

export const exp: Elementary = {
  arity: 1,
  doc: 'e^x. Gradual underflow rounds once; above the largest finite result it is infinite.',
  range: 'all x',
  ulps: { f64: 0.95, f32: 0.95 },
  expand: (m, elem, x) => {
    const { least, most } = expLimits[elem]
    return expOfSum(m, elem, atMost(m, elem, most, atLeast(m, elem, least, x)))
  },
}

export const expm1: Elementary = {
  arity: 1,
  doc: 'e^x - 1 without cancellation near 0; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 0.95, f32: 0.9 },
  expand: (m, elem, x) => {
    const { c, add, sub, mul, neg, eq, pow2, select } = calc(m, elem)
    const { most, one } = expLimits[elem]
    const { k, t } = fineFraction(m, elem, atMost(m, elem, most, atLeast(m, elem, -one, x)))
    const [high, low] = minusOne(m, elem, t, pow2(neg(k)))
    const y = add(high, low)
    // 2^k may be too large where the result is not: half of it times twice the rest.
    return select(eq(x, c(0)), x, mul(add(y, y), pow2(sub(k, c(1)))))
  },
}
