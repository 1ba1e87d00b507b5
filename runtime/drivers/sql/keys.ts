import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import { takeRows } from '../../../graph/values.ts'
import { keyIn, keyOf } from '../../keys.ts'
import type { Failure } from '../failure.ts'
import type { Query } from './query.ts'
import { answerOne, paramsOf } from './query.ts'
import { tooManyRows } from './tell.ts'

/** What a batch answers for a key; `alone`: ask by itself, so that the key gets the very error of the single query. */
export type KeyAnswer = Either<Failure | 'alone', Value>

/** The batch as a whole is of no use. Never shown: the members run one by one and speak for themselves. */
export const unusable = (cause: string): Failure => ({ tag: 'Refused', cause, remedy: 'run the queries one by one' })

/** Keys without repetition, and for each call which of them is its own. */
export const distinct = (
  calls: readonly Query[],
): { readonly keys: readonly Query[]; readonly keyOfCall: readonly number[] } => {
  const seen = new Map<string | bigint, number>()
  const keys: Query[] = []
  const keyOfCall = calls.map((call) => {
    const key = keyIn(paramsOf(call).values)
    const known = seen.get(key)
    if (known !== undefined) return known
    seen.set(key, keys.length)
    return keys.push(call) - 1
  })
  return { keys, keyOfCall }
}

/** The rows of all keys: decoded, what they cost, and which belong to each key. */
export interface KeyRows {
  readonly list: ListValue
  readonly badRows: ReadonlySet<number>
  readonly bytesOfRow: (row: number) => number
  readonly rows: readonly (readonly number[])[]
}
export const answerKeys = (call: Query, { list, badRows, bytesOfRow, rows }: KeyRows): readonly KeyAnswer[] => {
  const { mode, maxRows, maxBytes } = call.attrs
  const row = call.attrs.row as RecordType
  return rows.map((mine): KeyAnswer => {
    if (mode !== 'many' && mine.length > 1) return left(tooManyRows(mode, maxRows))
    const bytes = mine.reduce((sum, r) => sum + bytesOfRow(r), 0)
    if (mine.length > maxRows || bytes > maxBytes || mine.some((r) => badRows.has(r))) return left('alone')
    return mode === 'many' ? right(takeRows(row, list, mine)) : answerOne(mode, row, list, mine[0])
  })
}
/** The most rows that the keys together may answer before the batch is of no use. */
export const mostRowsOf = (call: Query, keys: number): number =>
  call.attrs.mode === 'many' ? keys * call.attrs.maxRows : 2 * keys + 4096

/** One statement acts for all its members, so they must be one query under one authority. */
export const sameQuery = (a: Query, b: Query): boolean =>
  a.attrs.sql === b.attrs.sql && a.attrs.mode === b.attrs.mode && authorityOf(a) === authorityOf(b)
const authorityOf = (call: Query): string => (call.attrs.authority ? keyOf(call.args.slice(0, 1)) : '')
