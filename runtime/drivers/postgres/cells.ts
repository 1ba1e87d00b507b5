import { isUtf8 } from 'node:buffer'
import type { Elem } from '../../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../../graph/elem.ts'
import type { Json } from '../../../graph/values.ts'
import type { Maker } from '../sql/growing.ts'
import type { Ledger } from '../sql/ledger.ts'
import { infiniteTime, notJson } from '../sql/tell.ts'
import type { Field } from './fields.ts'
import { putNumeric } from './numeric.ts'
import type { Sink } from './sink.ts'
import { cells, halves, putBigInt, putNumber, things } from './sink.ts'
import { isKnown, isText, oid, scaleOf } from './types.ts'

const i64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n, name: 'a 64-bit integer' }
const u64 = { least: 0n, most: 2n ** 64n - 1n, name: 'a 64-bit integer without sign' }

type ReadInt = (b: Buffer, at: number) => number
const ints: Readonly<Record<number, ReadInt>> = {
  [oid.int2]: (b, at) => b.readInt16BE(at),
  [oid.int4]: (b, at) => b.readInt32BE(at),
  [oid.oid]: (b, at) => b.readUInt32BE(at),
}

/** A sink that reads cells of a PostgreSQL type as an element type, or undefined when that would lose something. */
export const scalarSink = (field: Field, elem: Elem, path: string, ledger: Ledger): Sink | undefined => {
  const { type } = field
  if (isDecimal(elem)) return decimals(field, decimalScale(elem), path, ledger)
  switch (elem) {
    case 'bool':
      return type === oid.bool ? numbers(Uint8Array, (b, at) => b[at]!) : undefined
    case 'string':
      if (type === oid.uuid) return uuids(ledger)
      if (type === oid.jsonb) return strings(path, ledger, 1)
      return isText(type) || !isKnown(type) ? strings(path, ledger, 0) : undefined
    case 'bytes':
      return type === oid.bytea ? blobs(ledger) : undefined
    case 'json':
      return type === oid.jsonb || type === oid.json || isText(type)
        ? documents(path, ledger, type === oid.jsonb ? 1 : 0)
        : undefined
    case 'timestamp':
      return times(type, path, ledger)
    case 'f64':
    case 'f32':
      return floats(type, elem)
    case 'i32':
      return small(type, Int32Array)
    case 'u32':
      return unsigned(type, path, ledger)
    case 'i64':
    case 'u64':
      return wide(type, elem, path, ledger)
    default:
      return undefined
  }
}

const numbers = <A extends Uint8Array | Int32Array | Float32Array | Float64Array>(
  make: Maker<A>,
  read: ReadInt,
): Sink =>
  cells(make, (grown, i, b, at) => {
    grown.array[i] = read(b, at)
  })

const small = (type: number, make: typeof Int32Array): Sink | undefined => {
  const read = type === oid.oid ? undefined : ints[type]
  return read === undefined ? undefined : numbers(make, read)
}

const floats = (type: number, elem: 'f64' | 'f32'): Sink | undefined => {
  if (type === oid.float8 && elem === 'f64') return numbers(Float64Array, (b, at) => b.readDoubleBE(at))
  const read: ReadInt | undefined = type === oid.float4 ? (b, at) => b.readFloatBE(at) : ints[type]
  if (read === undefined || (elem === 'f32' && type !== oid.float4 && type !== oid.int2)) return undefined
  return elem === 'f64' ? numbers(Float64Array, read) : numbers(Float32Array, read)
}

const misfit = (path: string, what: string): readonly [cause: string, remedy: string] => [
  `has a number in column '${path}' that ${what}`,
  'declare a type that holds it, or round or filter it in the query',
]

const unsigned = (type: number, path: string, ledger: Ledger): Sink | undefined => {
  const narrow = ints[type]
  const read: ReadInt | undefined =
    narrow ?? (type === oid.int8 ? (b, at) => b.readInt32BE(at) * 2 ** 32 + b.readUInt32BE(at + 4) : undefined)
  if (read === undefined) return undefined
  return cells(Uint32Array, (grown, i, b, at, _, row) => {
    const x = read(b, at)
    if (x < 0 || x >= 2 ** 32) ledger.problem(row, ...misfit(path, 'does not fit a 32-bit integer without sign'))
    grown.array[i] = x
  })
}

