import type { KeyedShape } from '../../../graph/sql/keyed.ts'
import type { BatchPlan } from '../../driver.ts'
import { rewrite } from './placeholders.ts'

/** What databases differ in where a query is asked for many keys at once. */
export interface Dialect {
  /** How an element of a list of unnamed numbers is typed: the ordinals of the keys. */
  readonly ordinal: string
  /** Whether equality of columns and of groups is one, the keys having the type of their column. */
  readonly groupsByKey: boolean
  /** Whether `row_number() over ()` counts the rows of a subquery in the order that it states. */
  readonly countsInOrder: boolean
}
export const duckdbDialect: Dialect = { ordinal: 'INTEGER', groupsByKey: false, countsInOrder: false }
export const postgresDialect: Dialect = { ordinal: 'int4', groupsByKey: true, countsInOrder: true }

/**
 * The condition that a column equals an element of a list. A subquery, and not `= any(list)`: PostgreSQL would compare each
 * row with each key, unless it knew the list when it planned the statement.
 */
const among = (column: string, list: string): string => `${column} in (select unnest(${list}))`

/** A beginning for generated names that the user's text holds nowhere, so that no name of theirs means one of ours. */
export const freshPrefix = (sql: string): string => {
  const text = sql.toLowerCase()
  let prefix = 'quoin'
  for (let i = 2; text.includes(prefix); i++) prefix = `quoin${i}`
  return prefix
}
export const withoutEnd = (sql: string): string => sql.replace(/[\s;]+$/, '')

/** The statement that answers a query for every key: by its columns where the query has that form, else by `lateral`. */
export const batchSql = (
  sql: string,
  plan: BatchPlan,
  types: readonly string[],
  dialect: Dialect = duckdbDialect,
): string => {
  const keyed = keyedOf(plan, dialect)
  if (keyed === undefined) return lateralSql(sql, plan, types, dialect)
  return keyed.aggregate ? groupedSql(sql, keyed, types, dialect) : keyedSql(sql, keyed, types, dialect)
}
/** The keyed form that a database may be asked in. */
const keyedOf = ({ keyed }: BatchPlan, { groupsByKey }: Dialect): KeyedShape | undefined =>
  keyed?.[0]?.aggregate === true && !groupsByKey ? undefined : keyed?.[0]

/** The keys, a row each: their ordinals are bound as $1, the values of parameter n as $(n + 1). */
const keysOf = (p: string, types: readonly string[], ordinal: string): string =>
  `(select unnest($1::${ordinal}[]) as ${p}_ordinal${types.map((t, i) => `, unnest(${listOf(i, t)}) as ${p}_${i + 1}`).join('')}) as ${p}_keys`
const listOf = (i: number, type: string): string => `$${i + 2}::${type}[]`

/**
 * One pass over the tables reads the rows of all keys; a join by the compared columns gives each key its own. Equality
 * is the database's own both times. Rows carry their number in the query's own order, counted before the join.
 */
const keyedSql = (
  sql: string,
  { from, order, keys }: KeyedShape,
  types: readonly string[],
  { ordinal }: Dialect,
): string => {
  const p = freshPrefix(sql)
  const text = withoutEnd(sql)
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const body = rewrite(
    text.slice(from, order),
    keys.map((k) => ({ ...k, at: k.at - from })),
    (n) => among(keys.find((k) => k.number === n)!.column, listOf(n - 1, types[n - 1]!)),
  )
  const sorted = order < text.length
  const number = sorted ? `, row_number() over (${text.slice(order)}\n) as ${p}_row` : ''
  const columns = keys.map((k) => `, ${k.column} as ${p}_${k.number}`).join('')
  return [
    `select ${p}_keys.${p}_ordinal, ${p}_rows.* from`,
    keysOf(p, types, ordinal),
    `left join (select true as ${p}_here${number}${columns},${targets}\n${body}\n) as ${p}_rows`,
    `on ${keys.map((k) => `${p}_rows.${p}_${k.number} = ${p}_keys.${p}_${k.number}`).join(' and ')}`,
    ...(sorted ? [`order by ${p}_keys.${p}_ordinal, ${p}_rows.${p}_row`] : []),
  ].join('\n')
}

