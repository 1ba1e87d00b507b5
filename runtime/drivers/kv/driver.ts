import type { Answer, Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Value } from '../../../graph/values.ts'
import type { Assumption } from '../../assumption.ts'
import type { Batch, Context, Driver } from '../../driver.ts'
import { decodePayload, encodePayload } from '../../payload.ts'
import { authorityOf } from '../../request.ts'
import type { Failure } from '../failure.ts'
import { errorOf, failed, notMine } from '../failure.ts'
import type { RetryOptions } from '../retry.ts'
import { retrying } from '../retry.ts'
import { answering, isWrite, within } from '../within.ts'

/** What a key-value store can do; it may throw, and `classify` says what that means. */
export interface Store {
  readonly get: (keys: readonly string[], signal: AbortSignal) => Promise<readonly (Uint8Array | undefined)[]>
  /** `ttlMs` 0: for ever. */
  readonly set: (key: string, value: Uint8Array, ttlMs: number, signal: AbortSignal) => Promise<void>
  readonly delete: (key: string, signal: AbortSignal) => Promise<void>
  /** Its name, as OpenTelemetry knows it. */
  readonly system?: string
  /** What an error means; with an outcome if a write that was sent may have happened all the same. */
  readonly classify: (e: unknown, what: string) => Failure
  /** Makes sure that there is a connection: until then nothing is sent. */
  readonly ready?: () => Promise<unknown>
  /** A call got no answer in its time: what it was sent on may be of no use any more. */
  readonly late?: () => void
  /** How calls are tried again when their connection breaks; all of them may happen twice. Not at all without it. */
  readonly retry?: RetryOptions
  readonly close: () => Promise<void>
}
export interface StoreOptions {
  /** The time limit of one call (1,000). */
  readonly timeoutMs?: number
  /** The most bytes of one value (16 MiB); the graph may allow fewer. */
  readonly maxBytes?: number
  /** The most keys of one request (10,000). */
  readonly maxBatch?: number
}

type KvCall = Call & { readonly effect: 'kvGet' | 'kvSet' | 'kvDelete' }
type Get = Call & { readonly effect: 'kvGet' }

