// Requirements: E18

import { describe, expect, it } from 'vitest'
import type { Float } from '../../graph/elem.ts'
import { floats } from '../../graph/elem.ts'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'
import { random } from './samples.ts'

const value = (name: ElementaryName, elem: Float, ...args: readonly number[]): number =>
  elementary[name].expand(numbers, elem, ...args) as number

const inf = Infinity
/** Results that are exact in every element, as [argument, result]. */
const tables: Readonly<
  Record<Exclude<ElementaryName, 'pow' | 'atan2' | 'hypot'>, readonly (readonly [number, number])[]>
> = {
  exp: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, 0],
    [1e4, inf],
    [-1e4, 0],
    [NaN, NaN],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [inf, inf],
    [-inf, -1],
    [1e4, inf],
    [-1e4, -1],
    [NaN, NaN],
  ],
  exp2: [
    [0, 1],
    [-0, 1],
    [1, 2],
    [-1, 0.5],
    [inf, inf],
    [-inf, 0],
    [1e4, inf],
    [-1e4, 0],
    [NaN, NaN],
  ],
  log2: [
    [1, 0],
    [8, 3],
    [0.25, -2],
    [0, -inf],
    [-0, -inf],
    [-1, NaN],
    [-inf, NaN],
    [inf, inf],
    [NaN, NaN],
  ],
  log10: [
    [1, 0],
    [1000, 3],
    [0, -inf],
    [-0, -inf],
    [-1, NaN],
    [-inf, NaN],
    [inf, inf],
    [NaN, NaN],
  ],
  log: [
    [1, 0],
    [0, -inf],
    [-0, -inf],
    [-1, NaN],
    [-inf, NaN],
    [inf, inf],
    [NaN, NaN],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -inf],
    [-1.5, NaN],
    [-inf, NaN],
    [inf, inf],
    [NaN, NaN],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [inf, NaN],
    [-inf, NaN],
    [NaN, NaN],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [inf, NaN],
    [-inf, NaN],
    [NaN, NaN],
  ],
  tan: [
    [0, 0],
    [-0, -0],
    [inf, NaN],
    [-inf, NaN],
    [NaN, NaN],
  ],
  acos: [
    [1, 0],
    [1.5, NaN],
    [-1.5, NaN],
    [inf, NaN],
    [-inf, NaN],
    [NaN, NaN],
  ],
  atan: [
    [0, 0],
    [-0, -0],
    [NaN, NaN],
  ],
  sinh: [
    [0, 0],
    [-0, -0],
    [1e4, inf],
    [-1e4, -inf],
    [inf, inf],
    [-inf, -inf],
    [NaN, NaN],
  ],
  cosh: [
    [0, 1],
    [-0, 1],
    [1e4, inf],
    [-1e4, inf],
    [inf, inf],
    [-inf, inf],
    [NaN, NaN],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [10, 1],
    [-10, -1],
    [inf, 1],
    [-inf, -1],
    [NaN, NaN],
  ],
  erfc: [
    [0, 1],
    [-0, 1],
    [40, 0],
    [-10, 2],
    [inf, 0],
    [-inf, 2],
    [NaN, NaN],
  ],
  cbrt: [
    [0, 0],
    [-0, -0],
    [1, 1],
    [-27, -3],
    [0.125, 0.5],
    [inf, inf],
    [-inf, -inf],
    [NaN, NaN],
  ],
  asin: [
    [0, 0],
    [-0, -0],
    [1.5, NaN],
    [-1.5, NaN],
    [inf, NaN],
    [-inf, NaN],
    [NaN, NaN],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [50, 1],
    [-50, -1],
    [inf, 1],
    [-inf, -1],
    [NaN, NaN],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [50, 1],
    [inf, 1],
    [-inf, 0],
    [-1e4, 0],
    [NaN, NaN],
  ],
}

const least = { f64: 2 ** -1074, f32: 2 ** -149 } as const
const most = { f64: Number.MAX_VALUE, f32: 2 ** 128 - 2 ** 104 } as const

