/**
 * What generated functions share. Bits are taken apart through views of one small buffer, low word first: every engine
 * this runs on is little-endian. Powers of two come from a table: writing two words and reading one double stalls.
 */
export const prelude = `
const q$f64 = new Float64Array(1)
const q$u32 = new Uint32Array(q$f64.buffer)
const q$i64 = new BigInt64Array(q$f64.buffer)
const q$u64 = new BigUint64Array(q$f64.buffer)
const q$f32 = new Float32Array(1)
const q$i32 = new Int32Array(q$f32.buffer)
const q$powers = new Float64Array(2047)
q$powers[1023] = 1
for (let k = 1; k <= 1023; k++) {
  q$powers[1023 + k] = q$powers[1022 + k]! * 2
  q$powers[1023 - k] = q$powers[1024 - k]! / 2
}
function q$nearest(x: number): number {
  const a = Math.abs(x)
  if (!(a < 4503599627370496)) return x
  const r = a + 4503599627370496 - 4503599627370496
  return x < 0 ? -r : x === 0 ? x : r
}
function q$pow2(x: number): number {
  const a = x >= -1022 ? (x <= 1023 ? x : 1023) : -1022
  return q$powers[(a + 6755399441055744 - 6755399441055744) + 1023]!
}
function q$pow2f(x: number): number {
  const a = x >= -126 ? (x <= 127 ? x : 127) : -126
  return q$powers[(a + 6755399441055744 - 6755399441055744) + 1023]!
}
function q$exponent(x: number): number {
  q$f64[0] = x
  return ((q$u32[1]! >>> 20) & 0x7ff) - 1023
}
function q$exponentf(x: number): number {
  q$f32[0] = x
  return ((q$i32[0]! >>> 23) & 0xff) - 127
}
function q$mantissa(x: number): number {
  const a = Math.abs(x)
  if (a >= 2.2250738585072014e-308 && a < Infinity) {
    q$f64[0] = a
    return a * q$powers[2046 - (q$u32[1]! >>> 20)]!
  }
  return a < 1 ? 1 + a * 4.49423283715579e307 : a === Infinity ? 1 : 1.5
}
function q$mantissaf(x: number): number {
  if (x !== x) return 1.5
  q$f32[0] = x
  q$i32[0] = (q$i32[0]! & 0x7fffff) | 0x3f800000
  return q$f32[0]!
}
function q$toI32(x: number): number {
  return x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : x | 0
}
function q$toU32(x: number): number {
  return x >= 4294967295 ? 4294967295 : x > 0 ? x >>> 0 : 0
}
function q$toI64(x: number): bigint {
  return x !== x ? 0n : x >= 9223372036854775807 ? 9223372036854775807n
    : x <= -9223372036854775808 ? -9223372036854775808n : BigInt(Math.trunc(x))
}
function q$toU64(x: number): bigint {
  return !(x >= 1) ? 0n : x >= 18446744073709551615 ? 18446744073709551615n : BigInt(Math.trunc(x))
}
function q$bigToF32(x: bigint): number {
  const m = x < 0n ? -x : x
  if (m < 9007199254740992n) return Math.fround(Number(x))
  // Rounding to odd in double precision first keeps the rounding to single precision right.
  const odd = Number((m >> 11n) | ((m & 2047n) === 0n ? 0n : 1n)) * 2048
  return Math.fround(x < 0n ? -odd : odd)
}
function q$f64ToI64(x: number): bigint {
  q$f64[0] = x
  return x === x ? q$i64[0]! : 0x7ff8000000000000n
}
function q$f64ToU64(x: number): bigint {
  q$f64[0] = x
  return x === x ? q$u64[0]! : 0x7ff8000000000000n
}
function q$i64ToF64(x: bigint): number {
  q$i64[0] = x
  return q$f64[0]!
}
function q$u64ToF64(x: bigint): number {
  q$u64[0] = x
  return q$f64[0]!
}
function q$f32ToI32(x: number): number {
  q$f32[0] = x
  return x === x ? q$i32[0]! : 0x7fc00000
}
function q$i32ToF32(x: number): number {
  q$i32[0] = x
  return q$f32[0]!
}
function q$divI32(a: number, b: number): number { return b === 0 ? 0 : (a / b) | 0 }
function q$divU32(a: number, b: number): number { return b === 0 ? 0 : (a / b) >>> 0 }
function q$remI32(a: number, b: number): number { return b === 0 ? a : (a % b) | 0 }
function q$remU32(a: number, b: number): number { return b === 0 ? a : (a % b) >>> 0 }
function q$divI64(a: bigint, b: bigint): bigint { return b === 0n ? 0n : BigInt.asIntN(64, a / b) }
function q$divU64(a: bigint, b: bigint): bigint { return b === 0n ? 0n : a / b }
function q$rem64(a: bigint, b: bigint): bigint { return b === 0n ? a : a % b }
`
