// Requirements: K3

import { describe, expect, test } from 'vitest'
import * as q from '../../graph/index.ts'
import { graph, t } from '../../graph/index.ts'
import { stream } from '../arbitraries/world.ts'
import { problemsOf, run } from './run.ts'

type Matrix = readonly (readonly number[])[]
const eps = 2 ** -52
const random = (m: number, n: number, seed: number): number[][] => {
  const next = stream(seed)
  return Array.from({ length: m }, () => Array.from({ length: n }, () => next(2 ** 31) / 2 ** 30 - 1))
}
const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)))
const turned = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!))
const minus = (a: Matrix, b: Matrix): number[][] => a.map((row, i) => row.map((x, j) => x - b[i]![j]!))
const size = (a: Matrix): number => Math.sqrt(a.flat().reduce((sum, x) => sum + x * x, 0))
const rowsOf = ({ shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => Array.from({ length: shape[1]! }, (_, j) => data[i * shape[1]! + j]!))
const unit = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j)))
const orders = [1, 2, 3, 5, 8, 13, 24]

const square = graph(
  'square',
  { a: t.tensor(t.f64, 'n', 'n'), b: t.tensor(t.f64, 'n', 2), v: t.tensor(t.f64, 'n') },
  (i) => ({ x: q.solve(i.a, i.b), y: q.solve(i.a, i.v), inverse: q.inverse(i.a) }),
)
const least = graph(
  'least',
  { a: t.tensor(t.f64, 'm', 'n'), b: t.tensor(t.f64, 'm'), c: t.tensor(t.f64, 'm', 2) },
  (i) => ({ x: q.leastSquares(i.a, i.b), many: q.leastSquares(i.a, i.c) }),
)
const symmetric = graph('symmetric', { a: t.tensor(t.f64, 'n', 'n') }, ({ a }) => ({
  l: q.cholesky(a),
  eigen: q.eigenSymmetric(a),
}))

describe('linear systems', () => {
  test('are solved with a small residual, vectors like columns', () => {
    for (const n of orders) {
      const [a, b] = [random(n, n, n), random(n, 2, n + 50)]
      const out = run(square, { a, b, v: b.map(([x]) => x!) })
      const x = rowsOf(out.x)
      // Backward error: of the order of n units in the last place, growth of the pivots included.
      expect(size(minus(times(a, x), b))).toBeLessThan(8 * n * eps * size(a) * size(x))
      expect(Array.from(out.y)).toEqual(x.map(([y]) => y))
      const inverse = rowsOf(out.inverse)
      expect(size(minus(times(a, inverse), unit(n)))).toBeLessThan(8 * n * eps * size(a) * size(inverse))
    }
  })
  test('pivots: a zero in the corner is no obstacle, and powers of two come out exactly', () => {
    const a = [
      [0, 2],
      [4, 8],
    ]
    const out = run(square, { a, b: unit(2), v: [2, 16] })
    expect(Array.from(out.x.data)).toEqual([-1, 0.25, 0.5, 0])
    expect(Array.from(out.y)).toEqual([2, 1])
  })
  test('without a solution give infinities and NaN; nothing is solved by nothing', () => {
    const a = [
      [1, 2],
      [2, 4],
    ]
    expect(run(square, { a, b: unit(2), v: [1, 0] }).y.every(Number.isFinite)).toBe(false)
    expect(run(square, { a: [], b: { shape: [0, 2], data: [] } as never, v: [] }).y).toHaveLength(0)
    expect(Array.from(run(least, { a: [[1, 2]], b: [1], c: [[1, 2]] }).x)).toEqual([Number.NaN, Number.NaN])
  })
  test('of more rows than columns are solved best: the residual is across all columns', () => {
    for (const n of orders) {
      const m = 2 * n + 1
      const [a, b] = [random(m, n, n), random(m, 2, n + 70)]
      const out = run(least, { a, b: b.map(([x]) => x!), c: b })
      const x = rowsOf(out.many)
      const across = times(turned(a), minus(times(a, x), b))
      expect(size(across)).toBeLessThan(8 * m * eps * size(a) * (size(a) * size(x) + size(b)))
      expect(Array.from(out.x)).toEqual(x.map(([y]) => y))
    }
  })
})

