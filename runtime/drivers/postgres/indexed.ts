import { isLeft, right } from '../../../graph/either.ts'
import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import type { Limit } from '../limit.ts'
import { saving, told } from './ask.ts'
import type { Line } from './line.ts'
import { oneTable } from './matched.ts'
import type { Outcome } from './session.ts'
import type { Catalogue } from './statement.ts'
import { describe, run } from './statement.ts'
import { oid } from './types.ts'

/**
 * Whether the server looks rows up by a column in an index, of however many keys it thinks. A plan that is kept is made
 * for ten keys: these must be few of the column's values, and the table more than a few pages, or it would read the whole
 * table and search the list of keys for every row.
 */
const question = `select c.relkind = 'r' and not c.relhassubclass and c.relpages >= 40
  and exists (select from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = x.relam
    where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null and m.amname = 'btree')
  and exists (select from pg_catalog.pg_stats s
    where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
    and case when s.n_distinct < 0 then -s.n_distinct * c.reltuples else s.n_distinct end >= 200)
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid cross join pg_catalog.parse_ident($2::text) as named
where c.oid = pg_catalog.to_regclass($1::text) and a.attname = named[pg_catalog.array_length(named, 1)]`

/**
 * Whether a query reads one table, and by its first key in such an index. Asked when a statement for many keys is made, of
 * names as the query has them; where the server cannot tell, it does not.
 */
export const indexed = async (
  sql: string,
  shape: KeyedShape,
  line: Line,
  bound: Limit,
  all: Catalogue,
): Promise<Outcome<boolean>> => {
  const [table, key] = [oneTable(sql, shape), shape.keys[0]]
  if (table === undefined || key === undefined) return right(false)
  let yes = false
  const end = await saving(line, bound, async () => {
    const types = [oid.text, oid.text].map((type) => ({ type, flexible: false }))
    const statement = await describe(line, bound, all, question, types)
    if (isLeft(statement)) return statement
    const row = (b: Buffer, at: number): void => {
      yes = b[at + 6] === 1
    }
    const ran = await run(line, bound, all, statement.right, {
      values: [table, key.column],
      most: 0,
      writes: false,
      row,
    })
    return isLeft(ran) ? ran : right(yes)
  })
  return told(end, false)
}
