import { graph, sql, t } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'
import { Customer, Loan } from './lib/rows.ts'

const db = sql('risk')

/** Every loan with the score of its customer: two queries, however many loans there are. */
export default graph('score', { least: t.f64 }, ({ least }) => ({
  loans: db.many('loans', Loan, {
    maxRows: 10_000,
    maxBytes: 1e6,
  })`select customer, amount from loans order by customer`.map((loan) => {
    const { score } = db.one('customer', Customer)`select score from customers where id = ${loan.customer}`
    return { amount: loan.amount, risky: score.lt(least) }
  }),
}))

/** Held by `quoin verify`: a change that asks for each loan apart fails there. */
export const plan = { roundTrips: 2, queries: 2 }
export const drivers = () => ({ risk: duckdb({ path: 'risk.duckdb' }) })
