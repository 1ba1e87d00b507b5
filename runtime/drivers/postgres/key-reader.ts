import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { OptionValue, Value } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import type { KeyRows } from '../sql/keys.ts'
import { mostRowsOf, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { paramsOf } from '../sql/query.ts'
import type { Collector } from './columns.ts'
import { collector } from './columns.ts'
import type { Field } from './fields.ts'
import type { KeyCell } from './key-cells.ts'
import type { Outcome } from './session.ts'
import { oid } from './types.ts'

/** Reads the rows of several keys into columns and notes to which key each belongs. */
export interface KeyReader {
  readonly maxBytes: number
  readonly add: (b: Buffer, at: number) => Failure | undefined
  readonly rows: () => KeyRows
}

/** Rows that begin with the ordinal of their key and a marker, which is NULL in a row that stands for none. */
export const byOrdinal = (fields: readonly Field[], call: Query, count: number): Outcome<KeyReader> => {
  if (fields[0]?.type !== oid.int4) return left(unusable('the answer has another form'))
  const found = collector(fields, call.attrs.row as RecordType, 2)
  if (isLeft(found)) return found
  const columns = found.right
  const keyOfRow: number[] = []
  const over = limitOf(call.attrs, count, columns)
  return right({
    maxBytes: call.attrs.maxBytes,
    add: (b, at) => {
      if (b.readInt32BE(at + 10) < 0) return undefined
      keyOfRow.push(b.readInt32BE(at + 6))
      columns.add(b, at)
      return over()
    },
    rows: () => ({ ...finished(columns), keyOfRow }),
  })
}

/** Rows that begin with the columns compared; one with NULL there is what keys without rows are answered. */
export const byValue = (
  fields: readonly Field[],
  cells: readonly KeyCell[],
  { attrs }: Pick<Query, 'attrs'>,
  /** How many keys there are; this and their ordinals are asked when the first row has come. */
  count: () => number,
  ordinalOf: (key: number | string) => number | undefined,
): Outcome<KeyReader> => {
  const found = collector(fields, attrs.row as RecordType, cells.length)
  if (isLeft(found)) return found
  const columns = found.right
  const keyOfRow: number[] = []
  let none: number | undefined
  let over: (() => Failure | undefined) | undefined
  const keyAt = keyAtOf(cells)
  return right({
    maxBytes: attrs.maxBytes,
    add: (b, at) => {
      const key = keyAt(b, at)
      const ordinal = key === undefined ? -1 : ordinalOf(key)
      // A row of a key that nobody asked for.
      if (ordinal === undefined) return undefined
      if (key === undefined) none = columns.rows()
      keyOfRow.push(ordinal)
      columns.add(b, at)
      over ??= limitOf(attrs, count(), columns)
      return over()
    },
    rows: () => ({ ...finished(columns), keyOfRow, ...(none === undefined ? {} : { none }) }),
  })
}

const finished = (c: Collector): Pick<KeyRows, 'list' | 'badRows' | 'bytesOfRow'> => ({
  list: c.finish(),
  badRows: c.badRows,
  bytesOfRow: c.bytesOfRow,
})
/** Why no more rows are wanted, when the keys together answer too much. */
const limitOf = (attrs: Query['attrs'], count: number, columns: Collector): (() => Failure | undefined) => {
  const rows = mostRowsOf(attrs, count)
  const bytes = Math.max(1, count) * attrs.maxBytes
  return () =>
    columns.rows() > rows || columns.bytes() > bytes ? unusable('the keys together answer too much') : undefined
}

/** What the compared columns of a row hold, as one; nothing where one is NULL. */
const keyAtOf = (cells: readonly KeyCell[]): ((b: Buffer, at: number) => number | string | undefined) => {
  const [first] = cells
  if (cells.length === 1)
    return (b, at) => {
      const length = b.readInt32BE(at + 2)
      return length < 0 ? undefined : first!.ofCell(b, at + 6, length)
    }
  return (b, at) => {
    const parts: (number | string)[] = []
    let p = at + 2
    for (const cell of cells) {
      const length = b.readInt32BE(p)
      if (length < 0) return undefined
      parts.push(cell.ofCell(b, p + 4, length))
      p += 4 + length
    }
    return parts.join('\0') // which no text of PostgreSQL holds
  }
}
/** The same of a call; nothing where an argument is NULL, which equals nothing. `numbers` says which parameter each cell is. */
export const keyOfCall = (cells: readonly KeyCell[], numbers: readonly number[]) => {
  const part = (values: readonly Value[], i: number): number | string | undefined => {
    let v: Value = values[numbers[i]! - 1] ?? null
    while (typeof v === 'object' && v !== null && '_tag' in v) {
      if ((v as OptionValue)._tag === 'None') return undefined
      v = (v as { readonly value: Value }).value
    }
    return cells[i]!.ofValue(v)
  }
  return (call: Query): number | string | undefined => {
    const { values } = paramsOf(call)
    if (cells.length === 1) return part(values, 0)
    const parts = cells.map((_, i) => part(values, i))
    return parts.includes(undefined) ? undefined : parts.join('\0')
  }
}
