import { isLeft, left, right } from '../../../graph/either.ts'
import type { BatchPlan } from '../../driver.ts'
import type { Limit } from '../limit.ts'
import { batchSql, postgresDialect } from '../sql/batch-sql.ts'
import type { KeyAnswer } from '../sql/keys.ts'
import { answerKeys, distinct, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { Unbindable } from '../sql/query.ts'
import { commented, outgoing } from '../sql-comment.ts'
import { keyCell } from './key-cells.ts'
import type { KeyReader } from './key-reader.ts'
import { byOrdinal, byValue, keyOfCall } from './key-reader.ts'
import type { Line } from './line.ts'
import { matchedSql } from './matched.ts'
import type { Binder } from './params.ts'
import { arrayText } from './params.ts'
import type { Reading, Tools } from './query.ts'
import { bindAll, read } from './query.ts'
import type { Outcome } from './session.ts'
import type { Statement } from './statement.ts'
import { describe, planned, run } from './statement.ts'
import { plainTexts } from './texts.ts'
import { castName } from './types.ts'

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
  const { keys, keyOfCall: keyAt } = distinct(calls)
  const lists = listsOf(keys)
  if (isLeft(lists)) return lists
  const { binders, values } = lists.right
  const types = await parameterTypes(first, binders, line, bound, tools)
  if (isLeft(types)) return types
  const way = { first, plan, keys, values, params: types.right, line, bound, tools }
  const matched = await byMatching(way)
  const form = isLeft(matched) || matched.right !== undefined ? matched : await byJoining(way)
  if (isLeft(form)) return form
  const { statement, reading, values: sent } = form.right!
  return right({
    statement,
    values: sent,
    // The server is not told how many: it would not use several processes for a sum then.
    reading: { ...reading, most: 0 },
    answer: () => {
      const answers = answerKeys(first, keys.length, reading.rows())
      return right(keys.length === calls.length ? answers : keyAt.map((k) => answers[k]!))
    },
  })
}

/** Keys on their way to a statement: their lists as texts, and the types that the query gives its parameters. */
interface Way {
  readonly first: Query
  readonly plan: BatchPlan
  readonly keys: readonly Query[]
  readonly values: readonly string[]
  readonly params: readonly number[]
  readonly line: Line
  readonly bound: Limit
  readonly tools: Tools
}
interface Form {
  readonly statement: Statement
  readonly values: readonly string[]
  readonly reading: KeyReader
}

/** The rows of all keys as they are, told apart here; nothing where only the server can. */
const byMatching = async ({
  first,
  plan,
  keys,
  values,
  params,
  line,
  bound,
  tools,
}: Way): Promise<Outcome<Form | undefined>> => {
  const shape = plan.keyed?.[0]
  if (shape === undefined) return right(undefined)
  const lists = shape.keys.map((k) => `unnest($${k.number}::${castName(params[k.number - 1]!)}[])`).join(', ')
  const sql = matchedSql(first.attrs.sql, shape, `select ${lists}`)
  const statement = await describeLists(sql, params.length, first, line, bound, tools)
  if (isLeft(statement)) return statement
  const { fields } = statement.right
  const cells = shape.keys.map((k, i) => keyCell(fields[i]!.type, params[k.number - 1]!))
  if (!cells.every((c) => c !== undefined)) return right(undefined)
  if (cells.some((c) => c.text) && !(await plainTexts(line, bound, tools.catalogue))) return right(undefined)
  const keyOf = keyOfCall(
    cells,
    shape.keys.map((k) => k.number),
  )
  const ordinals = new Map<number | string, number>()
  for (const [i, call] of keys.entries()) {
    const key = keyOf(call)
    if (key !== undefined) ordinals.set(key, i)
  }
  const reading = byValue(
    fields,
    cells,
    first,
    () => keys.length,
    (key) => ordinals.get(key),
  )
  return isLeft(reading) ? reading : right({ statement: planned(statement.right), values, reading: reading.right })
}

/** Each key with its ordinal, joined to its rows by the server. */
const byJoining = async ({ first, plan, keys, values, params, line, bound, tools }: Way): Promise<Outcome<Form>> => {
  const sql = batchSql(first.attrs.sql, plan, params.map(castName) as string[], postgresDialect)
  const statement = await describeLists(sql, params.length + 1, first, line, bound, tools)
  if (isLeft(statement)) return statement
  const reading = byOrdinal(statement.right.fields, first, keys.length)
  if (isLeft(reading)) return reading
  const ordinals = arrayText(keys.length, String)
  return right({ statement: planned(statement.right), values: [ordinals, ...values], reading: reading.right })
}

/** The types of the parameters are those that the query gives them when it is asked for one key. */
const parameterTypes = async (
  { attrs: { sql, name } }: Query,
  binders: readonly Binder[],
  line: Line,
  bound: Limit,
  { catalogue, graph }: Tools,
): Promise<Outcome<readonly number[]>> => {
  const one = await describe(line, bound, catalogue, commented(sql, graph, name), binders)
  if (isLeft(one)) return one
  const { params } = one.right
  return params.some((t) => castName(t) === undefined)
    ? left(unusable('a parameter has a type without a known name'))
    : right(params)
}
const describeLists = (
  sql: string,
  lists: number,
  { attrs: { name } }: Query,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<Statement>> =>
  describe(
    line,
    bound,
    tools.catalogue,
    outgoing(sql, tools, name),
    Array.from({ length: lists }, () => ({ type: 0, flexible: false })),
  )

/** One list a parameter. */
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
    return right({ binders, values: columns })
  } catch (e) {
    if (e instanceof Unbindable) return left(unusable('a key has no SQL form'))
    throw e
  }
}
