import type { Answer, Call, DbQueryAttrs } from '../../graph/effects.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import type { Context } from '../../runtime/driver.ts'

export type Query = Call & { readonly effect: 'dbQuery' }

/** A type from its text; a test that misspells one fails at once. */
export const typeOf = (text: string): Type => {
  const t = parseType(text)
  if (typeof t === 'string') throw new Error(t)
  return t
}

/** A query as the builder would have made it: `query('many', 'select …', '{id: i64}', [['i64', 7n]])`. */
export const query = (
  mode: DbQueryAttrs['mode'],
  sql: string,
  row = '{}',
  args: readonly (readonly [type: string, value: Value])[] = [],
  more: Partial<DbQueryAttrs> = {},
): Query => ({
  effect: 'dbQuery',
  attrs: {
    occurrence: 0,
    db: 'db',
    name: 'q',
    sql,
    mode,
    row: typeOf(row),
    dim: mode === 'many' ? 'q' : '',
    maxRows: 100_000,
    maxBytes: 100_000_000,
    authority: false,
    batch: true,
    reads: [],
    writes: [],
    ...more,
  },
  args: args.map(([, v]) => v),
  argTypes: args.map(([t]) => typeOf(t)),
  iteration: [],
})

export const calm: Context = { signal: new AbortController().signal }

export const good = (a: Answer): Value => {
  if (a._tag === 'Left') throw new Error(`${a.left._tag}: ${a.left.cause}`, { cause: a.left })
  return a.right
}
export const bad = (a: Answer): RunError => {
  if (a._tag === 'Right') throw new Error(`expected an error, got ${String(a.right)}`)
  return a.left
}
/** What a user reads of an error: its tag, cause and remedy. */
export const told = (a: Answer): readonly [string, string, string] => {
  const e = bad(a)
  return [e._tag, e.cause, e.remedy]
}
