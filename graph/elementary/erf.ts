import type { Float } from '../elem.ts'
import type { Calc } from '../emit.ts'
import { calc } from '../emit.ts'
import type { Pair } from './dd.ts'
import { fastTwoDiff, fastTwoSum, halfBits, quotient, split, twoProduct, twoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { atMost, fraction } from './exponential.ts'
import { estrin } from './poly.ts'

/**
 * The error function and its complement.
 *
 * erf x = x + x·b(x²) for |x| < 7/8; beyond, 1 - e^-(x² + h(x)) with h = -ln(e^(x²)·erfc x), which is nearly a straight
 * line: `h` is its polynomial in x - `centre`, up to where erf is 1. x² is an exact pair.
 *
 * erfc x = 1 - erf x up to 5/8 and e^(-x²)·G/(1 + 2x) beyond, 2 less that for -x. G is nearly constant: 1.125 + g(t), a polynomial in
 * t = (x - 3)/(x + 3), |g| < 0.13 (the substitution is that of Shepherd and Laframboise, "Chebyshev approximation of
 * (1 + 2x)exp(x²)erfc x in 0 <= x < ∞", 1981). Product and quotient are carried as pairs.
 *
 * Polynomials are minimax by the Remez exchange in 50-digit arithmetic. b: error relative to erf f64 degree 12, 2^-56.3,
 * f32 degree 6, 2^-29.4; h: error of erf f64 degree 18, 2^-57.9, f32 degree 6, 2^-28.6; g: error relative to erfc f64
 * degree 24, 2^-55.3, mostly by what the first coefficients lose in rounding, f32 degree 9, 2^-27.6.
 */
const parameters = {
  f64: {
    one: 6,
    zero: 28,
    centre: 2.5,
    b: [
      0.1283791670955126, -0.376126389031841, 0.11283791670971101, -0.026866170648039707, 0.005223977652874843,
      -0.0008548328552198327, 0.00012055387008032857, -1.4926906196633763e-5, 1.648153706264769e-6,
      -1.656304468395335e-7, 1.605855763391789e-8, -1.6660755564590273e-9, 1.4709176224268303e-10,
    ],
    h: [
      1.5568152727272733, 0.3526807509864327, -0.05610626647646211, 0.010858072735293265, -0.002165476898381323,
      0.00042093258845967444, -7.703076858586588e-5, 1.2755792029229188e-5, -1.7691162062854711e-6,
      1.5593660864645696e-7, 1.275586095867901e-8, -1.0810154614076837e-8, 3.4706004317366186e-9,
      -9.274652590897524e-10, 1.46379015134498e-10, -1.867116914152636e-12, 1.1014594306609773e-11,
      -8.674158953942728e-13, -1.470935713268204e-12,
    ],
    g: [
      0.12800805826972966, -0.13562110612458114, -0.04756229435345091, 0.12964515870275692, -0.11927366341529233,
      0.06830802734414122, -0.02377051491916604, 0.0025293918128812586, 0.0018886903665267325, -0.0007798322382910949,
      -0.00010515985366250538, 0.00012509913665907638, 4.949708042939748e-6, -2.0099694845494333e-5,
      -7.320390894290676e-7, 3.470117106497344e-6, 3.5746836315858154e-7, -6.127298210996435e-7, -1.4166277868590045e-7,
      9.768613254175355e-8, 4.1022471602961e-8, -1.0786521836193752e-8, -7.612243019343121e-9, 3.19030684820695e-10,
      5.651963612134826e-10,
    ],
  },
  f32: {
    one: 4,
    zero: 11,
    centre: 1.75,
    b: [
      0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026, 0.005187162198126316,
      -0.0007997853099368513, 7.806903158780187e-5,
    ],
    h: [
      1.2553634643554688, 0.4596092998981476, -0.09006348997354507, 0.020548706874251366, -0.004592173267155886,
      0.0009749371674843132, -0.00020744811627082527,
    ],
    g: [
      0.12800805270671844, -0.1356211155653, -0.04756170138716698, 0.12964539229869843, -0.1192837581038475,
      0.0683075413107872, -0.02371135726571083, 0.0025162268429994583, 0.001751841395162046, -0.0007025208906270564,
    ],
  },
} as const

/** -x², exactly, as long as nothing underflows. */
const minusSquare = <E>(f: Calc<E>, elem: Float, x: E): Pair<E> => {
  const [high] = split(f, x, halfBits[elem])
  return [f.neg(f.mul(high, high)), f.mul(f.sub(high, x), f.add(high, x))]
}

export const erf: Elementary = {
  arity: 1,
  doc: 'The error function, 2/√π times the integral of e^(-t²) from 0 to x; keeps the sign of zero.',
  range: 'all x',
  ulps: { f64: 1.2, f32: 1.05 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, neg, abs, lt, pow2, select } = f
    const { one: end, centre, b, h } = parameters[elem]
    const size = abs(x)
    const z = mul(x, x)
    const inner = add(x, mul(x, estrin(f, z, b)))
    const a = atMost(m, elem, end, size)
    const [high, low] = minusSquare(f, elem, a)
    const [sum, lost] = fastTwoSum(f, high, neg(estrin(f, sub(a, c(centre)), h)))
    const { k, t } = fraction(m, elem, sum, add(lost, low))
    const scale = pow2(k)
    const [one, lostOne] = fastTwoSum(f, c(1), t[0])
    const [rest, lostRest] = fastTwoDiff(f, c(1), mul(scale, one))
    const outer = add(rest, sub(lostRest, mul(scale, add(lostOne, t[1]))))
    return select(lt(size, c(0.875)), inner, select(lt(x, c(0)), neg(outer), outer))
  },
}

export const erfc: Elementary = {
  arity: 1,
  doc: '1 - erf x without cancellation for great x; gradual underflow.',
  range: 'all x',
  ulps: { f64: 1.2, f32: 1.15 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, div, abs, lt, nearest, pow2, select } = f
    const { zero, b, g } = parameters[elem]
    const drop = halfBits[elem]
    const a = atMost(m, elem, zero, abs(x))
    const { k, t } = fraction(m, elem, ...minusSquare(f, elem, a))
    const [one, lost] = fastTwoSum(f, c(1), t[0])
    const e = fastTwoSum(f, one, add(lost, t[1]))
    const curve = fastTwoSum(f, c(1.125), estrin(f, div(sub(a, c(3)), add(a, c(3))), g))
    const [above, aboveLow] = twoProduct(f, e[0], curve[0], drop)
    const low = add(aboveLow, add(mul(e[0], curve[1]), mul(e[1], curve[0])))
    const [q, qLow] = quotient(f, [above, low], twoSum(f, c(1), add(a, a)), drop)
    const half = nearest(mul(k, c(0.5)))
    const outer = mul(mul(add(q, qLow), pow2(half)), pow2(sub(k, half)))
    const [inner, rest] = fastTwoDiff(f, c(1), a)
    const v = select(lt(a, c(0.625)), add(inner, sub(rest, mul(a, estrin(f, mul(a, a), b)))), outer)
    return select(lt(x, c(0)), sub(c(2), v), v)
  },
}
