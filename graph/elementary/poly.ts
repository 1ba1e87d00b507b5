import type { Calc } from '../emit.ts'

/**
 * A polynomial by Estrin's scheme, coefficients from the constant upwards: neighbours are joined into pairs
 * `a + b·x`, then the pairs by x², and so on. As many multiplications in a row as the logarithm of the degree, where
 * Horner's scheme needs the degree; the few extra squarings are shared with whoever else asks for them.
 */
export const estrin = <E>(f: Calc<E>, x: E, coefficients: readonly number[]): E => joined(f, x, coefficients.map(f.c))

const joined = <E>(f: Calc<E>, power: E, terms: readonly E[]): E => {
  if (terms.length === 1) return terms[0] as E
  const pairs = terms.flatMap((low, i) => {
    if (i % 2 === 1) return []
    const high = terms[i + 1]
    return [high === undefined ? low : f.add(low, f.mul(high, power))]
  })
  return pairs.length === 1 ? (pairs[0] as E) : joined(f, f.mul(power, power), pairs)
}
