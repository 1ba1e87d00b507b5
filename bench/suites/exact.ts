import { Decimal } from 'decimal.js'
import type { Floats } from '../c/peers.ts'

const D = Decimal.clone({ precision: 40 })
type D = Decimal

/** N of Abramowitz and Stegun 26.2.17, as the workload has it. */
const normal = (x: D): D => {
  const q = new D(1).div(x.abs().times('0.2316419').plus(1))
  const poly = ['1.330274429', '-1.821255978', '1.781477937', '-0.356563782', '0.31938153'].reduce<D>(
    (sum, c) => sum.times(q).plus(c),
    new D(0),
  )
  const tail = x.times(x).times('-0.5').exp().times('0.3989422804014327').times(q).times(poly)
  return x.lt(0) ? tail : new D(1).minus(tail)
}
const optionPrice = (s: D, k: D, t: D): D => {
  const w = t.sqrt().times('0.2')
  const d1 = s.div(k).ln().plus(t.times('0.07')).div(w)
  return s.times(normal(d1)).minus(k.times(t.times('-0.05').exp()).times(normal(d1.minus(w))))
}

/** Cells that are looked at: forty digits for each take a while. */
const looked = 1000

/**
 * The greatest error of W2's results over a thousand cells, against forty digits of the same formula on the same inputs:
 * relative to the result, absolute below 1.
 */
export const errorOfW2 = (inputs: readonly Floats[]): ((result: Floats) => number) => {
  const [s, k, t] = inputs as readonly [Floats, Floats, Floats]
  const step = Math.max(1, Math.floor(s.length / looked))
  const at = Array.from({ length: Math.min(looked, s.length) }, (_, i) => i * step)
  let exact: readonly D[] | undefined
  return (result) => {
    exact ??= at.map((i) => optionPrice(new D(s[i]!), new D(k[i]!), new D(t[i]!)))
    return Math.max(
      ...exact.map((x, j) => {
        const off = new D(result[at[j]!]!).minus(x).abs()
        return off.div(D.max(1, x.abs())).toNumber()
      }),
    )
  }
}
