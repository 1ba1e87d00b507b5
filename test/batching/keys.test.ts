import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../../graph/values.ts'
import { keyIn, keyOf } from '../../runtime/keys.ts'

const bytes = (...xs: readonly number[]): Value => Uint8Array.from(xs)
/** No two of these are one question. */
const different: readonly (readonly Value[])[] = [
  [0],
  [-0],
  [Number.NaN],
  [1],
  [1n],
  [true],
  ['1'],
  ['n1'],
  ['a', 'b'],
  ['a\u0000s1:b'],
  ['ab', ''],
  ['', 'ab'],
  [null],
  [bytes()],
  [bytes(1, 2)],
  [bytes(12)],
  [{ _tag: 'None' } as Value],
  [{ _tag: 'Some', value: 0 } as Value],
  [{ _tag: 'Some', value: -0 } as Value],
  [{ _tag: 'Some', value: '0' } as Value],
]

test('questions that can be told apart have keys that can', () => {
  expect(new Set(different.map(keyOf)).size).toBe(different.length)
})
test('equal questions have equal keys', () => {
  for (const q of different) expect(keyOf(structuredClone(q) as readonly Value[])).toBe(keyOf(q))
  const whole = [0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
  expect(new Set(whole.map((k) => keyIn([k]))).size).toBe(whole.length)
  for (const k of whole) expect(keyIn([BigInt(`${k}`)])).toBe(keyIn([k]))
})
test('of lists of texts and numbers, keys are equal when they are, bit for bit', () => {
  const value = fc.oneof(fc.constantFrom(0, -0, 1, Number.NaN), fc.string({ maxLength: 3 }), fc.bigInt(-2n, 2n))
  const list = fc.array(value, { maxLength: 3 })
  fc.assert(
    fc.property(list, list, (a, b) => {
      const same = a.length === b.length && a.every((x, i) => Object.is(x, b[i]))
      if (a.length > 0 && b.length > 0) expect(keyOf(a) === keyOf(b)).toBe(same)
    }),
    { numRuns: 5000 },
  )
})
