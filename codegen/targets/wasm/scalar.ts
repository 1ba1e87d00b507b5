import type { Float, Int, Numeric } from '../../../graph/elem.ts'
import type { Scalar } from '../../../graph/emit.ts'
import type { PlainPrim, prims } from '../../../graph/prims.ts'
import type { Expr, Fn, Get } from './fn.ts'

/** Every primitive on scalars. Operands may be asked for several times. */
type On<P extends PlainPrim> = (typeof prims)[P]['on'][number]
export type PrimOn<E extends Numeric> = { [P in PlainPrim]: E extends On<P> ? P : never }[PlainPrim]
type Make = (f: Fn, a: Get, b: Get) => Expr
type Table = { readonly [E in Numeric]: { readonly [P in PrimOn<E>]: Make } }

const floats = (e: Float): Table['f64'] => {
  const two =
    (op: 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): Make =>
    (f, a, b) =>
      f.m[e][op](a(), b())
  const one =
    (op: 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest'): Make =>
    (f, a) =>
      f.m[e][op](a())
  return {
    add: two('add'),
    sub: two('sub'),
    mul: two('mul'),
    div: two('div'),
    min: two('min'),
    max: two('max'),
    eq: two('eq'),
    ne: two('ne'),
    lt: two('lt'),
    le: two('le'),
    gt: two('gt'),
    ge: two('ge'),
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
/** Adding 1.5 · 2^52 leaves the nearest whole number in the low bits; from there it goes to the exponent field. */
const bits64: Bits = {
  pow2: (f, a) => {
    const low: Get = () => f.m.select(f.m.f64.ge(a(), f.m.f64.const(-1022)), a(), f.m.f64.const(-1022))
    const x: Get = () => f.m.select(f.m.f64.le(a(), f.m.f64.const(1023)), low(), f.m.f64.const(1023))
    const clamped = f.m.select(f.m.f64.eq(a(), a()), x(), f.m.f64.const(-1022))
    const whole = f.m.i64.reinterpret(f.m.f64.add(clamped, f.m.f64.const(6755399441055744)))
    return f.m.f64.reinterpret(f.m.i64.shl(f.m.i64.add(whole, f.m.i64.const(1023n)), f.m.i64.const(52n)))
  },
  exponent: (f, a) => {
    const field = f.m.i64.and(f.m.i64.shr_u(f.m.i64.reinterpret(a()), f.m.i64.const(52n)), f.m.i64.const(0x7ffn))
    return f.m.f64.sub(f.m.f64.convert_s.i64(field), f.m.f64.const(1023))
  },
  mantissa: (f, a) => {
    const fraction = f.m.i64.and(f.m.i64.reinterpret(a()), f.m.i64.const(0xfffffffffffffn))
    const value = f.m.f64.reinterpret(f.m.i64.or(fraction, f.m.i64.const(0x3ff0000000000000n)))
    return f.m.select(f.m.f64.eq(a(), a()), value, f.m.f64.const(1.5))
  },
}
const bits32: Bits = {
  pow2: (f, a) => {
    const low: Get = () => f.m.select(f.m.f32.ge(a(), f.m.f32.const(-126)), a(), f.m.f32.const(-126))
    const x: Get = () => f.m.select(f.m.f32.le(a(), f.m.f32.const(127)), low(), f.m.f32.const(127))
    const clamped = f.m.select(f.m.f32.eq(a(), a()), x(), f.m.f32.const(-126))
    const whole = f.m.i32.reinterpret(f.m.f32.add(clamped, f.m.f32.const(12582912)))
    return f.m.f32.reinterpret(f.m.i32.shl(f.m.i32.add(whole, f.i32(127)), f.i32(23)))
  },
  exponent: (f, a) => {
    const field = f.m.i32.and(f.m.i32.shr_u(f.m.i32.reinterpret(a()), f.i32(23)), f.i32(0xff))
    return f.m.f32.sub(f.m.f32.convert_s.i32(field), f.m.f32.const(127))
  },
  mantissa: (f, a) => {
    const fraction = f.m.i32.and(f.m.i32.reinterpret(a()), f.i32(0x7fffff))
    return f.m.select(
      f.m.f32.eq(a(), a()),
      f.m.f32.reinterpret(f.m.i32.or(fraction, f.i32(0x3f800000))),
      f.m.f32.const(1.5),
    )
  },
}

const ints = (e: Int): Table['i32'] => {
  const w = e === 'i32' || e === 'u32' ? 'i32' : 'i64'
  const s = e.startsWith('i') ? '_s' : '_u'
  const c = (f: Fn, x: number): Expr => (w === 'i32' ? f.i32(x) : f.m.i64.const(BigInt(x)))
  type Op =
    | 'add'
    | 'sub'
    | 'mul'
    | 'and'
    | 'or'
    | 'xor'
    | 'shl'
    | 'eq'
    | 'ne'
    | 'shr_s'
    | 'shr_u'
    | 'lt_s'
    | 'lt_u'
    | 'le_s'
    | 'le_u'
    | 'gt_s'
    | 'gt_u'
    | 'ge_s'
    | 'ge_u'
  const two =
    (op: Op): Make =>
    (f, a, b) =>
      f.m[w][op](a(), b())
  const lt = `lt${s}` as const
  const gt = `gt${s}` as const
  const zero = (f: Fn, x: Get): Expr => f.m[w].eqz(x())
  return {
    add: two('add'),
    sub: two('sub'),
    mul: two('mul'),
    and: two('and'),
    or: two('or'),
    xor: two('xor'),
    shl: two('shl'),
    shr: two(`shr${s}`),
    eq: two('eq'),
    ne: two('ne'),
    lt: two(lt),
    le: two(`le${s}`),
    gt: two(gt),
    ge: two(`ge${s}`),
    neg: (f, a) => f.m[w].sub(c(f, 0), a()),
    not: (f, a) => f.m[w].xor(a(), c(f, -1)),
    abs: (f, a) => (s === '_u' ? a() : f.m.select(f.m[w].lt_s(a(), c(f, 0)), f.m[w].sub(c(f, 0), a()), a())),
    min: (f, a, b) => f.m.select(f.m[w][lt](a(), b()), a(), b()),
    max: (f, a, b) => f.m.select(f.m[w][gt](a(), b()), a(), b()),
    // The engine traps on division by zero and on MIN / -1: both are kept from it, and the answers chosen.
    div: (f, a, b) => {
      if (s === '_u') return f.m.select(zero(f, b), c(f, 0), f.m[w].div_u(a(), f.m.select(zero(f, b), c(f, 1), b())))
      const divisor = f.m.select(f.m.i32.or(zero(f, b), f.m[w].eq(b(), c(f, -1))), c(f, 1), b())
      const quotient = f.m[w].div_s(a(), divisor)
      return f.m.select(zero(f, b), c(f, 0), f.m.select(f.m[w].eq(b(), c(f, -1)), f.m[w].sub(c(f, 0), a()), quotient))
    },
    rem: (f, a, b) => f.m.select(zero(f, b), a(), f.m[w][`rem${s}`](a(), f.m.select(zero(f, b), c(f, 1), b()))),
  }
}

export const scalarPrims: Table = {
  f64: floats('f64'),
  f32: floats('f32'),
  i32: ints('i32'),
  u32: ints('u32'),
  i64: ints('i64'),
  u64: ints('u64'),
  bool: {
    eq: (f, a, b) => f.m.i32.eq(a(), b()),
    ne: (f, a, b) => f.m.i32.ne(a(), b()),
    and: (f, a, b) => f.m.i32.and(a(), b()),
    or: (f, a, b) => f.m.i32.or(a(), b()),
    xor: (f, a, b) => f.m.i32.xor(a(), b()),
    not: (f, a) => f.m.i32.eqz(a()),
  },
}
export const scalarPrim = (f: Fn, prim: PlainPrim, on: Numeric, a: Get, b: Get): Expr =>
  (scalarPrims[on] as Readonly<Record<string, Make>>)[prim]!(f, a, b)

type Cast = (f: Fn, a: Expr) => Expr
type Casts = {
  readonly [From in Numeric]: { readonly [To in From extends 'bool' ? Numeric : Exclude<Numeric, 'bool'>]: Cast }
}
const same: Cast = (_, a) => a
const wrap: Cast = (f, a) => f.m.i32.wrap(a)
const signed: Cast = (f, a) => f.m.i64.extend_s(a)
const unsigned: Cast = (f, a) => f.m.i64.extend_u(a)
const fromFloat = (e: Float): { readonly [I in Int]: Cast } => ({
  i32: (f, a) => f.m.i32.trunc_s_sat[e](a),
  u32: (f, a) => f.m.i32.trunc_u_sat[e](a),
  i64: (f, a) => f.m.i64.trunc_s_sat[e](a),
  u64: (f, a) => f.m.i64.trunc_u_sat[e](a),
})
const toFloat = (w: 'i32' | 'i64', s: 's' | 'u'): { readonly [F in Float]: Cast } => ({
  f64: (f, a) => f.m.f64[`convert_${s}`][w](a),
  f32: (f, a) => f.m.f32[`convert_${s}`][w](a),
})
const casts: Casts = {
  f64: { ...fromFloat('f64'), f64: same, f32: (f, a) => f.m.f32.demote(a) },
  f32: { ...fromFloat('f32'), f32: same, f64: (f, a) => f.m.f64.promote(a) },
  i32: { ...toFloat('i32', 's'), i32: same, u32: same, i64: signed, u64: signed },
  u32: { ...toFloat('i32', 'u'), i32: same, u32: same, i64: unsigned, u64: unsigned },
  i64: { ...toFloat('i64', 's'), i64: same, u64: same, i32: wrap, u32: wrap },
  u64: { ...toFloat('i64', 'u'), i64: same, u64: same, i32: wrap, u32: wrap },
  bool: { ...toFloat('i32', 's'), i32: same, u32: same, i64: unsigned, u64: unsigned, bool: same },
}
export const scalarConvert = (f: Fn, from: Numeric, to: Numeric, a: Expr): Expr =>
  (casts[from] as Readonly<Record<string, Cast>>)[to]!(f, a)

/** Bits of a float; every NaN shows the canonical ones. */
export const scalarBitcast = (f: Fn, from: Numeric, to: Numeric, a: Get): Expr => {
  if (from === 'f64')
    return to === 'f64'
      ? a()
      : f.m.select(f.m.f64.eq(a(), a()), f.m.i64.reinterpret(a()), f.m.i64.const(0x7ff8000000000000n))
  if (from === 'f32')
    return to === 'f32' ? a() : f.m.select(f.m.f32.eq(a(), a()), f.m.i32.reinterpret(a()), f.i32(0x7fc00000))
  return to === 'f64' ? f.m.f64.reinterpret(a()) : to === 'f32' ? f.m.f32.reinterpret(a()) : a()
}
export const scalarConst = (f: Fn, elem: Numeric, value: Scalar): Expr => {
  switch (elem) {
    case 'f64':
      return f.m.f64.const(value as number)
    case 'f32':
      return f.m.f32.const(value as number)
    case 'i64':
    case 'u64':
      return f.m.i64.const(BigInt.asIntN(64, value as bigint))
    default:
      return f.i32(Number(value) | 0)
  }
}
