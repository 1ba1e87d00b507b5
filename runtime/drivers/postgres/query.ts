import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { Value } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import type { Query } from '../sql/query.ts'
import { answerOne, cannotBind, paramsOf, Unbindable, unbound } from '../sql/query.ts'
import { badCell, notARead, notARow, tooLarge, tooManyRows } from '../sql/tell.ts'
import { outgoing } from '../sql-comment.ts'
import { command } from './ask.ts'
import type { Collector } from './columns.ts'
import { collector } from './columns.ts'
import type { Line } from './line.ts'
import type { Binder } from './params.ts'
import { binderFor } from './params.ts'
import type { Outcome } from './session.ts'
import type { Catalogue, Statement } from './statement.ts'
import { describe, formOf, run } from './statement.ts'

/** What all calls of a driver share, the name of the graph that they are of, and who hears of statements. */
export interface Tools {
  readonly catalogue: Catalogue
  readonly graph: string
  readonly sent?: (statement: string) => void
}
export interface Bindings {
  readonly binders: readonly Binder[]
  readonly values: readonly (string | null)[]
}

export const bindAll = (call: Query): Either<Failure, Bindings> => {
  const { values, types } = paramsOf(call)
  const binders: Binder[] = []
  const texts: (string | null)[] = []
  for (const [i, type] of types.entries()) {
    const binder = binderFor(type)
    if (binder === undefined) return left(cannotBind(i + 1, type))
    try {
      texts.push(binder.text(values[i]!))
    } catch (e) {
      if (e instanceof Unbindable) return left(unbound(i + 1, e))
      throw e
    }
    binders.push(binder)
  }
  return right({ binders, values: texts })
}

/** One call, one statement. */
export const single = async (call: Query, line: Line, bound: Limit, tools: Tools): Promise<Outcome<Value>> => {
  const { catalogue } = tools
  if (call.attrs.mode === 'exec') return change(call, line, bound, tools)
  const ready = await readySingle(call, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values, reading } = ready.right
  // Sent with the query, so that nothing waits for it; a transaction of the user's is as it is.
  const guarded = mayWrite(call) && line.status === 'I'
  const begun = guarded ? command(line, bound, 'begin read only') : undefined
  const asked = read(line, reading, (r) => run(line, bound, catalogue, statement, { values, ...r }))
  const ended = guarded ? command(line, bound, 'commit') : undefined
  const end = await asked
  await Promise.all([begun, ended])
  return isLeft(end) ? end : reading.answer()
}

