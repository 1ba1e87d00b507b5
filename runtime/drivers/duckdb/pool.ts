import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { classifyError } from './classify.ts'
import type { DuckConnection, DuckEngine, DuckInstance } from './engine.ts'
import { loadEngine } from './engine.ts'

export interface DuckDbOptions {
  /** A database file; without it, and without an instance or connection, a new database in memory. */
  readonly path?: string
  /** Your own `DuckDBInstance`: connections are opened on it and closed again, it stays open. */
  readonly instance?: DuckInstance
  /** Your own `DuckDBConnection` (a transaction, temporary tables): queries take turns on it, it stays open. */
  readonly connection?: DuckConnection
  /** Settings for a database that the driver opens, such as `{ access_mode: 'READ_ONLY', memory_limit: '1GB' }`. */
  readonly config?: Readonly<Record<string, string>>
  /**
   * How many queries may run at once (3: each holds one of Node's four threads for blocking work, and files need
   * one).
   */
  readonly connections?: number
  /** The time limit of one statement, waiting for a connection included (30,000). */
  readonly timeoutMs?: number
  /** Another way to load `@duckdb/node-api`. */
  readonly engine?: () => Promise<unknown>
}

export interface Lease {
  readonly duckdb: DuckEngine
  readonly connection: DuckConnection
  /** The user's own, on which a transaction may have been begun. */
  readonly handedIn: boolean
}
/** Lends each connection to one query at a time. */
export interface Pool {
  readonly acquire: (limit: Limit) => Promise<Either<Failure | 'stopped', Lease>>
  /** `idle` settles when the engine has let go of the connection; until then nobody else gets it. */
  readonly release: (lease: Lease, idle: Promise<unknown>) => void
  /** The engine has given the database up. One that the driver opened from a file is opened anew once nobody is at work. */
  readonly lost: () => void
  readonly close: () => Promise<void>
}

const within = (ms: number, work: Promise<unknown>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    void work.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })

export const pool = (options: DuckDbOptions): Pool => {
  const most = options.connection === undefined ? Math.max(1, options.connections ?? 3) : 1
  const free: DuckConnection[] = options.connection === undefined ? [] : [options.connection]
  const waiting: (() => void)[] = []
  const busy = new Set<Promise<unknown>>()
  const opened: DuckConnection[] = []
  let lent = 0
  let engine: Promise<DuckEngine> | undefined
  let instance: Promise<DuckInstance> | undefined
  let own: DuckInstance | undefined
  let abandoned = false

  const shut = (): void => {
    for (const c of opened.splice(0)) c.disconnectSync()
    own?.closeSync()
    own = undefined
    free.length = 0
  }
  const connect = async (duckdb: DuckEngine): Promise<DuckConnection> => {
    instance ??= open(duckdb)
    const connection = await (await instance).connect()
    opened.push(connection)
    return connection
  }
  // A failed start is tried again by the next query: the file may be unlocked, or the package installed, by then.
  const open = async (duckdb: DuckEngine): Promise<DuckInstance> => {
    if (options.instance !== undefined) return options.instance
    try {
      own = await duckdb.DuckDBInstance.create(options.path ?? ':memory:', { ...options.config })
      return own
    } catch (e) {
      instance = undefined
      throw e
    }
  }
  const load = async (): Promise<DuckEngine> => {
    try {
      return (await (options.engine ?? loadEngine)()) as DuckEngine
    } catch (e) {
      engine = undefined
      throw e
    }
  }
  const turn = (limit: Limit): Promise<boolean> =>
    new Promise((resolve) => {
      const leave = (): void => {
        const at = waiting.indexOf(enter)
        if (at >= 0) waiting.splice(at, 1)
        resolve(false)
      }
      const enter = (): void => {
        limit.signal.removeEventListener('abort', leave)
        resolve(true)
      }
      waiting.push(enter)
      limit.signal.addEventListener('abort', leave, { once: true })
    })
  const idle = (limit: Limit): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        limit.signal.removeEventListener('abort', go)
        resolve()
      }
      limit.signal.addEventListener('abort', go, { once: true })
      void Promise.allSettled(busy).then(go)
    })
  const next = (): void => {
    const enter = waiting.shift()
    if (enter === undefined) lent--
    else enter()
  }

  return {
    acquire: async (limit) => {
      if (limit.signal.aborted) return left('stopped')
      if (lent < most) lent++
      else if (!(await turn(limit))) return left('stopped')
      try {
        if (abandoned) await idle(limit)
        engine ??= load()
        const duckdb = await engine
        return right({
          duckdb,
          connection: free.pop() ?? (await connect(duckdb)),
          handedIn: options.connection !== undefined,
        })
      } catch (e) {
        next()
        return left(classifyError(e))
      }
    },
    release: (lease, idle) => {
      const done = idle.then(() => {
        busy.delete(done)
        free.push(lease.connection)
        if (abandoned && busy.size === 0) {
          abandoned = false
          instance = undefined
          shut()
        }
        next()
      })
      busy.add(done)
    },
    lost: () => {
      abandoned ||= own !== undefined && options.path !== undefined && options.path !== ':memory:'
    },
    close: async () => {
      if (!(await within(2000, Promise.allSettled(busy)))) return // the engine holds on: closing under it would crash
      shut()
    },
  }
}
