import type { Calc } from '../emit.ts'

/**
 * Arithmetic that keeps the rounding error: a value is carried as an unevaluated sum, the larger part first.
 * Sources: Dekker, "A floating-point technique for extending the available precision", 1971; Muller and others,
 * Handbook of Floating-Point Arithmetic, 2nd ed., section 4.
 */
export type Pair<E> = readonly [high: E, low: E]

/** Exact a + b, provided |a| >= |b| or a = 0 (Dekker's Fast2Sum). */
export const fastTwoSum = <E>({ add, sub }: Calc<E>, a: E, b: E): Pair<E> => {
  const sum = add(a, b)
  return [sum, sub(b, sub(sum, a))]
}

/** Exact a - b under the same proviso. */
export const fastTwoDiff = <E>({ sub }: Calc<E>, a: E, b: E): Pair<E> => {
  const difference = sub(a, b)
  return [difference, sub(sub(a, difference), b)]
}

/** Exact a + b whatever the magnitudes (Knuth's 2Sum). */
export const twoSum = <E>({ add, sub }: Calc<E>, a: E, b: E): Pair<E> => {
  const sum = add(a, b)
  const b1 = sub(sum, a)
  return [sum, add(sub(a, sub(sum, b1)), sub(b, b1))]
}

/** Veltkamp's splitting: a high part without its last `drop` bits, rounded to nearest, and the exact rest. */
export const split = <E>({ c, mul, sub }: Calc<E>, x: E, drop: number): Pair<E> => {
  const wide = mul(x, c(2 ** drop + 1))
  const high = sub(wide, sub(wide, x))
  return [high, sub(x, high)]
}

/** Bits dropped by `split` so that products of the parts are exact. */
export const halfBits = { f64: 27, f32: 12 } as const

/** Exact a · b (Dekker), barring overflow and underflow of the parts. */
export const twoProduct = <E>(f: Calc<E>, a: E, b: E, drop: number): Pair<E> => {
  const { add, sub, mul } = f
  const product = mul(a, b)
  const [a1, a2] = split(f, a, drop)
  const [b1, b2] = split(f, b, drop)
  return [product, add(add(add(sub(mul(a1, b1), product), mul(a1, b2)), mul(a2, b1)), mul(a2, b2))]
}

/** Quotient of two pairs as a pair, to nearly twice the precision, with one division. */
export const quotient = <E>(f: Calc<E>, [n, nLow]: Pair<E>, [d, dLow]: Pair<E>, drop: number): Pair<E> => {
  const { c, add, sub, mul, div } = f
  const inverse = div(c(1), d)
  const q = mul(n, inverse)
  const [product, rest] = twoProduct(f, q, d, drop)
  return [q, mul(sub(add(sub(sub(n, product), rest), nLow), mul(q, dLow)), inverse)]
}