const wide = (type: number, elem: 'i64' | 'u64', path: string, ledger: Ledger): Sink | undefined => {
  const make = elem === 'i64' ? BigInt64Array : BigUint64Array
  const range = elem === 'i64' ? i64 : u64
  if (type === oid.numeric) {
    return halves(make, (target, i, b, at, _, row) => {
      const odd = putNumeric(target, i, b, at, 0, range)
      if (odd !== undefined) ledger.problem(row, ...misfit(path, odd))
    })
  }
  const read = ints[type]
  if (read === undefined && type !== oid.int8) return undefined
  return halves(make, (target, i, b, at, _, row) => {
    if (read === undefined) {
      target[i + 1] = b.readInt32BE(at)
      target[i] = b.readInt32BE(at + 4)
    } else putNumber(target, i, read(b, at))
    if (elem === 'u64' && target[i + 1]! < 0) ledger.problem(row, ...misfit(path, `does not fit ${u64.name}`))
  })
}

const decimals = (field: Field, scale: number, path: string, ledger: Ledger): Sink | undefined => {
  const declared = scaleOf(field.modifier)
  if (field.type !== oid.numeric || (declared !== undefined && declared > scale)) return undefined
  const range = { ...i64, name: `decimal(${scale}), which has 64 bits` }
  return halves(BigInt64Array, (target, i, b, at, _, row) => {
    const odd = putNumeric(target, i, b, at, scale, range)
    if (odd !== undefined) ledger.problem(row, ...misfit(path, odd))
  })
}

/** Microseconds from 1970, where JavaScript counts, to 2000, where PostgreSQL does. */
const epoch = 946_684_800_000_000
const days = epoch / 86_400_000_000
const infinite = 0x7fffffff

const times = (type: number, path: string, ledger: Ledger): Sink | undefined => {
  if (type === oid.date) {
    return halves(BigInt64Array, (target, i, b, at, _, row) => {
      const day = b.readInt32BE(at)
      if (day === infinite || day === -infinite - 1) return ledger.problem(row, ...infiniteTime(path))
      const micros = BigInt(day + days) * 86_400_000_000n
      if (micros > i64.most) ledger.problem(row, ...beyond(path))
      putBigInt(target, i, micros)
    })
  }
  if (type !== oid.timestamp && type !== oid.timestamptz) return undefined
  return halves(BigInt64Array, (target, i, b, at, _, row) => {
    const high = b.readInt32BE(at)
    const low = b.readUInt32BE(at + 4)
    if ((high === infinite && low === 0xffffffff) || (high === -infinite - 1 && low === 0))
      return ledger.problem(row, ...infiniteTime(path))
    if (high > -(2 ** 20) && high < 2 ** 20) return putNumber(target, i, high * 2 ** 32 + low + epoch)
    const micros = (BigInt(high) << 32n) + BigInt(low) + BigInt(epoch)
    if (micros > i64.most) ledger.problem(row, ...beyond(path))
    putBigInt(target, i, micros)
  })
}
const beyond = (path: string): readonly [cause: string, remedy: string] => [
  `has a time in column '${path}' beyond the range of microseconds from 1970`,
  'filter such rows out, or select the time as text',
]

const strings = (path: string, ledger: Ledger, skip: number): Sink =>
  things<string[]>(
    () => '',
    (b, at, length, row) => {
      const s = textOf(b, at + skip, at + length, row, path, ledger)
      ledger.spend(row, 2 * s.length)
      return s
    },
  )
const textOf = (b: Buffer, at: number, end: number, row: number, path: string, ledger: Ledger): string => {
  const s = b.toString('utf8', at, end)
  // What is not UTF-8 is read as U+FFFD; only where that appears the bytes are looked at again.
  if (s.includes('\ufffd') && !isUtf8(b.subarray(at, end)))
    ledger.problem(
      row,
      `has text in column '${path}' that is not UTF-8`,
      `the database keeps text of no known encoding (SQL_ASCII): select convert_to("${path}", …) or the bytes`,
    )
  return s
}
const uuids = (ledger: Ledger): Sink =>
  things<string[]>(
    () => '',
    (b, at, _, row) => {
      const h = b.toString('hex', at, at + 16)
      ledger.spend(row, 72)
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
    },
  )
const blobs = (ledger: Ledger): Sink =>
  things<Uint8Array[]>(
    () => new Uint8Array(0),
    (b, at, length, row) => {
      ledger.spend(row, length)
      return Uint8Array.from(b.subarray(at, at + length))
    },
  )
const documents = (path: string, ledger: Ledger, skip: number): Sink =>
  things<Json[]>(
    () => null,
    (b, at, length, row) => {
      const text = textOf(b, at + skip, at + length, row, path, ledger)
      ledger.spend(row, 2 * text.length)
      try {
        return JSON.parse(text) as Json
      } catch {
        ledger.problem(row, ...notJson(path))
        return null
      }
    },
  )
