import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import type { BatchPlan } from '../../driver.ts'
import { folded, folding, freshPrefix, keyedOf, postgresDialect, withoutEnd } from '../sql/batch-sql.ts'
import { rewrite } from '../sql/placeholders.ts'

/** A statement whose rows give the keys of another one, and how to tell its rows from what stands for none. */
export interface Above {
  readonly sql: string
  /** The column that is true where there is a row; nothing where every row is one. */
  readonly marker: string | undefined
  /** No more rows than these are looked at. */
  readonly most: number | undefined
}
/** The query that follows: its text and plan, the columns that are its arguments and the types that it takes. */
export interface Below {
  readonly sql: string
  readonly plan: BatchPlan
  readonly columns: readonly string[]
  readonly types: readonly string[]
}

/**
 * One statement that finds the keys in the rows of another one and answers the query for each of them: its columns are
 * the keys, a marker, the number of the row where the query has an order, and those of the query. Parameters are those
 * of the statement above.
 */
export const composed = (above: Above, below: Below): { readonly sql: string; readonly marker: string } => {
  const p = freshPrefix(above.sql + below.sql + below.columns.join())
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const keys = below.columns.map((c, i) => `${p}_q.${quoted(c)}::${below.types[i]} as ${p}_${i + 1}`).join(', ')
  const real = above.marker === undefined ? '' : ` where ${p}_q.${above.marker}`
  const most = above.most === undefined ? '' : ` limit ${above.most}`
  const known = `with ${p}_keys as materialized (select distinct ${keys} from (select * from (\n${withoutEnd(above.sql)}\n) as ${p}_a${most}) as ${p}_q${real})`
  const keyed = keyedOf(below.plan, postgresDialect)
  if (keyed?.aggregate === true) {
    const { groups, empty } = folded(p, below.sql, keyed, (n) => amongKeys(p, keyed, n))
    const sql = `${known}, ${p}_groups as materialized (${groups})\n${folding(p, keyed, `${p}_keys.*`, empty)}`
    return { marker: `${p}_here`, sql }
  }
  return {
    marker: `${p}_here`,
    sql: [
      known,
      `select ${p}_keys.*, ${p}_rows.* from ${p}_keys left join ${rowsOf(p, below)}`,
      ...(below.plan.ordered ? [`order by ${p}_rows.${p}_row`] : []),
    ].join('\n'),
  }
}

const amongKeys = (p: string, { keys }: KeyedShape, n: number): string =>
  postgresDialect.among(keys.find((k) => k.number === n)!.column, `array(select ${p}_${n} from ${p}_keys)`)

const rowsOf = (p: string, { sql, plan }: Below): string => {
  const text = withoutEnd(sql)
  const keyed = plan.keyed?.[0]
  if (keyed === undefined) {
    const number = plan.ordered ? `, row_number() over () as ${p}_row` : ''
    const query = rewrite(text, plan.params, (n) => `${p}_keys.${p}_${n}`)
    return `lateral (select true as ${p}_here${number}, ${p}_query.* from (\n${query}\n) as ${p}_query) as ${p}_rows on true`
  }
  const { from, order, keys } = keyed
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const body = rewrite(
    text.slice(from, order),
    keys.map((k) => ({ ...k, at: k.at - from })),
    (n) => amongKeys(p, keyed, n),
  )
  const number = plan.ordered ? `, row_number() over (${text.slice(order)}\n) as ${p}_row` : ''
  // Under names of their own: the keys have theirs.
  const columns = keys.map((k) => `, ${k.column} as ${p}_of_${k.number}`).join('')
  const on = keys.map((k) => `${p}_rows.${p}_of_${k.number} = ${p}_keys.${p}_${k.number}`).join(' and ')
  return `(select true as ${p}_here${number}${columns},${targets}\n${body}\n) as ${p}_rows on ${on}`
}
