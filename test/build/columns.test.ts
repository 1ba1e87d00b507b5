// Requirements: E2

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as q from '../../graph/index.ts'
import { graph, t } from '../../graph/index.ts'
import { stream } from '../arbitraries/world.ts'
import { plain, problemsOf, run } from './run.ts'

const deep = process.env.QUOIN_DEEP === '1'
const numRuns = deep ? 10_000 : 200

/** Few values, so that keys meet; NaN, both zeros and infinities among them. */
const float = fc.constantFrom(0, -0, 1, -1, 2.5, Number.NaN, Infinity, -Infinity, 5e-324, 0.1)
const int = fc.integer({ min: -3, max: 3 })
const text = fc.constantFrom('', 'a', 'b', 'ab', 'é', '\ud83d\ude00', '\uffff')
const equal = (a: unknown, b: unknown): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b))

/** What comes before what, written as a table of places: the slow way. */
const precedes = (a: number | string, b: number | string): boolean => {
  if (typeof a !== 'number') return a < b
  if (Number.isNaN(a)) return false
  return Number.isNaN(b) || a < (b as number) || (Object.is(a, -0) && Object.is(b, 0))
}
const insertion = <X extends number | string>(xs: readonly X[], descending: boolean): number[] => {
  const out: number[] = []
  for (const [i, x] of xs.entries()) {
    const later = (y: X): boolean => {
      if (Number.isNaN(x) || Number.isNaN(y)) return precedes(x, y)
      return descending ? precedes(y, x) : precedes(x, y)
    }
    const at = out.findIndex((j) => later(xs[j]!))
    out.splice(at < 0 ? out.length : at, 0, i)
  }
  return out
}

