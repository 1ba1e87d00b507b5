/**
 * Element types: what one cell of a tensor holds.
 *
 * `Numeric` elements are the machine types every kernel target has exactly (IEEE 754 binary64 and binary32, two's
 * complement integers of 32 and 64 bits, and booleans). The other elements live outside kernels; `timestamp`
 * (microseconds since 1970-01-01T00:00Z) and `decimal(s)` (an integer scaled by 10^s) are stored as i64.
 */
export const floats = ['f64', 'f32'] as const
export const ints = ['i32', 'u32', 'i64', 'u64'] as const
export const numerics = [...floats, ...ints, 'bool'] as const
export const plainElems = [...numerics, 'string', 'bytes', 'timestamp', 'json', 'unit'] as const

export type Float = (typeof floats)[number]
export type Int = (typeof ints)[number]
export type Numeric = (typeof numerics)[number]
export type Decimal = `decimal(${number})`
export type Elem = (typeof plainElems)[number] | Decimal

const within =
  <T extends string>(set: readonly T[]) =>
  (e: string): e is T =>
    (set as readonly string[]).includes(e)

export const isFloat = within(floats)
export const isInt = within(ints)
export const isNumeric = within(numerics)
export const isDecimal = (e: string): e is Decimal => /^decimal\((?:\d|1[0-8])\)$/.test(e)
export const isElem = (e: string): e is Elem => within(plainElems)(e) || isDecimal(e)

/** The scale of a decimal: `decimalScale('decimal(2)') === 2`, the cents of an amount. */
export const decimalScale = (e: Decimal): number => Number(e.slice(8, -1))

/** The machine type in which an element is stored, or undefined for elements that no kernel touches. */
export const storage = (e: Elem): Numeric | undefined =>
  isNumeric(e) ? e : e === 'timestamp' || isDecimal(e) ? 'i64' : undefined

/** Bytes of one stored cell; booleans take one byte. */
export const bytesOf: Readonly<Record<Numeric, 1 | 4 | 8>> = { f64: 8, f32: 4, i32: 4, u32: 4, i64: 8, u64: 8, bool: 1 }
