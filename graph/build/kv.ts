import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec } from './codec.ts'
import { freshDims } from './dims.ts'
import type { Opt } from './expr.ts'
import { wrapAs } from './expr.ts'
import { lift, lone } from './lift.ts'
import type { Expr, Scalar } from './types.ts'

export interface KvGetOptions {
  readonly maxBytes?: number
  /** false keeps this call out of every batch. */
  readonly batch?: boolean
}
export interface KvSetOptions {
  /** How long it is kept, in milliseconds; for ever if not given. */
  readonly ttlMs?: number
  readonly maxBytes?: number
}
/** What can be stored: an expression, or a JavaScript value. */
export type Storable = Expr | string | number | bigint | boolean | Uint8Array

/**
 * A symbolic key-value store: a driver is bound to its name when the artefact is loaded. Bytes and text are stored as
 * they are, everything else as JSON.
 *
 *     const seen = kv('seen')
 *     const last = seen.get(text('visit:', user), Visit)
 */
export interface Kv {
  /** The same store under an authority (tenant), which has keys of its own. */
  as(authority: Scalar<'string'> | Scalar<'i64'> | Scalar<'i32'> | string): Kv
  get<X>(key: Scalar<'string'> | string, value: Codec<X>, options?: KvGetOptions): Opt<X>
  /** Like every write it must be part of the result, or stand in `sequence`. */
  set(key: Scalar<'string'> | string, value: Storable, options?: KvSetOptions): Scalar<'unit'>
  delete(key: Scalar<'string'> | string): Scalar<'unit'>
}

const megabyte = 1_000_000

export const kv = (store: string): Kv => open(store, undefined)
const open = (store: string, authority: unknown): Kv => {
  const call = (key: unknown, what: string) => {
    const b = current()
    const who = authority === undefined ? [] : [lone(b, operandOf(authority))]
    const known = typeof key === 'string' ? key : '*'
    return {
      b,
      args: [...who, lift(b, operandOf(key), 'string')],
      attrs: { occurrence: b.occurrence(`${what} ${known}`), store, key: known, authority: who.length > 0 },
    }
  }
  return {
    as: (who) => open(store, who),
    get: (key, value, options = {}) => {
      const { b, args, attrs } = call(key, 'get')
      const maxBytes = Math.max(1, Math.ceil(options.maxBytes ?? megabyte))
      const type = freshDims(value.type, `get ${attrs.key}`)
      return wrapAs(
        b.node('kvGet', { ...attrs, value: type, maxBytes, batch: options.batch ?? true }, args, 'give a text as key'),
      )
    },
    set: (key, value, options = {}) => {
      const { b, args, attrs } = call(key, 'set')
      const { ttlMs } = options
      const whole = ttlMs === undefined || (Number.isSafeInteger(ttlMs) && ttlMs >= 1)
      if (!whole) b.fail('kvSet', `a value is kept for ${ttlMs} ms`, 'give a whole number of milliseconds, at least 1')
      const maxBytes = Math.max(1, Math.ceil(options.maxBytes ?? megabyte))
      return wrapAs(
        b.node(
          'kvSet',
          { ...attrs, ttlMs: whole ? (ttlMs ?? 0) : 0, maxBytes },
          [...args, unwrap(value)],
          'give a text as key',
        ),
      )
    },
    delete: (key) => {
      const { b, args, attrs } = call(key, 'delete')
      return wrapAs(b.node('kvDelete', attrs, args, 'give a text as key'))
    },
  }
}
