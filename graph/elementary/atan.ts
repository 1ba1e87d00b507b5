import type { Float } from '../elem.ts'
import type { Calc } from '../emit.ts'
import { calc } from '../emit.ts'
import type { Pair } from './dd.ts'
import { fastTwoSum, halfBits, quotient, twoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { atMost } from './exponential.ts'
import { estrin } from './poly.ts'

/**
 * The angle of n/d, both >= 0: q = n/d below tan π/8, (n - d)/(n + d) counted from π/4 up to tan 3π/8, -d/n counted from
 * π/2 beyond. So |q| <= tan π/8 always, q is a pair, and atan q = q + q·z·a(z), z = q². a is minimax for z <=
 * (1.001·tan π/8)² (error relative to atan: f64 degree 10, 2^-59.3; f32 degree 4, 2^-30.4), by the Remez exchange in
 * 50-digit arithmetic, rounded one coefficient after another, the others refitted.
 */
const parameters = {
  f64: {
    eighth: [0.7853981633974483, 3.061616997868383e-17], // π/4; the first part times 3 is exact
    small: 2 ** -27,
    most: 2 ** 60,
    top: 1022,
    a: [
      -0.3333333333333319, 0.19999999999952187, -0.14285714280054626, 0.11111110776335892, -0.09090897552214236,
      0.07692056547828661, -0.06663062224686828, 0.05847583840841251, -0.05037922779355337, 0.03802930226050815,
      -0.017868430910993268,
    ],
  },
  f32: {
    eighth: [0.785398006439209, 1.5695823663008923e-7],
    small: 2 ** -13,
    most: 2 ** 30,
    top: 126,
    a: [-0.33333316445350647, 0.19998525083065033, -0.1424429714679718, 0.10598265379667282, -0.060873374342918396],
  },
} as const

/** tan π/8 and tan 3π/8, nearly: where one quotient takes over from the next is no matter of precision. */
const borders = [0.41421, 2.41421] as const

/** The angle of n/d, or where `back` holds π less that. */
const angle = <E>(f: Calc<E>, elem: Float, n: E, d: E, back?: E): E => {
  const { c, add, sub, mul, neg, lt, select } = f
  const { eighth, a } = parameters[elem]
  const [low, high] = [lt(n, mul(d, c(borders[0]))), lt(mul(d, c(borders[1])), n)]
  const difference = twoDiff(f, n, d)
  const sum = twoSum(f, n, d)
  const zero = c(0)
  const above: Pair<E> = [
    select(low, n, select(high, neg(d), difference[0])),
    select(low, zero, select(high, zero, difference[1])),
  ]
  const below: Pair<E> = [select(low, d, select(high, n, sum[0])), select(low, zero, select(high, zero, sum[1]))]
  const [q, rest] = quotient(f, above, below, halfBits[elem])
  const z = mul(q, q)
  const curve = add(rest, mul(mul(q, z), estrin(f, z, a)))
  const turn = (t: E): E => (back === undefined ? t : select(back, neg(t), t))
  const eighths = select(low, zero, select(high, c(2), c(1)))
  const from = back === undefined ? eighths : select(back, sub(c(4), eighths), eighths)
  const [first, lost] = fastTwoSum(f, mul(from, c(eighth[0])), turn(q))
  return add(first, add(lost, add(turn(curve), mul(from, c(eighth[1])))))
}
const twoDiff = <E>(f: Calc<E>, a: E, b: E): Pair<E> => twoSum(f, a, f.neg(b))

export const atan: Elementary = {
  arity: 1,
  doc: 'Arc tangent in [-π/2, π/2]; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 0.95, f32: 0.9 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, neg, abs, lt, select } = f
    const { small, most } = parameters[elem]
    const size = abs(x)
    const v = angle(f, elem, atMost(m, elem, most, size), c(1))
    return select(lt(size, c(small)), x, select(lt(x, c(0)), neg(v), v))
  },
}

/** Less than 0, or -0. */
const negative = <E>({ c, div, lt, eq, select }: Calc<E>, x: E): E => lt(select(eq(x, c(0)), div(c(1), x), x), c(0))

export const atan2: Elementary = {
  arity: 2,
  doc:
    'The angle of the point (x, y), given as (y, x), in [-π, π], with the special cases of C99: the sign is that of y, zeros ' +
    'and infinities count as limits, both infinite is the diagonal.',
  range: 'all y and x',
  ulps: { f64: 0.95, f32: 0.9 },
  expand: (m, elem, y, x) => {
    const f = calc(m, elem)
    const { c, mul, div, neg, abs, min, max, lt, eq, and, not, exponent, pow2, select } = f
    const { small, top } = parameters[elem]
    const [p, q] = [abs(y), abs(x)]
    const [pInfinite, qInfinite] = [eq(p, c(Infinity)), eq(q, c(Infinity))]
    const great = select(lt(p, q), q, p)
    const down = pow2(neg(max(min(exponent(great), c(top)), c(-top))))
    // Times 0 rather than 0 itself: NaN stays.
    const n = select(pInfinite, c(1), mul(p, select(qInfinite, c(0), down)))
    const scaled = select(qInfinite, c(1), mul(q, select(pInfinite, c(0), down)))
    const d = select(and(eq(p, c(0)), eq(q, c(0))), c(1), scaled)
    const back = negative(f, x)
    const direct = div(p, q)
    const v = angle(f, elem, n, d, back)
    // A small quotient is the angle; dividing unscaled, it underflows as it should.
    const tiny = and(not(back), and(lt(direct, c(small)), lt(n, d)))
    const size = select(tiny, direct, v)
    return select(negative(f, y), neg(size), size)
  },
}
