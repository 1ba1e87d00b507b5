import type { Elem, Numeric } from '../../graph/elem.ts'
import { storage } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { normalise } from '../../graph/numbers.ts'
import type { Value } from '../../graph/values.ts'
import { tabulate } from '../../graph/values.ts'

const f64s = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  1e300,
  -1e300,
  1e-300,
  5e-324,
  -5e-324,
  2.225e-308,
  2 ** -1022,
  2 ** 52,
  2 ** 52 + 1,
  -(2 ** 53),
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  2 ** 31,
  2 ** 31 - 0.5,
  -(2 ** 31) - 1,
  2 ** 32,
  0.1,
  0.49999999999999994,
  4503599627370495.5,
  NaN,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  710,
  -746,
  1023.5,
  -1022.5,
  1022.5,
  2 ** 0.5,
  20.5,
  -3.25,
  1e10,
  100,
]
const f32s = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  -2.5,
  3,
  1e38,
  -1e38,
  1e-40,
  1.4e-45,
  -1.4e-45,
  2 ** -126,
  2 ** 23,
  8388607.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 63,
  0.1,
  0.49999997,
  NaN,
  Infinity,
  -Infinity,
  3.4028234663852886e38,
  88.5,
  -104,
  127.5,
  -126.5,
  7.25,
  -9.75,
  1e10,
  100,
  16777217,
]
const i32s = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  7,
  31,
  32,
  33,
  63,
  64,
  -31,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 30,
  65535,
  65536,
  -65537,
  123456789,
  -987654321,
  4096,
  10,
]
const u32s = [0, 1, 2, 3, 7, 31, 32, 33, 64, 2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1, 65535, 65536, 4e9, 123456789, 10]
const i64s = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  3n,
  31n,
  63n,
  64n,
  65n,
  -63n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  16777217n,
  2n ** 40n + 1n,
  9007199791611905n,
  -9007199791611905n,
  1234567890123456789n,
  10n,
]
const u64s = [
  0n,
  1n,
  2n,
  3n,
  63n,
  64n,
  65n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
  2n ** 64n - 1025n,
  9007199791611905n,
  16777217n,
  1234567890123456789n,
  10n,
]
/** Values at which mistakes show, for each element. */
export const samples: Readonly<Record<Numeric, readonly Scalar[]>> = {
  f64: f64s,
  f32: f32s.map(Math.fround),
  i32: i32s,
  u32: u32s,
  i64: i64s,
  u64: u64s,
  bool: [true, false, true, true, false],
}

/** A generator that needs no state outside: 32 bits from a seed and a place. */
export const hash = (seed: number, i: number): number => {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(i + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}
const ordinary = (elem: Numeric, h: number): Scalar =>
  elem === 'bool'
    ? (h & 1) === 1
    : elem === 'f64' || elem === 'f32'
      ? normalise(elem, (h / 2 ** 32 - 0.5) * 2 ** (h % 9))
      : normalise(elem, elem.endsWith('64') ? BigInt(h) * 0x100000001n : h)

/** Cells of a tensor: special values here and there, ordinary ones between; `special` of them in 256. */
export const fill = (elem: Elem, shape: readonly number[], seed: number, special = 128): Value => {
  const s = storage(elem)!
  return tabulate(elem, shape, (i) => {
    const h = hash(seed, i)
    return (h >>> 8) % 256 < special ? samples[s][(h >>> 16) % samples[s].length]! : ordinary(s, hash(seed + 1, i))
  })
}
