import type { Elem } from '../../graph/elem.ts'
import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import { typeName } from '../../runtime/drivers/duckdb/type-names.ts'
import { castTo } from '../../runtime/drivers/postgres/types.ts'
import type { Dialect } from '../../runtime/drivers/sql/batch-sql.ts'
import { batchSql, duckdbDialect, postgresDialect } from '../../runtime/drivers/sql/batch-sql.ts'
import { commented } from '../../runtime/drivers/sql-comment.ts'
import type { QueryView } from './view.ts'

const named = (text: string, nameOf: (e: Elem) => string | undefined, otherwise: string): string => {
  const t = parseType(text)
  const of = typeof t === 'string' ? undefined : (t as Type).kind === 'option' ? (t as { readonly of: Type }).of : t
  return (of?.kind === 'tensor' ? nameOf(of.elem) : undefined) ?? otherwise
}
interface Engine {
  readonly engine: string
  readonly dialect: Dialect
  readonly type: (text: string) => string
}
const duck: Engine = { engine: 'DuckDB', dialect: duckdbDialect, type: (t) => named(t, typeName, 'VARCHAR') }
/** PostgreSQL is asked for the types of parameters; these are the ones that it gives where a query does not say. */
const postgres: Engine = { engine: 'PostgreSQL', dialect: postgresDialect, type: (t) => named(t, castTo, 'text') }

/** The engines that a query is for: both where it is portable, and the embedded one where nobody has said. */
const enginesOf = ({ dialect, notPortable }: QueryView): readonly Engine[] => {
  if (dialect === 'postgres') return [postgres]
  return dialect === 'duckdb' || notPortable.length > 0 ? [duck] : [duck, postgres]
}

/** The statements that run: as written, or the one that answers all keys at once, for each engine that the query is for. */
export const statementsOf = (
  q: QueryView,
  graph: string,
): readonly { readonly engine: string; readonly sql: string }[] =>
  enginesOf(q).map(({ engine, dialect, type }) => ({
    engine,
    sql: commented(q.plan === undefined ? q.sql : batchSql(q.sql, q.plan, q.params.map(type), dialect), graph, q.name),
  }))
