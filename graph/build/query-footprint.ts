import type { Dialect, QueryMode } from '../effects.ts'
import { outside } from '../sql/covers.ts'
import { sqlFacts } from '../sql/facts.ts'
import { notPortable } from '../sql/portable.ts'
import type { Builder } from './builder.ts'

/** What is said once for all queries of a database. */
export interface DbOptions {
  readonly dialect?: Dialect
  /** What functions touch that Quoin does not know; a word without tables is a function that only computes. */
  readonly functions?: Readonly<
    Record<string, { readonly reads?: readonly string[]; readonly writes?: readonly string[] }>
  >
}
/** What Quoin cannot find out by parsing the SQL, and the user's switches. */
export interface QueryOptions {
  /**
   * Tables read and written, where the text cannot be parsed as PostgreSQL or hides what it does. They may name more than
   * the text does, never less.
   */
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  readonly dialect?: Dialect
  /** false keeps this query out of every batch. */
  readonly batch?: boolean
  readonly maxBytes?: number
}

type Footprint = { readonly reads: readonly string[]; readonly writes: readonly string[] }

/** Which tables a statement touches: as declared, else as parsed. What is declared may not be less than what is seen. */
export const footprintOf = (
  b: Builder,
  name: string,
  text: string,
  mode: QueryMode,
  options: QueryOptions,
  { functions = {} }: DbOptions,
): Footprint => {
  const facts = sqlFacts(text)
  const declared: Footprint = { reads: options.reads ?? [], writes: options.writes ?? [] }
  // What nobody can see needs the declaration that matters most: of writes where the query writes, else of reads.
  const vouched = mode === 'exec' ? options.writes !== undefined : options.reads !== undefined
  if (facts._tag === 'Left') {
    if (!vouched)
      b.fail(
        name,
        `what query '${name}' reads and writes is not known: ${facts.left}`,
        "declare it: { reads: ['table'] }, and for exec { writes: ['table'] }",
      )
    return declared
  }
  const found = facts.right
  if (found.statements > 1) {
    const cause = `query '${name}' holds ${found.statements} statements, and one is run`
    b.fail(name, cause, 'write one query for each; sequence(first, then) runs them in order')
    return declared
  }
  const own = new Map(Object.entries(functions).map(([f, touch]) => [f.toLowerCase(), touch]))
  const unknown = found.unknownFunctions.filter((f) => !own.has(f.toLowerCase()))
  if (unknown.length > 0 && !vouched) {
    const [one] = unknown
    const which = unknown.length === 1 ? 'that function reads and writes' : 'those functions read and write'
    b.fail(
      name,
      `query '${name}' calls ${unknown.join('(), ')}(), and what ${which} is not known`,
      `declare it for the database, sql('…', { functions: { '${one}': { reads: [], writes: [] } } }), or for this query, { ${mode === 'exec' ? 'writes' : 'reads'}: […] }`,
    )
  }
  const calls = found.functions.flatMap((f) => own.get(f.toLowerCase()) ?? [])
  const reads = [...new Set([...found.reads, ...calls.flatMap((c) => c.reads ?? [])])]
  const writes = [...new Set([...found.writes, ...calls.flatMap((c) => c.writes ?? [])])]
  if (mode === 'exec' && writes.length === 0 && options.writes === undefined)
    b.fail(
      name,
      `exec '${name}' changes nothing that can be seen in its text`,
      "use one, maybe or many to read, or declare { writes: ['table'] }",
    )
  for (const [what, all] of [
    ['reads', reads],
    ['writes', writes],
  ] as const) {
    const missing = options[what] === undefined ? [] : outside(all, declared[what])
    if (missing.length > 0)
      b.fail(
        name,
        `query '${name}' ${what} ${missing.join(', ')}, outside what it declares`,
        `declare { ${what}: [${[...declared[what], ...missing].map((t) => `'${t}'`).join(', ')}] }, or leave it out: its text says it`,
      )
  }
  return { reads: options.reads ?? reads, writes: options.writes ?? writes }
}

/** The dialect of a query, held to its word where it says that every engine answers alike. */
export const dialectOf = (
  b: Builder,
  name: string,
  text: string,
  dialect: Dialect | undefined,
): { readonly dialect?: Dialect } => {
  if (dialect === undefined) return {}
  const [odd] = dialect === 'portable' ? notPortable(text) : []
  if (odd !== undefined)
    b.fail(
      name,
      `query '${name}' is declared portable and is not: ${odd}`,
      "write it otherwise (docs/sql.md lists what is portable), or declare { dialect: 'duckdb' } or { dialect: 'postgres' }",
    )
  return { dialect }
}
