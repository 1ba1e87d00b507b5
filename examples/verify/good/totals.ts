import { fx, graph, t } from 'quoin'

/** The sum of what is owed, and what the interest on it is. */
export default graph('totals', { amounts: t.tensor(t.f64, 'n'), rate: t.f64 }, ({ amounts, rate }) => ({
  owed: amounts.sum(),
  interest: fx`${amounts} * ${rate}`.sum(),
}))

export const plan = { roundTrips: 0, queries: 0, kernels: 1 }
