import type { Batch } from '../../driver.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Either } from '../../../graph/either.ts'
import type { RecordType, Type } from '../../../graph/types.ts'
import type { Column, Value } from '../../../graph/values.ts'
import { lengthOf, takeRows } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import type { Binder } from './bind.ts'
import { binderFor } from './bind.ts'
import { collector } from './collect.ts'
import { keyOf } from './keys.ts'
import { rewrite } from './placeholders.ts'
import type { Lease } from './pool.ts'
import type { Query } from './query.ts'
import { answerOne, discard, paramsOf, start } from './query.ts'
import type { Outcome } from './session.ts'
import { itemsOf, nullsOf } from './vector.ts'
import { tooManyRows } from './tell.ts'

/** What a batch answers for a key: an answer, or that the key must be asked by itself to get its own error. */
export type KeyAnswer = Either<Failure | 'alone', Value>

/** Names for the batched statement that the user's text cannot mean. */
const freshNames = (sql: string): { readonly keys: string; readonly ordinal: string; readonly query: string; readonly here: string; readonly key: (n: number) => string } => {
  let prefix = 'quoin'
  for (let i = 0; sql.toLowerCase().includes(prefix); i++) prefix = `quoin${i}`
  return {
    keys: `${prefix}_keys`, ordinal: `${prefix}_ordinal`, query: `${prefix}_query`, here: `${prefix}_here`,
    key: (n) => `${prefix}_${n}`,
  }
}

/**
 * The statement that answers a query for every key: the keys travel as one bound list a parameter, each row comes back
 * with the ordinal of its key, and a marker tells an empty answer from a row of NULLs.
 */
export const batchSql = (sql: string, plan: Batch['plan'], types: readonly string[]): string => {
  const { keys, ordinal, query, here, key } = freshNames(sql)
  const text = rewrite(sql.replace(/[\s;]+$/, ''), plan.params, (n) => `${keys}.${key(n)}`)
  const lists = types.map((t, i) => `unnest($${i + 2}::${t}[]) as ${key(i + 1)}`)
  return [
    `select ${keys}.${ordinal}, ${query}.* from`,
    `(select ${[`unnest($1::INTEGER[]) as ${ordinal}`, ...lists].join(', ')}) as ${keys}`,
    `left join lateral (select true as ${here}, ${here}.* from (\n${text}\n) as ${here}) as ${query} on true`,
  ].join('\n')
}

/** Keys without repetition, and for each call the one that is its own. */
const distinct = (calls: readonly Query[]): { readonly keys: readonly Query[]; readonly of: readonly number[] } => {
  const seen = new Map<string, number>()
  const keys: Query[] = []
  const of = calls.map((call) => {
    const key = keyOf(paramsOf(call).values)
    let at = seen.get(key)
    if (at === undefined) {
      at = keys.length
      seen.set(key, at)
      keys.push(call)
    }
    return at
  })
  return { keys, of }
}

/** Binders of the parameters, where every one has a scalar SQL type; lists as keys are refused when planning. */
const scalarBinders = (lease: Lease, types: readonly Type[]): readonly Binder[] | undefined => {
  const binders = types.map((t) => binderFor(lease.duckdb, t))
  return binders.every((b) => b !== undefined && b.duck.typeId !== 24) ? (binders as Binder[]) : undefined
}

/** One statement for all calls; the answer is left when they must run one by one instead. */
export const batched = async (
  batch: Batch, lease: Lease, bound: Limit,
): Promise<Outcome<readonly KeyAnswer[]>> => {
  const first = batch.calls[0]!
  const row = first.attrs.row as RecordType
  const binders = scalarBinders(lease, paramsOf(first).types)
  if (binders === undefined) return left(alone('a parameter is no scalar'))
  const { keys, of } = distinct(batch.calls)
  const list = (items: readonly unknown[]): unknown => new lease.duckdb.DuckDBListValue(items)
  const bindings = binders.map((b, i) => ({
    binder: { ...b, duck: lease.duckdb.LIST(b.duck) },
    value: list(keys.map((call) => b.value(paramsOf(call).values[i]!))),
  }))
  const ordinals = { binder: { duck: lease.duckdb.LIST(lease.duckdb.INTEGER), value: list as never }, value: list(keys.map((_, i) => i)) }
  const sql = batchSql(first.attrs.sql, batch.plan, binders.map((b) => b.duck.toString()))
  const started = await start(lease, bound, sql, [ordinals, ...bindings], false)
  if (isLeft(started)) return started
  const { result } = started.right
  const names = result.columnNames().slice(2)
  // A subquery renames columns of one name; the single query would refuse them.
  if (row.fields.some(([name]) => names.includes(`${name}_1`))) {
    await discard(result, lease)
    return left(alone('columns share a name'))
  }
  const columns = collector(result, row, 2)
  if (isLeft(columns)) {
    await discard(result, lease)
    return columns
  }
  const { mode, maxRows, maxBytes } = first.attrs
  const mostRows = mode === 'many' ? keys.length * maxRows : 2 * keys.length + 4096
  const rows: number[][] = keys.map(() => [])
  let at = 0
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const n = chunk.rowCount
    const ordinal = itemsOf(chunk.getColumnVector(0))
    const absent = nullsOf(chunk.getColumnVector(1), 0, n)
    const enough = bound.signal.aborted || at > mostRows || columns.right.bytes() > maxBytes * keys.length
    if (enough) {
      await discard(result, lease)
      return left(bound.signal.aborted ? 'stopped' : alone('the keys together answer too much'))
    }
    // Runs of present rows go in bulk; the row that stands for an empty answer is left out.
    for (let from = 0; from < n; ) {
      let to = from
      while (to < n && absent?.[to] !== 1) rows[Number(ordinal[to++])]!.push(at++)
      if (to > from) columns.right.add(chunk, from, to - from)
      from = to + 1
    }
  }
  const { badRows, bytesOfRow } = columns.right
  const all = columns.right.finish()
  const answer = (mine: readonly number[]): KeyAnswer => {
    if (mode !== 'many' && mine.length > 1) return left(tooManyRows(mode, maxRows))
    const bytes = mine.reduce((sum, r) => sum + bytesOfRow(r), 0)
    if (mine.length > maxRows || bytes > maxBytes || mine.some((r) => badRows.has(r))) return left('alone')
    const taken = takeRows(row, all, mine)
    if (mode === 'many') return right(taken)
    const one = answerOne(first, row, taken as Column & { list: 'columns' })
    return isLeft(one) && one.left === 'stopped' ? left('alone') : (one as KeyAnswer)
  }
  const answers = rows.map(answer)
  return right(of.map((k) => answers[k]!))
}
void lengthOf

const alone = (why: string): Failure => ({ tag: 'Refused', cause: why, remedy: 'run the queries one by one' })
