/** A `$n` in a query, in UTF-16 units. */
export interface Placeholder {
  readonly at: number
  readonly length: number
  readonly number: number
}

/** Everything in which a `$1` is not a parameter: quoted text, quoted names, comments, dollar-quoted text, words. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|[A-Za-z_][\w$]*|\$(\d+)/g

/** The parameters of a query, found without its grammar. */
export const placeholders = (sql: string): readonly Placeholder[] =>
  Array.from(sql.matchAll(tokens))
    .filter((m) => m[2] !== undefined)
    .map((m) => ({ at: m.index, length: m[0].length, number: Number(m[2]) }))

/** The query with each parameter written anew. */
export const rewrite = (sql: string, params: readonly Placeholder[], as: (n: number) => string): string => {
  let out = ''
  let from = 0
  for (const p of params) {
    out += sql.slice(from, p.at) + as(p.number)
    from = p.at + p.length
  }
  return out + sql.slice(from)
}
