import type { Answer, Call, DbQueryAttrs, ForeignAttrs, HttpRequestAttrs, KvGetAttrs } from '../../graph/effects.ts'
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

export type Given = readonly (readonly [type: string, value: Value])[]
const given = (args: Given): Pick<Call, 'args' | 'argTypes' | 'iteration'> => ({
  args: args.map(([, v]) => v),
  argTypes: args.map(([t]) => typeOf(t)),
  iteration: [],
})

/** A request as the builder would have made it: `request(['/users/', ''], '{id: i64}', [['i64', 7n]])`. */
export const request = (
  url: readonly string[],
  answer = 'json',
  args: Given = [],
  more: Partial<HttpRequestAttrs> = {},
): Call & { readonly effect: 'httpRequest' } => ({
  effect: 'httpRequest',
  attrs: {
    occurrence: 0,
    service: 'shop',
    name: 'r',
    method: 'GET',
    url,
    headers: [],
    body: false,
    answer: typeOf(answer),
    mode: 'response',
    statuses: [],
    maxBytes: 1_000_000,
    authority: false,
    idempotent: true,
    batch: true,
    many: null,
    reads: ['*'],
    writes: [],
    ...more,
  },
  ...given(args),
})
const store = { occurrence: 0, store: 'cache', key: '*', authority: false } as const
/** A tenant has keys of its own; `undefined` is no authority. */
const keyed = (key: string, tenant: string | undefined): Given =>
  tenant === undefined
    ? [['string', key]]
    : [
        ['string', tenant],
        ['string', key],
      ]
export const kvGet = (
  key: string,
  value = 'json',
  more: Partial<KvGetAttrs> = {},
  tenant?: string,
): Call & { readonly effect: 'kvGet' } => ({
  effect: 'kvGet',
  attrs: { ...store, authority: tenant !== undefined, value: typeOf(value), maxBytes: 1_000_000, batch: true, ...more },
  ...given(keyed(key, tenant)),
})
export const kvSet = (
  key: string,
  value: readonly [string, Value],
  ttlMs = 0,
  maxBytes = 1_000_000,
  tenant?: string,
): Call & { readonly effect: 'kvSet' } => ({
  effect: 'kvSet',
  attrs: { ...store, authority: tenant !== undefined, ttlMs, maxBytes },
  ...given([...keyed(key, tenant), value]),
})
export const kvDelete = (key: string, tenant?: string): Call & { readonly effect: 'kvDelete' } => ({
  effect: 'kvDelete',
  attrs: { ...store, authority: tenant !== undefined },
  ...given(keyed(key, tenant)),
})
export const own = (
  argument: readonly [string, Value],
  answer = 'f64',
  more: Partial<ForeignAttrs> = {},
): Call & { readonly effect: 'foreign' } => ({
  effect: 'foreign',
  attrs: {
    occurrence: 0,
    name: 'price',
    answer: typeOf(answer),
    authority: false,
    idempotent: true,
    batch: true,
    reads: ['*'],
    writes: [],
    ...more,
  },
  ...given([argument]),
})
export const fileRead = (path: string, as: 'string' | 'bytes' = 'string', maxBytes = 1_000_000): Call => ({
  effect: 'fileRead',
  attrs: { occurrence: 3, root: 'out', path: '*', as, maxBytes },
  ...given([['string', path]]),
})

export const fileWrite = (path: string, content: string | Uint8Array, maxBytes = 1e9): Call => ({
  effect: 'fileWrite',
  attrs: { occurrence: 3, root: 'out', path: '*', maxBytes },
  args: [path, content],
  argTypes: [typeOf('string'), typeOf(typeof content === 'string' ? 'string' : 'bytes')],
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
