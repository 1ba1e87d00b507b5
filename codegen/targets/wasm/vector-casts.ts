import type { Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { Expr, Fn, Get } from './fn.ts'
import type { Width } from './vector.ts'
import { constant, low, narrowed, of32, of64 } from './vector.ts'

type Cast = (f: Fn, a: Get) => Expr
const same: Cast = (_, a) => a()
const words: Cast = (f, a) => low(f, a)
const to64 = (s: 's' | 'u'): { readonly [E in 'i64' | 'u64']: Cast } => ({
  i64: (f, a) => f.m.i64x2[`extend_low_i32x4_${s}`](a()),
  u64: (f, a) => f.m.i64x2[`extend_low_i32x4_${s}`](a()),
})
/** Conversions that have an instruction; between floats and 64-bit integers there is none. */
const casts: {
  readonly [From in Exclude<Numeric, 'bool'>]: { readonly [To in Exclude<Numeric, 'bool'>]: Cast | 'lanes' }
} = {
  f64: {
    f64: same,
    f32: (f, a) => f.m.f32x4.demote_f64x2_zero(a()),
    i64: 'lanes',
    u64: 'lanes',
    i32: (f, a) => f.m.i32x4.trunc_sat_f64x2_s_zero(a()),
    u32: (f, a) => f.m.i32x4.trunc_sat_f64x2_u_zero(a()),
  },
  f32: {
    f32: same,
    f64: (f, a) => f.m.f64x2.promote_low_f32x4(a()),
    i64: 'lanes',
    u64: 'lanes',
    i32: (f, a) => f.m.i32x4.trunc_sat_f32x4_s(a()),
    u32: (f, a) => f.m.i32x4.trunc_sat_f32x4_u(a()),
  },
  i32: {
    i32: same,
    u32: same,
    ...to64('s'),
    f64: (f, a) => f.m.f64x2.convert_low_i32x4_s(a()),
    f32: (f, a) => f.m.f32x4.convert_i32x4_s(a()),
  },
  u32: {
    i32: same,
    u32: same,
    ...to64('u'),
    f64: (f, a) => f.m.f64x2.convert_low_i32x4_u(a()),
    f32: (f, a) => f.m.f32x4.convert_i32x4_u(a()),
  },
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
  return f.m.v128.bitselect(a(), f.v128(canonical), f.m[from === 'f64' ? 'f64x2' : 'f32x4'].eq(a(), a()))
}
