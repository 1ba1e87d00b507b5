import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import type { Context } from '../../driver.ts'
import type { Limit } from '../limit.ts'
import { placeholders, rewrite } from '../sql/placeholders.ts'
import type { Query } from '../sql/query.ts'
import { answerOne, cannotBind, paramsOf, Unbindable, unbound } from '../sql/query.ts'
import { badCell, notARead, notARow, notYours, tooLarge, tooManyRows } from '../sql/tell.ts'
import { outgoing } from '../sql-comment.ts'
import { binderFor } from './bind.ts'
import { collector } from './collect.ts'
import type { DuckChunk, DuckResult, DuckType } from './engine.ts'
import { changedRows, changingStatements, selectStatement, transactionStatement } from './engine.ts'
import type { Lease } from './pool.ts'
import type { Outcome } from './session.ts'

/** A value as DuckDB takes it, null being NULL, and its type there. */
export interface Bound {
  readonly duck: DuckType
  readonly value: unknown
}

/** Prepares, binds and starts one statement. */
export const start = async (
  lease: Lease,
  bound: Limit,
  sql: string,
  values: readonly Bound[],
  may: 'read' | 'write' | 'control',
): Promise<Outcome<{ readonly result: DuckResult; readonly statement: number }>> => {
  const prepared = await lease.connection.prepare(sql)
  try {
    if (bound.signal.aborted) return left('stopped')
    const statement = prepared.statementType
    if (may === 'read' && statement !== selectStatement) return left(notARead)
    if (may === 'write' && statement === transactionStatement) return left(notYours)
    values.forEach(({ duck, value }, i) => {
      if (value === null) prepared.bindNull(i + 1)
      else prepared.bindValue(i + 1, value, duck)
    })
    return right({ result: await prepared.stream(), statement })
  } finally {
    prepared.destroySync()
  }
}

/** One call, one statement. */
export const single = async (call: Query, lease: Lease, bound: Limit, context: Context): Promise<Outcome<Value>> => {
  const { attrs } = call
  const started = await begin(call, lease, bound, context)
  if (isLeft(started)) return started
  const { result, statement } = started.right
  if (attrs.mode === 'exec') return count(result, statement)
  const row = attrs.row as RecordType
  const rows = await read(call, row, result, bound)
  if (isLeft(rows)) await discard(result, lease)
  if (isLeft(rows) || attrs.mode === 'many') return rows
  return answerOne(attrs.mode, row, rows.right, rows.right.length === 1 ? 0 : undefined)
}

/** Binds the parameters of a call and starts its statement. */
export const begin = async (call: Query, lease: Lease, bound: Limit, context: Context): ReturnType<typeof start> => {
  const { attrs } = call
  if (attrs.mode !== 'exec' && attrs.row.kind !== 'record') return left(notARow(attrs.row))
  const { values, types } = paramsOf(call)
  const bindings: Bound[] = []
  for (const [i, type] of types.entries()) {
    const binder = binderFor(lease.duckdb, type)
    if (binder === undefined) return left(cannotBind(i + 1, type))
    try {
      bindings.push({ duck: binder.duck, value: binder.value(values[i]!) })
    } catch (e) {
      if (e instanceof Unbindable) return left(unbound(i + 1, e))
      throw e
    }
  }
  const sql = outgoing(typedNulls(attrs.sql, bindings), context, attrs.name)
  return start(lease, bound, sql, bindings, attrs.mode === 'exec' ? 'write' : 'read')
}

/**
 * DuckDB gives an untyped NULL the type INTEGER; written with its type, the query has one type whatever it is given.
 */
const typedNulls = (sql: string, bindings: readonly Bound[]): string =>
  bindings.every((b) => b.value !== null)
    ? sql
    : rewrite(sql, placeholders(sql), (n) => {
        const b = bindings[n - 1]
        return b?.value === null ? `$${n}::${b.duck.toString()}` : `$${n}`
      })

const count = async (result: DuckResult, statement: number): Promise<Outcome<Value>> => {
  let rows = 0
  // Not stopped from here: only the engine knows whether the change was made, and an interrupt makes it say so.
  for await (const chunk of chunksOf(result)) rows += chunk.rowCount
  if (result.returnType === changedRows) return right(BigInt(result.rowsChanged))
  return right(changingStatements.has(statement) ? BigInt(rows) : 0n) // `… returning` answers one row a change
}

/**
 * The chunks of an answer. The next one is fetched on another thread while this one is decoded. The stream of an engine that
 * was interrupted ends as if there were no more rows, so whoever may interrupt it says by what.
 */
export async function* chunksOf(result: DuckResult, bound?: Pick<Limit, 'signal'>): AsyncGenerator<DuckChunk, void> {
  let next = result.fetchChunk()
  try {
    for (let chunk = await next; chunk !== null && chunk.rowCount > 0; chunk = await next) {
      next = result.fetchChunk()
      yield chunk
    }
    if (bound?.signal.aborted === true) throw new Error('INTERRUPT Error: Interrupted!')
  } finally {
    await next.catch(() => null) // whoever stops early must not leave a fetch behind
  }
}

/** Reads rows into columns, and no further than the call allows. */
const read = async (call: Query, row: RecordType, result: DuckResult, bound: Limit): Promise<Outcome<ListValue>> => {
  const { mode, maxRows, maxBytes } = call.attrs
  const columns = collector(result, row)
  if (isLeft(columns)) return columns
  const most = mode === 'many' ? maxRows : 1
  let rows = 0
  let last: DuckChunk | undefined
  for await (const chunk of chunksOf(result, bound)) {
    if (bound.signal.aborted) return left('stopped')
    rows += chunk.rowCount
    if (rows > most) return left(tooManyRows(mode, maxRows))
    // One row is decoded only when it is sure that no second follows, so that batched and single agree on the error.
    if (mode === 'many') columns.right.add(chunk, 0, chunk.rowCount)
    else last = chunk
    const bad = columns.right.bad()
    if (bad !== undefined) return left(badCell(bad))
    if (columns.right.bytes() > maxBytes) return left(tooLarge(maxBytes))
  }
  if (last !== undefined) columns.right.add(last, 0, 1)
  const bad = columns.right.bad()
  if (bad !== undefined) return left(badCell(bad))
  return columns.right.bytes() > maxBytes ? left(tooLarge(maxBytes)) : right(columns.right.finish())
}

/** Ends a stream that nobody will read, so that it keeps no transaction open on the connection. */
export const discard = async (result: DuckResult, lease: Lease): Promise<void> => {
  lease.connection.interrupt()
  try {
    for await (const _ of chunksOf(result));
  } catch {
    // Interrupted, as asked.
  }
}
