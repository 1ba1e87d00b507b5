import type { Tensor } from 'quoin'
import { fx, graph, t } from 'quoin'

const inputs = {
  spot: t.tensor(t.f64, 'line'),
  strike: t.tensor(t.f64, 'line'),
  years: t.tensor(t.f64, 'line'),
  rate: t.f64,
}
type Line = Tensor<'f64', ['line']>

/** The normal distribution, near enough for an example. */
const normal = (x: Line): Line => fx`1 / (1 + exp(-1.702 * ${x}))`

/** What a book of options is worth, line by line and in all, with a fee on each line. */
const bookWith = (fee: number) =>
  graph('book', inputs, ({ spot, strike, years, rate }) => {
    const root = fx`0.25 * sqrt(${years})`
    const d1 = fx`(log(${spot} / ${strike}) + (${rate} + 0.03125) * ${years}) / ${root}`
    const later = fx`${strike} * exp(0 - ${rate} * ${years})`
    const value = fx`${spot} * ${normal(d1)} - ${later} * ${normal(fx`${d1} - ${root}`)} - ${fee}`
    return { value, total: value.sum() }
  })

export const book = bookWith(0)
/** What takes its place while the service runs. */
export const bookWithFee = bookWith(0.01)
