import type { Int, Numeric } from './elem.ts'
import { isFloat } from './elem.ts'
import type { Emit, Scalar } from './emit.ts'
import type { PlainPrim } from './prims.ts'

/**
 * The reference meaning of every primitive, on JavaScript scalars. Nothing here uses a `Math` function that
 * ECMAScript leaves to the implementation: `sqrt`, `floor`, `ceil`, `trunc`, `abs`, `min`, `max` and `fround` are exact.
 */
export const numbers: Emit<Scalar> = {
  constant: (elem, value) => normalise(elem, value),
  prim: (prim, elem, ...args) => primOn(prim, elem)(...args),
  select: (_, c, a, b) => (c === true ? a : b),
  convert: (from, to, x) => convert(from, to, x),
  bitcast: (from, to, x) => bitcast(from, to, x),
}

/** Brings a host value into the range of an element: rounds to f32, wraps integers. */
export const normalise = (elem: Numeric, x: Scalar): Scalar => {
  switch (elem) {
    case 'f64':
      return Number(x)
    case 'f32':
      return Math.fround(Number(x))
    case 'bool':
      return Boolean(x)
    default:
      return wrap(elem, x as number | bigint)
  }
}

const wrap = (elem: Int, x: number | bigint): number | bigint => {
  switch (elem) {
    case 'i32':
      return typeof x === 'bigint' ? Number(BigInt.asIntN(32, x)) : x | 0
    case 'u32':
      return typeof x === 'bigint' ? Number(BigInt.asUintN(32, x)) : x >>> 0
    case 'i64':
      return BigInt.asIntN(64, BigInt(x))
    case 'u64':
      return BigInt.asUintN(64, BigInt(x))
  }
}

const buffer = new DataView(new ArrayBuffer(8))
const limits: Readonly<Record<Int, readonly [bigint, bigint]>> = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
}

const convert = (from: Numeric, to: Numeric, x: Scalar): Scalar => {
  if (from === 'bool') return normalise(to, x === true ? 1 : 0)
  if (isFloat(from) && to !== 'bool' && !isFloat(to)) {
    const t = Math.trunc(x as number)
    if (Number.isNaN(t)) return normalise(to, 0)
    const [lo, hi] = limits[to]
    return normalise(to, t <= Number(lo) ? lo : t >= Number(hi) ? hi : BigInt(t))
  }
  if (to === 'f32' && typeof x === 'bigint') return roundToF32(x)
  return normalise(to, x)
}

/** 64-bit integer to f32 in one rounding: going through f64 would round twice, so f64 rounds to odd first. */
const roundToF32 = (x: bigint): number => {
  const magnitude = x < 0n ? -x : x
  const extra = magnitude.toString(2).length - 53
  if (extra <= 0) return Math.fround(Number(x))
  const kept = (magnitude >> BigInt(extra)) | (magnitude % (1n << BigInt(extra)) === 0n ? 0n : 1n)
  const odd = Number(kept) * 2 ** extra
  return Math.fround(x < 0n ? -odd : odd)
}

const bitcast = (from: Numeric, to: Numeric, x: Scalar): Scalar => {
  // Writing the literal NaN through a DataView gives the canonical bits in every engine we know; the constants below
  // make that a fact rather than a hope.
  if (Number.isNaN(x as number)) {
    if (to === from) return x
    if (from === 'f64') return normalise(to, 0x7ff8000000000000n)
    return normalise(to, 0x7fc00000)
  }
  store[from as Exclude<Numeric, 'bool'>](x as never)
  return fetch[to as Exclude<Numeric, 'bool'>]()
}
const store = {
  f64: (x: number) => buffer.setFloat64(0, x, true),
  f32: (x: number) => buffer.setFloat32(0, x, true),
  i32: (x: number) => buffer.setInt32(0, x, true),
  u32: (x: number) => buffer.setUint32(0, x, true),
  i64: (x: bigint) => buffer.setBigInt64(0, x, true),
  u64: (x: bigint) => buffer.setBigUint64(0, x, true),
}
const fetch = {
  f64: () => buffer.getFloat64(0, true),
  f32: () => buffer.getFloat32(0, true),
  i32: () => buffer.getInt32(0, true),
  u32: () => buffer.getUint32(0, true),
  i64: () => buffer.getBigInt64(0, true),
  u64: () => buffer.getBigUint64(0, true),
}

/** Half to even. Adding and taking away 2^52 (2^23) lets the hardware round; the sign of zero is put back. */
const nearest = (x: number, big: number, round: (x: number) => number): number => {
  const a = Math.abs(x)
  if (!(a < big)) return x
  const r = round(round(a + big) - big)
  return x < 0 || Object.is(x, -0) ? -r : r
}