describe('order', () => {
  const floats = graph('sort', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({
    up: q.argsort(x),
    down: q.argsort(x, { descending: true }),
    sorted: q.sort(x),
    top: q.topK(x, 3),
    least: q.topK(x, 2, { descending: false }),
  }))
  const texts = graph('sort', { x: t.tensor(t.string, 'n') }, ({ x }) => ({
    up: q.argsort(x),
    down: q.argsort(x, { descending: true }),
    sorted: q.sort(x, { descending: true }),
  }))

  test('is stable, NaN last both ways, -0 before 0', () => {
    fc.assert(
      fc.property(fc.array(float, { maxLength: 12 }), (x) => {
        const [up, down] = [insertion(x, false), insertion(x, true)]
        const out = run(floats, { x })
        expect(Array.from(out.up)).toEqual(up)
        expect(Array.from(out.down)).toEqual(down)
        expect(Array.from(out.sorted)).toEqual(up.map((i) => x[i]))
        expect(Array.from(out.top.indices)).toEqual(down.slice(0, 3))
        expect(Array.from(out.top.values)).toEqual(down.slice(0, 3).map((i) => x[i]))
        expect(Array.from(out.least.indices)).toEqual(up.slice(0, 2))
      }),
      { numRuns },
    )
    expect(plain(run(floats, { x: [0, Number.NaN, -0, 1, -0] }).up)).toEqual([2, 4, 0, 3, 1])
  })
  test('of strings is by code unit', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (x) => {
        const out = run(texts, { x })
        expect(Array.from(out.up)).toEqual(insertion(x, false))
        expect(Array.from(out.down)).toEqual(insertion(x, true))
        expect(Array.from(out.sorted)).toEqual(insertion(x, true).map((i) => x[i]))
      }),
      { numRuns },
    )
  })
  test('of many cells is that of few, for every element', () => {
    // Sorting by digits begins at 4096 cells; here each is compared with its neighbours.
    const n = 5_000
    const word = stream(7)
    const wide = (): bigint => (BigInt(word(2 ** 31)) << 40n) ^ (BigInt(word(2 ** 31)) << 9n) ^ BigInt(word(512))
    const float = (): number => {
      const special = [0, -0, Number.NaN, Infinity, -Infinity, 1, -1, 5e-324, -5e-324]
      const x = new Float64Array(BigInt64Array.of(BigInt.asIntN(64, wide())).buffer)[0]!
      return word(3) === 0 ? special[word(special.length)]! : x
    }
    const made: Readonly<Record<string, () => unknown>> = {
      f64: float,
      f32: () =>
        word(3) === 0 ? Math.fround(float()) : new Float32Array(Uint32Array.of(word(2 ** 31) * 2).buffer)[0]!,
      i32: () => word(2 ** 31) - 2 ** 30,
      u32: () => word(2 ** 31) * 2,
      i64: () => BigInt.asIntN(64, wide()),
      u64: () => BigInt.asUintN(64, wide()),
      bool: () => word(2) === 0,
    }
    for (const [elem, make] of Object.entries(made)) {
      const x = Array.from({ length: n }, make) as number[]
      const g = graph('g', { x: t.tensor((t as unknown as Record<string, typeof t.f64>)[elem]!, n) }, ({ x }) => ({
        up: q.argsort(x),
        down: q.argsort(x, { descending: true }),
      }))
      const out = run(g, { x })
      for (const [order, descending] of [
        [out.up, false],
        [out.down, true],
      ] as const) {
        expect(new Set(order).size).toBe(n)
        for (let k = 1; k < n; k++) {
          const [i, j] = [order[k - 1]!, order[k]!]
          const [a, b] = [x[i]!, x[j]!]
          const nan = Number.isNaN(a) || Number.isNaN(b)
          const wrong = nan || !descending ? precedes(b, a) : precedes(a, b)
          const alike = !precedes(a, b) && !precedes(b, a)
          if (wrong || (alike && i > j)) expect.fail(`${elem}: ${a} at ${i} before ${b} at ${j}`)
        }
      }
    }
  })
  test('along one axis of a matrix', () => {
    const g = graph('g', { m: t.tensor(t.i32, 2, 3) }, ({ m }) => ({
      rows: q.argsort(m, { axis: 3 }),
      columns: q.argsort(m, { axis: 2, descending: true }),
    }))
    const out = run(g, {
      m: [
        [3, 1, 2],
        [3, 5, 1],
      ],
    })
    expect(Array.from(out.rows.data)).toEqual([1, 2, 0, 2, 0, 1])
    expect(Array.from(out.columns.data)).toEqual([0, 1, 0, 1, 0, 1])
  })
  test('by several columns', () => {
    const g = graph('g', { a: t.tensor(t.i32, 'n'), b: t.tensor(t.f64, 'n') }, ({ a, b }) =>
      q.orderBy([{ by: a, descending: true }, b]),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(int, float), { maxLength: 12 }), (rows) => {
        const [a, b] = [rows.map(([k]) => k), rows.map(([, k]) => k)]
        const wanted = insertion(b, false)
        const byA = insertion(
          wanted.map((i) => a[i]!),
          true,
        ).map((k) => wanted[k])
        expect(Array.from(run(g, { a, b }))).toEqual(byA)
      }),
      { numRuns },
    )
  })
})

