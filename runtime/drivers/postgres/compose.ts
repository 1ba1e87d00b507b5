import type { BatchPlan } from '../../driver.ts'
import { freshPrefix, withoutEnd } from '../sql/batch-sql.ts'
import { rewrite } from '../sql/placeholders.ts'
import { matchedSql } from './matched.ts'

/** The query that follows: its text and plan, the columns above that are its arguments and the types that it takes. */
export interface Following {
  readonly sql: string
  readonly plan: BatchPlan
  readonly columns: readonly string[]
  readonly types: readonly string[]
  /** Whether its rows are looked up by its one key in an index. */
  readonly indexed: boolean
}

/**
 * One statement that finds its keys in the rows of another one, and answers the query for each of them; the keys come first
 * in its rows. Parameters are those of the statement above. It may find more keys than anybody asks for.
 */
export const composed = (above: string, { sql, plan, columns, types, indexed }: Following): string => {
  const p = freshPrefix(above + sql + columns.join())
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const cells = columns.map((c, i) => `${p}_q.${quoted(c)}::${types[i]}`)
  const from = `from (\n${above}\n) as ${p}_q`
  const [first, ...others] = plan.keyed?.[0]?.keys ?? []
  if (first !== undefined) {
    // All keys in one descent of an index where there is one; elsewhere the server may join or look up as it likes.
    // A table of keys would have to be made first.
    const row = [first, ...others].map((k) => k.column).join(', ')
    const keys = `select ${[first, ...others].map((k) => cells[k.number - 1]!).join(', ')} ${from}`
    const among = indexed ? `${row} = any(array(${keys}))` : `${others.length === 0 ? row : `(${row})`} in (${keys})`
    return matchedSql(p, sql, plan.keyed![0]!, { among: (k) => (k === first ? among : 'true') })
  }
  const column = (n: number): string => `${p}_${n}`
  const names = columns.map((_, i) => column(i + 1))
  const given = rewrite(withoutEnd(sql), plan.params, (n) => `${p}_keys.${column(n)}`)
  return [
    `select ${p}_keys.*, ${p}_rows.* from (select distinct ${cells.map((c, i) => `${c} as ${names[i]}`).join(', ')} ${from}) as ${p}_keys,`,
    `lateral (select ${plan.ordered ? `row_number() over () as ${p}_row, ` : ''}${p}_query.* from (\n${given}\n) as ${p}_query) as ${p}_rows`,
    `where ${names.map((n) => `${p}_keys.${n} is not null`).join(' and ')}`,
    ...(plan.ordered ? [`order by ${p}_rows.${p}_row`] : []),
  ].join('\n')
}

/** The rows of a query whatever their order, which a statement that holds it should not have to sort. */
export const unordered = (sql: string, { keyed }: BatchPlan): string =>
  withoutEnd(keyed?.[0] === undefined ? sql : sql.slice(0, keyed[0].order))
