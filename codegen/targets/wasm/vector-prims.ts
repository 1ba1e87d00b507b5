import type { Float, Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { PlainPrim } from '../../../graph/prims.ts'
import type { Expr, Fn, Get } from './fn.ts'
import type { PrimOn } from './scalar.ts'
import type { Width } from './vector.ts'
import { narrowed, of32, of64, ofF32, ofF64, widened } from './vector.ts'

/** Primitives on vectors; `lanes` marks what the instruction set does not have: it is done lane by lane. */
type Make = (f: Fn, w: Width, a: Get, b: Get) => Expr
type Table = { readonly [E in Numeric]: { readonly [P in PrimOn<E>]: Make | 'lanes' } }

const both =
  (s: Vec, op: 'add' | 'sub' | 'mul'): Make =>
  (f, _, a, b) =>
    f.m[s][op](a(), b())
type Vec = 'f64x2' | 'f32x4' | 'i32x4' | 'i64x2'
const bitwise =
  (op: 'and' | 'or' | 'xor'): Make =>
  (f, _, a, b) =>
    f.m.v128[op](a(), b())
const not: Make = (f, _, a) => f.m.v128.not(a())

const floats = (e: Float): Table['f64'] => {
  const s = e === 'f64' ? 'f64x2' : 'f32x4'
  const two =
    (op: 'div' | 'min' | 'max'): Make =>
    (f, _, a, b) =>
      f.m[s][op](a(), b())
  const one =
    (op: 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest'): Make =>
    (f, _, a) =>
      f.m[s][op](a())
  const test =
    (op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): Make =>
    (f, w, a, b) =>
      e === 'f64' ? f.m[s][op](a(), b()) : widened(f, w, f.m[s][op](a(), b()))
  return {
    add: both(s, 'add'),
    sub: both(s, 'sub'),
    mul: both(s, 'mul'),
    div: two('div'),
    min: two('min'),
    max: two('max'),
    eq: test('eq'),
    ne: test('ne'),
    lt: test('lt'),
    le: test('le'),
    gt: test('gt'),
    ge: test('ge'),
    neg: one('neg'),
    abs: one('abs'),
    sqrt: one('sqrt'),
    floor: one('floor'),
    ceil: one('ceil'),
    trunc: one('trunc'),
    nearest: one('nearest'),
    ...(e === 'f64' ? bits64 : bits32),
  }
}
type Bits = Pick<Table['f64'], 'pow2' | 'exponent' | 'mantissa'>
/** `pmax(low, x)` is low for NaN. Whole numbers pass between floats and fields through the low bits of 1.5 · 2^52 + k. */
const bits64: Bits = {
  pow2: (f, _, a) => {
    const { m } = f
    const x = m.f64x2.pmin(m.f64x2.pmax(f.v128(ofF64(-1022)), a()), f.v128(ofF64(1023)))
    const whole = m.f64x2.add(x, f.v128(ofF64(6755399441055744)))
    return m.i64x2.shl(m.i64x2.add(whole, f.v128(of64(1023n))), m.i32.const(52))
  },
  exponent: (f, _, a) => {
    const { m } = f
    const field = m.i64x2.shr_u(m.f64x2.abs(a()), m.i32.const(52))
    return m.f64x2.sub(m.v128.or(field, f.v128(of64(0x4330000000000000n))), f.v128(ofF64(4503599627370496 + 1023)))
  },
  mantissa: (f, _, a) => {
    const { m } = f
    const value = m.v128.or(m.v128.and(a(), f.v128(of64(0xfffffffffffffn))), f.v128(of64(0x3ff0000000000000n)))
    return m.v128.bitselect(value, f.v128(ofF64(1.5)), m.f64x2.eq(a(), a()))
  },
}
const bits32: Bits = {
  pow2: (f, _, a) => {
    const { m } = f
    const x = m.f32x4.pmin(m.f32x4.pmax(f.v128(ofF32(-126)), a()), f.v128(ofF32(127)))
    const whole = m.f32x4.add(x, f.v128(ofF32(12582912)))
    return m.i32x4.shl(m.i32x4.add(whole, f.v128(of32(127))), m.i32.const(23))
  },
  exponent: (f, _, a) => {
    const { m } = f
    const field = m.i32x4.shr_u(m.f32x4.abs(a()), m.i32.const(23))
    return m.f32x4.sub(m.f32x4.convert_i32x4_s(field), f.v128(ofF32(127)))
  },
  mantissa: (f, _, a) => {
    const { m } = f
    const value = m.v128.or(m.v128.and(a(), f.v128(of32(0x7fffff))), f.v128(of32(0x3f800000)))
    return m.v128.bitselect(value, f.v128(ofF32(1.5)), m.f32x4.eq(a(), a()))
  },
}

const common = {
  and: bitwise('and'),
  or: bitwise('or'),
  xor: bitwise('xor'),
  not,
  div: 'lanes',
  rem: 'lanes',
  shl: 'lanes',
  shr: 'lanes',
} as const
const ints32 = (s: '_s' | '_u'): Table['i32'] => {
  const v = 'i32x4'
  const test =
    (op: 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'le_s' | 'le_u' | 'gt_s' | 'gt_u' | 'ge_s' | 'ge_u'): Make =>
    (f, w, a, b) =>
      widened(f, w, f.m[v][op](a(), b()))
  return {
    ...common,
    add: both(v, 'add'),
    sub: both(v, 'sub'),
    mul: both(v, 'mul'),
    eq: test('eq'),
    ne: test('ne'),
    lt: test(`lt${s}`),
    le: test(`le${s}`),
    gt: test(`gt${s}`),
    ge: test(`ge${s}`),
    min: (f, _, a, b) => f.m[v][`min${s}`](a(), b()),
    max: (f, _, a, b) => f.m[v][`max${s}`](a(), b()),
    neg: (f, _, a) => f.m[v].neg(a()),
    abs: (f, _, a) => (s === '_u' ? a() : f.m[v].abs(a())),
  }
}
/** There is no unsigned comparison of 64 bits: both sides are moved down by half the range. */
const ints64 = (unsigned: boolean): Table['i64'] => {
  const v = 'i64x2'
  const moved = (f: Fn, x: Get): Expr => (unsigned ? f.m.v128.xor(x(), f.v128(of64(-(2n ** 63n)))) : x())
  const test =
    (op: 'lt_s' | 'le_s' | 'gt_s' | 'ge_s'): Make =>
    (f, _, a, b) =>
      f.m[v][op](moved(f, a), moved(f, b))
  const lt = test('lt_s')
  const gt = test('gt_s')
  return {
    ...common,
    add: both(v, 'add'),
    sub: both(v, 'sub'),
    mul: both(v, 'mul'),
    eq: (f, _, a, b) => f.m[v].eq(a(), b()),
    ne: (f, _, a, b) => f.m[v].ne(a(), b()),
    lt,
    le: test('le_s'),
    gt,
    ge: test('ge_s'),
    min: (f, w, a, b) => f.m.v128.bitselect(a(), b(), lt(f, w, a, b)),
    max: (f, w, a, b) => f.m.v128.bitselect(a(), b(), gt(f, w, a, b)),
    neg: (f, _, a) => f.m[v].neg(a()),
    abs: (f, _, a) => (unsigned ? a() : f.m[v].abs(a())),
  }
}

export const vectorPrims: Table = {
  f64: floats('f64'),
  f32: floats('f32'),
  i32: ints32('_s'),
  u32: ints32('_u'),
  i64: ints64(false),
  u64: ints64(true),
  bool: {
    and: bitwise('and'),
    or: bitwise('or'),
    xor: bitwise('xor'),
    ne: bitwise('xor'),
    not,
    eq: (f, _, a, b) => f.m.v128.not(f.m.v128.xor(a(), b())),
  },
}
export const vectorPrim = (prim: PlainPrim, on: Numeric): Make | 'lanes' =>
  (vectorPrims[on] as Readonly<Record<string, Make | 'lanes'>>)[prim]!

export const vectorSelect = (f: Fn, elem: Numeric, w: Width, c: Get, a: Get, b: Get): Expr =>
  f.m.v128.bitselect(a(), b(), elem !== 'bool' && bytesOf[elem] === 4 ? narrowed(f, w, c) : c())
