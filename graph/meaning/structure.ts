import type { Elem } from '../elem.ts'
import type { Dim, TensorType, Type } from '../types.ts'
import { elementOf } from '../types.ts'
import type {
  Column,
  ListValue,
  OptionValue,
  RecordValue,
  ResultValue,
  TensorValue,
  UnionValue,
  Value,
} from '../values.ts'
import { cell, elementAt, lengthOf, newStore, setCell, sizeOf, sliceColumn, takeRows } from '../values.ts'
import type { Meaning } from './meaning.ts'

/** Records, lists, options, unions and results: the ops that move values without computing on them. */

export const record: Meaning<{ fields: readonly string[] }> = (a, args) =>
  Object.fromEntries(a.fields.map((f, i) => [f, args[i]!]))
export const field: Meaning<{ name: string }> = (a, args) => (args[0] as RecordValue)[a.name]!
export const column: Meaning<{ name: string }> = (a, args) =>
  (args[0] as Extract<ListValue, { list: 'columns' }>).columns[a.name]!
export const rows: Meaning<{ fields: readonly string[] }> = (a, args) => ({
  list: 'columns',
  length: lengthOf(args[0] as Column),
  columns: Object.fromEntries(a.fields.map((f, i) => [f, args[i] as Column])),
})
export const length: Meaning<object> = (_, args) => lengthOf(args[0] as Column)

const inner = (t: Type): Type => elementOf(t)!.of
/** The elements at which the mask is true, in order. */
export const filter: Meaning<{ dim: Dim }> = (_, args, types) => {
  const mask = args[1] as TensorValue
  const kept: number[] = []
  for (let i = 0; i < mask.data.length; i++) if (mask.data[i] === 1) kept.push(i)
  return takeRows(inner(types[0]!), args[0] as Column, kept)
}
/** Element i, or none where there is no such element. */
export const at: Meaning<object> = (_, args, types): OptionValue => {
  const list = args[0] as Column
  const i = Number(args[1])
  return i >= 0 && i < lengthOf(list) ? { _tag: 'Some', value: elementAt(inner(types[0]!), list, i) } : { _tag: 'None' }
}
/** All inner elements of a list of lists, in order. */
export const flatten: Meaning<{ dim: Dim }> = (_, args) => (args[0] as Extract<ListValue, { list: 'ragged' }>).values

/** A list of tensors of one shape as one tensor; lists of vectors lie end to end already. */
export const stack: Meaning<object> = (_, args, types, result) => {
  const list = args[0] as ListValue
  const { shape } = inner(types[0]!) as TensorType
  const whole = [list.length, ...(shape as readonly number[])]
  if (list.list === 'ragged') {
    const cells = sliceColumn(list.values, list.offsets[0]!, list.offsets[list.length]!) as TensorValue
    return { shape: whole, data: cells.data }
  }
  const each = sizeOf(shape as readonly number[])
  const items = (list as Extract<ListValue, { list: 'boxed' }>).items as readonly TensorValue[]
  return joined((result as TensorType).elem, whole, items, each)
}
const joined = (elem: Elem, shape: readonly number[], items: readonly TensorValue[], each: number): TensorValue => {
  const data = newStore(elem, items.length * each) as unknown[]
  for (const [i, t] of items.entries()) for (let j = 0; j < each; j++) data[i * each + j] = t.data[j]
  return { shape, data: data as unknown as TensorValue['data'] }
}
/** What stands along the first axis, as a list. */
export const unstack: Meaning<object> = (_, args): ListValue => {
  const { shape, data } = args[0] as TensorValue
  const [n, ...own] = shape as [number, ...number[]]
  const each = sizeOf(own)
  if (own.length === 1) {
    const offsets = Int32Array.from({ length: n + 1 }, (_, i) => i * each)
    return { list: 'ragged', length: n, offsets, values: { shape: [n * each], data } }
  }
  const part = (i: number): TensorValue['data'] =>
    Array.isArray(data)
      ? data.slice(i * each, (i + 1) * each)
      : (data as Float64Array).subarray(i * each, (i + 1) * each)
  return { list: 'boxed', length: n, items: Array.from({ length: n }, (_, i) => ({ shape: own, data: part(i) })) }
}

export const some: Meaning<object> = (_, args) => ({ _tag: 'Some', value: args[0]! })
export const none: Meaning<object> = () => ({ _tag: 'None' })
/** The value of an option, or the default; over a list of options, element by element. */
export const orElse: Meaning<object> = (_, args, __, result) => {
  const o = args[0] as OptionValue | Extract<ListValue, { list: 'options' }>
  if ('_tag' in o) return o._tag === 'Some' ? o.value : args[1]!
  const elem = (result as { elem: 'f64' }).elem
  const values = o.values as TensorValue
  const data = newStore(elem, o.length)
  for (let i = 0; i < o.length; i++) {
    setCell(elem, data, i, o.valid[i] === 1 ? cell(elem, values.data, i) : (args[1] as number))
  }
  return { shape: [o.length], data }
}
export const isSome: Meaning<object> = (_, args) => {
  const o = args[0] as OptionValue | Extract<ListValue, { list: 'options' }>
  return '_tag' in o ? o._tag === 'Some' : { shape: [o.length], data: o.valid }
}
export const inject: Meaning<{ case: string }> = (a, args): UnionValue => ({ _tag: a.case, value: args[0]! })

/** Which case a value of an option, union or result is, and what it holds: how `match` looks inside. */
export const open = (t: Type, v: Value): { readonly index: number; readonly value: Value } => {
  if (t.kind === 'option') {
    const o = v as OptionValue
    return o._tag === 'Some' ? { index: 1, value: o.value } : { index: 0, value: null }
  }
  if (t.kind === 'result') {
    const r = v as ResultValue
    return r._tag === 'Ok' ? { index: 0, value: r.value } : { index: 1, value: r.error as unknown as RecordValue }
  }
  const u = v as UnionValue
  const index = t.kind === 'union' ? t.cases.findIndex(([n]) => n === u._tag) : -1
  return { index, value: u.value }
}
