import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import { folded, freshPrefix, withoutEnd } from '../sql/batch-sql.ts'
import { rewrite } from '../sql/placeholders.ts'

/**
 * The rows of many keys in the query's own order, the columns compared first, so that each row can be given to its key
 * without joining anything. `keys` is a subquery of them, a column for each comparison. A query of sums and counts is grouped
 * by those columns; its last row has NULL there, which is no key, and is what a key without rows is answered.
 */
export const matchedSql = (sql: string, shape: KeyedShape, keys: string): string => {
  const p = freshPrefix(sql)
  const columns = shape.keys.map((k) => k.column)
  const first = shape.keys[0]!.number
  const among = (n: number): string =>
    n !== first ? 'true' : `${columns.length === 1 ? columns[0] : `(${columns.join(', ')})`} in (${keys})`
  if (shape.aggregate) {
    const { groups, empty } = folded(p, sql, shape, among)
    return `${groups}\nunion all\n${empty}`
  }
  const text = withoutEnd(sql)
  const { from, order } = shape
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const body = rewrite(
    text.slice(from, order),
    shape.keys.map((k) => ({ ...k, at: k.at - from })),
    among,
  )
  return `select ${columns.map((c, i) => `${c} as ${p}_${i + 1}`).join(', ')},${targets}\n${body}\n${text.slice(order)}`
}
