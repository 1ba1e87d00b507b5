import { graph, t } from 'quoin'

/** Loans and customers are not equally many. */
export default graph('shapes', { loans: t.tensor(t.f64, 'loan'), customers: t.tensor(t.f64, 'customer') }, (x) => ({
  sum: x.loans.add(x.customers as never).sum(),
}))
