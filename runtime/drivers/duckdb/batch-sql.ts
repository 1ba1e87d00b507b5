import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import type { BatchPlan } from '../../driver.ts'
import { rewrite } from './placeholders.ts'

/** A beginning for generated names that the user's text holds nowhere, so that no name of theirs means one of ours. */
const freshPrefix = (sql: string): string => {
  const text = sql.toLowerCase()
  let prefix = 'quoin'
  for (let i = 2; text.includes(prefix); i++) prefix = `quoin${i}`
  return prefix
}

/** The statement that answers a query for every key: by its columns where the query has that form, else by `lateral`. */
export const batchSql = (sql: string, plan: BatchPlan, types: readonly string[]): string => {
  const keyed = plan.keyed?.[0]
  return keyed === undefined ? lateralSql(sql, plan, types) : keyedSql(sql, keyed, types)
}

/**
 * One pass over the tables reads the rows of all keys; a join by the compared columns gives each key its own. Equality
 * is the database's own both times. Rows carry their number in the query's own order, counted before the join.
 */
const keyedSql = (sql: string, { from, order, keys }: KeyedShape, types: readonly string[]): string => {
  const p = freshPrefix(sql)
  const text = sql.replace(/[\s;]+$/, '')
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const list = (n: number): string => `unnest($${n + 1}::${types[n - 1]}[])`
  const body = rewrite(
    text.slice(from, order),
    keys.map((k) => ({ ...k, at: k.at - from })),
    (n) => `${keys.find((k) => k.number === n)!.column} in (select ${list(n)})`,
  )
  const sorted = order < text.length
  const number = sorted ? `, row_number() over (${text.slice(order)}\n) as ${p}_row` : ''
  const columns = keys.map((k) => `, ${k.column} as ${p}_${k.number}`).join('')
  return [
    `select ${p}_keys.${p}_ordinal, ${p}_rows.* from`,
    `(select unnest($1::INTEGER[]) as ${p}_ordinal${types.map((_, i) => `, ${list(i + 1)} as ${p}_${i + 1}`).join('')}) as ${p}_keys`,
    `left join (select true as ${p}_here${number}${columns},${targets}\n${body}\n) as ${p}_rows`,
    `on ${keys.map((k) => `${p}_rows.${p}_${k.number} = ${p}_keys.${p}_${k.number}`).join(' and ')}`,
    ...(sorted ? [`order by ${p}_keys.${p}_ordinal, ${p}_rows.${p}_row`] : []),
  ].join('\n')
}

/**
 * The general form: the query as a lateral subquery of the keys. The keys travel as one bound list a parameter; each row comes back
 * with the ordinal of its key, and a marker tells an empty answer from a row of NULLs. Our two columns come first.
 */
const lateralSql = (sql: string, plan: BatchPlan, types: readonly string[]): string => {
  const p = freshPrefix(sql)
  const text = rewrite(sql.replace(/[\s;]+$/, ''), plan.params, (n) => `${p}_keys.${p}_${n}`)
  const lists = types.map((t, i) => `, unnest($${i + 2}::${t}[]) as ${p}_${i + 1}`)
  return [
    `select ${p}_keys.${p}_ordinal, ${p}_rows.* from`,
    `(select unnest($1::INTEGER[]) as ${p}_ordinal${lists.join('')}) as ${p}_keys`,
    `left join lateral (select true as ${p}_here, ${p}_query.* from (\n${text}\n) as ${p}_query) as ${p}_rows on true`,
  ].join('\n')
}
