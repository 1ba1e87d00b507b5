import { graph, kv, row, sequence, sql, t } from 'quoin'

/** What the service, the store and the tables hold: made by counting, so that it is the same everywhere. */

/** What one euro is in each currency, with six decimals. */
export const rates: Readonly<Record<string, string>> = {
  USD: '1.084200',
  GBP: '0.851300',
  CHF: '0.946750',
  SEK: '11.402500',
  JPY: '163.870000',
}
const currencies = ['EUR', ...Object.keys(rates)]
const tiers = ['gold', 'silver', 'new']
const names = ['Amber', 'Birch', 'Cedar', 'Delta', 'Ember', 'Fjord', 'Grove', 'Haven', 'Inlet', 'Jetty']
const trades = ['Books', 'Tools', 'Foods', 'Lamps', 'Paper', 'Wines']

export const tenant = 'acme'
const customers = 60
const products = 40
const orders = 400

/** The k-th of many numbers below n that look drawn: the top bits of a product with an odd constant. */
const drawn = (k: number, n: number): number => ((Math.imul(k + 1, 2_654_435_761) >>> 8) * n) >>> 24

const insert = (table: string, rows: readonly (readonly (string | number | boolean)[])[]): string => {
  const cell = (x: string | number | boolean): string => (typeof x === 'string' ? `'${x}'` : String(x))
  return `insert into ${table} values ${rows.map((r) => `(${r.map(cell).join(', ')})`).join(', ')}`
}
const count = <T>(n: number, of: (i: number) => T): readonly T[] => Array.from({ length: n }, (_, i) => of(i))
const sku = (i: number): string => `P-${String(i).padStart(3, '0')}`

/** Every fourth order is closed, and every fifth is another tenant's. */
const orderRows = count(orders, (i) => [
  1000 + i,
  i % 5 === 4 ? 'other' : tenant,
  drawn(i, customers),
  currencies[drawn(i + 7000, currencies.length)]!,
  i % 4 === 3 ? 'closed' : 'open',
])
const lineRows = count(orders, (i) =>
  count(1 + drawn(i + 9000, 5), (k) => [1000 + i, k, sku(drawn(i * 8 + k, products)), 1 + drawn(i * 8 + k + 500, 12)]),
).flat()

/** The tables and what is in them, in SQL that PostgreSQL and DuckDB read alike. */
export const seeds: readonly string[] = [
  'create table customer (id bigint primary key, name text not null, tier text not null, reminders integer not null)',
  'create table product (sku text primary key, price decimal(10,2) not null, taxed boolean not null)',
  'create table stock (sku text primary key, pieces integer not null)',
  'create table orders (id bigint primary key, tenant text not null, customer bigint not null, currency text not null, status text not null)',
  'create table order_line (order_id bigint not null, position integer not null, product text not null, pieces integer not null)',
  'create table quotation (tenant text not null, orders integer not null, total decimal(18,2) not null, at_risk double precision not null)',
  insert(
    'customer',
    count(customers, (i) => [
      i,
      `${names[i % names.length]} ${trades[drawn(i, trades.length)]}`,
      tiers[drawn(i + 300, tiers.length)]!,
      drawn(i + 600, 4),
    ]),
  ),
  insert(
    'product',
    count(products, (i) => [sku(i), `${2 + drawn(i, 90)}.${10 + drawn(i + 50, 90)}`, i % 6 !== 0]),
  ),
  // The last four were never in stock.
  insert(
    'stock',
    count(products - 4, (i) => [sku(i), drawn(i + 40, 25)]),
  ),
  insert('orders', orderRows),
  insert('order_line', lineRows),
]

const store = kv('terms')
const discounts = [
  ['gold', '0.0750'],
  ['silver', '0.0300'],
] as const
export const termKey = (tier: string): string => `orders-example:discount:${tier}`

/** Puts into the store what was agreed with two of the three tiers; and takes it away again. */
export const putTerms = graph('put-terms', { tenant: t.string, gold: t.decimal(4), silver: t.decimal(4) }, (x) => {
  const own = store.as(x.tenant)
  return sequence(own.set(termKey('gold'), x.gold), own.set(termKey('silver'), x.silver))
})
export const dropTerms = graph('drop-terms', { tenant: t.string }, (x) => {
  const own = store.as(x.tenant)
  return sequence(own.delete(termKey('gold')), own.delete(termKey('silver')))
})
export const terms = { tenant, ...(Object.fromEntries(discounts) as Record<'gold' | 'silver', string>) }

const Quotation = row({ tenant: t.string, orders: t.i32, total: t.decimal(2), atRisk: t.f64 })
/** What has been written. */
export const quotations = graph(
  'quotations',
  {},
  () =>
    sql('orders').many('quotation', Quotation, { maxRows: 1000, maxBytes: 1e5 })`
    select tenant, orders, total, at_risk as "atRisk" from quotation order by tenant, orders`,
)
