import type { Elem, Numeric } from './elem.ts'
import { storage } from './elem.ts'
import type { Scalar } from './emit.ts'
import type { TensorType, Type } from './types.ts'
import { isScalar, scalar } from './types.ts'

/**
 * Values at run time. Scalars are plain JavaScript values: number (f64, f32, i32, u32), bigint (i64, u64, timestamp in
 * microseconds, decimal as its scaled integer), boolean, string, Uint8Array (bytes), JSON data (json), null (unit).
 * Lists are columns: no object per row exists unless somebody asks for one.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Value = Atom | TensorValue | OptionValue | RecordValue | ListValue | UnionValue | ResultValue
export type Atom = Scalar | string | Uint8Array | Json
export interface TensorValue {
  readonly shape: readonly number[]
  readonly data: Store
}
export type OptionValue = { readonly _tag: 'None' } | { readonly _tag: 'Some'; readonly value: Value }
export interface RecordValue {
  readonly [field: string]: Value
}
export interface UnionValue {
  readonly _tag: string
  readonly value: Value
}
export type ResultValue =
  | { readonly _tag: 'Ok'; readonly value: Value }
  | { readonly _tag: 'Err'; readonly error: { readonly tag: string; readonly message: string } }

/** A list whose elements are not scalars (those are tensors of rank 1). */
export type ListValue =
  | { readonly list: 'columns'; readonly length: number; readonly columns: Readonly<Record<string, Column>> }
  | { readonly list: 'options'; readonly length: number; readonly valid: Uint8Array; readonly values: Column }
  | { readonly list: 'ragged'; readonly length: number; readonly offsets: Int32Array; readonly values: Column }
  | { readonly list: 'boxed'; readonly length: number; readonly items: readonly Value[] }
export type Column = TensorValue | ListValue

/** Cells of a tensor in row-major order; booleans are bytes 0 and 1, other non-numeric elements plain arrays. */
export type Store =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | readonly Atom[]

/** The typed array of each machine type. */
export const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  bool: Uint8Array,
} as const satisfies Record<Numeric, unknown>

/** A zeroed store for `n` cells of an element. */
export const newStore = (elem: Elem, n: number): Store => {
  const s = storage(elem)
  return s === undefined ? new Array<Atom>(n).fill(zeroOf(elem)) : new arrays[s](n)
}
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const cell = (elem: Elem, data: Store, i: number): Atom => (elem === 'bool' ? data[i] === 1 : (data[i] as Atom))
export const setCell = (elem: Elem, data: Store, i: number, x: Atom): void => {
  ;(data as Atom[])[i] = elem === 'bool' ? (x === true ? 1 : 0) : x
}

/** Builds a tensor value cell by cell; `at` receives the row-major index. Rank 0 gives the bare scalar. */
export const tabulate = (elem: Elem, shape: readonly number[], at: (i: number) => Atom): Value => {
  if (shape.length === 0) return at(0)
  const n = sizeOf(shape)
  const data = newStore(elem, n)
  for (let i = 0; i < n; i++) setCell(elem, data, i, at(i))
  return { shape, data }
}
/** Shape and cells of a tensor value of any rank; a bare scalar becomes one cell. */
export const cellsOf = (
  elem: Elem,
  v: Value,
): { readonly shape: readonly number[]; readonly at: (i: number) => Atom } =>
  isTensorValue(v) ? { shape: v.shape, at: (i) => cell(elem, v.data, i) } : { shape: [], at: () => v as Atom }

export const isTensorValue = (v: Value): v is TensorValue =>
  typeof v === 'object' && v !== null && 'shape' in v && 'data' in v && !(v instanceof Uint8Array)

/** The value that fills places nobody looks at: zero, the empty string, none, an empty list. */
export const zeroOf = (elem: Elem): Atom => {
  switch (storage(elem)) {
    case undefined:
      return elem === 'string' ? '' : elem === 'bytes' ? new Uint8Array(0) : null
    case 'bool':
      return false
    case 'i64':
    case 'u64':
      return 0n
    default:
      return 0
  }
}
export const filler = (t: Type): Value => {
  const known = fillers.get(t)
  if (known !== undefined) return known
  const made = fill(t)
  fillers.set(t, made)
  return made
}
const fillers = new WeakMap<Type, Value>()
const fill = (t: Type): Value => {
  switch (t.kind) {
    case 'tensor': {
      const shape = t.shape.map((d) => (typeof d === 'number' ? d : 0))
      return tabulate(t.elem, shape, () => zeroOf(t.elem))
    }
    case 'option':
      return { _tag: 'None' }
    case 'record':
      return Object.fromEntries(t.fields.map(([n, f]) => [n, filler(f)]))
    case 'union':
      return t.cases[0] === undefined ? null : { _tag: t.cases[0][0], value: filler(t.cases[0][1]) }
    case 'result':
      return { _tag: 'Ok', value: filler(t.of) }
    case 'list':
      return collect(t.of, typeof t.dim === 'number' ? new Array<Value>(t.dim).fill(filler(t.of)) : [])
  }
}

