import type { BreakerOptions, RetryOptions } from '../retry.ts'
import type { Authorities } from './authority.ts'
import type { PgClient, PgPool } from './engine.ts'

interface Common {
  /** The time limit of one call, waiting for a connection included (30,000). */
  readonly timeoutMs?: number
  /** How many statements a connection keeps prepared (256); 0 where a pooler between cannot keep them. */
  readonly maxPrepared?: number
  /** How often a read is tried when its connection breaks before anything came (3 times). */
  readonly retry?: RetryOptions
  /** When calls stop going out for a while, because the server cannot be reached; false: never. */
  readonly breaker?: BreakerOptions | false
}
/** One of: a URL, settings as `pg.Pool` takes them, your own pool, your own client. */
export type PostgresOptions = Common &
  (
    | {
        /** `postgres://user:password@host:5432/database`; settings in `config` count besides. */
        readonly url?: string
        readonly config?: Readonly<Record<string, unknown>>
        /** The most connections (10). */
        readonly max?: number
        readonly pool?: never
        readonly client?: never
        /** The role or settings of each authority that graphs name (`db.as(tenant)`); one that is not named may do nothing. */
        readonly authorities?: Authorities
      }
    | {
        /** Your own `pg.Pool`: connections are taken from it and given back, it stays open. */
        readonly pool: PgPool
        /** The most connections that are taken at once (what the pool has, 10). */
        readonly max?: number
        readonly url?: never
        readonly config?: never
        readonly client?: never
        readonly authorities?: Authorities
      }
    | {
        /** Your own connected `pg.Client`, in a transaction or not: calls take turns on it, it stays as it is. */
        readonly client: PgClient
        readonly max?: never
        readonly pool?: never
        readonly url?: never
        readonly config?: never
        /** A role would stay with your own transaction. */
        readonly authorities?: never
      }
  )
