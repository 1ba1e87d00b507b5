import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'
import { calc } from '../emit.ts'
import { fastTwoDiff, fastTwoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { atMost, fraction } from './exponential.ts'
import { estrin } from './poly.ts'

/**
 * With e^|x| = 2^k·(1 + t): 2^(1-k)·sinh |x| = (1 + t) - 2^-2k/(1 + t), and + for cosh. Below 1 the sine cancels;
 * there sinh x = x + x·z·s(z), z = x², s minimax for z <= 1 (error relative to sinh: f64 degree 6, 2^-61.8; f32 degree
 * 3, 2^-31.6), by the Remez exchange in 50-digit arithmetic, rounded one coefficient after another, the others refitted.
 */
const parameters = {
  f64: {
    most: 712,
    s: [
      0.16666666666666669, 0.008333333333332912, 0.00019841269841593405, 2.7557319106760374e-6, 2.5052130997781174e-8,
      1.605665927126515e-10, 7.776596011691062e-13,
    ],
  },
  f32: { most: 91, s: [0.1666666716337204, 0.00833331048488617, 0.00019842895562760532, 2.7822131869470468e-6] },
} as const

const half = <E>(m: Emit<E>, elem: Float, a: E, minus: boolean): E => {
  const f = calc(m, elem)
  const { c, add, sub, mul, div, nearest, pow2 } = f
  const { k, t } = fraction(m, elem, atMost(m, elem, parameters[elem].most, a))
  const [one, lost] = fastTwoSum(f, c(1), t[0])
  const rest = add(lost, t[1])
  const inverse = mul(div(c(1), add(one, rest)), pow2(mul(k, c(-2))))
  const [sum, lostSum] = minus ? fastTwoDiff(f, one, inverse) : fastTwoSum(f, one, inverse)
  const up = sub(k, c(1))
  const first = nearest(mul(up, c(0.5)))
  return mul(mul(add(sum, add(lostSum, rest)), pow2(first)), pow2(sub(up, first)))
}

export const sinh: Elementary = {
  arity: 1,
  doc: '(e^x - e^-x) / 2; by a polynomial for |x| < 1, where the difference would cancel. Keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 0.95, f32: 0.9 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, mul, neg, abs, lt, select } = f
    const a = abs(x)
    const z = mul(x, x)
    const inner = add(x, mul(mul(x, z), estrin(f, z, parameters[elem].s)))
    const v = half(m, elem, a, true)
    return select(lt(a, c(1)), inner, select(lt(x, c(0)), neg(v), v))
  },
}

export const cosh: Elementary = {
  arity: 1,
  doc: '(e^x + e^-x) / 2.',
  range: 'all x',
  ulps: { f64: 0.9, f32: 0.9 },
  expand: (m, elem, x) => half(m, elem, calc(m, elem).abs(x), false),
}
