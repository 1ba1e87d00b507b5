import { calc } from '../emit.ts'
import { fastTwoSum, halfBits, split, twoProduct } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { estrin } from './poly.ts'

/**
 * Roots. cbrt: |x| = 2^3k·m with m = 2^j·μ, j in 0, 1, 2 and μ in [1, 2). `r` approximates μ^-1/3 (relative error f64
 * 2^-14.7, f32 2^-11.9); one step of third order makes r of it, m^-1/3 to 2^-41 (f32 2^-22), and y = m·r². With t = y cut
 * short, so that t³ is exact, ∛m - t = (m - t³) / (y² + y·t + t²).
 */
const parameters = {
  f64: {
    normal: 2 ** -1022,
    lift: 54,
    shift: 18,
    drop: 36, // t keeps 17 bits
    r: [1.6700067641938048, -1.172880365209848, 0.6954828710432784, -0.2212379907077694, 0.02859105193736756],
    thirds: [0.7937005259840998, 0.6299605249474366],
    top: 1022,
  },
  f32: {
    normal: 2 ** -126,
    lift: 24,
    shift: 8,
    drop: 16, // t keeps 8 bits
    r: [1.5418869256973267, -0.8099601864814758, 0.3177570700645447, -0.04993689805269241],
    thirds: [0.7937005162239075, 0.6299605369567871],
    top: 126,
  },
} as const

export const cbrt: Elementary = {
  arity: 1,
  doc: 'Cube root, of negative numbers too; exact for cubes of short numbers; keeps the sign of zero.',
  range: 'all x, subnormals too',
  ulps: { f64: 0.55, f32: 0.55 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, neg, abs, lt, gt, and, floor, pow2, exponent, mantissa, select } = f
    const { normal, lift, shift, drop, r, thirds } = parameters[elem]
    const size = abs(x)
    const small = lt(size, c(normal))
    const lifted = select(small, mul(size, c(2 ** lift)), size)
    const e = exponent(lifted)
    const k = floor(mul(add(e, c(0.5)), c(1 / 3)))
    const j = sub(e, mul(k, c(3)))
    const [one, two] = [gt(j, c(0.5)), gt(j, c(1.5))]
    const mu = mantissa(lifted)
    const wide = mul(mu, select(two, c(4), select(one, c(2), c(1))))
    const rough = mul(estrin(f, mu, r), select(two, c(thirds[1]), select(one, c(thirds[0]), c(1))))
    const off = sub(c(1), mul(mul(wide, rough), mul(rough, rough)))
    const inverse = add(rough, mul(mul(rough, off), add(c(1 / 3), mul(off, c(2 / 9)))))
    const y = mul(mul(wide, inverse), inverse)
    const [t] = split(f, y, drop)
    const square = mul(t, t)
    const root = add(t, div(sub(wide, mul(square, t)), add(mul(y, add(y, t)), square)))
    const v = mul(root, pow2(select(small, sub(k, c(shift)), k)))
    return select(and(gt(size, c(0)), lt(size, c(Infinity))), select(lt(x, c(0)), neg(v), v), x)
  },
}

export const hypot: Elementary = {
  arity: 2,
  doc:
    '√(x² + y²) without overflow or underflow inside: both scaled by a power of two, the squares exact, what the root ' +
    'rounds away put back. Infinite if either is, even where the other is NaN.',
  range: 'all x and y',
  ulps: { f64: 0.8, f32: 0.8 },
  expand: (m, elem, x, y) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, neg, abs, min, max, lt, gt, eq, or, sqrt, exponent, pow2, select } = f
    const { top } = parameters[elem]
    const drop = halfBits[elem]
    const [p, q] = [abs(x), abs(y)]
    const swap = lt(p, q)
    const [great, less] = [select(swap, q, p), select(swap, p, q)]
    const e = max(min(exponent(great), c(top)), c(-top))
    const down = pow2(neg(e))
    const [a, aLow] = twoProduct(f, mul(great, down), mul(great, down), drop)
    const [b, bLow] = twoProduct(f, mul(less, down), mul(less, down), drop)
    const [sum, lost] = fastTwoSum(f, a, b)
    const root = sqrt(sum)
    const [square, squareLow] = twoProduct(f, root, root, drop)
    const rest = add(sub(sub(sum, square), squareLow), add(lost, add(aLow, bLow)))
    const v = mul(add(root, div(rest, add(root, root))), pow2(e))
    const infinite = or(eq(p, c(Infinity)), eq(q, c(Infinity)))
    // Both zero: 0 / 0 above.
    return select(infinite, c(Infinity), select(gt(great, c(0)), v, add(p, q)))
  },
}
