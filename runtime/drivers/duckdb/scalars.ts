import type { Elem } from '../../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../../graph/elem.ts'
import type { Json } from '../../../graph/values.ts'
import type { NumericStore } from '../sql/growing.ts'
import type { Ledger } from '../sql/ledger.ts'
import { notJson } from '../sql/tell.ts'
import type { DuckType } from './engine.ts'
import type { Sink } from './sink.ts'
import { cells, things } from './sink.ts'
import { textReader } from './text.ts'
import { timestamps } from './times.ts'
import { bytesOfVector, cellAt, itemsOf, lanes } from './vector.ts'

/** Plain copy of cells that JavaScript stores alike or widens exactly. */
const copied = (make: { new (buffer: ArrayBuffer): NumericStore; readonly BYTES_PER_ELEMENT: number }): Sink =>
  cells(make, (target, at, vector, from, n) =>
    (target as Float64Array).set(itemsOf(vector).subarray(from, from + n) as Float64Array, at),
  )

/** Integers of at most 32 bits into 64, as pairs of halves: no BigInt is made. */
const widened = (
  items: (vector: unknown) => ArrayLike<number>,
  make: typeof BigInt64Array | typeof BigUint64Array,
): Sink =>
  cells<BigInt64Array | BigUint64Array>(make, (target, at, vector, from, n) => {
    const halves = new Int32Array(target.buffer)
    const source = items(vector)
    for (let i = 0; i < n; i++) {
      const x = source[from + i]!
      halves[2 * (at + i)] = x
      halves[2 * (at + i) + 1] = x < 0 ? -1 : 0
    }
  })
const smallItems = (vector: unknown): ArrayLike<number> => itemsOf(vector) as Int32Array

const booleans = (): Sink =>
  cells(Uint8Array, (target, at, vector, from, n) => {
    const { buffer, byteOffset } = bytesOfVector(vector)
    target.set(new Uint8Array(buffer, byteOffset + from, n), at)
  })

const stores = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const
type Widened = keyof typeof stores

/** The element types that hold every value of a DuckDB number exactly. What is not here needs a cast by the user. */
const exact: Readonly<Record<number, readonly Widened[]>> = {
  2: ['i32', 'i64', 'f64', 'f32'], // TINYINT
  3: ['i32', 'i64', 'f64', 'f32'], // SMALLINT
  4: ['i32', 'i64', 'f64'], // INTEGER
  5: ['i64'], // BIGINT
  6: ['u32', 'i32', 'i64', 'u64', 'f64', 'f32'], // UTINYINT
  7: ['u32', 'i32', 'i64', 'u64', 'f64', 'f32'], // USMALLINT
  8: ['u32', 'i64', 'u64', 'f64'], // UINTEGER
  9: ['u64'], // UBIGINT
  10: ['f32', 'f64'], // FLOAT
  11: ['f64'], // DOUBLE
}
const wideSource: ReadonlySet<number> = new Set([5, 9])

const decimals = (width: number): Sink =>
  width <= 4
    ? widened((v) => lanes(v, Int16Array), BigInt64Array)
    : width <= 9
      ? widened((v) => lanes(v, Int32Array), BigInt64Array)
      : cells(BigInt64Array, (target, at, v, from, n) =>
          target.set(lanes(v, BigInt64Array).subarray(from, from + n), at),
        )

const strings = (ledger: Ledger): Sink => {
  const open = textReader()
  return things<string[]>(
    () => '',
    (vector) => {
      const text = open(vector)
      return (i, row) => {
        const s = text(i)
        ledger.spend(row, 2 * s.length)
        return s
      }
    },
  )
}
const enums = (type: DuckType, ledger: Ledger): Sink => {
  const names = (type as DuckType & { readonly values?: readonly string[] }).values ?? []
  return things<string[]>(
    () => '',
    (vector) => {
      const items = itemsOf(vector)
      return (i, row) => {
        const s = names[Number(items[i])] ?? ''
        ledger.spend(row, 2 * s.length)
        return s
      }
    },
  )
}
const blobs = (ledger: Ledger): Sink =>
  things<Uint8Array[]>(
    () => new Uint8Array(0),
    (vector) => (i, row) => {
      const bytes = Uint8Array.from((cellAt(vector, i) as { readonly bytes: Uint8Array }).bytes)
      ledger.spend(row, bytes.length)
      return bytes
    },
  )
const documents = (path: string, ledger: Ledger): Sink =>
  things<Json[]>(
    () => null,
    (vector) => (i, row) => {
      const text = String(cellAt(vector, i))
      ledger.spend(row, 2 * text.length)
      try {
        return JSON.parse(text) as Json
      } catch {
        ledger.problem(row, ...notJson(path))
        return null
      }
    },
  )

const VARCHAR = 17
const timeIds: ReadonlySet<number> = new Set([12, 13, 20, 21, 22, 31])

/** A sink that reads cells of a DuckDB type as an element type, or undefined when that would lose something. */
export const scalarSink = (duck: DuckType, elem: Elem, path: string, ledger: Ledger): Sink | undefined => {
  const id = duck.typeId
  if (elem === 'bool') return id === 1 ? booleans() : undefined
  if (elem === 'string') return id === VARCHAR ? strings(ledger) : id === 23 ? enums(duck, ledger) : undefined
  if (elem === 'bytes') return id === 18 ? blobs(ledger) : undefined
  if (elem === 'json') return id === VARCHAR ? documents(path, ledger) : undefined
  if (elem === 'timestamp') return timeIds.has(id) ? timestamps(id, path, ledger) : undefined
  if (isDecimal(elem)) {
    const { width, scale } = duck as DuckType & { readonly width?: number; readonly scale?: number }
    if (id !== 19 || width === undefined || width > 18 || scale !== decimalScale(elem)) return undefined
    return decimals(width)
  }
  if (elem === 'unit' || exact[id]?.includes(elem) !== true) return undefined
  if (elem === 'i64' || elem === 'u64') {
    return wideSource.has(id) ? copied(stores[elem]) : widened(smallItems, stores[elem])
  }
  return copied(stores[elem])
}
