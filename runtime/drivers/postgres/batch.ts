import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { BatchPlan } from '../../driver.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { batchSql, postgresDialect } from '../sql/batch-sql.ts'
import type { KeyAnswer } from '../sql/keys.ts'
import { answerKeys, distinct, mostRowsOf, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { Unbindable } from '../sql/query.ts'
import { commented, outgoing } from '../sql-comment.ts'
import type { Collector } from './columns.ts'
import { collector } from './columns.ts'
import type { Line } from './line.ts'
import type { Binder } from './params.ts'
import { arrayText } from './params.ts'
import type { Reading, Tools } from './query.ts'
import { bindAll, read } from './query.ts'
import type { Outcome } from './session.ts'
import type { Statement } from './statement.ts'
import { describe, planned, run } from './statement.ts'
import { castName, oid } from './types.ts'

export interface QueryBatch {
  readonly calls: readonly Query[]
  readonly plan: BatchPlan
}

/** A statement that is ready to run, and what its rows mean. */
export interface Ready<T> {
  readonly statement: Statement
  readonly values: readonly (string | null)[]
  readonly reading: Pick<Reading, 'most' | 'maxBytes' | 'add'>
  readonly answer: () => Outcome<T>
}

/** One statement for all calls. */
export const batched = async (
  batch: QueryBatch,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<readonly KeyAnswer[]>> => {
  const ready = await readyBatch(batch, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values, reading, answer } = ready.right
  const end = await read(line, reading, (r) => run(line, bound, tools.catalogue, statement, { values, ...r }))
  return isLeft(end) ? end : answer()
}

export const readyBatch = async (
  { calls, plan }: QueryBatch,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<Ready<readonly KeyAnswer[]>>> => {
  const first = calls[0]!
  const { keys, keyOfCall } = distinct(calls)
  const lists = listsOf(keys)
  if (isLeft(lists)) return lists
  const whole = await describeBatch(first, plan, lists.right.binders, line, bound, tools)
  if (isLeft(whole)) return whole
  const reader = keyReader(whole.right.fields, first, keys.length)
  if (isLeft(reader)) return reader
  return right({
    statement: whole.right,
    values: lists.right.values,
    reading: reader.right,
    answer: () => {
      const answers = answerKeys(first, reader.right.rows())
      return right(keyOfCall.map((k) => answers[k]!))
    },
  })
}

/** The types of the parameters are those that the query gives them when it is asked for one key. */
const describeBatch = async (
  first: Query,
  plan: BatchPlan,
  binders: readonly Binder[],
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<Statement>> => {
  const { sql, name } = first.attrs
  const { catalogue, graph } = tools
  const one = await describe(line, bound, catalogue, commented(sql, graph, name), binders)
  if (isLeft(one)) return one
  const names = one.right.params.map(castName)
  if (names.some((n) => n === undefined)) return left(unusable('a parameter has a type without a known name'))
  const text = batchSql(sql, plan, names as readonly string[], postgresDialect)
  const fixed = { type: 0, flexible: false }
  const whole = await describe(line, bound, catalogue, outgoing(text, tools, name), [
    fixed,
    ...binders.map(() => fixed),
  ])
  return isLeft(whole) ? whole : right(planned(whole.right))
}

/** One list a parameter, the ordinals first. */
const listsOf = (
  keys: readonly Query[],
): Outcome<{ readonly binders: readonly Binder[]; readonly values: readonly string[] }> => {
  const bound = bindAll(keys[0]!)
  if (isLeft(bound)) return left(unusable('a key has no SQL form')) // and says so by itself
  const { binders } = bound.right
  if (binders.some((b) => b.list)) return left(unusable('a parameter is no scalar'))
  // Column by column, because all keys are of one type.
  const skip = keys[0]!.attrs.authority ? 1 : 0
  try {
    const columns = binders.map((b, i) => arrayText(keys.length, (k) => b.text(keys[k]!.args[i + skip]!)))
    return right({ binders, values: [arrayText(keys.length, String), ...columns] })
  } catch (e) {
    if (e instanceof Unbindable) return left(unusable('a key has no SQL form'))
    throw e
  }
}

interface KeyReader {
  readonly most: number
  readonly maxBytes: number
  readonly add: (b: Buffer, at: number) => Failure | undefined
  readonly rows: () => Parameters<typeof answerKeys>[1]
}
/** Reads all rows into columns and notes which of them belong to each key. */
const keyReader = (fields: Statement['fields'], call: Query, count: number): Outcome<KeyReader> => {
  const { maxBytes, row } = call.attrs
  if (fields[0]?.type !== oid.int4) return left(unusable('the answer has another form'))
  const found = collector(fields, row as RecordType, 2)
  if (isLeft(found)) return found
  const columns: Collector = found.right
  const mostRows = mostRowsOf(call, count)
  const rows: number[][] = Array.from({ length: count }, () => [])
  return right({
    most: mostRows + count + 1, // a key without rows sends one that stands for it
    maxBytes,
    add: (b, at) => {
      // The ordinal is an int4, the marker after it NULL where there is no row.
      const ordinal = b.readInt32BE(at + 6)
      if (b.readInt32BE(at + 10) < 0) return undefined
      rows[ordinal]!.push(columns.rows())
      columns.add(b, at)
      if (columns.rows() > mostRows || columns.bytes() > count * maxBytes)
        return unusable('the keys together answer too much')
      return undefined
    },
    rows: () => ({ list: columns.finish(), badRows: columns.badRows, bytesOfRow: columns.bytesOfRow, rows }),
  })
}
