import type { BatchPlan } from '../../driver.ts'
import { rewrite } from './placeholders.ts'

/** A beginning for generated names that the user's text holds nowhere, so that no name of theirs means one of ours. */
const freshPrefix = (sql: string): string => {
  const text = sql.toLowerCase()
  let prefix = 'quoin'
  for (let i = 2; text.includes(prefix); i++) prefix = `quoin${i}`
  return prefix
}

/**
 * The statement that answers a query for every key. The keys travel as one bound list a parameter; each row comes back
 * with the ordinal of its key, and a marker tells an empty answer from a row of NULLs. Our two columns come first.
 */
export const batchSql = (sql: string, plan: BatchPlan, types: readonly string[]): string => {
  const p = freshPrefix(sql)
  const text = rewrite(sql.replace(/[\s;]+$/, ''), plan.params, (n) => `${p}_keys.${p}_${n}`)
  const lists = types.map((t, i) => `, unnest($${i + 2}::${t}[]) as ${p}_${i + 1}`)
  return [
    `select ${p}_keys.${p}_ordinal, ${p}_rows.* from`,
    `(select unnest($1::INTEGER[]) as ${p}_ordinal${lists.join('')}) as ${p}_keys`,
    `left join lateral (select true as ${p}_here, ${p}_query.* from (\n${text}\n) as ${p}_query) as ${p}_rows on true`,
  ].join('\n')
}
