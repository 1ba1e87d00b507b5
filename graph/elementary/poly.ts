import type { Calc } from '../emit.ts'

/**
 * A polynomial by Estrin's scheme, coefficients from the constant upwards: neighbours are joined into pairs
 * `a + b·x`, then the pairs by x², and so on. As many multiplications in a row as the logarithm of the degree, where
 * Horner's scheme needs the degree; the few extra squarings are shared with whoever else asks for them.
 */
export const estrin = <E>({ c, add, mul }: Calc<E>, x: E, coefficients: readonly number[]): E => {
  let terms: readonly E[] = coefficients.map(c)
  for (let power = x; terms.length > 1; power = mul(power, power)) {
    const wider: E[] = []
    for (let i = 0; i < terms.length; i += 2) {
      const [low, high] = [terms[i] as E, terms[i + 1]]
      wider.push(high === undefined ? low : add(low, mul(high, power)))
    }
    terms = wider
    if (terms.length === 1) break
  }
  return terms[0] as E
}
