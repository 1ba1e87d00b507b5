import { isLeft, left, right } from '../../../graph/either.ts'
import type { BatchPlan } from '../../driver.ts'
import type { Limit } from '../limit.ts'
import { batchSql, freshPrefix, postgresDialect } from '../sql/batch-sql.ts'
import type { Distinct, KeyAnswer } from '../sql/keys.ts'
import { answerKeys, byParams, distinct, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { Unbindable } from '../sql/query.ts'
import { commented, outgoing } from '../sql-comment.ts'
import { indexed } from './indexed.ts'
import type { KeyCell } from './key-cells.ts'
import { keyCell } from './key-cells.ts'
import type { KeyReader } from './key-reader.ts'
import { byOrdinal, byValue, keyOfCall } from './key-reader.ts'
import type { Line } from './line.ts'
import { matchedSql, oneTable } from './matched.ts'
import type { Binder } from './params.ts'
import { arrayText } from './params.ts'
import type { Reading, Tools } from './query.ts'
import { bindAll, read } from './query.ts'
import type { Outcome } from './session.ts'
import type { Statement } from './statement.ts'
import { describe, formOf, planned, run } from './statement.ts'
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
  const { catalogue, graph } = tools
  const binders = bindersOf(first)
  if (isLeft(binders)) return binders
  const kind = await formOf<Matched | Joined>(
    catalogue,
    catalogue.forms,
    plan,
    [first.attrs, graph, ...first.argTypes],
    async () => {
      const one = await describeOne(first, binders.right, line, bound, tools)
      if (isLeft(one)) return one
      const way = { first, plan, params: one.right.params, line, bound, tools }
      const matching = await matched(way)
      if (isLeft(matching)) return matching
      if (matching.right !== undefined) {
        const { form, rests } = matching.right
        return right({ value: form, rests: [one.right, rests] })
      }
      const found = await joined(way)
      if (isLeft(found)) return found
      return right({ value: { statement: planned(found.right) }, rests: [one.right, found.right] })
    },
  )
  if (isLeft(kind)) return kind
  const { right: found } = kind
  tools.sent?.(found.statement.sql)
  const form = found.cells === undefined ? byJoining(first, found, calls) : byMatching(first, found, calls)
  if (isLeft(form)) return form
  const { statement, known, reading, ordinals } = form.right
  const { keys, keyOfCall } = known
  const values = listsOf(keys, binders.right)
  if (isLeft(values)) return values
  return right({
    statement,
    values: ordinals ? [arrayText(keys.length, String), ...values.right] : values.right,
    // The server is not told how many: it would not use several processes for a sum then.
    reading: { ...reading, most: 0 },
    answer: () => {
      const answers = answerKeys(first, keys.length, reading.rows())
      return right(keys.length === calls.length ? answers : keyOfCall.map((k) => answers[k]!))
    },
  })
}

/** A query on its way to a statement for many keys, with the types that it gives its parameters. */
interface Way {
  readonly first: Query
  readonly plan: BatchPlan
  readonly params: readonly number[]
  readonly line: Line
  readonly bound: Limit
  readonly tools: Tools
}
interface Form {
  readonly statement: Statement
  readonly known: Pick<Distinct<unknown>, 'keys' | 'keyOfCall'>
  readonly reading: KeyReader
  /** Whether the ordinals of the keys are a parameter. */
  readonly ordinals: boolean
}
/** A statement whose rows begin with the columns compared, and what these hold. */
interface Matched {
  readonly statement: Statement
  readonly cells: readonly KeyCell[]
  /** Which parameter each is compared with. */
  readonly numbers: readonly number[]
}
/** A statement whose rows begin with the ordinals of their keys. */
interface Joined {
  readonly statement: Statement
  readonly cells?: undefined
}

