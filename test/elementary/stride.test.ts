// Requirements: E18

import { describe, expect, it } from 'vitest'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'

/**
 * f32 at equally spaced bit patterns of all 2^32, against the same function in f64, whose own error is nothing beside an
 * ulp of f32. Spacing is odd, so that low bits of the mantissa vary.
 */
const points = process.env.QUOIN_DEEP === '1' ? 2 ** 22 : 2 ** 13
const spacing = 2 ** 32 / points + 1
const names = (Object.keys(elementary) as ElementaryName[]).filter((n) => elementary[n].arity === 1)
const turning = new Set<ElementaryName>(['sin', 'cos', 'tan'])
const furthest = 2 ** 13 * (Math.PI / 2)

const view = new DataView(new ArrayBuffer(8))
const floatOf = (bits: number): number => {
  view.setUint32(0, bits >>> 0)
  return view.getFloat32(0)
}
/** 2^e of the last place that x has in f32; x is a normal f64 or 0. */
const lastPlace = (x: number): number => {
  view.setFloat64(0, Math.abs(x))
  const e = (view.getUint32(0) >>> 20) - 1023
  return 2 ** Math.min(Math.max(e - 23, -149), 104)
}
const most = 2 ** 128
/** As `ulps`: infinity counts as the next power of two, where rounding to it begins half an ulp earlier. */
const error = (got: number, wanted: number): number => {
  if (Number.isNaN(got) || Number.isNaN(wanted)) return Number.isNaN(got) && Number.isNaN(wanted) ? 0 : Infinity
  const clipped = (x: number): number => Math.min(Math.max(x, -most), most)
  return Math.abs(clipped(got) - clipped(wanted)) / lastPlace(wanted)
}

describe(`f32 at ${points} floats, ${spacing} apart, within the stated error`, () => {
  it.each(names)(
    '%s',
    (name) => {
      let worst = { error: 0, x: 0 }
      for (let k = 0; k < points; k++) {
        const x = floatOf(k * spacing)
        if (turning.has(name) && Math.abs(x) > furthest) continue
        const got = elementary[name].expand(numbers, 'f32', x) as number
        const e = error(got, elementary[name].expand(numbers, 'f64', x) as number)
        if (e > worst.error) worst = { error: e, x }
      }
      expect(worst.error, `at ${worst.x}`).toBeLessThanOrEqual(elementary[name].ulps.f32 + 1e-6)
    },
    3_600_000,
  )
  it('counts as ulps do', () => {
    expect([error(1 + 2 ** -23, 1), error(Infinity, 2 ** 128 - 2 ** 103), error(2 ** -149, 0)]).toEqual([1, 0.5, 1])
    expect([error(Number.NaN, 1), error(Infinity, 2 ** 300), error(-Infinity, Infinity)]).toEqual([
      Infinity,
      0,
      2 ** 25,
    ])
  })
})