describe('running values and scattering', () => {
  test('products and extremes run left to right', () => {
    const g = graph('g', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({
      prod: q.cumprod(x),
      min: q.cummin(x),
      max: q.cummax(x),
    }))
    const folded = (xs: readonly number[], f: (a: number, b: number) => number): number[] => {
      const out: number[] = []
      for (const x of xs) out.push(out.length === 0 ? x : f(out.at(-1)!, x))
      return out
    }
    fc.assert(
      fc.property(fc.array(float, { maxLength: 12 }), (x) => {
        const out = run(g, { x })
        expect(Array.from(out.prod)).toEqual(folded(x, (a, b) => a * b))
        expect(Array.from(out.min)).toEqual(folded(x, Math.min))
        expect(Array.from(out.max)).toEqual(folded(x, Math.max))
      }),
      { numRuns },
    )
  })

  test('adds one row after the other, at the nearest row where an index is outside', () => {
    const g = graph(
      'g',
      { base: t.tensor(t.f64, 'n'), at: t.tensor(t.i32, 'm'), x: t.tensor(t.f64, 'm') },
      ({ base, at, x }) => ({ clamped: q.scatterAddClamped(base, at, x) }),
    )
    const checked = graph(
      'g',
      { base: t.tensor(t.f64, 'n'), at: t.tensor(t.i64, 'm'), x: t.tensor(t.f64, 'm') },
      ({ base, at, x }) => q.scatterAdd(base, at, x),
    )
    const updates = fc.array(fc.tuple(fc.integer({ min: -2, max: 5 }), fc.constantFrom(0.1, 1e16, -1e16, 1, -0)), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.array(float, { maxLength: 4 }), updates, (base, rows) => {
        const wanted = [...base]
        for (const [i, v] of rows) {
          const to = i < 0 ? 0 : i >= base.length ? base.length - 1 : i
          if (base.length > 0) wanted[to]! += v
        }
        const [at, x] = [rows.map(([i]) => i), rows.map(([, v]) => v)]
        expect(Array.from(run(g, { base, at, x }).clamped)).toEqual(wanted)
        const fits = at.every((i) => i >= 0 && i < base.length)
        const strict = () => run(checked, { base, at: at.map(BigInt), x })
        if (fits) expect(Array.from(strict())).toEqual(wanted)
        else expect(strict).toThrow('an index lies outside the axis')
      }),
      { numRuns },
    )
  })
  test('of rows of a matrix; integers wrap', () => {
    const g = graph('g', { at: t.tensor(t.i32, 'm'), x: t.tensor(t.i32, 'm', 2) }, ({ at, x }) => {
      const base = q.constant(t.tensor(t.i32, 2, 2), [
        [1, 2],
        [3, 4],
      ])
      return { add: q.scatterAdd(base, at, x), least: q.scatterMin(base, at, x), most: q.scatterMax(base, at, x) }
    })
    const out = run(g, {
      at: [1, 1, 0],
      x: [
        [2 ** 31 - 1, -1],
        [5, 0],
        [0, 9],
      ],
    })
    expect(Array.from(out.add.data)).toEqual([1, 11, -(2 ** 31) + 7, 3])
    expect(Array.from(out.least.data)).toEqual([0, 2, 3, -1])
    expect(Array.from(out.most.data)).toEqual([1, 9, 2 ** 31 - 1, 4])
  })
})

describe('groups', () => {
  const grouped = graph(
    'groups',
    { k: t.tensor(t.f64, 'n'), s: t.tensor(t.string, 'n'), x: t.tensor(t.f64, 'n'), i: t.tensor(t.i64, 'n') },
    ({ k, s, x, i }) => {
      const g = q.groupBy({ k, s }, 'group')
      return {
        keys: g.keys,
        of: g.of,
        count: g.count(),
        sum: g.sum(x),
        prod: g.prod(x),
        min: g.min(x),
        max: g.max(x),
        mean: g.mean(x),
        first: g.first(x),
        whole: g.sum(i),
      }
    },
  )
  test('are those of a loop over the rows', () => {
    const row = fc.record({ k: float, s: fc.constantFrom('', 'a'), x: float, i: fc.bigInt({ min: -5n, max: 5n }) })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 14 }), (rows) => {
        const groups: (typeof rows)[] = []
        const of: number[] = []
        for (const r of rows) {
          const known = groups.findIndex(([g]) => equal(g!.k, r.k) && g!.s === r.s)
          if (known < 0) groups.push([r])
          else groups[known]!.push(r)
          of.push(known < 0 ? groups.length - 1 : known)
        }
        const out = run(grouped, {
          k: rows.map((r) => r.k),
          s: rows.map((r) => r.s),
          x: rows.map((r) => r.x),
          i: rows.map((r) => r.i),
        })
        const each = (f: (xs: number[]) => number): number[] => groups.map((g) => f(g.map((r) => r.x)))
        expect(Array.from(out.keys.k)).toEqual(groups.map(([r]) => r!.k))
        expect(Array.from(out.keys.s)).toEqual(groups.map(([r]) => r!.s))
        expect(Array.from(out.of)).toEqual(of)
        expect(Array.from(out.count)).toEqual(groups.map((g) => g.length))
        expect(Array.from(out.sum)).toEqual(each((xs) => xs.reduce((a, b) => a + b)))
        expect(Array.from(out.prod)).toEqual(each((xs) => xs.reduce((a, b) => a * b)))
        expect(Array.from(out.min)).toEqual(each((xs) => Math.min(...xs)))
        expect(Array.from(out.max)).toEqual(each((xs) => Math.max(...xs)))
        expect(Array.from(out.mean)).toEqual(each((xs) => xs.reduce((a, b) => a + b) / xs.length))
        expect(Array.from(out.first)).toEqual(groups.map(([r]) => r!.x))
        expect(Array.from(out.whole)).toEqual(groups.map((g) => g.reduce((a, r) => a + r.i, 0n)))
      }),
      { numRuns },
    )
  })
})

