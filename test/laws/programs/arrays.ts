import {
  all,
  any,
  concat,
  constant,
  full,
  gather,
  graph,
  iota,
  matmul,
  matvec,
  maximum,
  minimum,
  prod,
  select,
  slice,
  t,
  toTotal,
  transpose,
} from '../../../graph/index.ts'

export const layers = graph(
  'layers',
  {
    x: t.tensor(t.f64, 4, 3),
    w: t.tensor(t.f64, 5, 3),
    v: t.tensor(t.f64, 3),
    u: t.tensor(t.f64, 4),
    y: t.tensor(t.f64, 2, 4),
  },
  ({ x, w, v, u, y }) => {
    const product = matmul(x, transpose(w))
    return {
      out: transpose(product),
      other: transpose(matmul(transpose(x), transpose(y))),
      column: matvec(transpose(x), u),
      row: matvec(x, v),
      twice: transpose(transpose(x)),
      negative: transpose(x).neg(),
      turned: transpose(x).add(transpose(x.mul(3))),
      squares: transpose(x).mul(transpose(x)),
      most: transpose(x).max(),
      mostOfRows: transpose(x).max(4),
      least: x.min(3).min(),
      greatest: x.max(3).max(),
    }
  },
)

export const pages = graph(
  'pages',
  { first: t.tensor(t.f64, 6), second: t.tensor(t.f64, 4), i: t.i32, n: t.tensor(t.i32, 4, 3) },
  ({ first, second, i, n }) => {
    const list = concat(first, second)
    const page = (k: number) => slice(list, 5 * k, 5 * k + 5)
    return {
      one: page(0),
      two: slice(page(1), 1, 4),
      tail: slice(list, 6, 10),
      everything: slice(list, 0, 10),
      joined: concat(concat(first, second), first),
      alone: concat(first),
      item: first.mul(2).add(1).at(i),
      difference: first.sub(second.at(0)).at(i),
      negative: first.neg().at(2),
      named: gather(first.sub(1), constant(t.i32, 3)),
      total: n.sum(3).sum(),
      times: prod(prod(n, 3)),
      flat: n.reshape(12).sum(),
      opposite: n.reshape(12).neg(),
      doubled: n.reshape(12).add(n.mul(3).reshape(12)),
      positive: select(n.gt(0).reshape(12), n.reshape(12), n.neg().reshape(12)),
      after: full(1, 6).sub(first).at(i),
      clipped: select(first.gt(0), first, first.neg()).at(i),
      again: n.reshape(12).reshape(3, 4),
      kept: n.reshape(4, 3),
      largest: n.max(4).max(),
      smallest: n.min(4).min(),
    }
  },
)

export const grids = graph(
  'grids',
  { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'm'), s: t.f64, k: t.i32 },
  ({ x, y, s }) => {
    const wide = x.along('m')
    const tall = full(2, 3, 4)
    const spread = s.along(3).along(2)
    const row = s.along(4)
    return {
      grid: wide.mul(x.mul(2).along('m')),
      scaled: wide.mul(0.5),
      shifted: wide.neg().add(1),
      root: wide.neg(),
      positive: select(x.gt(0).along('m'), wide, x.neg().along('m')),
      inverse: full(1, 2, 4).div(row.along(2)),
      spread,
      turned: transpose(s.along(3, 4)),
      part: slice(s.along(10), 2, 5),
      same: row.at(1),
      flat: s.along(3, 4).reshape(12),
      tall: tall.mul(1),
      outer: x.along('m').add(transpose(y.along('n'))),
      scalar: row.mul(s.mul(2).along(4)),
    }
  },
)
export const counts = graph(
  'counts',
  { x: t.tensor(t.i32, 'n'), ok: t.tensor(t.bool, 4, 3), table: t.tensor(t.i32, 4, 3) },
  ({ x, ok, table }) => ({
    places: iota(4).add(0),
    hits: x.eq(1).to(t.i32).sum(),
    one: maximum(x, x),
    other: minimum(x, x),
    flags: toTotal(x.gt(0), t.i32).ne(0),
    isOne: toTotal(x.gt(0), t.i32).eq(1),
    ok: ok.not().not(),
    transposed: transpose(table).sum(),
    rows: transpose(table).sum(4),
    size: x.mul(2).sum().mul(1),
    notAll: transpose(ok),
    chosen: select(transpose(ok), transpose(table), transpose(table.neg())),
    anyOfAny: any(any(ok, 3)),
    allOfAll: all(all(ok, 4)),
  }),
)
