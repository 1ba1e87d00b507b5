import type { QueryMode } from '../effects.ts'
import type { Elem } from '../elem.ts'
import type { Isolation } from '../transaction.ts'
import { isolationLevels } from '../transaction.ts'
import { scalar, showType, unit } from '../types.ts'
import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec } from './codec.ts'
import type { Opt, Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { lift, lone, shapeOf } from './lift.ts'
import { optionsOf } from './options.ts'
import type { DbOptions, QueryOptions } from './query-footprint.ts'
import { dialectOf, footprintOf } from './query-footprint.ts'
import { withBodies } from './region.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import type { Cell, Expr, Given, Holding, Lifted, ListOf, Scalar } from './types.ts'

/** What may stand in a hole of a query: a scalar, an optional scalar (NULL), or a JavaScript value. */
export type Parameter =
  | Tensor<Elem, []>
  | Holding<'option', Tensor<Elem, []>>
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array

export interface ManyOptions<D extends string> extends QueryOptions {
  /** The most rows the answer may have; more is an error, not a surprise. */
  readonly maxRows: number
  readonly maxBytes: number
  /** The dimension of the rows; the name of the query if not given. */
  readonly dim?: D
}
/** A query that another library has compiled, such as Kysely's `.compile()`: text with $1, $2 …, and what they stand for. */
export interface CompiledSql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}
/** A tag for SQL text: holes become parameters $1, $2 …, never text. It takes a compiled query as well. */
export type Query<Y> = (text: TemplateStringsArray | CompiledSql, ...holes: readonly Parameter[]) => Y

/**
 * An expression where another library's types want a value: `.where('id', '=', placeholder(order.id))`. It becomes a
 * parameter of the compiled query.
 */
export const placeholder = <E extends Elem>(x: Tensor<E, []>): Cell<E> => x as never

/**
 * A symbolic database: drivers are bound to its name when the artefact is loaded.
 *
 *     const db = sql('risk')
 *     const loans = db.as(tenant).many('loan', Loan, { maxRows: 50_000, maxBytes: 8e6 })`select id, amount from loan`
 */
export interface Db {
  /** The same database under an authority (tenant, role), which is part of what batches and caches together. */
  as(authority: Scalar<'string'> | Scalar<'i64'> | Scalar<'i32'> | string): Db
  /** Exactly one row; none or more is an error. */
  one<X>(name: string, row: Codec<X>, options?: QueryOptions): Query<X>
  /** One row or none. */
  maybe<X>(name: string, row: Codec<X>, options?: QueryOptions): Query<Opt<X>>
  /** Any number of rows up to `maxRows`, along a dimension of their own. */
  many<X, const N extends string, const D extends string = N>(
    name: N,
    row: Codec<X>,
    options: ManyOptions<D>,
  ): Query<ListOf<X, D>>
  /** A statement that changes rows; gives how many. */
  exec(name: string, options?: QueryOptions): Query<Scalar<'i64'>>
  /**
   * Everything asked of this database in the body as one transaction: all of it is written, or nothing and the error is
   * the answer. Inside, everything happens in program order on one connection. Other services may be read, and nothing
   * but this database is written. `retries` runs the body again when the database could not put the transaction in order
   * with others (SerializationFailure).
   *
   *     db.transaction(() => sequence(take(5), give(5)), { isolation: 'serializable', retries: 3 })
   */
  transaction<Y extends Given>(body: () => Y, options?: TransactionOptions): Lifted<Y>
}
export interface TransactionOptions {
  /** What it sees of others that run at the same time; 'repeatable read' unless said. */
  readonly isolation?: Isolation
  /** 0 unless said. */
  readonly retries?: number
}

const smallAnswer = 1_000_000

export const sql = (name: string, options: DbOptions = {}): Db => database({ name, ...options }, undefined)
type Database = DbOptions & { readonly name: string }
const database = (db: Database, authority: unknown): Db => ({
  as: (who) => database(db, who),
  one: (name, row, options = {}) => query(db, authority, name, 'one', row, '', 1, options),
  maybe: (name, row, options = {}) => query(db, authority, name, 'maybe', row, '', 1, options),
  many: (name, row, options) =>
    query(db, authority, name, 'many', row, options?.dim ?? name, options?.maxRows, options),
  exec: (name, options = {}) => query(db, authority, name, 'exec', { type: unit }, '', 1, options),
  transaction: (body, options = {}) => transaction(db.name, authority, body, options),
})