/** The rows of all keys as they are, to be told apart here; nothing where only the server can. */
const matched = async ({
  first,
  plan,
  params,
  line,
  bound,
  tools,
}: Way): Promise<Outcome<{ readonly form: Matched; readonly rests: Statement } | undefined>> => {
  const shape = plan.keyed?.[0]
  if (shape === undefined) return right(undefined)
  const { sql: text } = first.attrs
  const p = freshPrefix(text)
  const lists = params.map((t, i) => `$${i + 1}::${castName(t)}[]`)
  const joins = matchedSql(p, text, shape, {
    table: `unnest(${lists.join(', ')}) as ${p}_keys(${lists.map((_, i) => `${p}_${i + 1}`).join(', ')})`,
    among: ({ column, number }) => `${column} = ${p}_keys.${p}_${number}`,
  })
  const found = await describeLists(joins, params.length, first, line, bound, tools)
  if (isLeft(found)) return found
  const cells = shape.keys.map((k, i) => keyCell(found.right.fields[i]!.type, params[k.number - 1]!))
  if (!cells.every((c) => c !== undefined)) return right(undefined)
  const plain = cells.some((c) => c.text) ? await plainTexts(line, bound, tools.catalogue) : right(true)
  if (isLeft(plain)) return plain
  if (!plain.right) return right(undefined)
  const form = (statement: Statement): Matched => ({ statement, cells, numbers: shape.keys.map((k) => k.number) })
  if (oneTable(text, shape) === undefined) return right({ form: form(planned(found.right)), rests: found.right })
  const looked = lists.length > 1 ? right(false) : await indexed(text, shape, line, bound, tools.catalogue)
  if (isLeft(looked)) return looked
  if (!looked.right) return right({ form: form(found.right), rests: found.right })
  // One descent of the index for all keys, in its order, where a join makes one for each.
  const among = matchedSql(p, text, shape, { among: ({ column }) => `${column} = any(${lists[0]})` })
  const listed = await describeLists(among, 1, first, line, bound, tools)
  return isLeft(listed) ? listed : right({ form: form(listed.right), rests: listed.right })
}
const byMatching = (first: Query, { statement, cells, numbers }: Matched, calls: readonly Query[]): Outcome<Form> => {
  // What PostgreSQL calls one key is one key, in whatever form it was written, or its rows would come twice.
  const known = distinct(calls, keyOfCall(cells, numbers))
  const reading = byValue(
    statement.fields,
    cells,
    first,
    () => known.keys.length,
    (key) => known.ordinals.get(key),
  )
  return isLeft(reading) ? reading : right({ statement, known, reading: reading.right, ordinals: false })
}

/** Each key with its ordinal, joined to its rows by the server. */
const joined = ({ first, plan, params, line, bound, tools }: Way): Promise<Outcome<Statement>> => {
  const sql = batchSql(first.attrs.sql, plan, params.map(castName) as string[], postgresDialect)
  return describeLists(sql, params.length + 1, first, line, bound, tools)
}
const byJoining = (first: Query, { statement }: Joined, calls: readonly Query[]): Outcome<Form> => {
  const known = distinct(calls, byParams)
  const reading = byOrdinal(statement.fields, first, known.keys.length)
  return isLeft(reading) ? reading : right({ statement, known, reading: reading.right, ordinals: true })
}

/** The types of the parameters are those that the query gives them when it is asked for one key. */
const describeOne = async (
  { attrs: { sql, name } }: Query,
  binders: readonly Binder[],
  line: Line,
  bound: Limit,
  { catalogue, graph }: Tools,
): Promise<Outcome<Statement>> => {
  const one = await describe(line, bound, catalogue, commented(sql, graph, name), binders)
  if (isLeft(one)) return one
  const unknown = one.right.params.some((t) => castName(t) === undefined)
  return unknown ? left(unusable('a parameter has a type without a known name')) : one
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

const bindersOf = (call: Query): Outcome<readonly Binder[]> => {
  const bound = bindAll(call)
  if (isLeft(bound)) return left(unusable('a key has no SQL form')) // and says so by itself
  const { binders } = bound.right
  return binders.some((b) => b.list) ? left(unusable('a parameter is no scalar')) : right(binders)
}
/** One list a parameter, column by column, because all keys are of one type. */
const listsOf = (keys: readonly Query[], binders: readonly Binder[]): Outcome<readonly string[]> => {
  const skip = keys[0]!.attrs.authority ? 1 : 0
  try {
    return right(binders.map((b, i) => arrayText(keys.length, (k) => b.text(keys[k]!.args[i + skip]!))))
  } catch (e) {
    if (e instanceof Unbindable) return left(unusable('a key has no SQL form'))
    throw e
  }
}
