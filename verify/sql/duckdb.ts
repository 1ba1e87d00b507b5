import { sqlFacts } from '../../graph/sql/facts.ts'
import { fitsDuck, takesDuck } from './elems.ts'
import type { Described, Refused, Touched } from './finding.ts'

/** The part of `@duckdb/node-api` that describes statements; the package is an optional peer. */
interface Prepared {
  readonly parameterCount: number
  readonly columnCount: number
  parameterType(i: number): unknown
  columnName(i: number): string
  columnType(i: number): unknown
  destroySync(): void
}
interface Connection {
  prepare(sql: string): Promise<Prepared>
  runAndReadAll(sql: string): Promise<{ getRowObjects(): Record<string, unknown>[] }>
  disconnectSync(): void
}
interface Engine {
  readonly DuckDBInstance: {
    create(
      path: string,
      options?: Record<string, string>,
    ): Promise<{ connect(): Promise<Connection>; closeSync(): void }>
  }
}

export interface Describer {
  readonly describe: (sql: string) => Promise<Described | Refused>
  readonly close: () => Promise<void>
}

/** Opens a DuckDB file for reading, or an empty database in memory. Statements are prepared and never run. */
export const duckDescriber = async (path: string): Promise<Describer> => {
  const { DuckDBInstance } = (await import('@duckdb/node-api')) as unknown as Engine
  const instance = await DuckDBInstance.create(path, path === ':memory:' ? {} : { access_mode: 'READ_ONLY' })
  const c = await instance.connect()
  const rows = async (sql: string) => (await c.runAndReadAll(sql)).getRowObjects()
  const text = (x: unknown): string => (typeof x === 'string' ? x : '')
  const catalogue = new Map<string, string>()
  for (const v of await rows('select schema_name as s, view_name as n, sql from duckdb_views() where not internal'))
    catalogue.set(named(text(v.s), text(v.n)), text(v.sql))
  for (const m of await rows(
    'select function_name as n, macro_definition as d from duckdb_functions() where not internal and macro_definition is not null',
  ))
    catalogue.set(`${text(m.n).toLowerCase()}()`, text(m.d))
  return {
    describe: async (sql) => {
      try {
        const p = await c.prepare(sql)
        const described = {
          columns: Array.from({ length: p.columnCount }, (_, i) => {
            const { type, list } = listType(String(p.columnType(i)))
            return {
              name: p.columnName(i),
              type: String(p.columnType(i)),
              fits: fitsDuck(type),
              list,
              nullable: 'unknown' as const,
            }
          }),
          params: Array.from({ length: p.parameterCount }, (_, i) => paramOf(p, i + 1)),
          outsideTypes: [],
          ...expand(sql, catalogue),
        }
        p.destroySync()
        return described
      } catch (e) {
        return refused(sql, e instanceof Error ? e.message : String(e))
      }
    },
    close: async () => {
      c.disconnectSync()
      instance.closeSync()
    },
  }
}

const named = (schema: string, name: string): string =>
  (schema === 'main' || schema === '' ? name : `${schema}.${name}`).toLowerCase()
const listType = (type: string): { readonly type: string; readonly list: boolean } => {
  const m = /^(.*)\[\d*\]$/.exec(type)
  return m === null ? { type, list: false } : { type: m[1]!, list: true }
}
const paramOf = (p: Prepared, i: number): Described['params'][number] => {
  try {
    const { type, list } = listType(String(p.parameterType(i)))
    return { type, takes: takesDuck(type), list }
  } catch {
    return { type: 'unknown', takes: undefined, list: false }
  }
}

/** Views and macros followed as far as PostgreSQL's grammar reads them. */
const expand = (sql: string, catalogue: ReadonlyMap<string, string>): Pick<Described, 'touches' | 'unseen'> => {
  const touches: Touched[] = []
  const unseen: string[] = []
  const seen = new Set<string>()
  const look = (text: string, via: string): void => {
    const facts = sqlFacts(text)
    if (facts._tag === 'Left') {
      if (via !== '') unseen.push(`${via} is written in SQL of DuckDB's own, so what it reads cannot be followed`)
      return
    }
    const { reads, writes, functions } = facts.right
    const bare = (n: string): string => n.toLowerCase().replace(/^(?:[^.]+\.)?main\./, '')
    for (const n of reads) if (n !== '*') touches.push({ how: 'reads', names: [bare(n)], via })
    if (via === '') for (const n of writes) if (n !== '*') touches.push({ how: 'writes', names: [bare(n)], via })
    for (const [key, what] of [
      ...reads.map((n) => [bare(n), `view ${bare(n)}`] as const),
      ...functions.map((f) => [`${f.toLowerCase()}()`, `macro ${f}`] as const),
    ]) {
      const definition = catalogue.get(key)
      if (definition === undefined || seen.has(key)) continue
      seen.add(key)
      if (what.startsWith('view')) look(bodyOf(definition), via === '' ? `through ${what}` : `${via}, ${what}`)
      else
        look(
          /^\s*(?:select|with|from|values)\b/i.test(definition) ? definition : `select ${definition}`,
          via === '' ? `through ${what}` : `${via}, ${what}`,
        )
    }
  }
  look(sql, '')
  return { touches, unseen: [...new Set(unseen)] }
}
/** The query of `create view v (…) as …`. */
const bodyOf = (definition: string): string => definition.replace(/^[\s\S]*?\bas\b/i, '').replace(/;\s*$/, '')

const refused = (sql: string, message: string): Refused => {
  const [first = '', ...rest] = message.split('\n')
  const at = /\nLINE (\d+): /.exec(message)
  const line = at === null ? undefined : Number(at[1])
  const offset =
    line === undefined
      ? undefined
      : sql
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length + (line > 1 ? 1 : 0)
  const hint = rest.find((l) => l.startsWith('Did you mean') || l.startsWith('Candidate'))
  return { message: first, remedy: hint ?? remedyFor(first), at: offset }
}
const remedyFor = (message: string): string =>
  message.startsWith('Parser')
    ? 'correct the SQL'
    : message.startsWith('Catalog')
      ? 'correct the name, or give the database that has it'
      : 'correct the query for this database'
