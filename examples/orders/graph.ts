import type { ExprOf, Scalar } from 'quoin'
import {
  assert,
  cond,
  constant,
  fx,
  graph,
  http,
  kv,
  match,
  mulDecimal,
  row,
  select,
  sequence,
  sql,
  t,
  text,
  zip,
} from 'quoin'

/** Names only: which database, which service and which store they are is decided where the graph is loaded. */
const db = sql('orders', { dialect: 'portable' })
const exchange = http('rates')
const store = kv('terms')

const Order = row({ id: t.i64, customer: t.i64, currency: t.string })
const Customer = row({ name: t.string, tier: t.string, reminders: t.i32 })
const Line = row({ product: t.string, pieces: t.i32 })
const Product = row({ price: t.decimal(2), taxed: t.bool })
const Stock = row({ pieces: t.i32 })
/** What one euro is in the currency. */
const Rate = row({ rate: t.decimal(6) })

const customerOf = (id: Scalar<'i64'>) =>
  db.one('customer', Customer)`select name, tier, reminders from customer where id = ${id}`
const linesOf = (id: Scalar<'i64'>) =>
  db.many('line', Line, { maxRows: 100, maxBytes: 1e5 })`
    select product, pieces from order_line where order_id = ${id} order by position`
const productOf = (sku: Scalar<'string'>) =>
  db.one('product', Product)`select price, taxed from product where sku = ${sku}`
/** A product that was never in stock has no row. */
const stockOf = (sku: Scalar<'string'>) => db.maybe('stock', Stock)`select pieces from stock where sku = ${sku}`

const rateOf = (currency: Scalar<'string'>) =>
  exchange.lookup('rate', Rate, { one: '/rates/{key}', many: { url: '/rates', query: 'currency', key: 'currency' } })(
    currency,
  )

/** Prices are in euro, so those orders need no rate; for any other currency there has to be one. */
const inCurrency = (currency: Scalar<'string'>) =>
  cond(
    currency.eq('EUR'),
    () => constant(t.decimal(6), '1'),
    () =>
      match(rateOf(currency), {
        some: ({ rate }) => rate,
        none: () => assert(currency.eq('EUR'), 'the service knows the currency', constant(t.decimal(6), '0')),
      }),
  )
/** Agreed with the customers of a tier and kept in the store, for tiers that have one. */
const discountOf = (tenant: Scalar<'string'>, tier: Scalar<'string'>) =>
  store.as(tenant).get(text('orders-example:discount:', tier), t.decimal(4)).orElse('0')

/** What one order asks for: everything where it is needed, as one would write it. */
const factsOf = (tenant: Scalar<'string'>) => (order: ExprOf<typeof Order>) => {
  const customer = customerOf(order.customer)
  const lines = linesOf(order.id).map(({ product, pieces }) => {
    const { price, taxed } = productOf(product)
    const stock = match(stockOf(product), { some: (s) => s.pieces, none: () => constant(t.i32, 0) })
    return { price, taxed, pieces, missing: pieces.gt(stock) }
  })
  const { price, taxed, pieces, missing } = lines.columns()
  const amount = price.mul(pieces.to(t.decimal(2)))
  return {
    net: amount.sum(),
    taxable: select(taxed, amount, constant(t.decimal(2), '0')).sum(),
    missing: missing.to(t.i32).sum(),
    name: customer.name,
    reminders: customer.reminders,
    discount: discountOf(tenant, customer.tier),
    rate: inCurrency(order.currency),
  }
}

const cents = { scale: 2, rounding: 'even' } as const

/** A quote for each open order of a tenant; one row says what was quoted, and is written when all of it is known. */
export const quotes = graph('quotes', { tenant: t.string }, ({ tenant }) => {
  const orders = db.many('order', Order, { maxRows: 10_000, maxBytes: 1e6 })`
    select id, customer, currency from orders where tenant = ${tenant} and status = 'open' order by id`
  const { net, taxable, missing, name, reminders, discount, rate } = orders.map(factsOf(tenant)).columns()

  // Money is exact: cents, and each product of two numbers is rounded to the even cent.
  const kept = discount.neg().add('1')
  const tax = mulDecimal(taxable, kept, cents).mul('0.19')
  const total = mulDecimal(net, kept, cents).add(tax)
  const charged = mulDecimal(total, rate, cents)

  // Whether it will be paid is a guess: floating point. The coefficients are made up.
  const euros = total.to(t.f64)
  const risk = fx`sigmoid(-3.2 + 0.8 * ${reminders.to(t.f64)} + 0.15 * log1p(${euros}) + 0.5 * ${missing.to(t.f64)})`
  const atRisk = fx.scalar`sum(${risk} * ${euros})`
  const sum = total.sum()

  const written = db.exec('quotation')`
    insert into quotation (tenant, orders, total, at_risk) values (${tenant}, ${orders.count()}, ${sum}, ${atRisk})`
  const { id, currency } = orders.columns()
  return sequence(written, { quotes: zip({ id, name, total, currency, charged, missing, risk }), total: sum, atRisk })
})

export default quotes

/** What \`quoin run examples/orders/graph.ts\` binds; loaded only then, because the graph itself needs no database. */
export const drivers = async () => (await (await import('./embedded.ts')).embedded()).drivers
