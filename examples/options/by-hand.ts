/** The normal distribution up to d, by the series of its integral from 0, which converges everywhere that options reach. */
const normal = (d: number): number => {
  let [term, sum] = [d, d]
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (d * d) / (2 * n + 1)
    sum += term
  }
  return 0.5 + sum * density(d)
}
const density = (d: number): number => Math.exp((-d * d) / 2) / Math.sqrt(2 * Math.PI)

export interface Greeks {
  readonly call: number
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  readonly theta: number
  readonly rho: number
}
/** The formulas of a textbook, one option at a time: what the gradients of the graph are held to. */
export const greeksOf = (spot: number, strike: number, years: number, rate: number, vol: number): Greeks => {
  const root = Math.sqrt(years)
  const d1 = (Math.log(spot / strike) + (rate + vol ** 2 / 2) * years) / (vol * root)
  const d2 = d1 - vol * root
  const paid = strike * Math.exp(-rate * years)
  return {
    call: spot * normal(d1) - paid * normal(d2),
    delta: normal(d1),
    gamma: density(d1) / (spot * vol * root),
    vega: spot * density(d1) * root,
    theta: (spot * density(d1) * vol) / (2 * root) + rate * paid * normal(d2),
    rho: years * paid * normal(d2),
  }
}
