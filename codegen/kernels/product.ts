import { bytesOf } from '../../graph/elem.ts'
import type { Buffer, Id, Inst, Repeat, Step, Stmt } from './ir.ts'
import type { Ix } from './ix.ts'
import { add, ceilDiv, div, ixOf, min, mul, rem, sub } from './ix.ts'
import type { Given } from './single.ts'
import type { Operand } from './steps.ts'
import { alone, divided, identity, lanes, load, loop, prim, store } from './steps.ts'

/** Rows of a tile: with two vectors of columns their sums, and what they are made of, fit sixteen registers. */
const tileRows = 4
/** Bytes of a row of a tile: two vectors. */
const tileBytes = 32
/** Terms of each sum, and bytes of columns, that a packed block holds: 256 KiB of f64, which a second cache keeps. */
const depth = 256
const blockBytes = 1024
/** Products of at most so many multiplications a matrix are written out whole. */
const unrolled = 512
const side = 8

/** The sizes of a product: batches, rows, terms and columns. */
interface Sizes {
  readonly b: Ix
  readonly m: Ix
  readonly k: Ix
  readonly n: Ix
}
interface Product extends Sizes {
  readonly g: Given
  readonly x: Operand
  readonly y: Operand
}

/**
 * a[batch…, m…, k] · b[batch…, k, n…]. However it is cut up, each cell adds its products over k in order, from the identity,
 * with multiply and add rounded apart; sums that stop at a block's end are kept in the result and taken up from there.
 */
export const contract = (g: Given): readonly Stmt[] => {
  const { batch } = g.node.op.attrs as { batch: number }
  const [x, y] = g.args as readonly [Operand, Operand]
  const p: Product = {
    g,
    x,
    y,
    b: ixOf(g.dims.cells(x.shape.slice(0, batch))),
    m: ixOf(g.dims.cells(x.shape.slice(batch, -1))),
    k: ixOf(g.dims.size(x.shape.at(-1)!)),
    n: ixOf(g.dims.cells(y.shape.slice(batch + 1))),
  }
  if (p.n === 1) return column(p)
  if (small(p)) return whole(p)
  const few = tileRows * 2
  if (typeof p.m === 'number') return p.m < few ? rows(p) : packed(p)
  return [{ s: 'if', test: { a: p.m, is: '<', b: few }, yes: rows(p), no: packed(p) }]
}
const small = ({ m, k, n }: Sizes): boolean =>
  [m, k, n].every((s) => typeof s === 'number' && s > 0 && s <= side) &&
  (m as number) * (k as number) * (n as number) <= unrolled

/** A sum for each row, all of one column side by side. */
interface Sums {
  readonly before: readonly Inst[]
  readonly body: readonly Step[]
}
const sums = (
  { g, x, y }: Product,
  o: {
    readonly rows: number
    readonly j: string
    readonly count: Ix
    /** Where the sums begin: fresh, or with what the result holds. */
    readonly from: ((row: number) => Ix) | undefined
    readonly xAt: (row: number) => Ix
    readonly xStep?: Ix
    readonly yFrom: Buffer
    readonly yAt: Ix
    readonly yStep?: Ix
    readonly to: (row: number) => Ix
  },
): Sums => {
  const { elem } = g
  const each = <A>(f: (row: number) => A): readonly A[] => Array.from({ length: o.rows }, (_, r) => f(r))
  // Names of values: the factor from y is 1, then five for each row.
  const id = (row: number, what: number): Id => 2 + 5 * row + what
  const start = o.from
  const repeat: Repeat = {
    i: 'repeat',
    name: o.j,
    count: o.count,
    carried: each((r) => ({ id: id(r, 1), elem, from: start === undefined ? 0 : id(r, 0), next: id(r, 4) })),
    body: [
      load(1, { from: o.yFrom, elem: y.elem }, o.yAt, o.yStep ?? 1),
      ...each((r) => [
        load(id(r, 2), x, o.xAt(r), o.xStep ?? 0),
        prim(id(r, 3), 'mul', elem, elem, id(r, 2), 1),
        prim(id(r, 4), 'add', elem, elem, id(r, 1), id(r, 3)),
      ]).flat(),
    ],
  }
  return {
    before: start === undefined ? [identity(0, elem)] : [],
    body: [
      ...(start === undefined ? [] : each((r) => load(id(r, 0), { from: g.to, elem }, start(r), 1))),
      repeat,
      ...each((r) => store(g.to, elem, o.to(r), 1, id(r, 1))),
    ],
  }
}

/** One column: rows side by side. */
const column = (p: Product): readonly Stmt[] => {
  const [b, j] = [p.g.names.fresh(), p.g.names.fresh()]
  const s = sums(p, {
    rows: 1,
    j,
    count: p.k,
    from: undefined,
    xAt: () => add(mul(mul(b, p.m), p.k), j),
    xStep: p.k,
    yFrom: p.y.from,
    yAt: add(mul(b, p.k), j),
    yStep: 0,
    to: () => mul(b, p.m),
  })
  const rows = lanes(p.m, s.body, s.before)
  return [p.b === 1 ? loop(b, p.b, divided(rows)) : divided(loop(b, p.b, rows))]
}

