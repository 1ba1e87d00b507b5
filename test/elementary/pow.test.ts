// Requirements: E18

import { describe, expect, it } from 'vitest'
import type { Float } from '../../graph/elem.ts'
import { floats } from '../../graph/elem.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'

const pow = (elem: Float, x: number, y: number): number => elementary.pow.expand(numbers, elem, x, y) as number
const inf = Infinity
const all = [0, -0, 0.5, -0.5, 1, -1, 2, -2, 2.5, -2.5, 3, -3, inf, -inf, NaN]
const odd = (y: number): boolean => Number.isInteger(y) && y % 2 !== 0

/** C99 F.9.4.4 and IEEE 754-2019 9.2.1, one line a clause; undefined where the clauses say nothing. */
const clause = (x: number, y: number): number | undefined => {
  if (y === 0 || x === 1) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN
  if (x === -1 && Math.abs(y) === inf) return 1
  const negative = Object.is(x, -0) || x < 0
  if (x === 0) return y < 0 ? (odd(y) && negative ? -inf : inf) : odd(y) ? x : 0
  if (y === inf) return Math.abs(x) < 1 ? 0 : inf
  if (y === -inf) return Math.abs(x) < 1 ? inf : 0
  if (x === inf) return y < 0 ? 0 : inf
  if (x === -inf) return y < 0 ? (odd(y) ? -0 : 0) : odd(y) ? -inf : inf
  return x < 0 && !Number.isInteger(y) ? NaN : undefined
}

describe.each(floats)('pow on %s', (elem) => {
  it('follows the clauses of C99 and IEEE 754', () => {
    for (const x of all) {
      for (const y of all) {
        const wanted = clause(x, y)
        if (wanted !== undefined) expect(pow(elem, x, y), `pow(${x}, ${y})`).toBe(wanted)
      }
    }
  })

  it('gives a negative base the sign of the parity', () => {
    for (const y of [1, 2, 3, 4, 5, -1, -2, -3, 2 ** 23 - 1, 2 ** 23, 2 ** 24]) {
      const base = elem === 'f64' ? 1 + 2 ** -30 : 1 + 2 ** -20
      expect(pow(elem, -base, y)).toBe(odd(y) ? -pow(elem, base, y) : pow(elem, base, y))
    }
    // Every float from 2^53 (2^24) on is an even integer; the last odd one is just below.
    const last = elem === 'f64' ? 2 ** 53 - 1 : 2 ** 24 - 1
    expect([pow(elem, -1, last), pow(elem, -1, last + 1)]).toEqual([-1, 1])
  })

  it('is exact where the result is a small integer or a power of two', () => {
    for (let x = 1; x <= 12; x++) for (let y = 0; y <= 5; y++) expect(pow(elem, x, y)).toBe(x ** y)
    const [low, high] = elem === 'f64' ? [-1074, 1023] : [-149, 127]
    for (let y = low!; y <= high!; y++) expect(pow(elem, 2, y)).toBe(2 ** y)
  })

  it('overflows and underflows with the sign', () => {
    expect([pow(elem, -2, 5001), pow(elem, -2, -5001), pow(elem, 2, 1e30), pow(elem, 2, -1e30)]).toEqual([
      -inf,
      -0,
      inf,
      0,
    ])
    const next = elem === 'f64' ? 1 + 2 ** -52 : 1 + 2 ** -23
    expect([pow(elem, next, 1e30), pow(elem, next, -1e30)]).toEqual([inf, 0])
  })
})
