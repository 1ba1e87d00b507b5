import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import { withoutEnd } from '../sql/batch-sql.ts'
import { rewrite } from '../sql/placeholders.ts'

/** Where the keys are: a table of the FROM clause, each of them once in it, or nothing; and what is true of a row of one. */
export interface Keys {
  readonly table?: string
  readonly among: (key: KeyedShape['keys'][number]) => string
}

/**
 * The rows of many keys in the query's own order, the columns compared first, so that each row can be given to its key
 * without numbering keys or rows. A query of sums and counts is grouped by those columns; its last row has NULL there,
 * which is no key, and is what a key without rows is answered. `p` begins names that nobody else uses.
 */
export const matchedSql = (p: string, sql: string, shape: KeyedShape, { table, among }: Keys): string => {
  const { from, order, aggregate } = shape
  const text = withoutEnd(sql)
  const body = (as: (n: number) => string): string =>
    rewrite(
      text.slice(from, order),
      shape.keys.map((k) => ({ ...k, at: k.at - from })),
      as,
    )
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const rows = body((n) => among(shape.keys.find((k) => k.number === n)!))
  const joined = table === undefined ? rows : `from ${table},${rows.slice('from'.length)}`
  const columns = (as: (c: string) => string): string =>
    shape.keys.map((k, i) => `${as(k.column)} as ${p}_of_${i + 1}`).join(', ')
  if (!aggregate) return `select ${columns((c) => c)},${targets}\n${joined}\n${text.slice(order)}`
  return [
    `select ${columns((c) => c)},${targets}\n${joined}\ngroup by ${shape.keys.map((k) => k.column).join(', ')}`,
    'union all',
    // Typed as the columns are, whatever types those may be.
    `select ${columns((c) => `(array_agg(${c}))[1]`)},${targets}\n${body(() => 'false')}`,
  ].join('\n')
}

/** The table, where a query reads just one: whatever the server assumes of the number of keys, its plan is then a good one. */
export const oneTable = (sql: string, { from }: KeyedShape): string | undefined =>
  /^from\s+((?:[\w$]+\.)?[\w$]+)(?:\s+(?:as\s+)?(?!(?:cross|full|inner|join|left|natural|right|tablesample)\b)[\w$]+)?\s+where\b/i.exec(
    sql.slice(from),
  )?.[1]