describe.each(floats)('special values, %s', (elem) => {
  it.each(Object.entries(tables))('%s', (name, table) => {
    for (const [x, wanted] of table) expect(value(name as ElementaryName, elem, x), `at ${x}`).toBe(wanted)
  })

  it('odd functions are odd, and the identity on subnormals', () => {
    const r = random(1)
    for (const name of ['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'erf', 'cbrt'] as const) {
      for (const x of [least[elem], least[elem] * 5, 1, ...Array.from({ length: 200 }, r.unit)]) {
        const t = numbers.constant(elem, x) as number
        expect(value(name, elem, -t)).toBe(-value(name, elem, t))
      }
    }
    for (const name of ['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'expm1', 'log1p'] as const) {
      for (const x of [least[elem], -least[elem], least[elem] * 12345]) expect(value(name, elem, x)).toBe(x)
    }
  })

  it('powers of two, of ten and cubes are exact', () => {
    const [low, high] = elem === 'f64' ? [-1074, 1023] : [-149, 127]
    for (let k = low; k <= high; k++) {
      expect([value('exp2', elem, k), value('log2', elem, 2 ** k)]).toEqual([2 ** k, k])
    }
    for (let k = 0; k <= (elem === 'f64' ? 22 : 10); k++) expect(value('log10', elem, 10 ** k)).toBe(k)
    for (let n = 1; n <= (elem === 'f64' ? 2_000 : 250); n++) {
      expect(value('cbrt', elem, n ** 3)).toBe(n)
      expect(value('cbrt', elem, -(n ** 3) / 8)).toBe(-n / 2)
    }
  })

  it('acos ends at 0 and π, atan at ±π/2', () => {
    const [quarter, half] = [numbers.constant(elem, Math.PI / 2), numbers.constant(elem, Math.PI)] as [number, number]
    expect([value('acos', elem, 0), value('acos', elem, -0), value('acos', elem, -1)]).toEqual([quarter, quarter, half])
    for (const x of [inf, most[elem], 1e30])
      expect([value('atan', elem, x), value('atan', elem, -x)]).toEqual([quarter, -quarter])
  })

  it('hypot: infinite if either is, else NaN if either is; Pythagoras; no overflow inside', () => {
    const hypot = (x: number, y: number): number => value('hypot', elem, x, y)
    for (const x of [0, -0, 1, -2.5, inf, -inf, NaN]) {
      for (const i of [inf, -inf]) expect([hypot(i, x), hypot(x, i)]).toEqual([inf, inf])
      if (Math.abs(x) !== inf) expect([hypot(NaN, x), hypot(x, NaN)]).toEqual([NaN, NaN])
      if (Number.isFinite(x)) expect([hypot(0, x), hypot(x, -0)]).toEqual([Math.abs(x), Math.abs(x)])
    }
    for (const scale of [1, least[elem], elem === 'f64' ? 2 ** 1020 : 2 ** 120])
      expect([hypot(3 * scale, -4 * scale), hypot(-12 * scale, 5 * scale)]).toEqual([5 * scale, 13 * scale])
    expect(hypot(most[elem], most[elem])).toBe(inf)
  })

  it('asin ends at ±π/2', () => {
    const quarter = numbers.constant(elem, Math.PI / 2)
    expect(value('asin', elem, 1)).toBe(quarter)
    expect(value('asin', elem, -1)).toBe(-quarter)
  })

  it('sine and cosine stay in [-1, 1] far beyond their range, and are 0 and 1 at its end', () => {
    const r = random(2)
    for (let i = 0; i < 2_000; i++) {
      const x = numbers.constant(elem, 2 ** (10 + r.unit() * (elem === 'f64' ? 1013 : 117))) as number
      expect(Math.abs(value('sin', elem, x))).toBeLessThanOrEqual(1)
      expect(Math.abs(value('cos', elem, x))).toBeLessThanOrEqual(1)
    }
    expect([value('sin', elem, most[elem]), value('cos', elem, most[elem])]).toEqual([0, 1])
  })

  it('the ends of exp: the greatest finite result, the least subnormal one', () => {
    const [over, under] =
      elem === 'f64' ? [709.782712893384, -745.1332191019411] : [88.72283172607422, -103.97207641601562]
    expect(value('exp', elem, over!)).toBeLessThanOrEqual(most[elem])
    expect(value('exp', elem, over! * (1 + 2 ** -20))).toBe(inf)
    expect(value('exp', elem, under!)).toBe(least[elem])
    expect(value('exp', elem, under! * (1 + 2 ** -20))).toBe(0)
  })
})
