import type { Either } from '../../../graph/either.ts'
import { left } from '../../../graph/either.ts'
import { pause } from '../retry.ts'
import type { InnerClient, OwnPool, PgPool } from './engine.ts'
import { innerOf, loadEngine, UnknownClient } from './engine.ts'
import { Line } from './line.ts'
import type { PostgresOptions } from './options.ts'

/** Opens lines, wherever their connections come from, and gives them back. */
export interface Connections {
  readonly most: number
  /** Calls on the user's own client meet what he does on it, a transaction above all. */
  readonly shared: boolean
  readonly open: (signal: AbortSignal) => Promise<Either<unknown, Line>>
  readonly release: (line: Line) => void
  readonly close: () => Promise<void>
}

export const connections = (options: PostgresOptions): Connections =>
  options.client === undefined ? ofPool(options) : ofClient(options.client)

/** Without a listener an error of the connection would end the process; whoever waits for an answer is told of it. */
const unheard = (): void => undefined

const ofClient = (client: object): Connections => ({
  most: 1,
  shared: true,
  open: async (signal) => {
    const inner = innerOf(client)
    if (inner.pipeline === true)
      return left(new UnknownClient('a client with pipeline: true takes no queries of another kind than its own'))
    inner.on('error', unheard)
    const line = await Line.open(inner, signal)
    if (line._tag === 'Left') inner.off('error', unheard)
    return line
  },
  release: (line) => {
    void line.close().then(() => line.client.off('error', unheard))
  },
  close: () => Promise.resolve(),
})

const ofPool = (options: PostgresOptions): Connections => {
  let own: Promise<OwnPool> | undefined
  const pool = (): Promise<PgPool> => {
    if (options.pool !== undefined) return Promise.resolve(options.pool)
    own ??= make(options).catch((e: unknown) => {
      own = undefined // the package may be installed by the next call
      throw e
    })
    return own
  }
  const pipelined = new WeakSet<InnerClient>()
  const giveBack = (client: InnerClient, broken: boolean): void => {
    if (pipelined.has(client)) client.pipeline = true
    client.release?.(broken)
    // The pool listens to what is its own again; a client that it throws away may still complain.
    if (!broken) client.off('error', unheard)
  }
  return {
    most: Math.max(1, options.max ?? maxOf(options.pool) ?? 10),
    shared: false,
    open: async (signal) => {
      const coming = (await pool()).connect()
      const client = await Promise.race([coming, aborted(signal)])
      if (client === undefined) {
        coming.then((c) => innerOf(c).release?.()).catch(() => undefined) // nobody waits for it any more
        return left('stopped')
      }
      const inner = innerOf(client)
      inner.on('error', unheard)
      // Pipelining is done here; a client that does it as well refuses what is not its own.
      if (inner.pipeline === true) {
        pipelined.add(inner)
        inner.pipeline = false
      }
      const line = await Line.open(inner, signal)
      if (line._tag === 'Left') giveBack(inner, true)
      return line
    },
    release: (line) => {
      void line.close().then(() => giveBack(line.client, line.broken || line.status !== 'I'))
    },
    close: async () => {
      const opened = await own?.catch(() => undefined)
      own = undefined
      // A connection that hangs must not hang whoever closes.
      if (opened === undefined) return
      const ended = new AbortController()
      await Promise.race([opened.end().finally(() => ended.abort()), pause(patience, ended.signal)])
    },
  }
}

const maxOf = (pool: object | undefined): number | undefined => {
  const given = (pool as { readonly options?: { readonly max?: unknown } } | undefined)?.options?.max
  return typeof given === 'number' ? given : undefined
}
const patience = 3000
const make = async ({ url, config, max, timeoutMs }: PostgresOptions): Promise<OwnPool> => {
  const { Pool } = await loadEngine()
  const pool = new Pool({
    ...(url === undefined ? {} : { connectionString: url }),
    max: max ?? 10,
    // One that never answers must not keep its place in the pool for ever.
    connectionTimeoutMillis: Math.min(timeoutMs ?? 30_000, 2 ** 31 - 1),
    // A process that has nothing else to do may end.
    allowExitOnIdle: true,
    ...config,
  })
  pool.on('error', unheard)
  return pool
}
const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
