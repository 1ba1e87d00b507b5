import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import { batchSql } from '../../runtime/drivers/duckdb/batch-sql.ts'
import { commented } from '../../runtime/drivers/sql-comment.ts'
import type { QueryView } from './view.ts'

/** DuckDB's names of the types that keys have; the driver binds the same ones. */
const duckTypes: Readonly<Record<string, string>> = {
  f64: 'DOUBLE',
  f32: 'FLOAT',
  i32: 'INTEGER',
  u32: 'UINTEGER',
  i64: 'BIGINT',
  u64: 'UBIGINT',
  bool: 'BOOLEAN',
  string: 'VARCHAR',
  bytes: 'BLOB',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  json: 'JSON',
}
const duckType = (text: string): string => {
  const t = parseType(text)
  const of = typeof t === 'string' ? undefined : (t as Type).kind === 'option' ? (t as { readonly of: Type }).of : t
  const elem = of?.kind === 'tensor' ? of.elem : 'string'
  return duckTypes[elem] ?? elem.replace('decimal(', 'DECIMAL(18,')
}

/** The statement that runs: as written, or the one that answers all keys at once. */
export const sqlOf = (q: QueryView, graph: string): string =>
  commented(q.plan === undefined ? q.sql : batchSql(q.sql, q.plan, q.params.map(duckType)), graph, q.name)
