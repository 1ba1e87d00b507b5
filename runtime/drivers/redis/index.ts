import type { Assumption } from '../../assumption.ts'
import type { Driver } from '../../driver.ts'
import { packageOf, program } from '../depends.ts'
import type { StoreOptions } from '../kv/driver.ts'
import { storeDriver } from '../kv/driver.ts'
import { driverOf } from '../options.ts'
import type { RetryOptions } from '../retry.ts'
import { classifyRedisError } from './classify.ts'
import type { Connection, RedisClient } from './client.ts'
import { asBytes, connect } from './client.ts'
import { probe } from './probe.ts'

export { classifyRedisError } from './classify.ts'
export type { RedisClient } from './client.ts'

interface Retrying {
  /** How calls are tried again when the connection breaks (3 times, within the time limit); false for never. */
  readonly retry?: RetryOptions | false
}
/** A server to connect to, or your own connected client, which stays open. */
export type RedisOptions = StoreOptions &
  Retrying &
  ({ readonly url: string; readonly client?: never } | { readonly client: RedisClient; readonly url?: never })

/** Tested with Redis 7.0. */
const dependsOn = [packageOf('redis', '^6.3.1'), program('redis-server', '>=6.2.0')]
const assumptions: readonly Assumption[] = [
  {
    id: 'redis.keeps',
    kind: 'external',
    statement: 'The server gives back the last value that was set, or none when its time is over or it was evicted.',
    dependsOn,
    supports: ['KvGetIsLastSetOrNone'],
    failureMode: 'A replica that lags, or a failover, gives an older value or none.',
    mitigation: 'Read from the primary; keep what must last in a database.',
    probe: { by: 'driver' },
    expiry: { of: 'redis', from: '7.0.0' },
  },
  {
    id: 'redis.keys-apart',
    kind: 'isolation',
    statement: "Nobody else writes keys that begin with '@', under which authorities have theirs.",
    dependsOn,
    supports: ['AuthorityIsKept'],
    failureMode: 'A tenant sees what another program wrote.',
    mitigation: 'Use a database or a user of its own (ACL) for each program.',
    probe: { by: 'none', reason: 'who else will write to the server cannot be seen' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'redis.mget-is-get',
    kind: 'driver',
    statement: 'MGET gives for each key what GET would give at that moment.',
    dependsOn,
    supports: ['BatchAnswersAsMembers'],
    failureMode:
      'A batch sees all keys at one moment, single calls each at their own; a key of another type is none instead of an error.',
    mitigation: 'Tested against a server; batch: false keeps a call out.',
    probe: { by: 'driver' },
    expiry: { of: 'redis', from: '7.0.0' },
  },
]

/** A key-value store in Redis, Valkey or another server of that protocol. Nothing is opened before the first call. */
export const redis = (options: RedisOptions): Driver =>
  driverOf('redis', { kind: 'kv', effects: ['kvGet', 'kvSet', 'kvDelete'] }, options, { example }, made)
const example = "redis({ url: 'redis://localhost:6379' })"
const made = (options: RedisOptions): Driver => {
  const timeoutMs = options.timeoutMs ?? 1000
  let own: Connection | undefined
  const ready = (): Promise<RedisClient> => {
    if (options.client !== undefined) return Promise.resolve(options.client)
    if (own !== undefined) return own.client
    const mine = connect(options.url, timeoutMs, () => {
      if (own === mine) own = undefined
    })
    own = mine
    return mine.client
  }
  const send = async (args: readonly (string | Buffer)[], signal: AbortSignal): Promise<unknown> =>
    (await ready()).sendCommand(args, { ...asBytes, abortSignal: signal })
  const driver = storeDriver(
    {
      get: async (keys, signal) => {
        const found =
          keys.length === 1 ? [await send(['GET', keys[0]!], signal)] : await send(['MGET', ...keys], signal)
        if (!Array.isArray(found) || found.length !== keys.length)
          throw new Error('the server gave another number of values')
        return found.map((v: unknown) => (v === null ? undefined : bytesOf(v)))
      },
      set: async (key, value, ttlMs, signal) => {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        await send(ttlMs === 0 ? ['SET', key, bytes] : ['SET', key, bytes, 'PX', String(ttlMs)], signal)
      },
      delete: async (key, signal) => void (await send(['DEL', key], signal)),
      classify: classifyRedisError,
      system: 'redis',
      retry: options.retry === false ? { attempts: 1 } : (options.retry ?? {}),
      ready,
      // Answers come in their order: behind one that does not come there are no others.
      late: () => own?.drop(),
      close: async () => own?.drop(),
    },
    assumptions,
    options,
  )
  return { ...driver, probe: (context) => probe(send, context) }
}

const bytesOf = (v: unknown): Uint8Array => {
  if (v instanceof Uint8Array) return v
  throw new Error(`the client gave ${typeof v} instead of bytes`)
}
