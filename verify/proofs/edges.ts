import type { Numeric } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { normalise } from '../../graph/numbers.ts'
import { extremes } from '../../graph/reduction.ts'

const floats = (tiny: number, least: number, most: number): readonly number[] => [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Infinity,
  -Infinity,
  tiny,
  -tiny,
  least,
  -least,
  most,
  -most,
  0.5,
  -1.5,
  3,
  0.1,
  2 ** 24 + 1,
  1e16,
]
const table = {
  f64: floats(5e-324, 2.2250738585072014e-308, Number.MAX_VALUE),
  f32: floats(2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127).map(Math.fround),
  bool: [false, true],
} as const

/** Where arithmetic is not what it seems: both zeros, NaN, infinities, subnormals, limits. */
export const edges = (elem: Numeric): readonly Scalar[] => {
  if (elem === 'f64' || elem === 'f32' || elem === 'bool') return table[elem]
  const [least, most] = extremes[elem]
  const small = [0, 1, 2, 3, 7, -1, -2, 31, 64]
  // Squares that wrap to negative numbers, the first numbers that floats skip, and one that f64 and f32 round twice.
  const cells = elem.endsWith('64')
    ? [...small.map(BigInt), 3037000500n, 2n ** 53n + 1n, 2n ** 60n + 2n ** 36n + 1n]
    : [...small, 46341, 2 ** 24 + 1]
  return [...new Set(cells.map((x) => normalise(elem, x))), least, most]
}
