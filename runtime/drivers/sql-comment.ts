import type { Context } from '../driver.ts'

const longest = 120
/** A name on one line; without stars it neither ends a comment nor begins one inside it. */
const word = (name: string): string =>
  name
    .slice(0, longest)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('*', '.')

/**
 * A statement as a driver sends it: with a comment that says which query of which graph it is, for whoever reads the
 * log of the database. It is no part of the graph, of a digest or of the key of a batch. It stands at the end, on a
 * line of its own, so that the places in messages of the database stay true and a `--` before it does not swallow it.
 */
export const commented = (sql: string, graph: string, query: string): string =>
  `${sql}\n/* ${graph === '' ? '' : `${word(graph)}/`}${word(query)} */`

/** The same for a statement that goes out now: whoever listens hears of it. */
export const outgoing = (sql: string, context: Pick<Context, 'graph' | 'sent'>, query: string): string => {
  const statement = commented(sql, context.graph ?? '', query)
  context.sent?.(statement)
  return statement
}
/** The context again, and a note of what was sent last in it: an error names the statement as it was run. */
export const noting = (context: Context): { readonly context: Context; readonly run: () => string | undefined } => {
  let last: string | undefined
  const sent = (statement: string): void => {
    last = statement
    context.sent?.(statement)
  }
  const { signal, graph = '' } = context
  return { context: { signal, graph, sent }, run: () => last }
}
