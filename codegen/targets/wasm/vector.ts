import type { Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { Scalar } from '../../../graph/emit.ts'
import type { Expr, Fn, Get } from './fn.ts'

/**
 * Values of 128 bits. A vector holds 2 or 4 lanes, the same number for every value of a loop: with 2 lanes, elements
 * of 32 bits lie in the low half and what is in the high half does not matter. Booleans are masks as wide as a lane.
 */
export type Width = 2 | 4

/** How vectors of an element are called: lanes of 32 or 64 bits. */
export const shapeOf = (elem: Numeric, w: Width): 'f64x2' | 'f32x4' | 'i32x4' | 'i64x2' =>
  elem === 'f64'
    ? 'f64x2'
    : elem === 'f32'
      ? 'f32x4'
      : elem === 'bool'
        ? w === 2
          ? 'i64x2'
          : 'i32x4'
        : bytesOf[elem] === 8
          ? 'i64x2'
          : 'i32x4'

const bytes = (fill: (v: DataView) => void): number[] => {
  const b = new Uint8Array(16)
  fill(new DataView(b.buffer))
  return [...b]
}
export const of64 = (x: bigint): number[] =>
  bytes((v) => {
    for (const k of [0, 8]) v.setBigInt64(k, BigInt.asIntN(64, x), true)
  })
export const of32 = (...xs: readonly number[]): number[] =>
  bytes((v) => {
    for (const k of [0, 1, 2, 3]) v.setInt32(4 * k, xs[k % xs.length]! | 0, true)
  })
export const ofF64 = (x: number): number[] =>
  bytes((v) => {
    for (const k of [0, 8]) v.setFloat64(k, x, true)
  })
export const ofF32 = (x: number): number[] =>
  bytes((v) => {
    for (const k of [0, 4, 8, 12]) v.setFloat32(k, x, true)
  })

/** The same value in all lanes. */
export const constant = (f: Fn, elem: Numeric, value: Scalar, w: Width): Expr => {
  switch (elem) {
    case 'f64':
      return f.v128(ofF64(value as number))
    case 'f32':
      return f.v128(ofF32(value as number))
    case 'i64':
    case 'u64':
      return f.v128(of64(value as bigint))
    case 'bool':
      return f.v128(w === 2 ? of64(value === true ? -1n : 0n) : of32(value === true ? -1 : 0))
    default:
      return f.v128(of32(value as number))
  }
}
export const laneNumbers = (f: Fn): Expr => f.v128(of32(0, 1, 2, 3))
export const splat = (f: Fn, elem: Numeric, w: Width, x: Expr): Expr => {
  if (elem !== 'bool') return f.m[shapeOf(elem, w)].splat(x)
  const minus = f.m.i32.sub(f.i32(0), x)
  return w === 2 ? f.m.i64x2.splat(f.m.i64.extend_s(minus)) : f.m.i32x4.splat(minus)
}
export const extract = (f: Fn, elem: Numeric, w: Width, v: Expr, lane: number): Expr =>
  elem === 'bool'
    ? f.m.i32.and(f.m.i32x4.extract_lane(v, w === 2 ? 2 * lane : lane), f.i32(1))
    : f.m[shapeOf(elem, w)].extract_lane(v, lane)
/** A vector from its lanes. */
export const gathered = (f: Fn, elem: Numeric, w: Width, lane: (k: number) => Expr, into: Expr[]): Get => {
  const local = f.local(f.b.v128)
  const v: Get = () => f.m.local.get(local, f.b.v128)
  into.push(f.set(local, splat(f, elem, w, lane(0))))
  for (let k = 1; k < w; k++) {
    const x =
      elem !== 'bool'
        ? lane(k)
        : w === 2
          ? f.m.i64.extend_s(f.m.i32.sub(f.i32(0), lane(k)))
          : f.m.i32.sub(f.i32(0), lane(k))
    into.push(f.set(local, f.m[shapeOf(elem, w)].replace_lane(v(), k, x)))
  }
  return v
}
/** Masks of 32-bit lanes as masks as wide as the loop's lanes, and back. */
export const widened = (f: Fn, w: Width, mask: Expr): Expr => (w === 2 ? f.m.i64x2.extend_low_i32x4_s(mask) : mask)
export const narrowed = (f: Fn, w: Width, mask: Get): Expr => (w === 2 ? low(f, mask) : mask())
export const low = (f: Fn, v: Get): Expr =>
  f.m.i8x16.shuffle(v(), v(), [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])

/** Cells side by side. Booleans are bytes in memory: each lane looks at a bit of its own. */
export const loadVector = (f: Fn, elem: Numeric, w: Width, address: Expr, offset: number): Expr => {
  const { m } = f
  if (elem !== 'bool')
    return bytesOf[elem] * w === 16
      ? m.v128.load(offset, bytesOf[elem], address)
      : m.v128.load64_zero(offset, 4, address)
  if (w === 4) {
    const bit = of32(1, 0x100, 0x10000, 0x1000000)
    return m.i32x4.eq(m.v128.and(m.i32x4.splat(m.i32.load(offset, 1, address)), f.v128(bit)), f.v128(bit))
  }
  const bit = of32(1, 0, 0x100, 0)
  return m.i64x2.eq(
    m.v128.and(m.i64x2.splat(m.i64.extend_u(m.i32.load16_u(offset, 1, address))), f.v128(bit)),
    f.v128(bit),
  )
}
/** One cell in all lanes. */
export const loadSplat = (f: Fn, elem: Numeric, w: Width, address: Expr, offset: number): Expr =>
  elem === 'bool'
    ? splat(f, elem, w, f.m.i32.load8_u(offset, 1, address))
    : bytesOf[elem] === 8
      ? f.m.v128.load64_splat(offset, 8, address)
      : f.m.v128.load32_splat(offset, 4, address)
export const storeVector = (f: Fn, elem: Numeric, w: Width, address: Expr, offset: number, v: Expr): Expr => {
  const { m } = f
  if (elem !== 'bool')
    return bytesOf[elem] * w === 16
      ? m.v128.store(offset, bytesOf[elem], address, v)
      : m.v128.store64_lane(offset, 4, 0, address, v)
  // The mask's bits, spread over bytes.
  const bits = w === 4 ? m.i32x4.bitmask(v) : m.i64x2.bitmask(v)
  const spread = m.i32.and(m.i32.mul(bits, f.i32(0x204081)), f.i32(0x01010101))
  return w === 4 ? m.i32.store(offset, 1, address, spread) : m.i32.store16(offset, 1, address, spread)
}