export const lengthOf = (c: Column): number => ('list' in c ? c.length : (c.shape[0] ?? 0))

interface RecordFields {
  readonly fields: readonly (readonly [string, Type])[]
}
/** A field is an own one, whatever it is called. */
const put = <V>(to: Record<string, V>, name: string, value: V): void => {
  if (name === '__proto__') Object.defineProperty(to, name, { value, enumerable: true })
  else to[name] = value
}

/** Element `i` of a list of `of`; records are assembled here, the only place where a row becomes an object. */
export const elementAt = (of: Type, c: Column, i: number): Value => {
  if (!('list' in c)) return cell((of as { elem: Elem }).elem, c.data, i)
  switch (c.list) {
    case 'boxed':
      return c.items[i]!
    case 'columns': {
      // Property by property: a row costs a third of what it does by way of entries.
      const row: Record<string, Value> = {}
      const { fields } = of as RecordFields
      for (let k = 0; k < fields.length; k++)
        put(row, fields[k]![0], elementAt(fields[k]![1], c.columns[fields[k]![0]]!, i))
      return row
    }
    case 'options':
      return c.valid[i] === 1
        ? { _tag: 'Some', value: elementAt((of as { of: Type }).of, c.values, i) }
        : { _tag: 'None' }
    case 'ragged':
      return sliceColumn(c.values, c.offsets[i]!, c.offsets[i + 1]!)
  }
}

/** A contiguous part of a column; typed arrays are shared, not copied. */
export const sliceColumn = (c: Column, from: number, to: number): Column => {
  if (!('list' in c)) {
    const data = Array.isArray(c.data) ? c.data.slice(from, to) : (c.data as Float64Array).subarray(from, to)
    return { shape: [to - from], data }
  }
  switch (c.list) {
    case 'boxed':
      return { list: 'boxed', length: to - from, items: c.items.slice(from, to) }
    case 'columns':
      return { list: 'columns', length: to - from, columns: slices(c.columns, from, to) }
    case 'options':
      return {
        list: 'options',
        length: to - from,
        valid: c.valid.subarray(from, to),
        values: sliceColumn(c.values, from, to),
      }
    case 'ragged': {
      const base = c.offsets[from]!
      return {
        list: 'ragged',
        length: to - from,
        values: sliceColumn(c.values, base, c.offsets[to]!),
        offsets: c.offsets.slice(from, to + 1).map((o) => o - base),
      }
    }
  }
}

const slices = (columns: Readonly<Record<string, Column>>, from: number, to: number): Record<string, Column> => {
  const out: Record<string, Column> = {}
  for (const n of Object.keys(columns)) put(out, n, sliceColumn(columns[n]!, from, to))
  return out
}

