// Requirements: E18

import { describe, expect, it } from 'vitest'
import { floats } from '../../graph/elem.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'

const inf = Infinity
const all = [0, -0, 0.5, -0.5, 1, -1, 3, -3, inf, -inf, NaN]

/** C99 F.9.1.4, one line a clause, for y >= +0; the sign of the result is the sign of y. Undefined elsewhere. */
const clause = (y: number, x: number): number | undefined => {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN
  const negative = x < 0 || Object.is(x, -0)
  if (y === 0) return negative ? Math.PI : 0
  if (y === inf) return x === inf ? Math.PI / 4 : x === -inf ? 3 * (Math.PI / 4) : Math.PI / 2
  if (x === 0) return Math.PI / 2
  return x === inf ? 0 : x === -inf ? Math.PI : undefined
}

describe.each(floats)('atan2 on %s', (elem) => {
  const atan2 = (y: number, x: number): number => elementary.atan2.expand(numbers, elem, y, x) as number
  const rounded = (x: number): number => numbers.constant(elem, x) as number

  it('follows the clauses of C99', () => {
    for (const y of all) {
      for (const x of all) {
        const wanted = clause(Object.is(y, -0) ? 0 : Math.abs(y), x)
        if (wanted === undefined) continue
        const signed = y < 0 || Object.is(y, -0) ? -wanted : wanted
        expect(atan2(y, x), `atan2(${y}, ${x})`).toBe(rounded(signed))
      }
    }
  })

  it('underflows as the quotient does, and ends at π on the other side', () => {
    const least = elem === 'f64' ? 2 ** -1074 : 2 ** -149
    const most = elem === 'f64' ? Number.MAX_VALUE : 2 ** 128 - 2 ** 104
    expect([atan2(least, 1), atan2(-least, 1), atan2(least, 2 ** 20)]).toEqual([least, -least, 0])
    expect([atan2(least, most), atan2(-least, most)]).toEqual([0, -0])
    expect([atan2(least, -most), atan2(-least, -1)]).toEqual([rounded(Math.PI), rounded(-Math.PI)])
    expect([atan2(most, least), atan2(-most, -least)]).toEqual([rounded(Math.PI / 2), rounded(-Math.PI / 2)])
    expect([atan2(least, least), atan2(most, -most)]).toEqual([rounded(Math.PI / 4), rounded(3 * (Math.PI / 4))])
  })
})
