import type { Tensor } from '../../../graph/index.ts'
import {
  abs,
  all,
  any,
  bitcast,
  ceil,
  constant,
  divTotal,
  floor,
  graph,
  remTotal,
  round,
  select,
  shl,
  shr,
  t,
  toTotal,
  trunc,
  xor,
} from '../../../graph/index.ts'

type Flags = Tensor<'bool', ['n']>
/** A filter whose parts may be switched off: a part that is off says yes to all, or no to all. */
const wanted = (parts: readonly { readonly on: boolean; readonly rule: Flags }[], first: Flags): Flags =>
  parts.reduce((f, p) => f.and(p.on ? p.rule : p.rule.or(true)), first)

export const filters = graph(
  'filters',
  {
    price: t.tensor(t.f64, 'n'),
    stock: t.tensor(t.i32, 'n'),
    open: t.tensor(t.bool, 'n'),
    late: t.tensor(t.bool, 'n'),
  },
  ({ price, stock, open, late }) => {
    const cheap = price.lt(10)
    const there = stock.gt(0)
    return {
      some: wanted(
        [
          { on: false, rule: cheap },
          { on: true, rule: there },
        ],
        open,
      ),
      never: cheap.and(false),
      ever: cheap.or(false),
      twice: there.and(there),
      both: there.or(there),
      not: there.not().not(),
      contradiction: open.and(open.not()),
      tautology: open.or(open.not()),
      within: there.and(there.or(cheap)),
      covers: there.or(there.and(cheap)),
      neither: open.not().and(late.not()),
      notBoth: open.not().or(late.not()),
      offered: select(constant(t.bool, true), cheap, there),
      isOpen: open.eq(true),
      isShut: open.eq(false),
      notOpen: open.ne(true),
      notShut: open.ne(false),
      agree: open.ne(there).not(),
      sold: stock.gt(0).not(),
      soldOut: stock.le(0).not(),
      least: stock.lt(1).not(),
      most: stock.ge(9).not(),
      other: stock.eq(7).not(),
      equal: stock.ne(7).not(),
      atMost: stock.lt(7).or(stock.eq(7)),
      atLeast: stock.gt(7).or(stock.eq(7)),
      under: stock.le(7).and(stock.ne(7)),
      over: stock.ge(7).and(stock.ne(7)),
      exactly: stock.le(7).and(stock.ge(7)),
      apart: stock.lt(7).or(stock.gt(7)),
      self: price.lt(price),
      itself: price.gt(price),
      known: stock.le(stock),
      sure: stock.ge(stock),
      whole: stock.eq(stock),
      odd: stock.ne(stock),
      anyShut: any(open.not()),
      allShut: all(open.not()),
    }
  },
)

export const buckets = graph(
  'buckets',
  { hash: t.tensor(t.u32, 'n'), day: t.tensor(t.i32, 'n'), wide: t.tensor(t.u64, 'n'), value: t.tensor(t.f64, 'n') },
  ({ hash, day, wide, value }) => {
    const bucket = (h: Tensor<'u32', ['n']>, shift: number, mask: number) => shr(shl(h, 0), shift).and(mask)
    return {
      all: bucket(hash, 0, 2 ** 32 - 1),
      none: bucket(hash, 0, 0),
      masked: hash.and(255).and(15),
      set: hash.or(0).or(1).or(2),
      full: hash.or(2 ** 32 - 1),
      mixed: xor(xor(hash, 5), 3),
      same: xor(hash, 0),
      inverse: xor(hash, 2 ** 32 - 1),
      gone: xor(hash, hash),
      mine: hash.and(hash),
      yours: hash.or(hash),
      flips: hash.not().not(),
      neither: hash.not().and(shr(hash, 3).not()),
      notBoth: hash.not().or(shr(hash, 3).not()),
      week: divTotal(day, 1),
      distance: abs(abs(day)),
      size: abs(day.neg()),
      natural2: abs(hash),
      none2: divTotal(day, 0),
      rest: remTotal(day, 1),
      left: remTotal(day, 0),
      early: day.not().max(),
      late: day.not().min(),
      round: floor(floor(value)),
      up: ceil(ceil(value)),
      near: round(round(value)),
      zero: trunc(trunc(value)),
      exact: floor(day.to(t.f64)),
      exactUp: ceil(day.to(t.f64)),
      exactNear: round(day.to(t.f64)),
      exactZero: trunc(day.to(t.f64)),
      bits: bitcast(bitcast(value, t.i64), t.f64),
      signed: bitcast(bitcast(hash, t.i32), t.u32),
      narrow: toTotal(toTotal(hash, t.u64), t.u32),
      negative: hash.lt(0),
      natural: wide.ge(0n),
      chosen: select(hash.lt(0), day, 0),
    }
  },
)