/** A driver over a store: keys, payloads, sizes, limits and errors are the same for every store. */
export const storeDriver = (store: Store, assumptions: readonly Assumption[], options: StoreOptions): Driver => {
  const { timeoutMs = 1000, maxBytes: most = 16 * 2 ** 20 } = options
  const closing = new AbortController()

  /** One request of the store under its limits. */
  const ask = <T>(call: Call, context: Context, what: string, work: (signal: AbortSignal) => Promise<T>) => {
    const limits = { timeoutMs, closing: closing.signal, what, writes: isWrite(call) }
    return within<T>(context, limits, (signal, progress, stopped) => {
      const late = (): void => (stopped() === 'Timeout' ? store.late?.() : undefined)
      signal.addEventListener('abort', late, { once: true })
      return retrying(store.retry ?? { attempts: 1 }, signal, async () => {
        let sent = false
        try {
          if (store.ready !== undefined) await store.ready()
          sent = progress.sent = true
          return right(await work(signal))
        } catch (e) {
          const { outcome, ...failure } = store.classify(e, what)
          const unknown = outcome !== undefined && sent && limits.writes ? { outcome } : {}
          return left({ failure: { ...failure, ...unknown }, passing: failure.tag === 'Connection' })
        }
      })
    })
  }
  const decoded = (call: Get, key: string, bytes: Uint8Array | undefined): Either<Failure, Value> => {
    if (bytes === undefined) return right({ _tag: 'None' })
    const limit = Math.min(most, call.attrs.maxBytes)
    if (bytes.byteLength > limit) return left(tooLarge(key, bytes.byteLength, limit))
    const value = decodePayload(call.attrs.value, bytes)
    return isLeft(value) ? left(undecodable(call, key, value.left)) : right({ _tag: 'Some', value: value.right })
  }
  const one = async (call: KvCall, context: Context): Promise<Either<Failure, Value>> => {
    const key = keyOf(call)
    if (isLeft(key)) return key
    const shown = nameOf(call)
    switch (call.effect) {
      case 'kvGet': {
        const found = await ask(call, context, `reading ${shown}`, (signal) => store.get([key.right], signal))
        return isLeft(found) ? found : decoded(call, shown, found.right[0])
      }
      case 'kvSet': {
        const value = encodePayload(call.argTypes.at(-1)!, call.args.at(-1)!)
        if (isLeft(value))
          return left({
            tag: 'Refused',
            cause: `${shown} cannot be stored: ${value.left}`,
            remedy: 'store bytes instead',
          })
        const limit = Math.min(most, call.attrs.maxBytes)
        if (value.right.byteLength > limit) return left(tooLarge(shown, value.right.byteLength, limit))
        const { ttlMs } = call.attrs
        const done = await ask(call, context, `storing ${shown}`, (signal) =>
          store.set(key.right, value.right, ttlMs, signal),
        )
        return isLeft(done) ? done : right(null)
      }
      case 'kvDelete': {
        const done = await ask(call, context, `deleting ${shown}`, (signal) => store.delete(key.right, signal))
        return isLeft(done) ? done : right(null)
      }
    }
  }
  const perform = async (call: Call, context: Context): Promise<Answer> =>
    isKv(call) ? answering(call, () => one(call, context)) : notMine(call, 'kv')

  /** One request for all distinct keys. */
  const performMany = async ({ calls }: Batch, context: Context) => {
    const gets = calls.filter((c) => c.effect === 'kvGet')
    if (gets.length < calls.length) return { answers: calls.map((c) => notMine(c, 'kv')), roundTrips: 0 }
    try {
      const keys = gets.map(keyOf)
      const distinct = [...new Set(keys.flatMap((k) => (isLeft(k) ? [] : [k.right])))]
      const places = new Map(distinct.map((k, i) => [k, i]))
      const first = gets[0]
      if (first === undefined || distinct.length === 0)
        return { answers: gets.map((c, i) => failed(c, (keys[i] as { left: Failure }).left)), roundTrips: 0 }
      const what = `reading ${distinct.length} keys of '${first.attrs.store}'`
      const found = await ask(first, context, what, (signal) => store.get(distinct, signal))
      if (isLeft(found) && !final.has(found.left.tag)) {
        const answers: Answer[] = []
        for (const call of gets) answers.push(await perform(call, context))
        return { answers, roundTrips: 1 + gets.length }
      }
      const answers = gets.map((call, i): Answer => {
        const key = keys[i]!
        if (isLeft(key)) return failed(call, key.left)
        if (isLeft(found)) return left(errorOf(call, found.left))
        const value = decoded(call, nameOf(call), found.right[places.get(key.right)!])
        return isLeft(value) ? failed(call, value.left) : value
      })
      return { answers, roundTrips: 1 }
    } catch (e) {
      return { answers: calls.map((c) => left(bug(c.effect, e))), roundTrips: 1 }
    }
  }
  return {
    kind: 'kv',
    ...(store.system === undefined ? {} : { system: store.system }),
    effects: ['kvGet', 'kvSet', 'kvDelete'],
    assumptions,
    ...(options.maxBatch === undefined ? {} : { maxBatch: options.maxBatch }),
    perform,
    performMany,
    close: async () => {
      closing.abort()
      await store.close()
    },
  }
}
/** Failures after which asking again key by key would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection', 'Permission'])

const isKv = (call: Call): call is KvCall =>
  call.effect === 'kvGet' || call.effect === 'kvSet' || call.effect === 'kvDelete'

/**
 * The key as the store has it. Each authority has keys of its own: `@tenant/key`; a key without authority that begins
 * with `@` is written `@/@…`, so that it is never taken for one of those.
 */
const keyOf = (call: KvCall): Either<Failure, string> => {
  const key = String(call.args[call.attrs.authority ? 1 : 0])
  const authority = authorityOf(call)
  if (!key.isWellFormed() || authority?.isWellFormed() === false)
    return left({
      tag: 'Refused',
      cause: `a key of '${call.attrs.store}' has half a character (a lone surrogate), which UTF-8 cannot hold`,
      remedy: 'use other keys',
    })
  if (authority === '')
    return left({
      tag: 'Refused',
      cause: `the authority of a key of '${call.attrs.store}' is empty`,
      remedy: 'name one',
    })
  if (authority !== undefined) return right(`@${encodeURIComponent(authority)}/${key}`)
  return right(key.startsWith('@') ? `@/${key}` : key)
}
const nameOf = (call: KvCall): string =>
  `'${String(call.args[call.attrs.authority ? 1 : 0]).slice(0, 100)}' of '${call.attrs.store}'`

const tooLarge = (what: string, size: number, most: number): Failure => ({
  tag: 'TooLarge',
  cause: `${what} has ${size.toLocaleString('en-US')} bytes, and at most ${most.toLocaleString('en-US')} are allowed`,
  remedy: 'raise maxBytes of the driver and of the call, or store less',
})
const undecodable = (call: Get, what: string, why: string): Failure => ({
  tag: 'Decode',
  cause: `${what} does not fit its codec: ${why}`,
  remedy: `correct the codec, or delete what lies under the key; this call reads ${call.attrs.value.kind === 'tensor' ? call.attrs.value.elem : `a ${call.attrs.value.kind}`}`,
})
