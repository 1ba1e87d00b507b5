// Requirements: E18

import { expect, test } from 'vitest'
import { numbers, primOn } from '../../graph/numbers.ts'

/** The reference itself, against values worked out by hand: what nothing else in the tests could find wrong. */
test.each([
  ['mul', 'i32', [2147483647, 2147483647], 1],
  ['mul', 'i32', [-2147483648, -1], -2147483648],
  ['mul', 'u32', [4294967295, 4294967295], 1],
  ['add', 'u32', [4294967295, 1], 0],
  ['sub', 'u32', [0, 1], 4294967295],
  ['mul', 'i64', [2n ** 62n, 4n], 0n],
  ['div', 'i32', [7, 0], 0],
  ['div', 'i32', [-2147483648, -1], -2147483648],
  ['rem', 'i32', [7, 0], 7],
  ['rem', 'i32', [-7, 3], -1],
  ['shl', 'i32', [1, 33], 2],
  ['shr', 'i32', [-8, 1], -4],
  ['shr', 'u32', [4294967288, 1], 2147483644],
  ['abs', 'i32', [-2147483648], -2147483648],
  ['min', 'f64', [0, -0], -0],
  ['max', 'f64', [Number.NaN, 1], Number.NaN],
  ['nearest', 'f64', [2.5], 2],
  ['nearest', 'f64', [-0.5], -0],
  ['nearest', 'f32', [8388609], 8388609],
  ['pow2', 'f64', [-2000], 2 ** -1022],
  ['pow2', 'f64', [Number.NaN], 2 ** -1022],
  ['pow2', 'f32', [3.5], 16],
  ['exponent', 'f64', [0], -1023],
  ['exponent', 'f32', [Number.POSITIVE_INFINITY], 128],
  ['mantissa', 'f64', [-12], 1.5],
  ['mantissa', 'f64', [Number.NaN], 1.5],
  ['add', 'f32', [16777216, 1], 16777216],
] as const)('%s on %s, case %#', (prim, elem, args, want) => expect(primOn(prim, elem)(...args)).toBe(want))

test.each([
  ['f64', 'i32', 3e10, 2147483647],
  ['f64', 'i32', Number.NaN, 0],
  ['f64', 'u32', -1, 0],
  ['f64', 'i64', 1e300, 2n ** 63n - 1n],
  ['i64', 'i32', 2n ** 32n + 5n, 5],
  ['i64', 'f32', 2n ** 60n + 2n ** 36n + 1n, 2 ** 60 + 2 ** 37],
  ['i64', 'f64', 2n ** 53n + 1n, 9007199254740992],
  ['bool', 'f64', true, 1],
] as const)('%s to %s of %s is %s', (from, to, x, want) => expect(numbers.convert(from, to, x)).toBe(want))

test.each([
  ['f64', 'i64', Number.NaN, 0x7ff8000000000000n],
  ['f64', 'i64', -0, -(2n ** 63n)],
  ['f32', 'i32', 1, 0x3f800000],
  ['i64', 'f64', 0x3ff0000000000000n, 1],
] as const)('the bits of %s as %s of %s are %s', (from, to, x, want) => expect(numbers.bitcast(from, to, x)).toBe(want))
