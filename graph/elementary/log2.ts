import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import { fastTwoSum, halfBits, split } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { artanhRest, scaled } from './log.ts'

/**
 * Logarithms to the bases 2 and 10: k·log 2 + ln(1 + f)·(1/ln base), x = 2^k·(1 + f) as in `log`. ln(1 + f) is a pair
 * whose high part has half the bits, so its product with the short part of 1/ln base is exact; so is k times the short
 * part of log 2.
 */
const parameters = {
  log2: {
    f64: { two: [1, 0], inverse: [1.4426950514316559, -1.0542692476429138e-8] },
    f32: { two: [1, 0], inverse: [1.44287109375, -0.00017605285393074155] },
  },
  log10: {
    f64: { two: [0.30102999566395283, 2.8363394551044964e-14], inverse: [0.4342944845557213, -2.6524694553078553e-9] },
    f32: { two: [0.30103302001953125, -3.024355464731343e-6], inverse: [0.434326171875, -3.168997136526741e-5] },
  },
} as const

const logarithm = <E>(m: Emit<E>, elem: Float, base: keyof typeof parameters, x: E): E => {
  const f = calc(m, elem)
  const { c, add, sub, mul, lt, gt, eq, select } = f
  const { two, inverse } = parameters[base][elem]
  const { k, m: wide } = scaled(f, elem, x, true)
  const frac = sub(wide, c(1))
  const { h, rest } = artanhRest(f, elem, frac)
  const [high] = split(f, sub(frac, h), halfBits[elem])
  const low = add(sub(sub(frac, high), h), rest)
  const small = add(mul(add(low, high), c(inverse[1])), mul(low, c(inverse[0])))
  const [sum, lost] = fastTwoSum(f, mul(k, c(two[0])), mul(high, c(inverse[0])))
  const y = add(sum, add(lost, add(small, mul(k, c(two[1])))))
  const outside = select(eq(x, c(0)), c(-Infinity), c(NaN))
  return select(gt(x, c(0)), select(lt(x, c(Infinity)), y, x), outside)
}

export const log2: Elementary = {
  arity: 1,
  doc: 'Logarithm to base 2, exact for powers of two. log2(±0) = -inf, of a negative number NaN.',
  range: 'all x, subnormals too',
  ulps: { f64: 0.9, f32: 0.85 },
  expand: (m, elem, x) => logarithm(m, elem, 'log2', x),
}

export const log10: Elementary = {
  arity: 1,
  doc: 'Logarithm to base 10, exact for powers of ten. log10(±0) = -inf, of a negative number NaN.',
  range: 'all x, subnormals too',
  ulps: { f64: 0.8, f32: 0.8 },
  expand: (m, elem, x) => logarithm(m, elem, 'log10', x),
}
