// Requirements: E18

import { Decimal } from 'decimal.js'
import { describe, expect, test } from 'vitest'
import { rootsOf } from '../../graph/fft/roots.ts'
import * as q from '../../graph/index.ts'
import { graph, t } from '../../graph/index.ts'
import { stream } from '../arbitraries/world.ts'
import { plain, problemsOf, run } from './run.ts'

const deep = process.env.QUOIN_DEEP === '1'

const real = graph('real', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ there: q.fft(x), back: q.ifft(x) }))
const complex = graph('complex', { re: t.tensor(t.f64, 'n'), im: t.tensor(t.f64, 'n') }, (z) => {
  const there = q.fft(z)
  return { there, back: q.ifft(there) }
})

type Cells = { readonly re: ArrayLike<number>; readonly im: ArrayLike<number> }
const norm = (z: Cells): number =>
  Math.sqrt(Array.from(z.re, (x, k) => x * x + z.im[k]! ** 2).reduce((a, b) => a + b, 0))
const apart = (a: Cells, b: Cells): number =>
  norm({ re: Array.from(a.re, (x, k) => x - b.re[k]!), im: Array.from(a.im, (x, k) => x - b.im[k]!) })

/** Roots to 40 digits, as numbers with what rounding took off. */
const exactRoots = (n: number): readonly (readonly [number, number])[] => {
  const Long = Decimal.clone({ precision: 40 })
  const pi = Long.acos(-1)
  return Array.from({ length: n }, (_, k) => {
    const angle = pi.times(2 * k).div(n)
    return [Long.cos(angle).toNumber(), -Long.sin(angle).toNumber()]
  })
}
/** The sum as it is written, with Neumaier's compensation, so that its own error is about that of the roots. */
const direct = (re: readonly number[], im: readonly number[]): Cells => {
  const n = re.length
  const roots = exactRoots(n)
  const added = (terms: (j: number) => readonly number[]): number => {
    let [sum, lost] = [0, 0]
    for (let j = 0; j < n; j++) {
      for (const x of terms(j)) {
        const next = sum + x
        lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum
        sum = next
      }
    }
    return sum + lost
  }
  const root = (k: number, j: number) => roots[(k * j) % n]!
  return {
    re: re.map((_, k) => added((j) => [re[j]! * root(k, j)[0], -im[j]! * root(k, j)[1]])),
    im: re.map((_, k) => added((j) => [re[j]! * root(k, j)[1], im[j]! * root(k, j)[0]])),
  }
}
/** The stated error: of the whole spectrum relative to it, in the 2-norm. */
const stated = (n: number): number => 4e-16 * (1 + Math.log2(n))
const noise = (n: number, seed: number): number[] => {
  const next = stream(seed)
  return Array.from({ length: n }, () => next(2 ** 31) / 2 ** 30 - 1)
}
const lengths = deep
  ? Array.from({ length: 300 }, (_, k) => k + 1)
  : [...Array.from({ length: 36 }, (_, k) => k + 1), 49, 60, 64, 97, 100, 121, 127, 128, 169, 210, 256]

