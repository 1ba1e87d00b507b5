import { graph, row, sql, t } from 'quoin'

const db = sql('risk')
const Loan = row({ customer: t.i64 })
const Customer = row({ score: t.f64 })

/** One query was to become two; kept out of batches it becomes one for each loan. */
export default graph('plan', {}, () => ({
  loans: db.many('loans', Loan, { maxRows: 10_000, maxBytes: 1e6 })`select customer from loans`.map((loan) => ({
    score: db.one('customer', Customer, { batch: false })`select score from customers where id = ${loan.customer}`
      .score,
  })),
}))

export const plan = { roundTrips: 2 }
