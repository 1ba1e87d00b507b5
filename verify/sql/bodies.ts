import { loadModule, parsePlPgSQLSync } from 'libpg-query'
import type { SqlFacts } from '../../graph/sql/facts.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'

await loadModule()

interface Statement {
  readonly text: string
  readonly facts: SqlFacts
}

/** The statements inside a function, or nothing where they cannot be seen (dynamic SQL, other languages). */
export const statementsOf = (
  language: string,
  source: string,
  definition: string,
): readonly Statement[] | undefined => {
  // A body that begins with BEGIN ATOMIC or RETURN is part of the definition, which the grammar reads as a whole.
  if (language === 'sql') return all([source.trim() === '' ? definition : source])
  if (language !== 'plpgsql') return undefined
  try {
    const texts: string[] = []
    if (!expressions(parsePlPgSQLSync(definition), texts)) return undefined
    return all(texts)
  } catch {
    return undefined
  }
}

const all = (texts: readonly string[]): readonly Statement[] | undefined => {
  const facts = texts.map(factsOf)
  return facts.every((f) => f !== undefined) ? facts : undefined
}
/** A statement, an expression, or an assignment. */
const factsOf = (text: string): Statement | undefined => {
  for (const form of [text, `select ${text}`, `select ${text.replace(/^[^=]*?:?=/, '')}`]) {
    const facts = sqlFacts(form)
    if (facts._tag === 'Right') return { text, facts: facts.right }
  }
  return undefined
}

/** Gathers the SQL of a PL/pgSQL body; false when some of it is made while it runs. */
const expressions = (tree: unknown, into: string[]): boolean => {
  const open: unknown[] = [tree]
  for (let x = open.pop(); x !== undefined; x = open.pop()) {
    if (typeof x !== 'object' || x === null) continue
    for (const [key, y] of Object.entries(x)) {
      if (key.startsWith('PLpgSQL_stmt_dyn') || key === 'dynquery') return false
      const query = key === 'PLpgSQL_expr' ? (y as { readonly query?: unknown }).query : undefined
      if (typeof query === 'string') into.push(query)
      else if (typeof y === 'object' && y !== null) open.push(y)
    }
  }
  return true
}
