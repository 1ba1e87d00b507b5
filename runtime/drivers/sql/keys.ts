import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import { sliceColumn, takeRows } from '../../../graph/values.ts'
import type { Key } from '../../keys.ts'
import { keyIn, keyOf } from '../../keys.ts'
import type { Failure } from '../failure.ts'
import type { Query } from './query.ts'
import { answerOne, paramsOf } from './query.ts'
import { tooManyRows } from './tell.ts'

/** What a batch answers for a key; `alone`: ask by itself, so that the key gets the very error of the single query. */
export type KeyAnswer = Either<Failure | 'alone', Value>

/** The batch as a whole is of no use. Never shown: the members run one by one and speak for themselves. */
export const unusable = (cause: string): Failure => ({ tag: 'Refused', cause, remedy: 'run the queries one by one' })

/** Keys without repetition, for each call which of them is its own, and where each stands. */
export interface Distinct<K> {
  readonly keys: readonly Query[]
  readonly keyOfCall: readonly number[]
  readonly ordinals: ReadonlyMap<K, number>
}
export const distinct = <K>(calls: readonly Query[], keyOf: (call: Query) => K): Distinct<K> => {
  const ordinals = new Map<K, number>()
  const keys: Query[] = []
  const keyOfCall = calls.map((call) => {
    const key = keyOf(call)
    const known = ordinals.get(key)
    if (known !== undefined) return known
    ordinals.set(key, keys.length)
    return keys.push(call) - 1
  })
  return { keys, keyOfCall, ordinals }
}
export const byParams = (call: Query): Key => keyIn(paramsOf(call).values)

/** The rows of all keys: decoded, what they cost, and to which key each belongs. */
export interface KeyRows {
  readonly list: ListValue
  readonly badRows: ReadonlySet<number>
  readonly bytesOfRow: (row: number) => number
  /** -1: to none of them. */
  readonly keyOfRow: ArrayLike<number>
  /** The row that answers keys without rows, where a query answers one whatever it finds. */
  readonly none?: number
}
export const answerKeys = (call: Query, keys: number, all: KeyRows): readonly KeyAnswer[] => {
  const { mode, maxRows, maxBytes } = call.attrs
  const row = call.attrs.row as RecordType
  const { starts, order } = byKey(keys, all.keyOfRow)
  const { list, badRows, bytesOfRow, none } = all
  // Rows that come key by key are parts of what came; others are put in order once.
  const grouped = mode === 'many' ? takeRows(row, list, order) : list
  const answerOf = (k: number): KeyAnswer => {
    const [from, to] = [starts[k]!, starts[k + 1]!]
    if (mode !== 'many' && to - from > 1) return left(tooManyRows(mode, maxRows))
    let bytes = 0
    for (let i = from; i < to; i++) {
      bytes += bytesOfRow(order[i]!)
      if (badRows.has(order[i]!)) return left('alone')
    }
    if (to - from > maxRows || bytes > maxBytes) return left('alone')
    if (to > from)
      return mode === 'many' ? right(sliceColumn(grouped, from, to)) : answerOne(mode, row, list, order[from])
    if (none !== undefined && badRows.has(none)) return left('alone')
    return mode === 'many'
      ? right(takeRows(row, list, none === undefined ? [] : [none]))
      : answerOne(mode, row, list, none)
  }
  const answers = new Array<KeyAnswer>(keys)
  for (let k = 0; k < keys; k++) answers[k] = answerOf(k)
  return answers
}
/** The rows of key k, in the order in which they came: those at `order[starts[k]]` to `order[starts[k + 1]]`. */
const byKey = (
  keys: number,
  keyOfRow: ArrayLike<number>,
): { readonly starts: Int32Array; readonly order: Int32Array } => {
  const starts = new Int32Array(keys + 1)
  for (let i = 0; i < keyOfRow.length; i++) if (keyOfRow[i]! >= 0) starts[keyOfRow[i]! + 1]!++
  for (let k = 0; k < keys; k++) starts[k + 1]! += starts[k]!
  const order = new Int32Array(starts[keys]!)
  const next = starts.slice()
  for (let i = 0; i < keyOfRow.length; i++) if (keyOfRow[i]! >= 0) order[next[keyOfRow[i]!]!++] = i
  return { starts, order }
}
/** The most rows that the keys together may answer before the batch is of no use. */
export const mostRowsOf = ({ mode, maxRows }: Query['attrs'], keys: number): number =>
  (mode === 'many' ? keys * maxRows : 2 * keys + 4096) + 1 // and what stands for none

/** One statement acts for all its members, so they must be one query under one authority. */
export const sameQuery = (a: Query, b: Query): boolean =>
  (a.attrs === b.attrs || (a.attrs.sql === b.attrs.sql && a.attrs.mode === b.attrs.mode)) &&
  authorityOf(a) === authorityOf(b)
const authorityOf = (call: Query): string => (call.attrs.authority ? keyOf(call.args.slice(0, 1)) : '')