/** The column form of a sequence of elements of type `of`; the inverse of `elementAt`. */
export const collect = (of: Type, items: readonly Value[]): Column => {
  const n = items.length
  switch (of.kind) {
    case 'tensor':
      if (isScalar(of) && storage(of.elem) === undefined) return { shape: [n], data: items.slice() as Atom[] }
      if (isScalar(of)) return tabulate(of.elem, [n], (i) => items[i] as Atom) as TensorValue
      if (of.shape.length === 1) return ragged(of, items as readonly Column[])
      return { list: 'boxed', length: n, items }
    case 'record':
      return {
        list: 'columns',
        length: n,
        columns: Object.fromEntries(
          of.fields.map(([name, t]) => [
            name,
            collect(
              t,
              items.map((r) => (r as RecordValue)[name]!),
            ),
          ]),
        ),
      }
    case 'option': {
      const options = items as readonly OptionValue[]
      const blank = options.every((o) => o._tag === 'Some') ? null : filler(of.of)
      return {
        list: 'options',
        length: n,
        valid: Uint8Array.from(options, (o) => (o._tag === 'Some' ? 1 : 0)),
        values: collect(
          of.of,
          options.map((o) => (o._tag === 'Some' ? o.value : blank!)),
        ),
      }
    }
    case 'list':
      return ragged(of, items as readonly Column[])
    default:
      return { list: 'boxed', length: n, items }
  }
}
const ragged = (of: Type, items: readonly Column[]): ListValue => {
  const inner: Type = of.kind === 'list' ? of.of : scalar((of as TensorType).elem)
  const offsets = new Int32Array(items.length + 1)
  for (const [i, c] of items.entries()) offsets[i + 1] = offsets[i]! + lengthOf(c)
  return { list: 'ragged', length: items.length, offsets, values: joined(inner, items) }
}
/** Columns one after the other as one, without taking them apart where they lie alike. */
const joined = (of: Type, parts: readonly Column[]): Column => {
  if (isScalar(of)) {
    const data = newStore(
      of.elem,
      parts.reduce((n, c) => n + lengthOf(c), 0),
    )
    let at = 0
    for (const c of parts) {
      const cells = (c as TensorValue).data
      if (ArrayBuffer.isView(data)) (data as Float64Array).set(cells as Float64Array, at)
      else for (let i = 0; i < cells.length; i++) (data as Atom[])[at + i] = cells[i] as Atom
      at += cells.length
    }
    return { shape: [data.length], data }
  }
  if (of.kind === 'record' && parts.length > 0 && parts.every((c) => 'list' in c && c.list === 'columns')) {
    const columns: Record<string, Column> = {}
    for (const [n, t] of of.fields)
      put(
        columns,
        n,
        joined(
          t,
          parts.map((c) => (c as { columns: Readonly<Record<string, Column>> }).columns[n]!),
        ),
      )
    return { list: 'columns', length: parts.reduce((n, c) => n + lengthOf(c), 0), columns }
  }
  const items: Value[] = []
  for (const c of parts) for (let i = 0; i < lengthOf(c); i++) items.push(elementAt(of, c, i))
  return collect(of, items)
}

const pick = (elem: Elem, from: Store, rows: ArrayLike<number>): Store => {
  const to = newStore(elem, rows.length)
  if (from instanceof BigInt64Array || from instanceof BigUint64Array) {
    // By halves: a bigint each would have to be made.
    const [a, b] = [halvesOf(from), halvesOf(to as BigInt64Array)]
    for (let i = 0; i < rows.length; i++) {
      b[2 * i] = a[2 * rows[i]!]!
      b[2 * i + 1] = a[2 * rows[i]! + 1]!
    }
    return to
  }
  for (let i = 0; i < rows.length; i++) (to as unknown[])[i] = from[rows[i]!]
  return to
}
const halvesOf = (data: BigInt64Array | BigUint64Array): Int32Array =>
  new Int32Array(data.buffer, data.byteOffset, 2 * data.length)

const areNeighbours = (rows: ArrayLike<number>): boolean => {
  for (let i = 1; i < rows.length; i++) if (rows[i] !== rows[i - 1]! + 1) return false
  return true
}

/** Rows picked by index, in that order: what `filter` and keyed joins are made of. */
export const takeRows = (of: Type, c: Column, rows: ArrayLike<number>): Column => {
  // Neighbours share the memory of the whole: a small array of its own costs more than what is in it.
  if (rows.length > 0 && areNeighbours(rows)) return sliceColumn(c, rows[0]!, rows[0]! + rows.length)
  if (!('list' in c)) {
    const elem = (of as { elem: Elem }).elem
    return { shape: [rows.length], data: pick(elem, c.data, rows) }
  }
  if (c.list === 'columns') {
    const fields = (of as { fields: readonly (readonly [string, Type])[] }).fields
    return {
      list: 'columns',
      length: rows.length,
      columns: Object.fromEntries(fields.map(([n, t]) => [n, takeRows(t, c.columns[n]!, rows)])),
    }
  }
  return collect(
    of,
    Array.from(rows, (i) => elementAt(of, c, i)),
  )
}

export const mapValues = <A, B>(r: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(r).map(([k, v]) => [k, f(v)]))

/** Equality of values: bits for floats, with one NaN; -0 differs from +0. This is the equality every claim is about. */
export const sameValue = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const x = a as unknown as ArrayLike<unknown>
    const y = b as unknown as ArrayLike<unknown>
    if (a.constructor !== b.constructor || x.length !== y.length) return false
    for (let i = 0; i < x.length; i++) if (!sameValue(x[i], y[i])) return false
    return true
  }
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (k) => Object.hasOwn(b, k) && sameValue((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]),
    )
  )
}