const transaction = <Y extends Given>(
  db: string,
  authority: unknown,
  make: () => Y,
  options: TransactionOptions,
): Lifted<Y> => {
  const b = current()
  const name = `transaction of '${db}'`
  const { isolation = 'repeatable read', retries = 0 } = optionsOf(name, options, ['isolation', 'retries'])
  const whole = Number.isSafeInteger(retries) && retries >= 0
  if (!whole) b.fail(name, `it is run again ${retries} times`, 'give a whole number of retries, at least 0')
  const known = isolationLevels.includes(isolation)
  if (!known)
    b.fail(
      name,
      `its isolation is ${String(isolation)}`,
      `give one of ${isolationLevels.map((l) => `'${l}'`).join(', ')}`,
    )
  const who = authority === undefined ? [] : [lone(b, operandOf(authority))]
  const attrs = {
    occurrence: b.occurrence(name),
    db,
    isolation: known ? isolation : 'repeatable read',
    retries: whole ? retries : 0,
    authority: who.length > 0,
  }
  return wrapAs(withBodies(b, 'transaction', attrs, who, [{ params: [], build: () => unwrap(make()) }], {}))
}

const query =
  <Y>(
    db: Database,
    authority: unknown,
    name: string,
    mode: QueryMode,
    row: { readonly type: Ref['type'] } | undefined,
    dim: string,
    maxRows: number | undefined,
    asked: QueryOptions,
  ): Query<Y> =>
  (text, ...holes) => {
    const b = current()
    const call = `db.${mode}('${name}'${mode === 'exec' ? '' : ', row'}${mode === 'many' ? ', { maxRows: 1000, maxBytes: 1e6 }' : ''})`
    if (row?.type === undefined)
      return wrapAs<Y>(
        b.fail(name, `query '${name}' has no codec for its rows`, `describe them: ${call} with row = t.row({ … })`),
      )
    if (!isText(text))
      return wrapAs<Y>(
        b.fail(name, `the text of query '${name}' is no template`, `write it behind the call: ${call}\`select …\``),
      )
    const options = optionsOf<QueryOptions & { maxRows?: number; dim?: string }>(name, asked, queryOptions)
    const { sqlText, given } = 'sql' in text ? compiledText(name, text) : { sqlText: textOf(text), given: holes }
    const params = given.map((h, i) => parameter(name, operandOf(h), i + 1))
    const who = authority === undefined ? [] : [lone(b, operandOf(authority))]
    const prints = footprintOf(b, name, sqlText, mode, options, db)
    const whole = Number.isSafeInteger(maxRows) && maxRows! >= 1
    if (!whole && maxRows === undefined)
      b.fail(name, `query '${name}' does not say how many rows it may have`, `say so: ${call}`)
    else if (!whole) b.fail(name, `query '${name}' has maxRows ${maxRows}`, 'give a whole number of at least 1')
    const attrs = {
      occurrence: b.occurrence(name),
      db: db.name,
      name,
      sql: sqlText,
      mode,
      row: row.type,
      maxRows: whole ? maxRows! : 1,
      dim: mode === 'many' ? b.introduce(dim, name) : '',
      maxBytes: Math.max(1, Math.ceil(options.maxBytes ?? smallAnswer)),
      authority: who.length > 0,
      batch: options.batch ?? true,
      ...prints,
      ...dialectOf(b, name, sqlText, options.dialect ?? db.dialect),
    }
    return wrapAs<Y>(b.node('dbQuery', attrs, [...who, ...params], 'describe rows with row({ … })'))
  }
const queryOptions = ['reads', 'writes', 'dialect', 'batch', 'maxBytes', 'maxRows', 'dim'] as const
const isText = (x: unknown): x is TemplateStringsArray | CompiledSql =>
  typeof x === 'object' && x !== null && ('raw' in x || ('sql' in x && 'parameters' in x))
const textOf = (text: TemplateStringsArray): string =>
  text.raw
    .map((r, i) => text[i] ?? r)
    .reduce((s, part, i) => `${s}$${i}${part}`)
    .trim()
