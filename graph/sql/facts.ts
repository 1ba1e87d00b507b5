import { loadModule, parseSync } from 'libpg-query'
import type { Either } from '../either.ts'
import { left, right } from '../either.ts'
import { isKnown, volatileFunctions } from './functions.ts'
import type { KeyedShape } from './keyed.ts'
import { keyedShape } from './keyed.ts'
import type { Found, Tree } from './walk.ts'
import { emptyFound, isTree, walk } from './walk.ts'

export type { KeyedShape } from './keyed.ts'

/** What a statement does, found by parsing it with PostgreSQL's own grammar. */
export interface SqlFacts {
  readonly statement: 'select' | 'insert' | 'update' | 'delete' | 'other'
  /** How many statements the text holds; the other facts are those of all together. */
  readonly statements: number
  /** It is a query, and neither it nor a part of it writes a table. Functions may still write: see the lists below. */
  readonly readOnly: boolean
  /**
   * Tables as written (with their schema if written so), `file:…` for files, table functions by name; `*` is
   * anything.
   */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** The places of $n, in UTF-16 units, ascending. */
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
  readonly functions: readonly string[]
  readonly volatileFunctions: readonly string[]
  readonly unknownFunctions: readonly string[]
  readonly volatile: boolean
  readonly locking: boolean
  /** ORDER BY and LIMIT or OFFSET at the top; those of subqueries change nothing for whoever reads the answer. */
  readonly ordered: boolean
  readonly limited: boolean
  readonly aggregates: boolean
  readonly group: boolean
  readonly distinct: boolean
  readonly window: boolean
  readonly setReturning: boolean
  /** Parameters in LIMIT or OFFSET anywhere, and in the arguments of a function that reads files. */
  readonly limitParams: readonly number[]
  readonly fileParams: readonly number[]
  /** The form in which one pass answers many keys. */
  readonly keyed: KeyedShape | undefined
}

await loadModule()

const longest = 1_000_000

/** The facts of a text, or why PostgreSQL's grammar does not take it (DuckDB has forms that PostgreSQL lacks). */
export const sqlFacts = (sql: string): Either<string, SqlFacts> => {
  if (sql.length > longest) return left(`the SQL text has more than ${longest.toLocaleString('en-US')} characters`)
  try {
    const parsed: unknown = sql.includes('\0') ? undefined : sql.trim() === '' ? { stmts: [] } : parseSync(sql)
    if (!isTree(parsed)) return left('the SQL text holds a zero character')
    const trees = (Array.isArray(parsed.stmts) ? parsed.stmts : [])
      .map((s: unknown) => (isTree(s) ? s.stmt : undefined))
      .filter(isTree)
    return trees.length === 0 ? left('the SQL text holds no statement') : right(factsOf(sql, trees))
  } catch (e) {
    return left(unparsed(sql, e))
  }
}

const statementOf = (tree: Tree): SqlFacts['statement'] =>
  'SelectStmt' in tree
    ? 'select'
    : 'InsertStmt' in tree
      ? 'insert'
      : 'UpdateStmt' in tree || 'MergeStmt' in tree
        ? 'update'
        : 'DeleteStmt' in tree
          ? 'delete'
          : 'other'

const factsOf = (sql: string, trees: readonly Tree[]): SqlFacts => {
  const found = emptyFound()
  for (const tree of trees) {
    // What is no query and no change of rows (DDL, COPY, SET …) may touch anything.
    if (statementOf(tree) === 'other') {
      found.reads.add('*')
      found.writes.add('*')
    }
    walk(tree, found)
  }
  const statement = trees.length === 1 ? statementOf(trees[0]!) : 'other'
  const top = trees.length === 1 && isTree(trees[0]!.SelectStmt) ? trees[0]!.SelectStmt : {}
  const functions = [...found.functions].filter((f) => f !== 'on conflict').sort()
  const volatile = [...functions.filter((f) => volatileFunctions.has(f)), ...(found.sampled ? ['tablesample'] : [])]
  const params = places(sql, found)
  const ordered = Array.isArray(top.sortClause)
  const limited = top.limitCount !== undefined || top.limitOffset !== undefined
  const many = found.group || found.distinct || found.window || found.setReturning || limited
  const folds = !many && !found.locking && top.withClause === undefined && top.op === 'SETOP_NONE'
  const plain = folds && !found.aggregates
  return {
    statement,
    statements: trees.length,
    readOnly: trees.every((t) => statementOf(t) === 'select') && found.writes.size === 0,
    reads: sorted(found.functions.has('on conflict') ? [...found.reads, ...found.writes] : found.reads),
    writes: sorted(found.writes),
    params,
    functions,
    volatileFunctions: volatile,
    unknownFunctions: functions.filter((f) => !isKnown(f)),
    volatile: volatile.length > 0,
    locking: found.locking,
    ordered,
    limited,
    aggregates: found.aggregates,
    group: found.group,
    distinct: found.distinct,
    window: found.window,
    setReturning: found.setReturning,
    limitParams: ascending(found.limitParams),
    fileParams: ascending(found.fileParams),
    keyed: keyedShape(sql, top, { ordered, params, plain, folds }, unitOfByte(sql)),
  }
}
const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort()
const ascending = (numbers: Iterable<number>): readonly number[] => [...numbers].sort((a, b) => a - b)

/** The parser counts bytes of UTF-8; JavaScript counts UTF-16 units. */
const places = (sql: string, found: Found): SqlFacts['params'] => {
  const unit = unitOfByte(sql)
  return found.params
    .map(({ at, number }) => ({ at: unit(at), number }))
    .sort((a, b) => a.at - b.at)
    .map(({ at, number }) => ({ at, length: /^\$\d+/.exec(sql.slice(at, at + 12))?.[0].length ?? 0, number }))
}
const unitOfByte = (sql: string): ((byte: number) => number) => {
  const bytes = Buffer.from(sql)
  if (bytes.length === sql.length) return (byte) => byte
  return (byte) => bytes.toString('utf8', 0, byte).length
}

const unparsed = (sql: string, e: unknown): string => {
  if (e instanceof RangeError) return 'the SQL text is nested too deeply to be looked at'
  const message = e instanceof Error ? e.message : String(e)
  const details: unknown = isTree(e) ? e.sqlDetails : undefined
  const at = isTree(details) && typeof details.cursorPosition === 'number' ? details.cursorPosition : undefined
  if (at === undefined) return `PostgreSQL's grammar does not take this SQL: ${message}`
  // Unlike the places of parameters, this one counts characters.
  const before = Array.from(sql).slice(0, at).join('').split('\n')
  return `PostgreSQL's grammar does not take this SQL: ${message}, at line ${before.length}, column ${before.at(-1)!.length + 1}`
}
