import { calc } from '../emit.ts'
import { fastTwoDiff, fastTwoSum, halfBits, split } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * asin x = x + x·z·a(z), z = x², for |x| < 1/2, and π/2 - 2·asin √((1 - |x|)/2) beyond, where 1 - |x| is exact; both
 * share one polynomial. a is minimax for z <= 1/4 by the Remez exchange in 60-digit arithmetic, rounded one coefficient
 * after another, the others refitted; error relative to asin: f64 degree 12, 2^-59.8; f32 degree 4, 2^-27.6. What the
 * square root rounds away is not put back by asin, where it is half of the greatest error.
 *
 * acos x is π/2 - asin x for |x| < 1/2, 2·asin √((1 - x)/2) from there to 1, and π less that for -x below; what the root
 * rounds away is put back, because there it is the whole result.
 */
const parameters = {
  f64: {
    // π/2 as a pair; twice it is π.
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

export const acos: Elementary = {
  arity: 1,
  doc: 'Arc cosine in [0, π]; for |x| > 1/2 by 2·asin(√((1 - |x|)/2)). NaN outside [-1, 1]; acos(1) is 0.',
  range: '[-1, 1]',
  ulps: { f64: 0.75, f32: 0.7 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, abs, lt, gt, sqrt, select } = f
    const { quarter, a } = parameters[elem]
    const size = abs(x)
    const inner = lt(size, c(0.5))
    const z = select(inner, mul(x, x), mul(sub(c(1), size), c(0.5)))
    const root = sqrt(z)
    const [rootHigh] = split(f, root, halfBits[elem])
    // Of root + what it lost only the part beyond rootHigh; z may be 0.
    const both = add(root, rootHigh)
    const rootLow = div(sub(z, mul(rootHigh, rootHigh)), select(gt(both, c(0)), both, c(1)))
    const high = select(inner, x, rootHigh)
    const low = add(select(inner, c(0), rootLow), mul(mul(select(inner, x, root), z), estrin(f, z, a)))
    const twice = select(inner, c(1), c(2))
    const [y, yLow] = [mul(high, twice), mul(low, twice)]
    // π/2 - y inside, π - y below; above nothing is taken away.
    const fold = select(inner, c(1), c(2))
    const [sum, lost] = fastTwoDiff(f, mul(c(quarter[0]), fold), y)
    const turned = add(sum, add(lost, sub(mul(c(quarter[1]), fold), yLow)))
    return select(lt(x, c(0.5)), turned, add(y, yLow))
  },
}