const compiledText = (name: string, c: CompiledSql): { sqlText: string; given: readonly unknown[] } => {
  const missing = c.parameters.findIndex((_, i) => !new RegExp(`\\$${i + 1}(?!\\d)`).test(c.sql))
  if (missing >= 0)
    current().fail(
      name,
      `the compiled query '${name}' has ${c.parameters.length} parameters and no $${missing + 1} in its text`,
      'compile it with a PostgreSQL dialect, which writes parameters as $1, $2 …',
    )
  return { sqlText: c.sql.trim(), given: c.parameters }
}
const parameter = (name: string, x: ReturnType<typeof operandOf>, n: number): Ref => {
  const b = current()
  const r = lone(b, x)
  const inner = r.type.kind === 'option' ? r.type.of : r.type
  if (isPoisoned(r) || (inner.kind === 'tensor' && shapeOf(inner).length === 0)) return r
  return b.fail(
    name,
    `$${n} of query '${name}' is ${showType(r.type)}, but a parameter is one value`,
    'pass a scalar: take a field, or put the query inside map',
    r.type,
  )
}
/** A symbolic folder; a driver is bound to its name when the artefact is loaded. */
export interface Files {
  /** The content of a file as UTF-8 text; one that is not ends the run. */
  readText(path: Scalar<'string'> | string, options?: { readonly maxBytes?: number }): Scalar<'string'>
  /** The content of a file as bytes. */
  readBytes(path: Scalar<'string'> | string, options?: { readonly maxBytes?: number }): Scalar<'bytes'>
  /** Replaces a file as one step. Like every write it must be part of the result, or stand in `sequence`. */
  write(
    path: Scalar<'string'> | string,
    content: Scalar<'string'> | Scalar<'bytes'> | string | Uint8Array,
    options?: { readonly maxBytes?: number },
  ): Scalar<'unit'>
}
export const files = (root: string): Files => ({
  readText: (path, options) => readFile(root, 'string', path, options?.maxBytes),
  readBytes: (path, options) => readFile(root, 'bytes', path, options?.maxBytes),
  write: (path, content, options) => {
    const b = current()
    const at = lift(b, operandOf(path), 'string')
    const data = lone(b, operandOf(content))
    const known = typeof path === 'string' ? path : '*'
    const attrs = {
      occurrence: b.occurrence(`write ${known}`),
      root,
      path: known,
      maxBytes: options?.maxBytes ?? 64_000_000,
    }
    return wrapAs(b.node('fileWrite', attrs, [at, data], 'write text or bytes; jsonText(value) makes text of anything'))
  },
})
const readFile = <X>(root: string, as: 'string' | 'bytes', path: Scalar<'string'> | string, maxBytes?: number): X => {
  const b = current()
  const at = lift(b, operandOf(path), 'string')
  const known = typeof path === 'string' ? path : '*'
  const attrs = { occurrence: b.occurrence(`read ${known}`), root, path: known, as, maxBytes: maxBytes ?? 64_000_000 }
  return wrapAs(b.node('fileRead', attrs, [at], 'give a text as path'))
}
/** The wall clock, in milliseconds since 1970-01-01T00:00Z. Each call is a reading of its own. */
export const now = (): Scalar<'f64'> => effectNode('now', (occurrence) => current().node('nowMs', { occurrence }))
/** Bytes from a cryptographic source; each call is a draw of its own. */
export const randomBytes = (count: number): Scalar<'bytes'> => {
  const ok = Number.isSafeInteger(count) && count >= 1
  if (!ok)
    current().fail(
      'randomBytes',
      `randomBytes(${count})`,
      'ask for a whole number of bytes, at least 1',
      scalar('bytes'),
    )
  return effectNode('randomBytes', (occurrence) => current().node('randomBytes', { occurrence, count: ok ? count : 1 }))
}
/** A structured line of log. It writes, so return it or put it in `sequence`. */
export const writeLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: Scalar<'string'> | string,
  data: Expr | string | number | boolean | null = null,
): Scalar<'unit'> => {
  const b = current()
  const plain = data === null ? b.node('const', { type: scalar('json'), value: null }) : jsonOf(unwrap(data))
  return effectNode('logLine', (occurrence) =>
    b.node('logLine', { occurrence, level }, [lift(b, operandOf(message), 'string'), plain], 'log a text and any data'),
  )
}
const jsonOf = (r: Ref): Ref =>
  r.type.kind === 'tensor' && r.type.elem === 'json' ? r : current().node('toJson', {}, [r])
const effectNode = <X>(name: string, make: (occurrence: number) => Ref): X => wrapAs(make(current().occurrence(name)))
