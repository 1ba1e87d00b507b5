import { calc } from '../emit.ts'
import { fastTwoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * asin x = x + x·z·a(z), z = x², for |x| < 1/2, and π/2 - 2·asin √((1 - |x|)/2) beyond, where 1 - |x| is exact; both
 * share one polynomial. a is minimax for z <= 1/4 by the Remez exchange in 60-digit arithmetic, rounded one coefficient
 * after another, the others refitted; error relative to asin: f64 degree 12, 2^-59.8; f32 degree 4, 2^-27.6. What the
 * square root rounds away is not put back: it is half of the greatest error.
 */
const parameters = {
  f64: {
    quarter: [1.5707963267948966, 6.123233995736766e-17],
    a: [
      0.16666666666666763, 0.07499999999970129, 0.04464285717525449, 0.03038194267689545, 0.022372215857777336,
      0.017351596407883068, 0.013981007168491908, 0.011397389774175381, 0.010788759356237333, 0.00367437751639205,
      0.021785149255736474, -0.021108716747930314, 0.0326970233833582,
    ],
  },
  f32: {
    quarter: [1.570796251296997, 7.549790126404332e-8],
    a: [0.16666753590106964, 0.07495252043008804, 0.0454760417342186, 0.024152087047696114, 0.042211826890707016],
  },
} as const

export const asin: Elementary = {
  arity: 1,
  doc: 'Arc sine in [-π/2, π/2]; for |x| > 1/2 as π/2 - 2·asin(√((1 - |x|)/2)). NaN outside [-1, 1]; keeps -0.',
  range: '[-1, 1]',
  ulps: { f64: 1.2, f32: 1.2 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, neg, abs, lt, sqrt, select } = f
    const { quarter, a } = parameters[elem]
    const size = abs(x)
    const inner = lt(size, c(0.5))
    const z = select(inner, mul(x, x), mul(sub(c(1), size), c(0.5)))
    const root = select(inner, x, sqrt(z))
    const rest = mul(mul(root, z), estrin(f, z, a))
    const [high, lost] = fastTwoSum(f, c(quarter[0]), mul(root, c(-2)))
    const outer = add(high, add(lost, sub(c(quarter[1]), add(rest, rest))))
    return select(inner, add(x, rest), select(lt(x, c(0)), neg(outer), outer))
  },
}
