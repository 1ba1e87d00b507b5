// Requirements: E2

import { describe, expect, test } from 'vitest'
import * as q from '../../graph/index.ts'
import { fx, graph, row, sql, t } from '../../graph/index.ts'
import { plain, run, textOf } from './run.ts'

const f64 = (...xs: number[]) => new Float64Array(xs)
const i32 = (...xs: number[]) => new Int32Array(xs)

test('texts of decimals and timestamps are exact', () => {
  const inputs = { price: t.decimal(2), fine: t.decimal(18), whole: t.decimal(0), at: t.timestamp }
  const g = graph('texts', inputs, ({ price, fine, whole, at }) => ({
    all: q.text(price, ' ', fine, ' ', whole, ' ', at),
    one: q.text(price),
    each: q.each(q.iota(2)).map((i) => q.text(i, ': ', price)),
    to: price.to(t.string),
  }))
  const at = '2026-01-02T03:04:05.000006Z'
  const out = run(g, { price: '12.50', fine: '-0.000000000000000001', whole: '7', at })
  expect(plain(out)).toEqual({
    all: `12.50 -0.000000000000000001 7 ${at}`,
    one: '12.50',
    each: ['0: 12.50', '1: 12.50'],
    to: '12.50',
  })
})
describe('numbers', () => {
  test('reductions and derived functions', () => {
    const g = graph('g', { x: t.tensor(t.f64, 'n'), m: t.tensor(t.f64, 'n', 3) }, ({ x, m }) => ({
      mean: x.mean(),
      variance: q.variance(x),
      std: q.std(x),
      prod: q.prod(x),
      running: q.cumsum(x),
      soft: q.softmax(m),
      norm: q.layerNorm(m, q.vector([1, 1, 1]), q.vector([0, 0, 1]), 0),
      rows: m.sum(3),
      columns: m.sum('n'),
      columnMeans: m.mean('n'),
      columnVariances: q.variance(m, 'n'),
      best: m.argmax(3),
      worst: x.argmin(),
      any: q.any(x.gt(3)),
      all: q.all(x.gt(3)),
    }))
    const out = run(g, {
      x: [1, 2, 3, 6],
      m: [
        [1, 2, 3],
        [3, 1, 2],
        [0, 0, 6],
        [4, 5, 9],
      ],
    })
    expect(out).toMatchObject({
      mean: 3,
      variance: 3.5,
      std: Math.sqrt(3.5),
      prod: 36,
      running: f64(1, 3, 6, 12),
      rows: f64(6, 6, 6, 18),
      columns: f64(8, 8, 20),
      columnMeans: f64(2, 2, 5),
      columnVariances: f64(2.5, 3.5, 7.5),
      best: i32(2, 0, 2, 2),
      worst: 0,
      any: true,
      all: false,
    })
    const soft = [1, 2, 3].map((v) => Math.exp(v - 3))
    const total = soft.reduce((a, b) => a + b)
    for (const k of [0, 1, 2]) expect(out.soft.data[k]).toBeCloseTo(soft[k]! / total, 14)
    for (const [k, want] of [-Math.sqrt(1.5), 0, Math.sqrt(1.5) + 1].entries())
      expect(out.norm.data[k]).toBeCloseTo(want, 14)
    expect(plain(out.soft)).toHaveLength(4)
  })
  test('variance of nothing is NaN, of far numbers exact', () => {
    const g = graph('g', { x: t.tensor(t.f64, 'n') }, ({ x }) => q.variance(x))
    expect(run(g, { x: [] })).toBeNaN()
    expect(run(g, { x: [1e9, 1e9 + 1, 1e9 + 2] })).toBe(2 / 3)
  })
  test('products', () => {
    const g = graph('g', { a: t.tensor(t.f64, 2, 3), v: t.tensor(t.f64, 3) }, ({ a, v }) => ({
      mm: q.matmul(a, q.transpose(a)),
      mv: q.matvec(a, v),
      dot: q.dot(v, v),
      batch: q.batchMatmul(a.reshape(1, 2, 3), a.reshape(1, 3, 2)),
    }))
    const out = run(g, {
      a: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      v: [1, 0, 2],
    })
    expect(plain(out)).toEqual({
      mm: [
        [14, 32],
        [32, 77],
      ],
      mv: [7, 16],
      dot: 5,
      batch: [
        [
          [22, 28],
          [49, 64],
        ],
      ],
    })
  })
  test('shapes', () => {
    const g = graph(
      'g',
      { x: t.tensor(t.i32, 'n'), y: t.tensor(t.i32, 'k'), m: t.tensor(t.i32, 2, 3) },
      ({ x, y, m }) => ({
        outer: x.along('k', 'n').mul(y.along('k', 'n')),
        along: x.along('k'),
        back: q.slice(x, -2),
        every: q.slice(x, 0, undefined, { step: 2 }),
        both: q.concat(x, x),
        row: m.at(1),
        rows: q.gather(m, q.gatherClamped(x, x)),
        at: x.at(0),
        turned: q.transpose(m, 3, 2),
        count: q.iota('k'),
        three: q.iota(3),
        same: q.sameDim(q.slice(x, 0, 2), y).add(y),
        grid: q.full(1, 'k', 'n', 2).sum(2),
      }),
    )
    const run1 = () =>
      run(g, {
        x: [0, 1, 1],
        y: [10, 20],
        m: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      })
    expect(() => run1()).not.toThrow()
    expect(plain(run1())).toEqual({
      outer: [
        [0, 10, 10],
        [0, 20, 20],
      ],
      along: [
        [0, 1, 1],
        [0, 1, 1],
      ],
      back: [1, 1],
      every: [0, 1],
      both: [0, 1, 1, 0, 1, 1],
      row: [4, 5, 6],
      rows: [
        [1, 2, 3],
        [4, 5, 6],
        [4, 5, 6],
      ],
      at: 0,
      turned: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      count: [0, 1],
      three: [0, 1, 2],
      same: [10, 21],
      grid: [
        [2, 2, 2],
        [2, 2, 2],
      ],
    })
    expect(() =>
      run(g, {
        x: [0, 1],
        y: [1],
        m: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ).toThrow(
      "AssertionFailed: the dimensions 'n[0:2]' and 'k' were claimed to be equal, and their sizes differ: 2 and 1",
    )
  })
  test('integers are checked, unless the total form is named', () => {
    const g = graph('g', { a: t.i32, b: t.i32 }, ({ a, b }) => ({ total: q.divTotal(a, b), rem: q.remTotal(a, b) }))
    expect(run(g, { a: 7, b: 0 })).toEqual({ total: 0, rem: 7 })
    const div = graph('g', { a: t.i32, b: t.i32 }, ({ a, b }) => a.div(b))
    expect(run(div, { a: -7, b: 2 })).toBe(-3)
    expect(() => run(div, { a: 7, b: 0 })).toThrow('AssertionFailed: division by zero or overflow')
    expect(() => run(div, { a: -(2 ** 31), b: -1 })).toThrow('AssertionFailed')
    expect(textOf(graph('g', { a: t.i32 }, ({ a }) => a.div(3)))).not.toContain('assert')
    const at = graph('g', { x: t.tensor(t.f64, 'n'), i: t.i32 }, ({ x, i }) => x.at(i))
    expect(run(at, { x: [1, 2], i: 1 })).toBe(2)
    for (const i of [-1, 2]) expect(() => run(at, { x: [1, 2], i })).toThrow('an index lies outside the axis')
  })
  test('conversions keep the value or end the run', () => {
    const pairs = [
      [
        'f64',
        'i32',
        [1.9, -1.9, 2147483647.5, -2147483648.9],
        [2147483648, -2147483649, Number.NaN, Number.POSITIVE_INFINITY],
      ],
      ['f64', 'i64', [2 ** 62, -(2 ** 63)], [2 ** 63, Number.NaN]],
      ['f32', 'u32', [0, -0.5, 4294967040], [-1, 2 ** 32]],
      ['i32', 'u32', [0, 5], [-1]],
      ['u32', 'i32', [5], [2 ** 31]],
      ['i64', 'i32', [5n, -(2n ** 31n)], [2n ** 31n]],
      ['i32', 'u64', [1], [-1]],
      ['u64', 'i64', [1n], [2n ** 63n]],
      ['i64', 'u64', [1n], [-1n]],
    ] as const
    for (const [from, to, fit, not] of pairs) {
      const g = graph('g', { x: t[from] }, ({ x }) => (x as q.Tensor<'f64', []>).to(t[to] as typeof t.i32))
      for (const x of fit) expect(String(run(g, { x: x as never }))).toBe(String(BigInt(Math.trunc(Number(x)))))
      for (const x of not)
        expect(() => run(g, { x: x as never }), `${from} ${x} to ${to}`).toThrow(`a value does not fit ${to}`)
    }
    const total = graph('g', { x: t.f64 }, ({ x }) => q.toTotal(x, t.i32))
    expect([1e20, -1e20, Number.NaN].map((x) => run(total, { x }))).toEqual([2147483647, -2147483648, 0])
  })
  test('decimals are exact, checked and rounded as declared', () => {
    const g = graph('g', { a: t.decimal(2), b: t.decimal(2), xs: t.tensor(t.decimal(2), 'n') }, ({ a, b, xs }) => ({
      sum: a.add(b),
      product: a.mul(b),
      quotient: a.div(b),
      away: q.mulDecimal(a, b, { scale: 3, rounding: 'away' }),
      each: q.mulDecimal(xs, b, { scale: 3, rounding: 'even' }),
      shares: q.divDecimal(a, xs, { scale: 1, rounding: 'even' }),
      more: a.to(t.decimal(4)),
      float: a.to(t.f64),
      cents: q.rescale(a, { scale: 1, rounding: 'truncate' }),
      whole: a.to(t.i64),
      total: xs.sum(),
      least: xs.min(),
      minus: a.neg(),
      tax: a.mul('0.19'),
      back: a.to(t.f64).mul(2).to(t.decimal(2)),
    }))
    const input = { a: '12.50', b: '0.05', xs: ['1.00', 250n] }
    expect(plain(run(g, input))).toEqual({
      sum: '12.55',
      product: '0.62',
      quotient: '250.00',
      away: '0.625',
      each: ['0.050', '0.125'],
      shares: ['12.5', '5.0'],
      more: '12.5000',
      float: 12.5,
      cents: '12.5',
      whole: '12',
      total: '3.50',
      least: '1.00',
      minus: '-12.50',
      tax: '2.38',
      back: '25.00',
    })
    expect(() => run(g, { ...input, b: '0.00' })).toThrow('decimal div does not fit decimal(2)')
    expect(() => run(g, { ...input, a: 2n ** 63n - 1n })).toThrow('does not fit')
    expect(() => run(g, { ...input, xs: [2n ** 62n, 2n ** 62n] })).toThrow('a sum does not fit decimal(2)')
  })
  test('times, texts, bytes, bits, select', () => {
    const g = graph('g', { at: t.timestamp, n: t.i32, x: t.tensor(t.f64, 'n'), doc: t.json }, ({ at, n, x, doc }) => ({
      micros: at.to(t.i64),
      later: at.to(t.i64).add(1_000_000n).to(t.timestamp),
      after: at.gt(new Date(0)),
      name: q.text('n=', n, ';', true),
      length: q.textLength(q.text(n)),
      bytes: q.encodeText(q.text(n)),
      json: q.jsonText({ n, at }),
      clipped: q.select(x.gt(2), x, 2),
      bits: q.bitcast(x.sum(), t.u64),
      read: q.decodeJson(doc, row({ k: t.f64 })).k,
      shifted: q.shl(n, 2),
      remainder: q.rem(n, 4),
      larger: q.maximum(n, 5),
    }))
    const input = { at: '1970-01-01T00:00:01Z', n: 42, x: [1, 2, 3], doc: { k: 1.5 } }
    expect(plain(run(g, input))).toEqual({
      micros: '1000000',
      later: '1970-01-01T00:00:02.000000Z',
      after: true,
      name: 'n=42;true',
      length: 2,
      bytes: 'NDI=',
      json: '{"n":42,"at":"1970-01-01T00:00:01.000000Z"}',
      clipped: [2, 2, 3],
      bits: '4618441417868443648',
      read: 1.5,
      shifted: 168,
      remainder: 2,
      larger: 42,
    })
    expect(() => run(g, { ...input, doc: { k: 'x' } })).toThrow('DecodeFailed: $.k: is the string "x"')
  })
})
describe('lists and bodies', () => {
  const Line = row({ price: t.f64, qty: t.f64 })
  const Order = row({ id: t.i64, lines: t.list(Line, '~line'), note: t.option(t.string) })
  const orders = [
    {
      id: 1n,
      lines: [
        { price: 2, qty: 3 },
        { price: 1, qty: 1 },
      ],
      note: 'a',
    },
    { id: 2n, lines: [], note: null },
    { id: 3n, lines: [{ price: 10, qty: 0.5 }], note: 'c' },
  ]
  test('orders → lines → sum', () => {
    const g = graph('g', { orders: t.list(Order, 'order'), rate: t.f64 }, ({ orders: os, rate }) => {
      const amounts = os.map((o) => {
        const { price, qty } = o.lines.columns()
        return price.mul(qty).mul(rate)
      })
      const big = os.filter((o) => o.lines.count().gt(0), 'full')
      const lines = q.flatten(
        os.map((o) => o.lines),
        'line',
      )
      return {
        per: q.segmentSum(amounts),
        most: q.segmentMax(amounts),
        inside: os.map((o) => o.lines.columns().price.sum()),
        ids: big.columns().id,
        n: big.count(),
        prices: lines.columns().price,
        kept: q.filter(lines.columns().price, lines.columns().qty.ge(1), 'whole'),
        notes: os.map((o) => o.note.orElse('none')),
        some: os.map((o) => o.note.isSome()),
        names: q.orElse(os.columns().note, '-'),
        there: q.isSome(os.columns().note),
        third: os.at(2),
        ninth: os.at(9),
        zipped: q.zip({ id: os.columns().id, total: q.segmentSum(amounts) }),
        each: q.each(os.columns().id).map((id) => id.mul(2)),
        lines: os.map((o) => o.lines.map((l) => ({ cost: l.price.mul(rate), id: o.id }))),
      }
    })
    const out = run(g, { orders, rate: 2 })
    expect(plain(out)).toEqual({
      per: [14, '-0', 10],
      most: [12, '-Infinity', 10],
      inside: [3, '-0', 10],
      ids: ['1', '3'],
      n: 2,
      prices: [2, 1, 10],
      kept: [2, 1],
      notes: ['a', 'none', 'c'],
      some: [true, false, true],
      names: ['a', '-', 'c'],
      there: [true, false, true],
      third: [{ id: '3', lines: [{ price: 10, qty: 0.5 }], note: ['c'] }],
      ninth: null,
      zipped: [
        { id: '1', total: 14 },
        { id: '2', total: '-0' },
        { id: '3', total: 10 },
      ],
      each: ['2', '4', '6'],
      lines: [
        [
          { cost: 4, id: '1' },
          { cost: 2, id: '1' },
        ],
        [],
        [{ cost: 20, id: '3' }],
      ],
    })
    expect(out.third?.lines.columns.price).toEqual(f64(10))
    expect([...out.zipped].map((z) => z.total)).toEqual([14, -0, 10])
  })
  test('cond, match, loop, fork, attempt, cached, assert, sequence', () => {
    const db = sql('d')
    const V = row({ v: t.f64 })
    const Pay = t.union({ card: t.string, cash: t.f64 })
    const g = graph('g', { x: t.f64, n: t.i64, pay: Pay, maybe: t.option(t.f64) }, ({ x, n, pay, maybe }) => {
      const tried = q.attempt(() => db.one('risky', V)`select v from risky where x = ${x}`)
      const steps = q.loop(
        { n, steps: q.constant(t.i32, 0) },
        {
          max: 1_000,
          while: (s) => s.n.gt(1n),
          step: (s) => ({
            n: q.select(q.rem(s.n, 2n).eq(0n), q.divTotal(s.n, 2n), s.n.mul(3n).add(1n)),
            steps: s.steps.add(1),
          }),
        },
      )
      const both = q.fork({ a: () => db.one('a', V)`select v from a`, b: () => x.mul(2) })
      const saved = db.exec('save')`insert into log (x) values (${x})`
      return {
        side: q.cond(
          x.gt(0),
          () => db.one('plus', V)`select v from plus`.v,
          () => x.neg(),
        ),
        tried: q.match(tried, { ok: (r) => q.text('ok ', r.v), err: (e) => q.text(e.tag, ': ', e.message) }),
        pay: q.match(pay, { card: (c) => q.text('card ', c), cash: (c) => q.text('cash ', c) }),
        maybe: q.match(maybe, { some: (v) => v.add(1), none: () => q.constant(t.f64, -1) }),
        steps,
        both,
        cached: q.cached('k', 1_000, () => db.one('slow', V)`select v from slow`.v),
        sure: q.assert(x.lt(100), 'x is small', x),
        saved: q.sequence(saved, db.one('read', V)`select v from log`.v),
        option: q.some(x),
        nothing: q.none(t.f64),
        made: q.inject(Pay, 'cash', x),
        now: q.now(),
        bytes: q.randomBytes(3),
        wrote: q.files('out').write(q.text('a', n, '.txt'), q.jsonText({ x })),
        logged: q.writeLog('info', 'done', { x }),
      }
    })
    const seen: string[] = []
    const out = run(g, { x: 1.5, n: 6n, pay: { _tag: 'card', value: '42' }, maybe: 3 }, (call) => {
      seen.push(call.effect === 'dbQuery' ? call.attrs.name : call.effect)
      if (call.effect === 'dbQuery') return call.attrs.mode === 'exec' ? 1n : { v: 7 }
      return call.effect === 'nowMs' ? 5 : call.effect === 'randomBytes' ? new Uint8Array([1, 2, 3]) : null
    })
    expect(plain(out)).toEqual({
      side: 7,
      tried: 'ok 7',
      pay: 'card 42',
      maybe: 4,
      steps: { n: '1', steps: 8 },
      both: { a: { v: 7 }, b: 3 },
      cached: 7,
      sure: 1.5,
      saved: 7,
      option: [1.5],
      nothing: null,
      made: { cash: 1.5 },
      now: 5,
      bytes: 'AQID',
      wrote: null,
      logged: null,
    })
    expect(seen).toEqual(['plus', 'risky', 'a', 'slow', 'save', 'read', 'nowMs', 'randomBytes', 'fileWrite', 'logLine'])
    expect(() =>
      run(g, { x: 1000, n: 1n, pay: { _tag: 'cash', value: 1 }, maybe: null }, (c) =>
        c.effect === 'dbQuery' && c.attrs.mode === 'exec' ? 1n : { v: 1 },
      ),
    ).toThrow('AssertionFailed: x is small')
  })
  test('optional parameters, declared footprints, batch: false', () => {
    const db = sql('d')
    const g = graph(
      'g',
      { id: t.option(t.i64) },
      ({ id }) =>
        db.maybe('q', row({ v: t.f64 }), {
          reads: ['a'],
          batch: false,
        })`from 'file.parquet' where id = ${id} and n = ${3} and s = ${'x'}`,
    )
    const text = textOf(g)
    expect(text).toContain('"batch":false')
    expect(text).toContain(`"reads":["a"]`)
    expect(text).toContain(`"sql":"from 'file.parquet' where id = $1 and n = $2 and s = $3"`)
    expect(run(g, { id: null }, (c) => (c.args.length === 3 ? { v: 1 } : null))).toEqual({ v: 1 })
  })
  test('a formula inside a body, over a ragged dimension', () => {
    const g = graph('g', { orders: t.list(Order, 'order') }, ({ orders: os }) =>
      os.map((o) => {
        const { price, qty } = o.lines.columns()
        return fx.scalar`sum(${price} * ${qty})`
      }),
    )
    expect(run(g, { orders })).toEqual(f64(7, -0, 5))
  })
})
