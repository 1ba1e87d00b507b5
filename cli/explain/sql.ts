import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import { typeName } from '../../runtime/drivers/duckdb/type-names.ts'
import { batchSql } from '../../runtime/drivers/sql/batch-sql.ts'
import { commented } from '../../runtime/drivers/sql-comment.ts'
import type { QueryView } from './view.ts'

const duckType = (text: string): string => {
  const t = parseType(text)
  const of = typeof t === 'string' ? undefined : (t as Type).kind === 'option' ? (t as { readonly of: Type }).of : t
  return (of?.kind === 'tensor' ? typeName(of.elem) : undefined) ?? 'VARCHAR'
}

/** The statement that runs: as written, or the one that answers all keys at once. */
export const sqlOf = (q: QueryView, graph: string): string =>
  commented(q.plan === undefined ? q.sql : batchSql(q.sql, q.plan, q.params.map(duckType)), graph, q.name)
