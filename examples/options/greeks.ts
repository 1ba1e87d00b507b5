import { compile, grad, interpret, load } from 'quoin'
import type { Check } from '../plots/data.ts'
import { apart, orThrow } from '../plots/data.ts'
import { saveCharts } from '../plots/svg.ts'
import { greeksOf } from './by-hand.ts'
import type { Chain } from './chain.ts'
import { chainOf, prices } from './chain.ts'

/** First derivatives of each call by its own inputs, and the second by its spot. */
export const greeks = grad(grad(prices, ['spot', 'vol', 'years', 'rate'], { of: 'call', each: true }), ['spot'], {
  of: ['gradient', 'spot'],
  each: true,
})

export interface Priced {
  readonly chain: Chain
  readonly columns: Readonly<Record<'call' | 'delta' | 'gamma' | 'vega' | 'theta' | 'rho', Float64Array>>
  readonly checks: readonly Check[]
}
/** Prices the chain and its greeks, and compares them with the interpreter and with the formulas of a textbook. */
export const price = async (symbol: string): Promise<Priced> => {
  const chain = chainOf(symbol)
  const { symbol: _, date: __, ...input } = chain
  const loaded = orThrow(await load(orThrow(await compile(greeks)), {}))
  const result = orThrow(await loaded.run(input))
  await loaded.close()
  const { value, gradient } = result.value
  const columns = {
    call: value.call,
    delta: gradient.spot,
    gamma: result.gradient.spot,
    vega: gradient.vol,
    theta: gradient.years,
    rho: gradient.rate,
  }
  const interpreted = orThrow(await interpret(greeks, {}, input))
  const same = JSON.stringify(interpreted) === JSON.stringify(result) ? 0 : Number.POSITIVE_INFINITY
  const byHand = Array.from(chain.strike, (k, i) =>
    greeksOf(chain.spot[i]!, k, chain.years[i]!, chain.rate[i]!, chain.vol[i]!),
  )
  const checks: Check[] = [{ what: 'all numbers, from the interpreter', off: same, allowed: 0 }]
  for (const name of Object.keys(columns) as (keyof typeof columns)[])
    checks.push({
      what: `${name}, from the textbook`,
      off: apart(
        columns[name],
        byHand.map((g) => g[name]),
      ),
      allowed: 1e-12,
    })
  return { chain, columns, checks }
}

/** Price and greeks over the strikes, a line for each expiry. */
export const draw = (path: string, { chain, columns }: Priced): void => {
  const expiries = [...new Set(chain.years)]
  const lines = (y: Float64Array) =>
    expiries.map((years) => {
      const at = Array.from(chain.years.keys()).filter((i) => chain.years[i] === years)
      return { name: `${Math.round(years * 365)} days`, x: at.map((i) => chain.strike[i]!), y: at.map((i) => y[i]!) }
    })
  saveCharts(path, Object.fromEntries(Object.entries(columns).map(([name, y]) => [name, lines(y)])))
}
