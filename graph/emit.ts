import type { Float, Numeric } from './elem.ts'
import type { PlainPrim } from './prims.ts'

/** A scalar in its host form: numbers for f64, f32, i32, u32; bigints for i64, u64; booleans. */
export type Scalar = number | bigint | boolean

/**
 * The algebra every target interprets (tagless final, with one plain type parameter): JavaScript numbers in
 * `numbers.ts`, instructions of a kernel in code generation, and so on. Lowerings are written once against it.
 */
export interface Emit<E> {
  constant(elem: Numeric, value: Scalar): E
  prim(prim: PlainPrim, elem: Numeric, ...args: readonly E[]): E
  select(elem: Numeric, condition: E, then: E, otherwise: E): E
  convert(from: Numeric, to: Numeric, x: E): E
  bitcast(from: Numeric, to: Numeric, x: E): E
}

/** Short names over one float element, so that expansions read like the formulas they come from. */
export const calc = <E>(m: Emit<E>, elem: Float) => ({
  c: (value: number): E => m.constant(elem, value),
  add: (a: E, b: E): E => m.prim('add', elem, a, b),
  sub: (a: E, b: E): E => m.prim('sub', elem, a, b),
  mul: (a: E, b: E): E => m.prim('mul', elem, a, b),
  div: (a: E, b: E): E => m.prim('div', elem, a, b),
  neg: (a: E): E => m.prim('neg', elem, a),
  abs: (a: E): E => m.prim('abs', elem, a),
  min: (a: E, b: E): E => m.prim('min', elem, a, b),
  max: (a: E, b: E): E => m.prim('max', elem, a, b),
  sqrt: (a: E): E => m.prim('sqrt', elem, a),
  nearest: (a: E): E => m.prim('nearest', elem, a),
  trunc: (a: E): E => m.prim('trunc', elem, a),
  floor: (a: E): E => m.prim('floor', elem, a),
  pow2: (a: E): E => m.prim('pow2', elem, a),
  exponent: (a: E): E => m.prim('exponent', elem, a),
  mantissa: (a: E): E => m.prim('mantissa', elem, a),
  eq: (a: E, b: E): E => m.prim('eq', elem, a, b),
  ne: (a: E, b: E): E => m.prim('ne', elem, a, b),
  lt: (a: E, b: E): E => m.prim('lt', elem, a, b),
  le: (a: E, b: E): E => m.prim('le', elem, a, b),
  gt: (a: E, b: E): E => m.prim('gt', elem, a, b),
  ge: (a: E, b: E): E => m.prim('ge', elem, a, b),
  and: (a: E, b: E): E => m.prim('and', 'bool', a, b),
  or: (a: E, b: E): E => m.prim('or', 'bool', a, b),
  not: (a: E): E => m.prim('not', 'bool', a),
  select: (c: E, a: E, b: E): E => m.select(elem, c, a, b),
})
export type Calc<E> = ReturnType<typeof calc<E>>
