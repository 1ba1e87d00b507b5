import { calc } from '../emit.ts'
import { fastTwoSum } from './dd.ts'
import type { Elementary } from './declaration.ts'
import { atLeast, atMost } from './exponential.ts'
import { estrin } from './poly.ts'

/**
 * 2^x = 2^k·2^r, k = nearest(x), r = x - k, which is exact. 2^r = 1 + r·ln 2 + r²·q(r). r without what lies below its
 * 2^-8 times a short ln 2 is exact. `q` is minimax for |r| <= 0.5001 (error relative to 2^r: f64 degree 9, 2^-57.7; f32
 * degree 4, 2^-28.0), found by the Remez exchange in 50-digit arithmetic.
 */
const parameters = {
  f64: {
    least: -1076,
    most: 1025,
    ln2: [0.6931471805599472, -1.8641886737243033e-15],
    q: [
      0.24022650695910122, 0.05550410866482073, 0.009618129107596945, 0.0013333558146686488, 0.00015403530454124662,
      1.5252733546587302e-5, 1.321543657629393e-6, 1.0178184730235002e-7, 7.0735855350039645e-9, 4.4362989537586554e-10,
    ],
  },
  f32: {
    least: -151,
    most: 129,
    ln2: [0.693145751953125, 1.428606765330187e-6],
    q: [0.24022647738456726, 0.05550362169742584, 0.009618526324629784, 0.0013390183448791504, 0.00015321120736189187],
  },
} as const

export const exp2: Elementary = {
  arity: 1,
  doc: '2^x; exact for whole x. Gradual underflow rounds once; above the largest finite result it is infinite.',
  range: 'all x',
  ulps: { f64: 0.85, f32: 0.85 },
  expand: (m, elem, x) => {
    const f = calc(m, elem)
    const { c, add, sub, mul, nearest, pow2 } = f
    const { least, most, ln2, q } = parameters[elem]
    const bounded = atMost(m, elem, most, atLeast(m, elem, least, x))
    const k = nearest(bounded)
    const r = sub(bounded, k)
    const short = mul(nearest(mul(r, c(256))), c(2 ** -8))
    const low = add(mul(sub(r, short), c(ln2[0])), add(mul(r, c(ln2[1])), mul(mul(r, r), estrin(f, r, q))))
    const [high, lost] = fastTwoSum(f, c(1), mul(short, c(ln2[0])))
    const half = nearest(mul(k, c(0.5)))
    return mul(mul(add(high, add(lost, low)), pow2(half)), pow2(sub(k, half)))
  },
}