describe('the discrete Fourier transform', () => {
  test('is the sum as it is written, for any length', () => {
    for (const n of lengths) {
      const [re, im] = [noise(n, n), noise(n, n + 1000)]
      const out = run(complex, { re, im })
      const wanted = direct(re, im)
      expect(apart(out.there, wanted) / norm(wanted), `complex, ${n}`).toBeLessThan(stated(n))
      expect(apart(out.back, { re, im }) / norm({ re, im }), `back, ${n}`).toBeLessThan(2 * stated(n))
      const zeros = re.map(() => 0)
      const half = direct(re, zeros)
      const found = run(real, { x: re })
      expect(apart(found.there, half) / norm(half), `real, ${n}`).toBeLessThan(stated(n))
      const conjugate = { re: Array.from(half.re, (x) => x / n), im: Array.from(half.im, (x) => -x / n) }
      expect(apart(found.back, conjugate) / norm(conjugate), `real back, ${n}`).toBeLessThan(stated(n))
    }
  })
  test('keeps the 2-norm and comes back at great lengths', () => {
    for (const n of [1 << 14, 3 * 5 * 7 * 11 * 13, 10_007, 65_537]) {
      const [re, im] = [noise(n, 1), noise(n, 2)]
      const out = run(complex, { re, im })
      expect(norm(out.there) / Math.sqrt(n) / norm({ re, im })).toBeCloseTo(1, 14)
      expect(apart(out.back, { re, im }) / norm({ re, im })).toBeLessThan(2 * stated(n))
    }
  })
  test('of an impulse is one everywhere, of a wave one line', () => {
    for (const n of [1, 2, 8, 12, 15, 64, 91]) {
      const x = Array.from({ length: n }, (_, j) => (j === 0 ? 1 : 0))
      const { there } = run(real, { x })
      expect(Array.from(there.re)).toEqual(x.map(() => 1))
      expect(Array.from(there.im, Math.abs)).toEqual(x.map(() => 0))
    }
    const wave = Array.from({ length: 8 }, (_, j) => [1, 0, -1, 0][j % 4]!)
    expect(Array.from(run(real, { x: wave }).there.re)).toEqual([0, 0, 4, 0, 0, 0, 4, 0])
  })
  test('of nothing is nothing; NaN is everywhere', () => {
    expect(plain(run(complex, { re: [], im: [] }))).toEqual({ there: { re: [], im: [] }, back: { re: [], im: [] } })
    expect(Array.from(run(real, { x: [1, Number.NaN, 2, 3, 4] }).there.re, Number.isNaN)).toEqual(
      new Array(5).fill(true),
    )
  })
  test('the spectrum of an even number of real cells is its own mirror, to the last bit', () => {
    const { there } = run(real, { x: noise(30, 3) })
    for (let k = 1; k < 15; k++) expect([there.re[k], there.im[k]]).toEqual([there.re[30 - k], -there.im[30 - k]!])
  })
  test('runs along an axis, in f32 rounded once', () => {
    const g = graph('g', { m: t.tensor(t.f32, 2, 3), d: t.tensor(t.f64, 2, 3) }, ({ m, d }) => ({
      last: q.fft(m),
      first: q.fft(m, 2),
      wide: q.fft(d, 2).re.to(t.f32),
    }))
    const m = [
      [1, 2, 3],
      [0.5, -1, 4],
    ]
    const out = run(g, { m, d: m })
    expect(Array.from(out.first.re.data)).toEqual([1.5, 1, 7, 0.5, 3, -1])
    expect(Array.from(out.first.re.data)).toEqual(Array.from(out.wide.data))
    expect(out.last.re.data[0]).toBe(6)
    expect(out.last.im.data[1]).toBe(Math.fround(Math.sqrt(0.75)))
  })
  test('mistakes are told', () => {
    const g = (body: (i: never) => unknown) =>
      problemsOf(graph('g', { s: t.f64, i: t.tensor(t.i32, 'n') }, body as never))
    expect(g(({ s }: { s: never }) => q.fft(s))).toEqual([
      'fft: fft needs an axis, and f64 has none -> give it a column',
    ])
    expect(g(({ i }: { i: never }) => q.ifft(i))).toEqual([
      "fft: fft of 'i' works on f64 or f32, not on i32[n] -> convert first: .to(t.f64)",
    ])
  })
})

describe('roots of unity', () => {
  test('are good to two units of 2^-53', () => {
    for (const n of [1, 3, 7, 16, 100, 1000, 4099]) {
      const { re, im } = rootsOf(n)
      for (const [k, [c, s]] of exactRoots(n).entries()) {
        expect(Math.abs(re[k]! - c)).toBeLessThan(2 ** -51)
        expect(Math.abs(im[k]! - s)).toBeLessThan(2 ** -51)
      }
    }
  })
  test('are exact at quarters of a turn', () => {
    const { re, im } = rootsOf(4096)
    expect([0, 1024, 2048, 3072].map((k) => [Math.abs(re[k]!), im[k]! + 0])).toEqual([
      [1, 0],
      [0, -1],
      [1, 0],
      [0, 1],
    ])
  })
})