/**
 * Sums and counts: one pass groups the rows of all keys by the compared columns. A key without a group has what the
 * query answers where no row is found, which is the same for each of them.
 */
const groupedSql = (sql: string, keyed: KeyedShape, types: readonly string[], { ordinal }: Dialect): string => {
  const p = freshPrefix(sql)
  const { groups, empty } = folded(p, sql, keyed, (n) => among(columnOf(keyed, n), listOf(n - 1, types[n - 1]!)))
  return [
    `with ${p}_keys as (select * from ${keysOf(p, types, ordinal)}), ${p}_groups as materialized (${groups})`,
    folding(p, keyed, `${p}_keys.${p}_ordinal`, empty),
  ].join('\n')
}
/** A row for each key: of its group, or that of none. */
const folding = (p: string, { keys }: KeyedShape, key: string, empty: string): string => {
  const own = keys.map((k) => `${p}_keys.${p}_${k.number} = ${p}_groups.${p}_of_${k.number}`).join(' and ')
  return [
    `select ${key}, true as ${p}_here, ${p}_groups.* from ${p}_keys join ${p}_groups on ${own}`,
    'union all',
    `select ${key}, true, ${p}_none.* from ${p}_keys, (${empty}) as ${p}_none`,
    `where not exists (select 1 from ${p}_groups where ${own})`,
  ].join('\n')
}
const columnOf = ({ keys }: KeyedShape, n: number): string => keys.find((k) => k.number === n)!.column
/** A query of aggregates by key, under `p_of_n` the columns compared, and the row that it answers where nothing is found. */
const folded = (
  p: string,
  sql: string,
  { from, order, keys }: KeyedShape,
  among: (n: number) => string,
): { readonly groups: string; readonly empty: string } => {
  const text = withoutEnd(sql)
  const targets = text.slice(text.search(/select\b/i) + 'select'.length, from)
  const places = keys.map((k) => ({ ...k, at: k.at - from }))
  const columns = (as: (k: KeyedShape['keys'][number]) => string): string =>
    keys.map((k) => `${as(k)} as ${p}_of_${k.number}`).join(', ')
  const body = rewrite(text.slice(from, order), places, among)
  const none = rewrite(text.slice(from, order), places, () => 'false')
  return {
    groups: `select ${columns((k) => k.column)},${targets}\n${body}\ngroup by ${keys.map((k) => k.column).join(', ')}`,
    // Typed as the column is, whatever type that may be.
    empty: `select ${columns((k) => `(array_agg(${k.column}))[1]`)},${targets}\n${none}\n`,
  }
}

/**
 * The general form: the query as a lateral subquery of the keys. The keys travel as one bound list a parameter; each row comes back
 * with the ordinal of its key, and a marker tells an empty answer from a row of NULLs. Our two columns come first.
 */
const lateralSql = (
  sql: string,
  plan: BatchPlan,
  types: readonly string[],
  { ordinal, countsInOrder }: Dialect,
): string => {
  const p = freshPrefix(sql)
  const text = rewrite(withoutEnd(sql), plan.params, (n) => `${p}_keys.${p}_${n}`)
  const sorted = plan.ordered && countsInOrder
  const number = sorted ? `, row_number() over () as ${p}_row` : ''
  return [
    `select ${p}_keys.${p}_ordinal, ${p}_rows.* from`,
    keysOf(p, types, ordinal),
    `left join lateral (select true as ${p}_here${number}, ${p}_query.* from (\n${text}\n) as ${p}_query) as ${p}_rows on true`,
    ...(sorted ? [`order by ${p}_keys.${p}_ordinal, ${p}_rows.${p}_row`] : []),
  ].join('\n')
}
