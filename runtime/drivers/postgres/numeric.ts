import { putBigInt, putNumber } from './sink.ts'

const NAN = 0xc000
const POSITIVE = 0x0000
const NEGATIVE = 0x4000

/** Powers of ten that a float holds exactly; `10 ** i` need not be exact by the language. */
const tens = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/**
 * Reads a numeric as a whole number of 10^-scale and puts it at `i`. PostgreSQL sends digits of base 10,000, the first
 * one worth 10,000^weight. What it answers is the end of a sentence about a cell that cannot be taken, or nothing.
 */
export const putNumeric = (
  target: Int32Array,
  i: number,
  b: Buffer,
  at: number,
  scale: number,
  range: { readonly least: bigint; readonly most: bigint; readonly name: string },
): string | undefined => {
  const digits = b.readUInt16BE(at)
  const weight = b.readInt16BE(at + 2)
  const sign = b.readUInt16BE(at + 4)
  if (sign !== POSITIVE && sign !== NEGATIVE) return sign === NAN ? 'is not a number (NaN)' : 'is infinite'
  if (digits === 0) return undefined
  // The last digit is worth 10^power of what is counted.
  const power = 4 * (weight - digits + 1) + scale
  const place = at + 8
  if (digits <= 3 && power >= -4 && power <= 3) {
    let x = 0
    for (let d = 0; d < digits; d++) x = x * 10_000 + b.readUInt16BE(place + 2 * d)
    const whole = power >= 0 ? x * tens[power]! : x / tens[-power]!
    if (!Number.isInteger(whole)) return tooFine(scale)
    if (sign === NEGATIVE && range.least === 0n && whole !== 0) return `does not fit ${range.name}`
    putNumber(target, i, sign === NEGATIVE ? -whole : whole)
    return undefined
  }
  // Nothing so large fits 64 bits, and its digits could fill the memory.
  if (4 * weight + scale > 40) return `does not fit ${range.name}`
  let x = 0n
  for (let d = 0; d < digits; d++) x = x * 10_000n + BigInt(b.readUInt16BE(place + 2 * d))
  if (power >= 0) x *= 10n ** BigInt(power)
  else {
    const divisor = 10n ** BigInt(-power)
    if (x % divisor !== 0n) return tooFine(scale)
    x /= divisor
  }
  if (sign === NEGATIVE) x = -x
  if (x < range.least || x > range.most) return `does not fit ${range.name}`
  putBigInt(target, i, x)
  return undefined
}
const tooFine = (scale: number): string =>
  scale === 0 ? 'is no whole number' : `has more than ${scale} digits after the point`