/** Small matrices, written out: every cell of y is read once, every cell of x once for all columns. */
const whole = (p: Product): readonly Stmt[] => {
  const { g, x, y } = p
  const { elem } = g
  const [m, k, n] = [p.m as number, p.k as number, p.n as number]
  const b = g.names.fresh()
  let next = k
  const body: Step[] = []
  for (let t = 0; t < k; t++) body.push(load(t, y, add(mul(b, k * n), t * n), 1))
  for (let r = 0; r < m; r++) {
    let sum: Id | undefined
    for (let t = 0; t < k; t++) {
      const [factor, product, total] = [next++, next++, next++]
      body.push(load(factor, x, add(mul(b, m * k), r * k + t), 0), prim(product, 'mul', elem, elem, factor, t))
      // The identity and the first product is the first product.
      if (sum !== undefined) body.push(prim(total, 'add', elem, elem, sum, product))
      sum = sum === undefined ? product : total
    }
    body.push(store(g.to, elem, add(mul(b, m * n), r * n), 1, sum!))
  }
  return [divided(loop(b, p.b, lanes(n, body)))]
}

/** Row by row, y as it lies: for few rows, packing it would cost more than it saves. */
const rows = (p: Product): readonly Stmt[] => {
  const [b, i, j] = [p.g.names.fresh(), p.g.names.fresh(), p.g.names.fresh()]
  const at = add(mul(b, p.m), i)
  const s = sums(p, {
    rows: 1,
    j,
    count: p.k,
    from: undefined,
    xAt: () => add(mul(at, p.k), j),
    yFrom: p.y.from,
    yAt: mul(add(mul(b, p.k), j), p.n),
    to: () => mul(at, p.n),
  })
  const columns = lanes(p.n, s.body, s.before)
  return [p.b === 1 ? loop(b, p.b, loop(i, p.m, divided(columns))) : divided(loop(b, p.b, loop(i, p.m, columns)))]
}

/**
 * Blocks of y are packed, tile after tile of columns, so that what a tile reads lies side by side and stays in the
 * caches; then strips of rows of x go over the block.
 */
const packed = (p: Product): readonly Stmt[] => {
  const { g, y, b: batches, m, k, n } = p
  const { names, elem } = g
  const width = tileBytes / bytesOf[elem]
  const known = (size: Ix, most: number): number => (typeof size === 'number' ? Math.min(size, most) : most)
  const [terms, columns] = [known(k, depth), known(n, blockBytes / bytesOf[elem])]
  const block = g.scratch(elem, terms * Math.ceil(columns / width) * width)
  const [b, jb, kb, i, q, j] = Array.from({ length: 6 }, () => names.fresh()) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const [col, some, from, count, row] = Array.from({ length: 5 }, () => names.fresh()) as [
    string,
    string,
    string,
    string,
    string,
  ]

  /** Columns in full tiles, and what is left. */
  const tiles = (f: (tile: Ix, wide: Ix) => readonly Stmt[]): readonly Stmt[] => {
    const rest = rem(some, width)
    const tail = typeof n === 'number' ? n % width : undefined
    return [
      loop(q, div(some, width), ...f(q, width)),
      ...(tail === 0
        ? []
        : ([{ s: 'if', test: { a: rest, is: '>', b: 0 }, yes: f(div(some, width), tail ?? rest), no: [] }] as const)),
    ]
  }
  const pack = (tile: Ix, wide: Ix): readonly Stmt[] => [
    loop(
      j,
      count,
      lanes(wide, [
        load(0, y, add(mul(add(add(mul(b, k), from), j), n), add(col, mul(tile, width))), 1),
        store(block, elem, add(mul(tile, terms * width), mul(j, width)), 1, 0),
      ]),
    ),
  ]
  const strip = (rowsOf: number, first: boolean): readonly Stmt[] =>
    tiles((tile, wide) => {
      const to = (r: number): Ix => add(add(mul(add(row, r), n), col), mul(tile, width))
      const s = sums(p, {
        rows: rowsOf,
        j,
        count,
        from: first ? undefined : to,
        xAt: (r) => add(add(mul(add(row, r), k), from), j),
        yFrom: block,
        yAt: add(mul(tile, terms * width), mul(j, width)),
        to,
      })
      return [lanes(wide, s.body, s.before)]
    })
  // Of one product threads take strips, and each packs for itself; of several each takes some.
  const [ofStrips, ofProducts] = batches === 1 ? [divided, alone] : [alone, divided]
  const strips = (rowsOf: number, count: Ix, start: Ix, first: boolean): Stmt =>
    ofStrips(
      loop(i, count, { s: 'set', name: row, to: add(add(mul(b, m), start), mul(i, rowsOf)) }, ...strip(rowsOf, first)),
    )
  const all = (first: boolean): readonly Stmt[] => [
    strips(tileRows, div(m, tileRows), 0, first),
    ...(typeof m === 'number' && m % tileRows === 0
      ? []
      : [strips(1, rem(m, tileRows), sub(m, rem(m, tileRows)), first)]),
  ]
  const once = typeof k === 'number' && k <= depth
  const over: Stmt = loop(
    kb,
    // Without terms there is still one block, of which nothing is read.
    typeof k === 'number' ? Math.max(1, Math.ceil(k / depth)) : { op: 'max', a: ceilDiv(k, depth), b: 1 },
    { s: 'set', name: from, to: mul(kb, depth) },
    { s: 'set', name: count, to: min(depth, sub(k, from)) },
    ...tiles(pack),
    ...(once ? all(true) : [{ s: 'if', test: { a: kb, is: '==', b: 0 }, yes: all(true), no: all(false) } as const]),
  )

  return [
    ofProducts(
      loop(
        b,
        batches,
        loop(
          jb,
          ceilDiv(n, columns),
          { s: 'set', name: col, to: mul(jb, columns) },
          { s: 'set', name: some, to: min(columns, sub(n, col)) },
          over,
        ),
      ),
    ),
  ]
}
