import { Decimal } from 'decimal.js'
import { describe, expect, it } from 'vitest'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'
import { reference } from './reference.ts'
import { exact, ulps } from './ulps.ts'

describe('the measure of errors', () => {
  it('takes floats at their exact value', () => {
    expect(exact(0.1).toFixed()).toBe('0.1000000000000000055511151231257827021181583404541015625')
    for (const x of [2 ** -1074, 3 * 2 ** -1060, 2 ** -1022, Number.MAX_VALUE, -1.5])
      expect(exact(x).toNumber()).toBe(x)
  })

  it('counts in the last place of the exact result', () => {
    const half = new Decimal(1).plus(exact(2 ** -53))
    expect([
      ulps('f64', 1 + 2 ** -52, exact(1)),
      ulps('f64', 1, half),
      ulps('f64', 2 ** -1074, new Decimal(0)),
    ]).toEqual([1, 0.5, 1])
    expect([ulps('f32', 1 + 2 ** -23, exact(1)), ulps('f32', 2 ** -149, exact(2 ** -150))]).toEqual([1, 0.5])
  })

  it('takes infinity for the next power of two', () => {
    const beyond = new Decimal(2).pow(1024)
    expect([ulps('f64', Infinity, beyond.times(8)), ulps('f64', Infinity, beyond.minus(exact(2 ** 970)))]).toEqual([
      0, 0.5,
    ])
    expect(ulps('f64', -Infinity, beyond.times(8))).toBe(Infinity)
    expect(ulps('f64', NaN, exact(1))).toBe(Infinity)
  })

  it('sees an error of one part in 2^51 in a function', () => {
    const worst = Math.max(
      ...Array.from({ length: 50 }, (_, i) => {
        const x = 1 + i / 100
        const got = (elementary.exp.expand(numbers, 'f64', x) as number) * (1 + 2 ** -51)
        return ulps('f64', got, reference.exp(exact(x), exact(0)))
      }),
    )
    expect(worst).toBeGreaterThan(elementary.exp.ulps.f64)
  })
})
