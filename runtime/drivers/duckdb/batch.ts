import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { BatchPlan, Context } from '../../driver.ts'
import type { Limit } from '../limit.ts'
import { batchSql } from '../sql/batch-sql.ts'
import type { KeyAnswer, KeyRows } from '../sql/keys.ts'
import { answerKeys, byParams, distinct, mostRowsOf, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { paramsOf } from '../sql/query.ts'
import { outgoing } from '../sql-comment.ts'
import { binderFor } from './bind.ts'
import { collector } from './collect.ts'
import type { DuckResult } from './engine.ts'
import type { Lease } from './pool.ts'
import type { Bound } from './query.ts'
import { chunksOf, discard, start } from './query.ts'
import type { Outcome } from './session.ts'
import { itemsOf, nullsOf } from './vector.ts'

interface QueryBatch {
  readonly calls: readonly Query[]
  readonly plan: BatchPlan
}
/** One statement for all calls. */
export const batched = async (
  batch: QueryBatch,
  lease: Lease,
  bound: Limit,
  context: Context,
): Promise<Outcome<readonly KeyAnswer[]>> => {
  const first = batch.calls[0]!
  const { keys, keyOfCall } = distinct(batch.calls, byParams)
  const bindings = bindKeys(lease, keys)
  if (bindings === undefined) return left(unusable('a parameter is no scalar'))
  const sql = outgoing(batchSql(first.attrs.sql, batch.plan, bindings.types), context, first.attrs.name)
  const started = await start(lease, bound, sql, bindings.lists, 'read')
  if (isLeft(started)) return started
  const rows = await readKeys(started.right.result, first, keys.length, bound)
  if (isLeft(rows)) {
    await discard(started.right.result, lease)
    return rows
  }
  const answers = answerKeys(first, keys.length, rows.right)
  return right(keyOfCall.map((k) => answers[k]!))
}

/** One list a parameter, the ordinals first. */
const bindKeys = (
  { duckdb }: Lease,
  keys: readonly Query[],
): { readonly types: readonly string[]; readonly lists: readonly Bound[] } | undefined => {
  const types: string[] = []
  const list = (items: readonly unknown[], of: Bound['duck']): Bound => ({
    duck: duckdb.LIST(of),
    value: new duckdb.DuckDBListValue(items),
  })
  const lists = [
    list(
      keys.map((_, i) => i),
      duckdb.INTEGER,
    ),
  ]
  for (const [i, type] of paramsOf(keys[0]!).types.entries()) {
    const binder = binderFor(duckdb, type)
    if (binder === undefined || binder.list) return undefined
    types.push(binder.duck.toString())
    lists.push(
      list(
        keys.map((call) => binder.value(paramsOf(call).values[i]!)),
        binder.duck,
      ),
    )
  }
  return { types, lists }
}

/** Reads all rows into columns and notes which of them belong to each key. */
const readKeys = async (result: DuckResult, call: Query, count: number, bound: Limit): Promise<Outcome<KeyRows>> => {
  const { maxBytes, row } = call.attrs
  const declared = (row as RecordType).fields
  const names = result.columnNames()
  // A subquery renames the second of two columns of one name, which the single query would refuse.
  if (declared.some(([name]) => names.includes(`${name}_1`))) return left(unusable('two columns may share a name'))
  const found = collector(result, row as RecordType, 2)
  if (isLeft(found)) return found
  const columns = found.right
  const mostRows = mostRowsOf(call.attrs, count)
  const keyOfRow: number[] = []
  for await (const chunk of chunksOf(result, bound)) {
    if (bound.signal.aborted) return left('stopped')
    const n = chunk.rowCount
    const ordinal = itemsOf(chunk.getColumnVector(0))
    const absent = nullsOf(chunk.getColumnVector(1), 0, n)
    // Runs of rows go in bulk; the row that stands for an empty answer is left out.
    for (let from = 0; from < n; ) {
      let to = from
      while (to < n && absent?.[to] !== 1) keyOfRow.push(Number(ordinal[to++]))
      if (to > from) columns.add(chunk, from, to - from)
      from = to + 1
    }
    if (keyOfRow.length > mostRows || columns.bytes() > count * maxBytes)
      return left(unusable('the keys together answer too much'))
  }
  return right({ list: columns.finish(), badRows: columns.badRows, bytesOfRow: columns.bytesOfRow, keyOfRow })
}