describe('joins', () => {
  const joined = (left: boolean) =>
    graph(
      'join',
      { a: t.tensor(t.f64, 'n'), b: t.tensor(t.f64, 'm'), u: t.tensor(t.bool, 'n'), v: t.tensor(t.bool, 'm') },
      ({ a, b, u, v }) => {
        const one = q.join(a, b, 'one', { left })
        const two = q.join([a, u], [b, v], 'two', { left })
        return { one, two, column: q.gather(a, one.left) }
      },
    )
  test.each([false, true])('are those of two loops (left rows kept: %s)', (left) => {
    const g = joined(left)
    const rows = fc.array(fc.tuple(float, fc.boolean()), { maxLength: 10 })
    fc.assert(
      fc.property(rows, rows, (xs, ys) => {
        const pairs = (alike: (i: number, j: number) => boolean): [number, number][] =>
          xs.flatMap((_, i): [number, number][] => {
            const found = ys.flatMap((_, j): [number, number][] => (alike(i, j) ? [[i, j]] : []))
            return found.length === 0 && left ? [[i, -1]] : found
          })
        const out = run(g, {
          a: xs.map(([x]) => x),
          b: ys.map(([y]) => y),
          u: xs.map(([, u]) => u),
          v: ys.map(([, v]) => v),
        })
        const one = pairs((i, j) => equal(xs[i]![0], ys[j]![0]))
        const two = pairs((i, j) => equal(xs[i]![0], ys[j]![0]) && xs[i]![1] === ys[j]![1])
        for (const [got, wanted] of [
          [out.one, one],
          [out.two, two],
        ] as const) {
          expect(Array.from(got.left)).toEqual(wanted.map(([i]) => i))
          expect(Array.from(got.right)).toEqual(wanted.map(([, j]) => j))
          expect(Array.from(got.matched, Boolean)).toEqual(wanted.map(([, j]) => j >= 0))
        }
        expect(Array.from(out.column)).toEqual(one.map(([i]) => xs[i]![0]))
      }),
      { numRuns },
    )
  })
})

test('mistakes are told where they are made', () => {
  const inputs = {
    m: t.tensor(t.f64, 2, 3),
    x: t.tensor(t.f64, 'n'),
    s: t.tensor(t.string, 'n'),
    k: t.tensor(t.f64, 'm'),
  }
  const bad = (body: (i: never) => unknown) => problemsOf(graph('g', inputs, body as never))
  expect([
    bad(({ m }: { m: never }) => q.argsort(m)),
    bad(({ s }: { s: never }) => q.cumprod(s)),
    bad(({ x }: { x: never }) => q.topK(x, -1).values),
    bad(({ x, m }: { x: never; m: never }) => q.scatterAdd(x, x, m)),
    bad(({ x, s }: { x: never; s: never }) => q.join(x, s, 'pair')),
    bad(({ x, s }: { x: never; s: never }) => q.groupBy({ x }, 'g').sum(s)),
    bad(() => q.groupBy({}, 'g').count()),
    bad(() => q.orderBy([] as never)),
    bad(({ x, m }: { x: never; m: never }) => q.orderBy([x, m])),
    bad(({ x, k }: { x: never; k: never }) => q.orderBy([k, x])),
    bad(({ x, k }: { x: never; k: never }) => q.groupBy({ x }, 'g').first(k)),
  ]).toMatchSnapshot()
})
