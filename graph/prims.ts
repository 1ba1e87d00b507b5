import type { Float, Int, Numeric } from './elem.ts'
import { floats, ints, numerics } from './elem.ts'

/**
 * The closed set of scalar primitives. Each is an IEEE 754 or two's complement operation that every target has
 * exactly; every other scalar function is an expansion into these (see `elementary/`). All are total:
 *
 * - integers wrap; `div` by 0 is 0 and MIN / -1 is MIN; `rem` by 0 is the dividend and MIN rem -1 is 0;
 * - `min`, `max` on floats give NaN if either operand is NaN, and order -0 below +0;
 * - `nearest` rounds half to even; shift counts are taken modulo the width; `shr` keeps the sign of signed elements;
 * - `convert` from float to integer truncates and saturates, NaN gives 0; booleans convert to 0 and 1;
 * - `bitcast` sees the canonical NaN (0x7ff8000000000000, 0x7fc00000), so payloads are never observable;
 * - `pow2(x)` is 2^k with k = x rounded half to even after clamping to the normal range ([-1022, 1023] for f64,
 *   [-126, 127] for f32), NaN counting as the lower bound;
 * - `exponent(x)` is the unbiased exponent field as a float (zero and subnormals: -1023 or -127; inf, NaN: 1024 or 128);
 * - `mantissa(x)` is the fraction field as a float in [1, 2), sign dropped (NaN: 1.5; inf: 1).
 */
export const prims = {
  add: { arity: 2, on: [...floats, ...ints], to: 'same' },
  sub: { arity: 2, on: [...floats, ...ints], to: 'same' },
  mul: { arity: 2, on: [...floats, ...ints], to: 'same' },
  div: { arity: 2, on: [...floats, ...ints], to: 'same' },
  rem: { arity: 2, on: ints, to: 'same' },
  neg: { arity: 1, on: [...floats, ...ints], to: 'same' },
  abs: { arity: 1, on: [...floats, ...ints], to: 'same' },
  min: { arity: 2, on: [...floats, ...ints], to: 'same' },
  max: { arity: 2, on: [...floats, ...ints], to: 'same' },
  sqrt: { arity: 1, on: floats, to: 'same' },
  floor: { arity: 1, on: floats, to: 'same' },
  ceil: { arity: 1, on: floats, to: 'same' },
  trunc: { arity: 1, on: floats, to: 'same' },
  nearest: { arity: 1, on: floats, to: 'same' },
  pow2: { arity: 1, on: floats, to: 'same' },
  exponent: { arity: 1, on: floats, to: 'same' },
  mantissa: { arity: 1, on: floats, to: 'same' },
  eq: { arity: 2, on: numerics, to: 'bool' },
  ne: { arity: 2, on: numerics, to: 'bool' },
  lt: { arity: 2, on: [...floats, ...ints], to: 'bool' },
  le: { arity: 2, on: [...floats, ...ints], to: 'bool' },
  gt: { arity: 2, on: [...floats, ...ints], to: 'bool' },
  ge: { arity: 2, on: [...floats, ...ints], to: 'bool' },
  and: { arity: 2, on: [...ints, 'bool'], to: 'same' },
  or: { arity: 2, on: [...ints, 'bool'], to: 'same' },
  xor: { arity: 2, on: [...ints, 'bool'], to: 'same' },
  not: { arity: 1, on: [...ints, 'bool'], to: 'same' },
  shl: { arity: 2, on: ints, to: 'same' },
  shr: { arity: 2, on: ints, to: 'same' },
  /** `select(condition, then, otherwise)`: `on` names the element of the two arms; both arms are evaluated. */
  select: { arity: 3, on: numerics, to: 'same' },
  /** `on` names the source; the target element is the instruction's `to`. */
  convert: { arity: 1, on: numerics, to: 'named' },
  bitcast: { arity: 1, on: [...floats, ...ints], to: 'named' },
} as const satisfies Record<string, { arity: 1 | 2 | 3; on: readonly Numeric[]; to: 'same' | 'bool' | 'named' }>

export type Prim = keyof typeof prims
/** Primitives whose result element follows from the operand element alone. */
export type PlainPrim = Exclude<Prim, 'convert' | 'bitcast' | 'select'>
export const primNames = Object.keys(prims) as readonly Prim[]

/** The element a primitive yields, or undefined where it is not defined on `elem` (or towards `to`). */
export const resultOf = (prim: Prim, elem: Numeric, to?: Numeric): Numeric | undefined => {
  const p = prims[prim]
  if (!(p.on as readonly Numeric[]).includes(elem)) return undefined
  if (prim === 'convert') return to === undefined || (to === 'bool' && elem !== 'bool') ? undefined : to
  if (prim === 'bitcast') return to !== undefined && bitcastable(elem, to) ? to : undefined
  return p.to === 'bool' ? 'bool' : elem
}

const width = (e: Float | Int): 4 | 8 => (e.endsWith('64') ? 8 : 4)
const bitcastable = (a: Numeric, b: Numeric): boolean => a !== 'bool' && b !== 'bool' && width(a) === width(b)