const float = (round: (x: number) => number, big: number, low: number, high: number, bits: 52 | 23) => {
  const field = (x: number): bigint | number =>
    bits === 52 ? (bitcast('f64', 'i64', x) as bigint) : (bitcast('f32', 'i32', x) as number)
  return {
    add: (a: number, b: number) => round(a + b),
    sub: (a: number, b: number) => round(a - b),
    mul: (a: number, b: number) => round(a * b),
    div: (a: number, b: number) => round(a / b),
    neg: (a: number) => -a,
    abs: (a: number) => Math.abs(a),
    min: (a: number, b: number) => Math.min(a, b),
    max: (a: number, b: number) => Math.max(a, b),
    sqrt: (a: number) => round(Math.sqrt(a)),
    floor: (a: number) => Math.floor(a),
    ceil: (a: number) => Math.ceil(a),
    trunc: (a: number) => Math.trunc(a),
    nearest: (a: number) => nearest(a, big, round),
    pow2: (a: number) => {
      const k = nearest(a >= low ? (a <= high ? a : high) : low, big, round)
      return (
        bits === 52 ? bitcast('i64', 'f64', BigInt(k + 1023) << 52n) : bitcast('i32', 'f32', (k + 127) << 23)
      ) as number
    },
    exponent: (a: number) =>
      bits === 52 ? Number(((field(a) as bigint) >> 52n) & 0x7ffn) - 1023 : (((field(a) as number) >> 23) & 0xff) - 127,
    mantissa: (a: number) =>
      (bits === 52
        ? bitcast('i64', 'f64', ((field(a) as bigint) & 0xfffffffffffffn) | 0x3ff0000000000000n)
        : bitcast('i32', 'f32', ((field(a) as number) & 0x7fffff) | 0x3f800000)) as number,
  }
}

const int = (elem: Int) => {
  const w = (x: bigint): number | bigint => wrap(elem, x)
  const bits = elem.endsWith('64') ? 64n : 32n
  const op = (f: (a: bigint, b: bigint) => bigint) => (a: number | bigint, b: number | bigint) =>
    w(f(BigInt(a), BigInt(b)))
  const one = (f: (a: bigint) => bigint) => (a: number | bigint) => w(f(BigInt(a)))
  return {
    add: op((a, b) => a + b),
    sub: op((a, b) => a - b),
    mul: op((a, b) => a * b),
    div: op((a, b) => (b === 0n ? 0n : a / b)),
    rem: op((a, b) => (b === 0n ? a : a % b)),
    neg: one((a) => -a),
    abs: one((a) => (a < 0n ? -a : a)),
    min: op((a, b) => (a < b ? a : b)),
    max: op((a, b) => (a > b ? a : b)),
    and: op((a, b) => a & b),
    or: op((a, b) => a | b),
    xor: op((a, b) => a ^ b),
    not: one((a) => ~a),
    shl: op((a, b) => a << (((b % bits) + bits) % bits)),
    shr: op((a, b) => a >> (((b % bits) + bits) % bits)),
  }
}

const compare = {
  eq: (a: Scalar, b: Scalar) => a === b,
  ne: (a: Scalar, b: Scalar) => a !== b,
  lt: (a: Scalar, b: Scalar) => a < b,
  le: (a: Scalar, b: Scalar) => a <= b,
  gt: (a: Scalar, b: Scalar) => a > b,
  ge: (a: Scalar, b: Scalar) => a >= b,
}

type Fn = (...args: readonly Scalar[]) => Scalar
const table = {
  f64: { ...float((x) => x, 2 ** 52, -1022, 1023, 52), ...compare },
  f32: { ...float(Math.fround, 2 ** 23, -126, 127, 23), ...compare },
  i32: { ...int('i32'), ...compare },
  u32: { ...int('u32'), ...compare },
  i64: { ...int('i64'), ...compare },
  u64: { ...int('u64'), ...compare },
  bool: {
    eq: compare.eq,
    ne: compare.ne,
    and: (a: boolean, b: boolean) => a && b,
    or: (a: boolean, b: boolean) => a || b,
    xor: (a: boolean, b: boolean) => a !== b,
    not: (a: boolean) => !a,
  },
} as unknown as Readonly<Record<Numeric, Readonly<Partial<Record<PlainPrim, Fn>>>>>

/** The function of a primitive at an element; asking for one outside its domain is a mistake in Quoin. */
export const primOn = (prim: PlainPrim, elem: Numeric): Fn => {
  const fn = table[elem][prim]
  if (fn === undefined) throw new Error(`bug: primitive ${prim} is not defined on ${elem}`)
  return fn
}