const prepared = async (
  call: Query,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<{ readonly statement: Statement; readonly values: Bindings['values'] }>> => {
  const { sql, name } = call.attrs
  const bindings = bindAll(call)
  if (isLeft(bindings)) return bindings
  const { binders, values } = bindings.right
  const { catalogue, graph } = tools
  const statement = await formOf(catalogue, catalogue.forms, call.attrs, [graph, ...call.argTypes], async () => {
    const found = await describe(line, bound, catalogue, outgoing(sql, tools, name), binders)
    return isLeft(found) ? found : right({ value: found.right, rests: [found.right] })
  })
  if (isLeft(statement)) return statement
  tools.sent?.(statement.right.sql)
  return right({ statement: statement.right, values })
}

const change = async (call: Query, line: Line, bound: Limit, tools: Tools): Promise<Outcome<Value>> => {
  const ready = await prepared(call, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values } = ready.right
  const end = await run(line, bound, tools.catalogue, statement, { values, most: 0, writes: true })
  return isLeft(end) ? end : right(changedBy(end.right.tag))
}

/** A query that is ready to run, and what its rows mean. */
export const readySingle = async (
  call: Query,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<
  Outcome<{ readonly statement: Statement; readonly values: Bindings['values']; readonly reading: Reading }>
> => {
  const { row, mode } = call.attrs
  if (row.kind !== 'record') return left(notARow(row))
  if (!kindOf(call.attrs).reads) return left(notARead)
  const ready = await prepared(call, line, bound, tools)
  if (isLeft(ready)) return ready
  const columns = collector(ready.right.statement.fields, row)
  if (isLeft(columns)) return columns
  return right({
    ...ready.right,
    reading: mode === 'many' ? readMany(call, columns.right) : readOne(call, columns.right),
  })
}

/** A `with` whose parts may change something: only the server knows, so it is asked not to allow it. */
export const mayWrite = ({ attrs }: Query): boolean => attrs.mode !== 'exec' && kindOf(attrs).mayWrite
/** What a text says about itself, found once: expressions that run seldom are compiled again and again. */
const kindOf = (attrs: Query['attrs']): { readonly reads: boolean; readonly mayWrite: boolean } => {
  const known = kinds.get(attrs)
  if (known !== undefined) return known
  const { sql } = attrs
  const kind = {
    // Anything else changes something, or may.
    reads: /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*(?:select|with|values|table|show)\b/i.test(sql),
    mayWrite: /\bwith\b/i.test(sql) && /\b(?:insert|update|delete|merge)\b/i.test(sql),
  }
  kinds.set(attrs, kind)
  return kind
}
const kinds = new WeakMap<Query['attrs'], ReturnType<typeof kindOf>>()

/** `INSERT 0 3`, `UPDATE 2`; what changes no rows has no number, or one that counts something else. */
const changedBy = (tag: string): bigint => {
  const number = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(tag)?.[1]
  return BigInt(number ?? 0)
}

/** Rows of one answer as they come in. */
export interface Reading {
  readonly most: number
  readonly maxBytes: number
  /** A row; why no more are wanted, if they are not. */
  readonly add: (b: Buffer, at: number, end: number) => Failure | undefined
  readonly answer: () => Outcome<Value>
}
/** So much of an answer that nobody wants is read to its end; more is stopped. */
const patience = 1_000_000

/** A row so long is not even kept; what the row declares may be a small part of it. */
const longestRow = (maxBytes: number): number => 8 * maxBytes + 64_000_000

/** Reads the rows of a statement, and no further than they are wanted. */
export const read = async <T>(
  line: Line,
  reading: Pick<Reading, 'most' | 'maxBytes' | 'add'>,
  start: (r: {
    readonly most: number
    readonly writes: false
    readonly row: (b: Buffer, at: number, end: number) => void
    readonly mostBytes: number
    readonly oversize: () => void
  }) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  let refused: Failure | undefined
  let wasted = 0
  const waste = (bytes: number): void => {
    wasted += bytes
    // A cancellation would end a transaction that is not ours.
    if (wasted > patience && line.status === 'I') line.cancelHead()
  }
  const end = await start({
    most: Math.min(reading.most, 2 ** 31 - 1),
    writes: false,
    mostBytes: longestRow(reading.maxBytes),
    oversize: () => {
      refused ??= tooLarge(reading.maxBytes)
      waste(patience)
    },
    row: (b, at, stop) => {
      if (refused === undefined) refused = reading.add(b, at, stop)
      else waste(stop - at)
    },
  })
  if (refused === undefined) return end
  // Stopped by our own cancellation or not, the rows were too many.
  return isLeft(end) && (end.left === 'stopped' || end.left === 'stuck') ? end : left(refused)
}

const readMany = ({ attrs: { maxRows, maxBytes } }: Query, columns: Collector): Reading => ({
  most: maxRows + 1,
  maxBytes,
  add: (b, at) => {
    if (columns.rows() >= maxRows) return tooManyRows('many', maxRows)
    columns.add(b, at)
    const bad = columns.bad()
    if (bad !== undefined) return badCell(bad)
    return columns.bytes() > maxBytes ? tooLarge(maxBytes) : undefined
  },
  answer: () => right(columns.finish()),
})

/**
 * One row is decoded only when it is sure that no second follows, so that batched and single agree on the error. The
 * number of rows is not given to the server: it would not use several processes for a sum then.
 */
const readOne = ({ attrs }: Query, columns: Collector): Reading => {
  const { mode, maxRows, maxBytes } = attrs
  let only: Buffer | undefined
  return {
    most: 0,
    maxBytes,
    add: (b, at, end) => {
      if (only !== undefined) return tooManyRows(mode, maxRows)
      only = Buffer.from(b.subarray(at, end))
      return undefined
    },
    answer: () => {
      if (only !== undefined) columns.add(only, 0)
      const bad = columns.bad()
      if (bad !== undefined) return left(badCell(bad))
      if (columns.bytes() > maxBytes) return left(tooLarge(maxBytes))
      return answerOne(mode, attrs.row as RecordType, columns.finish(), only === undefined ? undefined : 0)
    },
  }
}
