import { graph, sql, row, t, fx } from '../../graph/build/index.ts'
import { print } from '../../graph/text.ts'
import { describeError } from '../../graph/errors.ts'
const db = sql('risk')                                   // symbolic: the pool is bound when the artefact is loaded
const Loan = row({ id: t.i64, customer: t.i64, amount: t.f64 })
const Customer = row({ income: t.f64, defaults: t.i32 })
const g = graph('score-book', { tenant: t.string, shock: t.f64 }, ({ tenant, shock }) => {
  const risk = db.as(tenant)                             // authority: part of footprint and batch key
  const loans = risk.many('loan', Loan, { maxRows: 50_000, maxBytes: 8e6 })`
    select id, customer, amount from loan where open order by id`
  const people = loans.map((l) =>                        // N+1 as written, one query as run
    risk.one('customer', Customer)`select income, defaults from customer where id = ${l.customer}`)

  const { id, amount } = loans.columns()                 // Tensor<'i64', ['loan']>, Tensor<'f64', ['loan']>
  const { income, defaults } = people.columns()          // the same dimension 'loan'
  const pd = fx`sigmoid(-3.1 + 0.8*${defaults.to(t.f64)} + 2.4*${amount}/${income} + ${shock})`
  const loss = fx`${pd} * ${amount} * 0.45`
  return { id, pd, total: loss.sum(), worst: pd.argmax() }
})
console.log(g.sealed._tag === 'Right' ? print(g.sealed.right) : describeError(g.sealed.left))
