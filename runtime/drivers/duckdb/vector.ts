/**
 * Bulk access to the vectors of `@duckdb/node-api`. Its public door, `getItem`, makes a BigInt or an object a cell;
 * the typed arrays behind it are private there, so their presence is checked here and a version without them is a
 * clear error, not wrong data.
 */
export type Items =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** 1 marks a row; an absent mask marks none. */
export type Mask = Uint8Array | undefined

const field = (vector: unknown, name: string): unknown =>
  typeof vector === 'object' && vector !== null ? (vector as Readonly<Record<string, unknown>>)[name] : undefined

/** A version of the package that keeps its vectors elsewhere. Caught at the driver's door. */
export class UnknownVectors extends Error {
  constructor(what: string) {
    super(`this version of @duckdb/node-api does not show the ${what} of its vectors`)
  }
}

export const itemsOf = (vector: unknown): Items => {
  const items = field(vector, 'items')
  if (!ArrayBuffer.isView(items)) throw new UnknownVectors('cells')
  return items as Items
}

export const bytesOfVector = (vector: unknown): DataView => {
  const view = field(vector, 'dataView')
  if (!(view instanceof DataView)) throw new UnknownVectors('bytes')
  return view
}

/** The cells behind a DataView as a typed array; copied only where the alignment forbids a view. */
export const lanes = <A extends Items>(
  vector: unknown,
  make: { new (buffer: ArrayBuffer, at: number, length: number): A; readonly BYTES_PER_ELEMENT: number },
): A => {
  const { buffer, byteOffset, byteLength } = bytesOfVector(vector)
  const length = Math.floor(byteLength / make.BYTES_PER_ELEMENT)
  const aligned = byteOffset % make.BYTES_PER_ELEMENT === 0
  const source = buffer as ArrayBuffer
  return aligned
    ? new make(source, byteOffset, length)
    : new make(source.slice(byteOffset, byteOffset + byteLength), 0, length)
}

/** Which of `n` rows from `from` are NULL; nothing when none is. */
export const nullsOf = (vector: unknown, from: number, n: number): Mask => {
  const validity = field(vector, 'validity')
  const data = field(validity, 'data')
  if (data === null) return undefined
  if (!(data instanceof BigUint64Array)) throw new UnknownVectors('NULLs')
  const offset = field(validity, 'offset')
  const start = from + (typeof offset === 'number' ? offset : 0)
  // The words are read as pairs of 32 bits: a BigInt a row would cost more than the rows.
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2)
  let mask: Mask
  for (let i = 0; i < n; i++) {
    const bit = start + i
    if (((words[bit >>> 5]! >>> (bit & 31)) & 1) === 0) {
      mask ??= new Uint8Array(n)
      mask[i] = 1
    }
  }
  return mask
}

export const either = (a: Mask, b: Mask): Mask => {
  if (a === undefined || b === undefined) return a ?? b
  return a.map((x, i) => x | b[i]!)
}

export const cellAt = (vector: unknown, i: number): unknown => (vector as { getItem(i: number): unknown }).getItem(i)

export const childOf = (vector: unknown, index: number): unknown => {
  const entries = field(vector, 'entryVectors')
  if (!Array.isArray(entries)) throw new UnknownVectors('struct entries')
  return entries[index]
}

/** Where the elements of each row of a list or array vector lie in its child vector. */
export interface Spans {
  readonly child: unknown
  readonly start: (i: number) => number
  readonly length: (i: number) => number
}
export const spansOf = (vector: unknown, arrayLength: number | undefined): Spans => {
  const child = field(vector, 'childData')
  if (child === undefined) throw new UnknownVectors('list elements')
  if (arrayLength !== undefined) return { child, start: (i) => i * arrayLength, length: () => arrayLength }
  const entries = field(vector, 'entryData')
  if (!(entries instanceof BigUint64Array)) throw new UnknownVectors('list spans')
  // Offset and length are 64 bits each; a vector holds far fewer than 2^32 elements, so the low halves say it all.
  const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.length * 2)
  return { child, start: (i) => words[4 * i]!, length: (i) => words[4 * i + 2]! }
}
