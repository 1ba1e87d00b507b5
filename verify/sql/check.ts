import type { Built } from '../../graph/build/index.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { tableKey } from '../../graph/sql/covers.ts'
import { aliases, compare } from './compare.ts'
import type { Describer } from './duckdb.ts'
import { duckDescriber } from './duckdb.ts'
import type { CheckedQuery, Described, Finding, Touched } from './finding.ts'
import { postgresDescriber } from './postgres.ts'
import type { QueryOf } from './queries.ts'
import { placeWithin, queriesIn } from './queries.ts'

/** Where the queries of a graph are asked about: `postgres://…`, a DuckDB file, or `:memory:`. */
export type Databases = Readonly<Record<string, string>>
/** A database that cannot be asked. */
export interface NoDatabase {
  readonly _tag: 'NoDatabase'
  readonly db: string
  readonly cause: string
  readonly remedy: string
}
export interface QueryReport {
  readonly queries: readonly CheckedQuery[]
  /** Nothing that will fail a run was found. */
  readonly ok: boolean
}

/**
 * Asks real databases about every query of a graph, without running any: do its columns, types and parameters fit, and
 * does it touch what it says. Nothing is changed there.
 *
 *     const report = await checkQueries(scoreBook, { risk: 'postgres://localhost/risk' })
 */
export const checkQueries = async (
  graph: Built<unknown, unknown> | Graph,
  databases: Databases,
): Promise<Either<CompileError | NoDatabase, QueryReport>> => {
  const sealed: Either<CompileError, Graph> = 'sealed' in graph ? graph.sealed : right(graph)
  if (isLeft(sealed)) return sealed
  const queries = queriesIn(sealed.right)
  const found = new Map<QueryOf, Finding[]>()
  for (const [db, url] of Object.entries(databases)) {
    const own = queries.filter((q) => q.attrs.db === db)
    if (own.length === 0) continue
    const opened = await open(db, url)
    if (isLeft(opened)) return opened
    const { describer, dialect } = opened.right
    try {
      await ask(own, describer, dialect, found)
    } catch (e) {
      return left(
        noDatabase(db, `the database '${db}' stopped answering: ${messageOf(e)}`, 'check the server and try again'),
      )
    } finally {
      await describer.close().catch(() => undefined)
    }
  }
  const checked = queries.map((q) => ({
    name: q.attrs.name,
    db: q.attrs.db,
    place: q.place,
    asked: found.has(q),
    findings: found.get(q) ?? [],
  }))
  return right({ queries: checked, ok: checked.every((q) => q.findings.every((f) => f.level !== 'error')) })
}

type Engine = 'postgres' | 'duckdb'
const ask = async (
  own: readonly QueryOf[],
  d: Describer,
  engine: Engine,
  found: Map<QueryOf, Finding[]>,
): Promise<void> => {
  const described: { readonly q: QueryOf; readonly touches: Described['touches'] }[] = []
  for (const q of own) {
    const wanted = q.attrs.dialect
    if (wanted !== undefined && wanted !== 'portable' && wanted !== engine) {
      const cause = `'${q.attrs.name}' is written for ${wanted}, and '${q.attrs.db}' is ${engine} here`
      found.set(q, [
        { level: 'error', place: q.place, cause, remedy: `give a ${wanted} database, or declare another dialect` },
      ])
      continue
    }
    const answer = await d.describe(q.attrs.sql)
    if ('message' in answer) {
      const { message, remedy, at } = answer
      found.set(q, [{ level: 'error', place: placeWithin(q, at), cause: `'${q.attrs.name}': ${message}`, remedy }])
      continue
    }
    const others = own.filter((o) => o !== q).flatMap((o) => [...o.attrs.reads, ...o.attrs.writes])
    const named = (t: Touched): boolean => t.names.some((n) => others.some((o) => tableKey(o) === tableKey(n)))
    const touches = answer.touches.filter((t) => t.kin !== true || named(t))
    found.set(
      q,
      compare(q, { ...answer, touches }).map((f) => ({ ...f, place: q.place })),
    )
    described.push({ q, touches: touches.filter((t) => t.kin !== true) })
  }
  for (const { q, told } of aliases(described)) found.get(q)!.push({ ...told, place: q.place })
}

const open = async (
  db: string,
  url: string,
): Promise<Either<NoDatabase, { readonly describer: Describer; readonly dialect: Engine }>> => {
  const dialect = /^postgres(?:ql)?:\/\//.test(url) ? 'postgres' : 'duckdb'
  try {
    return right({ describer: await (dialect === 'postgres' ? postgresDescriber : duckDescriber)(url), dialect })
  } catch (e) {
    const peer = dialect === 'postgres' ? 'pg' : '@duckdb/node-api'
    return (e as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND'
      ? left(noDatabase(db, `the package ${peer} is not installed`, `npm install ${peer}`))
      : left(
          noDatabase(
            db,
            `the database '${db}' cannot be opened: ${messageOf(e)}`,
            'check the address, the user and that the server runs',
          ),
        )
  }
}
const noDatabase = (db: string, cause: string, remedy: string): NoDatabase => ({
  _tag: 'NoDatabase',
  db,
  cause,
  remedy,
})
/** An error of several addresses that were tried has no message of its own, and one of a driver may show a password. */
const messageOf = (e: unknown): string => {
  const errors = e instanceof AggregateError ? (e.errors as readonly unknown[]) : []
  return errors.length > 0 ? messageOf(errors[0]) : e instanceof Error ? e.message.split('\n')[0]! : String(e)
}
