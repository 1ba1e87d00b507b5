import { fx, graph, t } from 'quoin'
import { dataFile } from '../plots/data.ts'

const column = t.tensor(t.f64, 'quote')

/** Black–Scholes calls and puts, one a row: written once for numbers, run for columns. */
export const prices = graph(
  'option-prices',
  { spot: column, strike: column, years: column, rate: column, vol: column },
  ({ spot, strike, years, rate, vol }) => {
    const spread = fx`${vol} * sqrt(${years})`
    const d1 = fx`(log(${spot} / ${strike}) + (${rate} + ${vol}^2 / 2) * ${years}) / ${spread}`
    const paid = fx`${strike} * exp(-${rate} * ${years})`
    const call = fx`0.5 * (${spot} * erfc(-${d1} / sqrt(2)) - ${paid} * erfc((${spread} - ${d1}) / sqrt(2)))`
    return { call, put: call.sub(spot).add(paid) }
  },
)

export interface Chain {
  readonly symbol: string
  readonly date: string
  readonly spot: Float64Array
  readonly strike: Float64Array
  readonly years: Float64Array
  readonly rate: Float64Array
  readonly vol: Float64Array
}
/**
 * Real prices, and a chain computed from them: the last monthly close of a share in `stocks.csv` of vega-datasets is the spot, the
 * deviation of its last 36 monthly log returns the volatility. Strikes stand every 5 dollars around it and expiries at one to
 * twelve months, as exchanges list them. The quotes of a market are no part of that file, and the rate of 1 % is made up.
 */
export const chainOf = (symbol: string): Chain => {
  const rows = dataFile('stocks.csv')
    .split('\n')
    .map((line) => line.split(','))
    .filter(([s]) => s === symbol)
  const closes = rows.map((r) => Number(r[2])).slice(-37)
  const returns = closes.slice(1).map((p, i) => Math.log(p / closes[i]!))
  const mean = returns.reduce((a, b) => a + b, 0) / returns.length
  const vol = Math.sqrt((12 * returns.reduce((a, r) => a + (r - mean) ** 2, 0)) / (returns.length - 1))
  const spot = closes.at(-1)!
  const middle = Math.round(spot / 5) * 5
  const strikes = Array.from({ length: 41 }, (_, k) => middle + 5 * (k - 20)).filter((k) => k > 0)
  const quotes = [30, 91, 182, 365].flatMap((days) => strikes.map((strike) => ({ strike, years: days / 365 })))
  const all = (f: (q: (typeof quotes)[number]) => number): Float64Array => Float64Array.from(quotes, f)
  return {
    symbol,
    date: rows.at(-1)![1]!,
    spot: all(() => spot),
    strike: all((q) => q.strike),
    years: all((q) => q.years),
    rate: all(() => 0.01),
    vol: all(() => vol),
  }
}
