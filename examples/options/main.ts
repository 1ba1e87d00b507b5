import { report } from '../plots/data.ts'
import { draw, price } from './greeks.ts'

/** `npm run options`: a chain of options on a share, their prices and greeks, checked and drawn. */
const priced = await price('AAPL')
const { chain, columns } = priced
console.log(
  `${chain.symbol} at ${chain.spot[0]} (${chain.date}), volatility ${chain.vol[0]!.toFixed(3)}, ${chain.strike.length} calls`,
)
for (let i = 16; i < 25; i += 2) {
  const greeks = Object.entries(columns).map(([name, c]) => `${name} ${c[i]!.toFixed(4)}`)
  console.log(`strike ${chain.strike[i]}: ${greeks.join(', ')}`)
}
const picture = 'pictures/options.svg'
draw(picture, priced)
report(priced.checks, picture)
