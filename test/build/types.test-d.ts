// Compile-time checks: `tsc` reads this file, nothing runs it. Each @ts-expect-error must be an error, and each plain
// line must not be one. The messages users see are pinned in messages.test.ts.
import type { In, Opt, Out, Result, Rows, Scalar, sql, Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { fx, graph, row, t } from '../../graph/index.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

declare const loan: Tensor<'f64', ['loan']>
declare const customer: Tensor<'f64', ['customer']>
declare const count: Tensor<'i32', ['loan']>
declare const rate: Scalar<'f64'>
declare const grid: Tensor<'f64', ['loan', 3]>
declare const flag: Scalar<'bool'>
declare const ids: Tensor<'i64', ['loan']>

// Operands: the same dimensions, scalars, JavaScript values.
same<typeof a1, Tensor<'f64', ['loan']>>(true)
const a1 = loan.add(loan)
same<typeof a2, Tensor<'f64', ['loan']>>(true)
const a2 = loan.add(rate)
same<typeof a3, Tensor<'f64', ['loan']>>(true)
const a3 = rate.add(loan)
same<typeof a4, Tensor<'f64', []>>(true)
const a4 = rate.add(1)
same<typeof a5, Tensor<'bool', ['loan']>>(true)
const a5 = ids.gt(3n)
// @ts-expect-error: '"customer"' is not assignable to '"loan"'
loan.add(customer)
// @ts-expect-error: '"i32"' is not assignable to '"f64"'
loan.add(count)
// @ts-expect-error: a text is no number
loan.add('1')
// @ts-expect-error: other axes must be said with along
loan.add(grid)
same<typeof a6, Tensor<'f64', ['loan', 3]>>(true)
const a6 = grid.add(loan.along('loan', 3))
same<typeof a7, Tensor<'f64', ['scenario', 'loan']>>(true)
const a7 = loan.along('scenario')

// Reductions.
same<typeof r1, Tensor<'f64', []>>(true)
const r1 = grid.sum()
same<typeof r2, Tensor<'f64', [3]>>(true)
const r2 = grid.sum('loan')
// @ts-expect-error: no such axis
grid.sum('customer')
same<typeof r3, 'mean needs f64 or f32, not i32: say .to(t.f64) first'>(true)
const r3 = count.mean()
same<typeof r4, Tensor<'i32', ['loan']>>(true)
const r4 = grid.argmax(3)
same<typeof r5, Tensor<'f64', [3]>>(true)
const r5 = grid.at(0)

// Formulas.
same<typeof f1, Tensor<'f64', ['loan']>>(true)
const f1 = fx`exp(-${loan} * ${rate}) + 1`
same<typeof f2, Tensor<'bool', ['loan']>>(true)
const f2 = fx.bool`${loan} > 3`
same<typeof f3, Tensor<'f64', []>>(true)
const f3 = fx.scalar`sum(${loan})`
same<typeof f4, Tensor<'f64', []>>(true)
const f4 = fx`1 + 2`
// @ts-expect-error: '"customer"' is not assignable to '"loan"'
fx`${loan} * ${customer}`
// @ts-expect-error: '"i32"' is not assignable to '"f64"'
fx`${loan} * ${count}`
same<typeof f5, Tensor<'f64', ['loan']>>(true)
const f5 = fx`${flag} ? ${rate} : ${loan}`

// Products.
declare const a: Tensor<'f64', [2, 3]>
declare const b: Tensor<'f64', [3, 4]>
same<typeof m1, Tensor<'f64', [2, 4]>>(true)
const m1 = q.matmul(a, b)
// @ts-expect-error: 2 is not 3
q.matmul(a, a)
same<typeof m2, Tensor<'f64', [3, 2]>>(true)
const m2 = q.transpose(a)
same<typeof m3, Tensor<'f64', [2, 3]>>(true)
const m3 = q.matrix(2, 3)
same<typeof m4, Tensor<'f64', [3]>>(true)
const m4 = q.vector([1, 2, 3])
q.layerNorm(grid, q.vector([1, 1, 1]), q.vector([0, 0, 0]))
// @ts-expect-error: gain has the size of the last axis
q.layerNorm(grid, q.vector([1, 1]), q.vector([0, 0, 0]))
// @ts-expect-error: exp is for floats
q.exp(count)

// Rows.
const Loan = row({ id: t.i64, amount: t.f64, note: t.option(t.string) })
declare const db: ReturnType<typeof sql>
const loans = db.many('loan', Loan, { maxRows: 10, maxBytes: 1e6 })`select 1`
same<
  typeof loans,
  Rows<{ readonly id: Scalar<'i64'>; readonly amount: Scalar<'f64'>; readonly note: Opt<Scalar<'string'>> }, 'loan'>
>(true)
const columns = loans.columns()
same<typeof columns.amount, Tensor<'f64', ['loan']>>(true)
same<typeof columns.note, Rows<Opt<Scalar<'string'>>, 'loan'>>(true)
// @ts-expect-error: did you mean amount?
columns.amoun
const mapped = loans.map((l) => ({ twice: l.amount.mul(2) })).columns()
same<typeof mapped.twice, Tensor<'f64', ['loan']>>(true)
const kept = loans.filter((l) => l.amount.gt(3), 'big').columns()
// @ts-expect-error: filtering makes a new dimension
columns.amount.add(kept.amount)
// @ts-expect-error: maxRows must be said
db.many('loan', Loan, { maxBytes: 1 })
const one = db.maybe('loan', Loan)`select 1`
same<
  typeof one,
  Opt<{ readonly id: Scalar<'i64'>; readonly amount: Scalar<'f64'>; readonly note: Opt<Scalar<'string'>> }>
>(true)
const tried = q.attempt(() => loan.sum())
same<typeof tried, Result<Scalar<'f64'>>>(true)
const matched = q.match(tried, { ok: (v) => v.add(1), err: (e) => q.textLength(e.message).to(t.f64) })
same<typeof matched, Scalar<'f64'>>(true)
// @ts-expect-error: every case needs a body
q.match(tried, { ok: (v) => v })

// Dimensions of one's own, and claims that two are one.
const K = q.dim('K')
const ofK = t.tensor(t.f64, K)
same<q.ExprOf<typeof ofK>, Tensor<'f64', ['K']>>(true)
same<typeof d1, Tensor<'f64', ['customer']>>(true)
const d1 = q.sameDim(loan, customer)
same<typeof d2, Rows<{ readonly twice: Scalar<'f64'> }, 'customer'>>(true)
const d2 = q.sameDim(
  loans.map((l) => ({ twice: l.amount.mul(2) })),
  customer,
)
// @ts-expect-error: only one axis can be claimed to be another
q.sameDim(grid, customer)

// What a run takes and gives.
const g = graph('g', { tenant: t.string, xs: t.tensor(t.f64, 'K'), rows: t.list(Loan, 'loan') }, ({ xs, rows }) => ({
  y: xs.mul(2),
  ids: rows.columns().id,
  rows,
  n: rows.count(),
}))
type Input = NonNullable<(typeof g)[' input']>
type Output = NonNullable<(typeof g)[' output']>
const input: Input = { tenant: 'a', xs: [1, 2], rows: [{ id: 1n, amount: 2, note: null }] }
declare const output: Output
same<typeof output.y, Float64Array>(true)
same<typeof output.ids, BigInt64Array>(true)
same<typeof output.n, number>(true)
const first: { readonly id: bigint; readonly amount: number; readonly note: string | null } | undefined =
  output.rows.at(0)
same<Out<Tensor<'timestamp', []>>, bigint>(true)
const when: In<Tensor<'timestamp', []>> = new Date()
// @ts-expect-error: an input of another type
const wrong: Input = { tenant: 1, xs: [1, 2], rows: [] }
const payment = t.union({ card: t.string, cash: t.unit })
const paid: In<q.ExprOf<typeof payment>> = { _tag: 'card', value: '1' }

// JavaScript values in results are what they become in the graph.
const lifted = graph('h', { x: t.f64, rows: t.list(Loan, 'loan') }, ({ x, rows }) => ({
  n: 3,
  name: 'a',
  yes: true,
  big: 1n,
  day: new Date(0),
  raw: new Uint8Array(1),
  deep: { x, three: 3 },
  column: rows
    .map((l) => ({ id: l.id, one: 1 }))
    .columns()
    .one.add(rows.columns().amount),
  flat: rows.map(() => 'same'),
  either: q
    .cond(
      x.gt(0),
      () => x,
      () => 0,
    )
    .add(1),
  records: q.cond(
    x.gt(0),
    () => ({ a: x, b: 'yes' }),
    () => ({ a: 1, b: 'no' }),
  ),
  counted: q.loop({ i: 0, x }, { max: 3, while: (s) => s.i.lt(3), step: (s) => ({ i: s.i.add(1), x: 2 }) }),
  found: q.match(rows.at(0), { some: (l) => l.amount, none: () => 0 }),
  tried: q.attempt(() => 1),
}))
declare const liftedOut: NonNullable<(typeof lifted)[' output']>
same<typeof liftedOut.n, number>(true)
same<typeof liftedOut.name, string>(true)
same<typeof liftedOut.yes, boolean>(true)
same<typeof liftedOut.big, bigint>(true)
same<typeof liftedOut.day, bigint>(true)
same<typeof liftedOut.deep.three, number>(true)
same<typeof liftedOut.column, Float64Array>(true)
same<typeof liftedOut.flat, readonly string[]>(true)
same<typeof liftedOut.either, number>(true)
same<typeof liftedOut.records, { readonly a: number; readonly b: string }>(true)
same<typeof liftedOut.counted.i, number>(true)
same<typeof liftedOut.found, number>(true)
const firstCount = () => count.at(0)
const zero = () => 0
// @ts-expect-error: a number becomes f64, and count is i32
q.cond(flag, firstCount, zero)
// @ts-expect-error: nothing in a graph is an array of JavaScript
graph('i', {}, () => ({ xs: [1, 2] }))
// @ts-expect-error: null is no value; none(t.f64) is
graph('j', {}, () => ({ x: null }))

export const used = [
  a1,
  a2,
  a3,
  a4,
  a5,
  a6,
  a7,
  r1,
  r2,
  r3,
  r4,
  r5,
  f1,
  f2,
  f3,
  f4,
  f5,
  m1,
  m2,
  m3,
  m4,
  first,
  when,
  wrong,
  paid,
  input,
  matched,
  d1,
  d2,
  one,
]

// Transactions: the value is that of the body, lifted; options are known.
same<typeof tx1, Scalar<'f64'>>(true)
const tx1 = db.transaction(() => rate)
same<typeof tx2, { readonly a: Scalar<'f64'>; readonly b: Scalar<'f64'> }>(true)
const tx2 = db.as('me').transaction(() => ({ a: rate, b: 1 }), { isolation: 'serializable', retries: 3 })
// @ts-expect-error: no such level
db.transaction(() => rate, { isolation: 'snapshot' })
// @ts-expect-error: a body gives something
db.transaction(() => undefined)

// Order, groups, joins, transforms, linear systems.
declare const names: Tensor<'string', ['loan']>
declare const square: Tensor<'f64', ['k', 'k']>
same<typeof o1, Tensor<'string', ['loan']>>(true)
const o1 = q.sort(names, { descending: true })
same<typeof o2, Tensor<'i32', ['loan']>>(true)
const o2 = q.orderBy([names, { by: loan, descending: true }])
// @ts-expect-error: columns of two dimensions have no common order
q.orderBy([names, customer])
const groups = q.groupBy({ names, count }, 'group')
same<typeof groups.keys.names, Tensor<'string', ['group']>>(true)
same<typeof o3, Tensor<'f64', ['group']>>(true)
const o3 = groups.sum(loan)
// @ts-expect-error: not a column of the grouped rows
groups.sum(customer)
// @ts-expect-error: means are of floats
groups.mean(count)
same<typeof o4, Tensor<'f64', ['pair']>>(true)
const o4 = q.gather(loan, q.join(ids, customer.to(t.i64), 'pair').left)
same<typeof o5, Tensor<'f64', ['loan', 3]>>(true)
const o5 = q.fft(grid, 'loan').im
// @ts-expect-error: no such axis
q.fft(grid, 'customer')
same<typeof o6, Tensor<'f64', ['k']>>(true)
const o6 = q.eigenSymmetric(square).values
// @ts-expect-error: not square
q.inverse(grid)
same<typeof o7, Tensor<'f64', [3]>>(true)
const o7 = q.leastSquares(grid, loan)
