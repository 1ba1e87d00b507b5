import { row, t } from 'quoin'

export const Loan = row({ customer: t.i64, amount: t.f64 })
export const Customer = row({ score: t.f64 })
