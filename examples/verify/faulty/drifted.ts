import { graph, row, sql, t } from 'quoin'

const db = sql('risk')

/** Its artefact answers whole amounts, and whoever decodes them by this codec takes them for fractions. */
const Loan = row({ customer: t.i64, amount: t.f64 })

export default graph('drifted', {}, () => ({
  loans: db.many('loans', Loan, { maxRows: 10, maxBytes: 1000 })`select customer, amount from loans`,
}))
