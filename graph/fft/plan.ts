import { bluestein } from './bluestein.ts'
import { stockham } from './stockham.ts'

/** Transforms the first n cells of both arrays in place: X[k] = Σ x[j]·e^(-2πijk/n). */
export type Transform = (re: Float64Array, im: Float64Array) => void

/** Prime factors up to this one have a step of their own; a length with a greater one is transformed as a convolution. */
const greatest = 13

/** Factors in the order in which they are taken out: fours first, then two, then odd ones; undefined if one is too great. */
export const factorsOf = (n: number): readonly number[] | undefined => {
  const out: number[] = []
  let rest = n
  for (const f of [4, 2, 3, 5, 7, 11, greatest]) {
    while (rest % f === 0) {
      out.push(f)
      rest /= f
    }
  }
  return rest === 1 ? out : undefined
}

const planned = (n: number): Transform => {
  const factors = factorsOf(n)
  return factors === undefined ? bluestein(n, transformOf) : stockham(n, factors)
}

/** Plans of the lengths used last; tables are long and take long to make. */
const plans = new Map<number, Transform>()
const kept = 16

export const transformOf = (n: number): Transform => {
  const known = plans.get(n)
  if (known !== undefined) return known
  const made = n < 2 ? () => {} : planned(n)
  plans.set(n, made)
  for (const old of plans.keys()) {
    if (plans.size <= kept) break
    plans.delete(old)
  }
  return made
}
