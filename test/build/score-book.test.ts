import { expect, test } from 'vitest'
import { fx, graph, row, sql, t } from '../../graph/index.ts'
import { plain, run, sealed } from './run.ts'

const db = sql('risk')
const Loan = row({ id: t.i64, customer: t.i64, amount: t.f64 })
const Customer = row({ income: t.f64, defaults: t.i32 })

const book = graph('score-book', { tenant: t.string, shock: t.f64 }, ({ tenant, shock }) => {
  const risk = db.as(tenant)
  const loans = risk.many('loan', Loan, { maxRows: 50_000, maxBytes: 8e6 })`
    select id, customer, amount from loan where open order by id`
  const people = loans.map(
    (l) => risk.one('customer', Customer)`select income, defaults from customer where id = ${l.customer}`,
  )
  const { id, amount } = loans.columns()
  const { income, defaults } = people.columns()
  const pd = fx`sigmoid(-3.1 + 0.8*${defaults.to(t.f64)} + 2.4*${amount}/${income} + ${shock})`
  const loss = fx`${pd} * ${amount} * 0.45`
  return { id, pd, total: loss.sum(), worst: pd.argmax() }
})

const loans = [
  { id: 1n, customer: 7n, amount: 100 },
  { id: 2n, customer: 8n, amount: 30 },
  { id: 3n, customer: 7n, amount: 10 },
]
test('the score book builds, seals and computes', () => {
  const calls: string[] = []
  const out = run(book, { tenant: 'north', shock: 0.02 }, (call) => {
    if (call.effect !== 'dbQuery') throw new Error(call.effect)
    calls.push(`${call.attrs.name}(${call.args.join()})`)
    return call.attrs.name === 'loan' ? loans : { income: 50, defaults: call.args[1] === 7n ? 1 : 0 }
  })
  expect(calls).toEqual(['loan(north)', 'customer(north,7)', 'customer(north,8)', 'customer(north,7)'])
  expect(out.id).toEqual(new BigInt64Array([1n, 2n, 3n]))
  const pd = loans.map(
    (l) => 1 / (1 + Math.exp(-(-3.1 + 0.8 * (l.customer === 7n ? 1 : 0) + (2.4 * l.amount) / 50 + 0.02))),
  )
  for (const [i, p] of pd.entries()) expect(out.pd[i]).toBeCloseTo(p, 14)
  expect(out.total).toBeCloseTo(
    loans.reduce((s, l, i) => s + pd[i]! * l.amount * 0.45, 0),
    12,
  )
  expect(out.worst).toBe(0)
  expect(plain(out)).toMatchObject({ id: ['1', '2', '3'], worst: 0 })
})
test('effects keep names and places beside the graph, tables in their footprint', () => {
  const g = sealed(book)
  expect([...g.sites.values()]).toEqual([
    { name: 'loan', place: 'test/build/score-book.test.ts:11' },
    { name: 'customer', place: 'test/build/score-book.test.ts:14' },
  ])
  const query = g.arena.opOf(1).attrs as { reads: readonly string[]; sql: string; authority: boolean }
  expect(query).toMatchObject({
    reads: ['loan'],
    sql: 'select id, customer, amount from loan where open order by id',
    authority: true,
  })
})
