import type { Float, Int, Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { Scalar } from '../../../graph/emit.ts'
import type { PlainPrim } from '../../../graph/prims.ts'
import type { Expr, Fn, Get } from './fn.ts'
import type { PrimOn } from './scalar.ts'

/**
 * Primitives on 128 bits. A vector holds 2 or 4 lanes, the same number for every value of a loop: with 2 lanes, elements
 * of 32 bits lie in the low half and what is in the high half does not matter. Booleans are masks as wide as a lane.
 */
export type Width = 2 | 4
type Make = (f: Fn, w: Width, a: Get, b: Get) => Expr
/** `lanes` marks what these instructions do not have: it is done lane by lane. */
type Table = { readonly [E in Numeric]: { readonly [P in PrimOn<E>]: Make | 'lanes' } }

/** How vectors of an element are called: lanes of 32 or 64 bits. */
export const shapeOf = (elem: Numeric, w: Width): 'f64x2' | 'f32x4' | 'i32x4' | 'i64x2' =>
  elem === 'f64' ? 'f64x2' : elem === 'f32' ? 'f32x4' : elem === 'bool' ? (w === 2 ? 'i64x2' : 'i32x4') : bytesOf[elem] === 8 ? 'i64x2' : 'i32x4'

const bytes = (fill: (v: DataView) => void): number[] => {
  const b = new Uint8Array(16)
  fill(new DataView(b.buffer))
  return [...b]
}
const of64 = (x: bigint): number[] => bytes((v) => { for (const k of [0, 8]) v.setBigInt64(k, BigInt.asIntN(64, x), true) })
const of32 = (...xs: readonly number[]): number[] => bytes((v) => { for (const k of [0, 1, 2, 3]) v.setInt32(4 * k, xs[k % xs.length]! | 0, true) })
const ofF64 = (x: number): number[] => bytes((v) => { for (const k of [0, 8]) v.setFloat64(k, x, true) })
const ofF32 = (x: number): number[] => bytes((v) => { for (const k of [0, 4, 8, 12]) v.setFloat32(k, x, true) })

/** The same value in all lanes. */
export const constant = (f: Fn, elem: Numeric, value: Scalar, w: Width): Expr => {
  switch (elem) {
    case 'f64': return f.m.v128.const(ofF64(value as number))
    case 'f32': return f.m.v128.const(ofF32(value as number))
    case 'i64': case 'u64': return f.m.v128.const(of64(value as bigint))
    case 'bool': return f.m.v128.const(w === 2 ? of64(value === true ? -1n : 0n) : of32(value === true ? -1 : 0))
    default: return f.m.v128.const(of32(value as number))
  }
}
export const laneNumbers = (f: Fn): Expr => f.m.v128.const(of32(0, 1, 2, 3))
export const splat = (f: Fn, elem: Numeric, w: Width, x: Expr): Expr => {
  if (elem !== 'bool') return f.m[shapeOf(elem, w)].splat(x)
  const minus = f.m.i32.sub(f.i32(0), x)
  return w === 2 ? f.m.i64x2.splat(f.m.i64.extend_s(minus)) : f.m.i32x4.splat(minus)
}
export const extract = (f: Fn, elem: Numeric, w: Width, v: Expr, lane: number): Expr =>
  elem === 'bool' ? f.m.i32.and(f.m.i32x4.extract_lane(v, w === 2 ? 2 * lane : lane), f.i32(1)) : f.m[shapeOf(elem, w)].extract_lane(v, lane)
/** A vector from its lanes. */
export const gathered = (f: Fn, elem: Numeric, w: Width, lane: (k: number) => Expr, into: Expr[]): Get => {
  const local = f.local(f.b.v128)
  const v: Get = () => f.m.local.get(local, f.b.v128)
  into.push(f.set(local, splat(f, elem, w, lane(0))))
  for (let k = 1; k < w; k++) {
    const x = elem !== 'bool' ? lane(k) : w === 2 ? f.m.i64.extend_s(f.m.i32.sub(f.i32(0), lane(k))) : f.m.i32.sub(f.i32(0), lane(k))
    into.push(f.set(local, f.m[shapeOf(elem, w)].replace_lane(v(), k, x)))
  }
  return v
}
/** Masks of 32-bit lanes as masks as wide as the loop's lanes, and back. */
const widened = (f: Fn, w: Width, mask: Expr): Expr => (w === 2 ? f.m.i64x2.extend_low_i32x4_s(mask) : mask)
const narrowed = (f: Fn, w: Width, mask: Get): Expr => (w === 2 ? low(f, mask) : mask())
const low = (f: Fn, v: Get): Expr => f.m.i8x16.shuffle(v(), v(), [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])

const both = (s: Vec, op: 'add' | 'sub' | 'mul'): Make => (f, _, a, b) => f.m[s][op](a(), b())
type Vec = 'f64x2' | 'f32x4' | 'i32x4' | 'i64x2'
const bitwise = (op: 'and' | 'or' | 'xor'): Make => (f, _, a, b) => f.m.v128[op](a(), b())
const not: Make = (f, _, a) => f.m.v128.not(a())

const floats = (e: Float): Table['f64'] => {
  const s = e === 'f64' ? 'f64x2' : 'f32x4'
  const two = (op: 'div' | 'min' | 'max'): Make => (f, _, a, b) => f.m[s][op](a(), b())
  const one = (op: 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest'): Make => (f, _, a) => f.m[s][op](a())
  const test = (op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): Make => (f, w, a, b) => (e === 'f64' ? f.m[s][op](a(), b()) : widened(f, w, f.m[s][op](a(), b())))
  return {
    add: both(s, 'add'), sub: both(s, 'sub'), mul: both(s, 'mul'), div: two('div'), min: two('min'), max: two('max'),
    eq: test('eq'), ne: test('ne'), lt: test('lt'), le: test('le'), gt: test('gt'), ge: test('ge'),
    neg: one('neg'), abs: one('abs'), sqrt: one('sqrt'), floor: one('floor'), ceil: one('ceil'), trunc: one('trunc'), nearest: one('nearest'),
    ...(e === 'f64' ? bits64 : bits32),
  }
}
type Bits = Pick<Table['f64'], 'pow2' | 'exponent' | 'mantissa'>
/** `pmax(low, x)` is low for NaN. Whole numbers pass between floats and fields through the low bits of 1.5 · 2^52 + k. */
const bits64: Bits = {
  pow2: ({ m }, _, a) => {
    const x = m.f64x2.pmin(m.f64x2.pmax(m.v128.const(ofF64(-1022)), a()), m.v128.const(ofF64(1023)))
    const whole = m.f64x2.add(x, m.v128.const(ofF64(6755399441055744)))
    return m.i64x2.shl(m.i64x2.add(whole, m.v128.const(of64(1023n))), m.i32.const(52))
  },
  exponent: ({ m }, _, a) => {
    const field = m.i64x2.shr_u(m.f64x2.abs(a()), m.i32.const(52))
    return m.f64x2.sub(m.v128.or(field, m.v128.const(of64(0x4330000000000000n))), m.v128.const(ofF64(4503599627370496 + 1023)))
  },
  mantissa: ({ m }, _, a) => {
    const value = m.v128.or(m.v128.and(a(), m.v128.const(of64(0xfffffffffffffn))), m.v128.const(of64(0x3ff0000000000000n)))
    return m.v128.bitselect(value, m.v128.const(ofF64(1.5)), m.f64x2.eq(a(), a()))
  },
}
const bits32: Bits = {
  pow2: ({ m }, _, a) => {
    const x = m.f32x4.pmin(m.f32x4.pmax(m.v128.const(ofF32(-126)), a()), m.v128.const(ofF32(127)))
    const whole = m.f32x4.add(x, m.v128.const(ofF32(12582912)))
    return m.i32x4.shl(m.i32x4.add(whole, m.v128.const(of32(127))), m.i32.const(23))
  },
  exponent: ({ m }, _, a) => {
    const field = m.i32x4.shr_u(m.f32x4.abs(a()), m.i32.const(23))
    return m.f32x4.sub(m.f32x4.convert_i32x4_s(field), m.v128.const(ofF32(127)))
  },
  mantissa: ({ m }, _, a) => {
    const value = m.v128.or(m.v128.and(a(), m.v128.const(of32(0x7fffff))), m.v128.const(of32(0x3f800000)))
    return m.v128.bitselect(value, m.v128.const(ofF32(1.5)), m.f32x4.eq(a(), a()))
  },
}

const common = { and: bitwise('and'), or: bitwise('or'), xor: bitwise('xor'), not, div: 'lanes', rem: 'lanes', shl: 'lanes', shr: 'lanes' } as const
const ints32 = (s: '_s' | '_u'): Table['i32'] => {
  const v = 'i32x4'
  const test = (op: 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'le_s' | 'le_u' | 'gt_s' | 'gt_u' | 'ge_s' | 'ge_u'): Make => (f, w, a, b) => widened(f, w, f.m[v][op](a(), b()))
  return {
    ...common, add: both(v, 'add'), sub: both(v, 'sub'), mul: both(v, 'mul'),
    eq: test('eq'), ne: test('ne'), lt: test(`lt${s}`), le: test(`le${s}`), gt: test(`gt${s}`), ge: test(`ge${s}`),
    min: (f, _, a, b) => f.m[v][`min${s}`](a(), b()), max: (f, _, a, b) => f.m[v][`max${s}`](a(), b()),
    neg: (f, _, a) => f.m[v].neg(a()), abs: (f, _, a) => (s === '_u' ? a() : f.m[v].abs(a())),
  }
}
/** There is no unsigned comparison of 64 bits: both sides are moved down by half the range. */
const ints64 = (unsigned: boolean): Table['i64'] => {
  const v = 'i64x2'
  const moved = (f: Fn, x: Get): Expr => (unsigned ? f.m.v128.xor(x(), f.m.v128.const(of64(-(2n ** 63n)))) : x())
  const test = (op: 'lt_s' | 'le_s' | 'gt_s' | 'ge_s'): Make => (f, _, a, b) => f.m[v][op](moved(f, a), moved(f, b))
  const lt = test('lt_s')
  const gt = test('gt_s')
  return {
    ...common, add: both(v, 'add'), sub: both(v, 'sub'), mul: both(v, 'mul'),
    eq: (f, _, a, b) => f.m[v].eq(a(), b()), ne: (f, _, a, b) => f.m[v].ne(a(), b()),
    lt, le: test('le_s'), gt, ge: test('ge_s'),
    min: (f, w, a, b) => f.m.v128.bitselect(a(), b(), (lt as Extract<Make, (...x: never) => unknown>)(f, w, a, b)),
    max: (f, w, a, b) => f.m.v128.bitselect(a(), b(), (gt as Extract<Make, (...x: never) => unknown>)(f, w, a, b)),
    neg: (f, _, a) => f.m[v].neg(a()), abs: (f, _, a) => (unsigned ? a() : f.m[v].abs(a())),
  }
}

export const vectorPrims: Table = {
  f64: floats('f64'), f32: floats('f32'), i32: ints32('_s'), u32: ints32('_u'), i64: ints64(false), u64: ints64(true),
  bool: { and: bitwise('and'), or: bitwise('or'), xor: bitwise('xor'), ne: bitwise('xor'), not, eq: (f, _, a, b) => f.m.v128.not(f.m.v128.xor(a(), b())) },
}
export const vectorPrim = (prim: PlainPrim, on: Numeric): Make | 'lanes' => (vectorPrims[on] as Readonly<Record<string, Make | 'lanes'>>)[prim]!

export const vectorSelect = (f: Fn, elem: Numeric, w: Width, c: Get, a: Get, b: Get): Expr =>
  f.m.v128.bitselect(a(), b(), elem !== 'bool' && bytesOf[elem] === 4 ? narrowed(f, w, c) : c())

type Cast = (f: Fn, a: Get) => Expr
const same: Cast = (_, a) => a()
const words: Cast = (f, a) => low(f, a)
const to64 = (s: 's' | 'u'): { readonly [E in 'i64' | 'u64']: Cast } =>
  ({ i64: (f, a) => f.m.i64x2[`extend_low_i32x4_${s}`](a()), u64: (f, a) => f.m.i64x2[`extend_low_i32x4_${s}`](a()) })
/** Conversions that have an instruction; between floats and 64-bit integers there is none. */
const casts: { readonly [From in Exclude<Numeric, 'bool'>]: { readonly [To in Exclude<Numeric, 'bool'>]: Cast | 'lanes' } } = {
  f64: {
    f64: same, f32: (f, a) => f.m.f32x4.demote_f64x2_zero(a()), i64: 'lanes', u64: 'lanes',
    i32: (f, a) => f.m.i32x4.trunc_sat_f64x2_s_zero(a()), u32: (f, a) => f.m.i32x4.trunc_sat_f64x2_u_zero(a()),
  },
  f32: {
    f32: same, f64: (f, a) => f.m.f64x2.promote_low_f32x4(a()), i64: 'lanes', u64: 'lanes',
    i32: (f, a) => f.m.i32x4.trunc_sat_f32x4_s(a()), u32: (f, a) => f.m.i32x4.trunc_sat_f32x4_u(a()),
  },
  i32: { i32: same, u32: same, ...to64('s'), f64: (f, a) => f.m.f64x2.convert_low_i32x4_s(a()), f32: (f, a) => f.m.f32x4.convert_i32x4_s(a()) },
  u32: { i32: same, u32: same, ...to64('u'), f64: (f, a) => f.m.f64x2.convert_low_i32x4_u(a()), f32: (f, a) => f.m.f32x4.convert_i32x4_u(a()) },
  i64: { i64: same, u64: same, i32: words, u32: words, f64: 'lanes', f32: 'lanes' },
  u64: { i64: same, u64: same, i32: words, u32: words, f64: 'lanes', f32: 'lanes' },
}
export const vectorConvert = (f: Fn, from: Numeric, to: Numeric, w: Width, a: Get): Expr | 'lanes' => {
  if (from === 'bool') {
    if (to === 'bool') return a()
    const mask = bytesOf[to] === 4 ? narrowed(f, w, a) : a()
    return f.m.v128.and(mask, constant(f, to, to === 'i64' || to === 'u64' ? 1n : 1, w))
  }
  const cast = casts[from][to as Exclude<Numeric, 'bool'>]
  return cast === 'lanes' ? cast : cast(f, a)
}
/** Bits of a float; every NaN shows the canonical ones. */
export const vectorBitcast = (f: Fn, from: Numeric, to: Numeric, a: Get): Expr => {
  if (from === to || (from !== 'f64' && from !== 'f32')) return a()
  const canonical = from === 'f64' ? of64(0x7ff8000000000000n) : of32(0x7fc00000)
  return f.m.v128.bitselect(a(), f.m.v128.const(canonical), f.m[from === 'f64' ? 'f64x2' : 'f32x4'].eq(a(), a()))
}

/** Cells side by side. Booleans are bytes in memory: each lane looks at a bit of its own. */
export const loadVector = (f: Fn, elem: Numeric, w: Width, address: Expr, offset: number): Expr => {
  const { m } = f
  if (elem !== 'bool') return bytesOf[elem] * w === 16 ? m.v128.load(offset, bytesOf[elem], address) : m.v128.load64_zero(offset, 4, address)
  if (w === 4) {
    const bit = of32(1, 0x100, 0x10000, 0x1000000)
    return m.i32x4.eq(m.v128.and(m.i32x4.splat(m.i32.load(offset, 1, address)), m.v128.const(bit)), m.v128.const(bit))
  }
  const bit = of32(1, 0, 0x100, 0)
  return m.i64x2.eq(m.v128.and(m.i64x2.splat(m.i64.extend_u(m.i32.load16_u(offset, 1, address))), m.v128.const(bit)), m.v128.const(bit))
}
export const storeVector = (f: Fn, elem: Numeric, w: Width, address: Expr, offset: number, v: Expr): Expr => {
  const { m } = f
  if (elem !== 'bool') return bytesOf[elem] * w === 16 ? m.v128.store(offset, bytesOf[elem], address, v) : m.v128.store64_lane(offset, 4, 0, address, v)
  // The mask's bits, spread over bytes.
  const bits = w === 4 ? m.i32x4.bitmask(v) : m.i64x2.bitmask(v)
  const spread = m.i32.and(m.i32.mul(bits, f.i32(0x204081)), f.i32(0x01010101))
  return w === 4 ? m.i32.store(offset, 1, address, spread) : m.i32.store16(offset, 1, address, spread)
}
