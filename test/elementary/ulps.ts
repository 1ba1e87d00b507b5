import { Decimal } from 'decimal.js'
import type { Float } from '../../graph/elem.ts'

Decimal.set({ precision: 55, toExpNeg: -1e6, toExpPos: 1e6 })

const shape = { f64: { bits: 53, least: -1074, top: 971 }, f32: { bits: 24, least: -149, top: 104 } } as const
const two = new Decimal(2)
const powers = new Map<number, Decimal>()
const power = (e: number): Decimal => {
  const known = powers.get(e)
  if (known !== undefined) return known
  const made = two.pow(e)
  powers.set(e, made)
  return made
}

/** e with 2^e <= |x| < 2^(e+1), subnormals included. */
const exponentOf = (x: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(x))
  const field = view.getUint32(0) >>> 20
  return field > 0 ? field - 1023 : exponentOf(x * 2 ** 54) - 54
}

/** The value of a float itself; `new Decimal(0.1)` would be one tenth, which no float is. */
export const exact = (x: number): Decimal => {
  if (x === 0 || !Number.isFinite(x)) return new Decimal(x)
  const e = Math.max(exponentOf(x) - 52, -1074)
  const [first, second] = e < -1022 ? [-1022, e + 1022] : [e, 0]
  return new Decimal(x / 2 ** first / 2 ** second).times(power(e))
}

/**
 * Distance of `got` from the exact result in units of the last place that the exact result has in `elem`. A result
 * that overflows counts as the next power of two, where IEEE rounding to infinity begins half an ulp earlier.
 */
export const ulps = (elem: Float, got: number, wanted: Decimal): number => {
  if (wanted.isNaN() || Number.isNaN(got)) return wanted.isNaN() && Number.isNaN(got) ? 0 : Infinity
  const { bits, least, top } = shape[elem]
  if (!wanted.isFinite()) return Object.is(got, wanted.toNumber()) ? 0 : Infinity
  const size = wanted.abs().toNumber()
  const last = !Number.isFinite(size) ? top : size === 0 ? least : exponentOf(size) - bits + 1
  const unit = Math.min(Math.max(last, least), top)
  const limit = power(top + bits)
  if (!Number.isFinite(got) && wanted.abs().gte(limit)) return Math.sign(got) === wanted.s ? 0 : Infinity
  const value = Number.isFinite(got) ? exact(got) : limit.times(Math.sign(got))
  return value.minus(wanted).abs().div(power(unit)).toNumber()
}
