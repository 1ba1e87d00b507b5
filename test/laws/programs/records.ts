import {
  assert,
  cond,
  constant,
  graph,
  inject,
  match,
  none,
  row,
  sequence,
  some,
  t,
  text,
  zip,
} from '../../../graph/index.ts'

const Item = row({ id: t.i64, price: t.f64, count: t.i32 })
const Paid = t.union({ card: t.string, cash: t.f64 })

/** Records, options and settings, taken apart where they were put together: what small helpers leave. */
export const orders = graph(
  'orders',
  { items: t.list(Item, 'n'), voucher: t.option(t.f64), name: t.string },
  ({ items, voucher, name }) => {
    const discount = (given: ReturnType<typeof some<typeof base>>) => given.orElse(0)
    const base = constant(t.f64, 0.1)
    const { price, count } = items.columns()
    const pairs = items.map((i) => ({ id: i.id, total: i.price }))
    const same = items.map((i) => i)
    const expensive = constant(t.bool, false)
    const { total } = pairs.columns()
    const mode = inject(Paid, 'cash', base)
    return {
      total,
      number: pairs.count(),
      items: same.count(),
      cells: price.mul(2).sum(),
      mean: price.mean(),
      zipped: zip({ price, count }).columns().price,
      sized: zip({ price, count }).count(),
      some: discount(some(base)),
      none: discount(none(t.f64)),
      known: some(base).isSome(),
      unknown: none(t.f64).isSome(),
      given: voucher.orElse(0),
      label: text(text(name, ': '), name),
      rate: cond(
        expensive,
        () => base.mul(2),
        () => base,
      ),
      sure: cond(
        constant(t.bool, true),
        () => count,
        () => count.mul(2),
      ),
      paid: match(mode, { card: () => base, cash: (c) => c }),
      maybe: match(some(base), { none: () => base.mul(3), some: (s) => s }),
      never: match(none(t.f64), { none: () => base, some: (s) => s.mul(2) }),
      after: sequence(base, count),
      checked: assert(price.ge(0), 'prices are positive', price),
    }
  },
)