describe('symmetric matrices', () => {
  test('that are positive definite have a factor', () => {
    for (const n of orders) {
      const half = random(n, n, n)
      const a = times(half, turned(half)).map((row, i) => row.map((x, j) => x + (i === j ? 1 : 0)))
      const l = rowsOf(run(symmetric, { a }).l)
      expect(size(minus(times(l, turned(l)), a))).toBeLessThan(4 * n * eps * size(a))
      for (const [i, row] of l.entries()) expect(row.slice(i + 1).every((x) => Object.is(x, 0))).toBe(true)
    }
    const indefinite = [
      [1, 0],
      [5, 1],
    ]
    expect(Array.from(run(symmetric, { a: indefinite }).l.data)).toEqual([1, 0, 5, Number.NaN])
  })
  test('have eigenvalues in order and vectors across one another', () => {
    for (const n of orders) {
      const half = random(n, n, n)
      const a = half.map((row, i) => row.map((x, j) => x + half[j]![i]!))
      const { values, vectors } = run(symmetric, { a }).eigen
      const v = rowsOf(vectors)
      expect(
        size(
          minus(
            times(a, v),
            v.map((row) => row.map((x, j) => x * values[j]!)),
          ),
        ),
      ).toBeLessThan(8 * n * eps * size(a))
      expect(size(minus(times(turned(v), v), unit(n)))).toBeLessThan(8 * n * eps * Math.sqrt(n))
      expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => x - y))
      for (const column of turned(v)) {
        const great = column.reduce((g, x) => (Math.abs(x) > Math.abs(g) ? x : g))
        expect(great).toBeGreaterThan(0)
      }
    }
  })
  test('known ones: the second difference, equal values, great differences in size', () => {
    const n = 6
    const a = unit(n).map((row, i) => row.map((x, j) => (Math.abs(i - j) === 1 ? -1 : 2 * x)))
    const { values } = run(symmetric, { a }).eigen
    for (const [k, x] of Array.from(values).entries())
      expect(x).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 14)
    expect(run(symmetric, { a: unit(3) }).eigen).toMatchObject({ values: new Float64Array([1, 1, 1]) })
    const graded = [
      [1e200, 1],
      [1, 1e-200],
    ]
    expect(Array.from(run(symmetric, { a: graded }).eigen.values)[1]).toBe(1e200)
    expect(Array.from(run(symmetric, { a: [[Number.NaN]] }).eigen.values)).toEqual([Number.NaN])
    expect(run(symmetric, { a: [] }).eigen.values).toHaveLength(0)
  })
  test('only the lower triangle is read', () => {
    const a = [
      [2, Number.NaN],
      [1, 2],
    ]
    const out = run(symmetric, { a })
    for (const [k, x] of [1, 3].entries()) expect(out.eigen.values[k]).toBeCloseTo(x, 14)
    expect(out.l.data[0]).toBe(Math.SQRT2)
  })
})

test('many at once are each by itself; f32 is rounded once', () => {
  const g = graph('g', { a: t.tensor(t.f32, 'k', 3, 3), b: t.tensor(t.f32, 'k', 3) }, ({ a, b }) => ({
    x: q.solve(a, b),
    l: q.cholesky(a),
  }))
  const one = graph('g', { a: t.tensor(t.f64, 3, 3), b: t.tensor(t.f64, 3) }, ({ a, b }) => q.solve(a, b))
  const a = [1, 2, 3].map((seed) => random(3, 3, seed).map((row) => row.map(Math.fround)))
  const b = random(3, 3, 9).map((row) => row.map(Math.fround))
  const out = run(g, { a, b })
  expect(rowsOf(out.x)).toEqual(a.map((m, k) => Array.from(run(one, { a: m, b: b[k]! }), Math.fround)))
  expect(out.l.shape).toEqual([3, 3, 3])
})

test('mistakes are told', () => {
  const inputs = { m: t.tensor(t.f64, 2, 3), x: t.tensor(t.f64, 'n'), i: t.tensor(t.i32, 2, 2) }
  const bad = (body: (i: never) => unknown) => problemsOf(graph('g', inputs, body as never))
  expect([
    bad(({ m }: { m: never }) => q.cholesky(m)),
    bad(({ i }: { i: never }) => q.inverse(i)),
    bad(({ m, x }: { m: never; x: never }) => q.solve(m, x)),
    bad(({ m, x }: { m: never; x: never }) => q.leastSquares(m, x)),
    bad(({ x }: { x: never }) => q.eigenSymmetric(x)),
  ]).toMatchSnapshot()
})
