import type { Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import { elementAt } from '../../../graph/values.ts'
import type { Limit } from '../limit.ts'
import type { Binder } from './bind.ts'
import { binderFor, cannotBind, Unbindable } from './bind.ts'
import { badCell, collector } from './collect.ts'
import type { DuckChunk, DuckResult } from './engine.ts'
import { changedRows, changingStatements, selectStatement } from './engine.ts'
import { placeholders, rewrite } from './placeholders.ts'
import type { Lease } from './pool.ts'
import type { Outcome } from './session.ts'
import { noRow, notARow, notARead, tooLarge, tooManyRows, unbound } from './tell.ts'

export type Query = Call & { readonly effect: 'dbQuery' }

/** The parameters of a call: its arguments without the authority. */
export const paramsOf = (call: Query): { readonly values: readonly Value[]; readonly types: Query['argTypes'] } => {
  const skip = call.attrs.authority ? 1 : 0
  return { values: call.args.slice(skip), types: call.argTypes.slice(skip) }
}

interface Bound { readonly binder: Binder; readonly value: unknown }

/** Prepares, binds and starts one statement. */
export const start = async (
  lease: Lease, bound: Limit, sql: string, values: readonly Bound[], mayWrite: boolean,
): Promise<Outcome<{ readonly result: DuckResult; readonly statement: number }>> => {
  const prepared = await lease.connection.prepare(sql)
  try {
    if (bound.signal.aborted) return left('stopped')
    const statement = prepared.statementType
    if (!mayWrite && statement !== selectStatement) return left(notARead)
    values.forEach(({ binder, value }, i) => {
      if (value === null) prepared.bindNull(i + 1)
      else prepared.bindValue(i + 1, value, binder.duck)
    })
    return right({ result: await prepared.stream(), statement })
  } finally {
    prepared.destroySync()
  }
}

/** One call, one statement. */
export const single = async (call: Query, lease: Lease, bound: Limit): Promise<Outcome<Value>> => {
  const { attrs } = call
  const row = attrs.row
  if (attrs.mode !== 'exec' && row.kind !== 'record') return left(notARow(row))
  const { values, types } = paramsOf(call)
  const bindings: Bound[] = []
  for (const [i, type] of types.entries()) {
    const binder = binderFor(lease.duckdb, type)
    if (binder === undefined) return left({ tag: 'Refused', ...cannotBind(i + 1, type) })
    try {
      bindings.push({ binder, value: binder.value(values[i]!) })
    } catch (e) {
      if (e instanceof Unbindable) return left(unbound(i + 1, e))
      throw e
    }
  }
  const sql = typedNulls(attrs.sql, bindings)
  const started = await start(lease, bound, sql, bindings, attrs.mode === 'exec')
  if (isLeft(started)) return started
  const { result, statement } = started.right
  if (attrs.mode === 'exec') return count(result, statement, bound)
  const rows = await read(call, row as RecordType, result, lease, bound)
  if (isLeft(rows) || attrs.mode === 'many') return rows
  return answerOne(call, row as RecordType, rows.right)
}

/** DuckDB gives an untyped NULL the type INTEGER; written with its type, the query has one type whatever it is given. */
const typedNulls = (sql: string, bindings: readonly Bound[]): string =>
  bindings.every((b) => b.value !== null) ? sql : rewrite(sql, placeholders(sql), (n) => {
    const b = bindings[n - 1]
    return b?.value === null ? `$${n}::${b.binder.duck.toString()}` : `$${n}`
  })

export const answerOne = (call: Query, row: RecordType, rows: ListValue): Outcome<Value> => {
  if (call.attrs.mode === 'one') return rows.length === 1 ? right(elementAt(row, rows, 0)) : left(noRow)
  return right(rows.length === 1 ? { _tag: 'Some', value: elementAt(row, rows, 0) } : { _tag: 'None' })
}

const count = async (result: DuckResult, statement: number, bound: Limit): Promise<Outcome<Value>> => {
  let rows = 0
  for (let chunk = await result.fetchChunk(); hasRows(chunk); chunk = await result.fetchChunk()) {
    if (bound.signal.aborted) return left('stopped')
    rows += chunk.rowCount
  }
  if (result.returnType === changedRows) return right(BigInt(result.rowsChanged))
  return right(changingStatements.has(statement) ? BigInt(rows) : 0n) // `… returning` answers one row a change
}

const hasRows = (chunk: DuckChunk | null): chunk is DuckChunk => chunk !== null && chunk.rowCount > 0

/** Reads rows into columns, and no further than the call allows. */
const read = async (
  call: Query, row: RecordType, result: DuckResult, lease: Lease, bound: Limit,
): Promise<Outcome<ListValue>> => {
  const { mode, maxRows, maxBytes } = call.attrs
  const columns = collector(result, row)
  if (isLeft(columns)) return stop(columns)
  const most = mode === 'many' ? maxRows : 1
  let rows = 0
  let last: DuckChunk | undefined
  for (let chunk = await result.fetchChunk(); hasRows(chunk); chunk = await result.fetchChunk()) {
    if (bound.signal.aborted) return stop(left('stopped'))
    rows += chunk.rowCount
    if (rows > most) return stop(left(tooManyRows(mode, maxRows)))
    // One row is decoded only when it is sure that no second follows, so that batched and single agree on the error.
    if (mode === 'many') columns.right.add(chunk, 0, chunk.rowCount)
    else last = chunk
    const bad = columns.right.bad()
    if (bad !== undefined) return stop(left(badCell(bad)))
    if (columns.right.bytes() > maxBytes) return stop(left(tooLarge(maxBytes)))
  }
  if (last !== undefined) columns.right.add(last, 0, 1)
  const bad = columns.right.bad()
  if (bad !== undefined) return left(badCell(bad))
  return columns.right.bytes() > maxBytes ? left(tooLarge(maxBytes)) : right(columns.right.finish())

  async function stop<L>(why: L): Promise<L> {
    await discard(result, lease)
    return why
  }
}

/** Ends a stream that nobody will read, so that it keeps no transaction open on the connection. */
export const discard = async (result: DuckResult, lease: Lease): Promise<void> => {
  lease.connection.interrupt()
  try {
    while (hasRows(await result.fetchChunk()));
  } catch {
    // Interrupted, as asked.
  }
}
