import type { Type } from './types.ts'

/** The attributes of each effect: what is known of a call before it runs. */

/** How a query answers: exactly one row, at most one, any number up to `maxRows`, or a count of rows changed. */
export type QueryMode = 'one' | 'maybe' | 'many' | 'exec'

export interface DbQueryAttrs {
  readonly occurrence: number
  /** The symbolic connection. */
  readonly db: string
  /** The name by which plans, errors and test worlds speak of the query. */
  readonly name: string
  /** The text as written, its holes as $1, $2 … */
  readonly sql: string
  readonly mode: QueryMode
  /** The record type of a row; unit for `exec`. */
  readonly row: Type
  /** The dimension of the answer of `many`; the empty string otherwise. */
  readonly dim: string
  readonly maxRows: number
  readonly maxBytes: number
  /** Whether the first operand is the authority (tenant, role) under which the query acts. */
  readonly authority: boolean
  /** The user's switch: false keeps this query out of every batch. */
  readonly batch: boolean
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** For which engine the text is written; `portable` was checked. Absent where nothing is said. */
  readonly dialect?: Dialect
}
/** For whom SQL is written: one engine, or every engine alike. */
export type Dialect = 'portable' | 'duckdb' | 'postgres'
export interface FileWriteAttrs {
  readonly occurrence: number
  readonly root: string
  /** The path where it is known when the graph is built, else `*`: what the write conflicts with. */
  readonly path: string
  readonly maxBytes: number
}
export interface FileReadAttrs {
  readonly occurrence: number
  readonly root: string
  /** The path where it is known when the graph is built, else `*`. */
  readonly path: string
  readonly as: 'string' | 'bytes'
  readonly maxBytes: number
}
export interface NowMsAttrs {
  readonly occurrence: number
}
export interface RandomBytesAttrs {
  readonly occurrence: number
  readonly count: number
}
export interface LogAttrs {
  readonly occurrence: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
}
export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const
export type HttpMethod = (typeof httpMethods)[number]

/** How many keys of a lookup are answered by one request. */
export interface HttpMany {
  readonly method: 'GET' | 'POST'
  /** The path, which holds no key. */
  readonly url: string
  /** Where the keys go: a query parameter of this name, once a key, or a field of the JSON body ('': the whole body). */
  readonly keysIn: 'query' | 'body'
  readonly keys: string
  /** The field of the answer that holds the items; '' when the answer is the list. */
  readonly items: string
  /** The field of an item that tells its key. */
  readonly key: string
  /** The most keys of one request. */
  readonly most: number
}
export interface HttpRequestAttrs {
  readonly occurrence: number
  /** The symbolic service: its base URL and credentials are bound when the artefact is loaded. */
  readonly service: string
  readonly name: string
  readonly method: HttpMethod
  /** The literal parts of path and query; a hole stands between each two of them. */
  readonly url: readonly string[]
  /** Names of the headers whose values are operands. */
  readonly headers: readonly string[]
  /** Whether the last operand is the body. */
  readonly body: boolean
  /** What the body of the answer is read as: `bytes`, `string` (UTF-8) and `unit` as they are, all else from JSON. */
  readonly answer: Type
  /** `response`: status and body. `lookup`: the body, or none where the service says 404 or 410. */
  readonly mode: 'response' | 'lookup'
  /** Statuses outside 200 to 299 that are answers and not errors. */
  readonly statuses: readonly number[]
  readonly maxBytes: number
  /** Whether the first operand is the authority: the name of the credentials to send. */
  readonly authority: boolean
  /** Whether it may be sent again when nobody knows whether it arrived. */
  readonly idempotent: boolean
  readonly batch: boolean
  readonly many: HttpMany | null
  /** Paths, of which one that ends in `*` stands for all that begin so. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/** Operands of the three: the authority (if declared), the key, and for kvSet the value. */
interface KvAttrs {
  readonly occurrence: number
  readonly store: string
  /** The key where it is known when the graph is built, else `*`. */
  readonly key: string
  /** Whether the first operand is the authority, which has keys of its own. */
  readonly authority: boolean
}
export interface KvGetAttrs extends KvAttrs {
  /** What the stored value is read as: `bytes` and `string` as they are, all else from JSON. */
  readonly value: Type
  readonly maxBytes: number
  readonly batch: boolean
}
export interface KvSetAttrs extends KvAttrs {
  /** How long it is kept; 0 for ever. */
  readonly ttlMs: number
  readonly maxBytes: number
}
export interface KvDeleteAttrs extends KvAttrs {}

export interface ForeignAttrs {
  readonly occurrence: number
  /** The name of the function, to which a driver is bound. */
  readonly name: string
  readonly answer: Type
  /** Whether the first operand is the authority. */
  readonly authority: boolean
  readonly idempotent: boolean
  /** Whether calls that differ in their argument only may be answered together. */
  readonly batch: boolean
  /** Resources in words of the user's own, or `table:db:name`, `file:root:path`, `kv:store:key`, `http:service:path`. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}
export interface EffectAttrs {
  readonly dbQuery: DbQueryAttrs
  readonly fileRead: FileReadAttrs
  readonly httpRequest: HttpRequestAttrs
  readonly kvGet: KvGetAttrs
  readonly kvSet: KvSetAttrs
  readonly kvDelete: KvDeleteAttrs
  readonly foreign: ForeignAttrs
  readonly fileWrite: FileWriteAttrs
  readonly nowMs: NowMsAttrs
  readonly randomBytes: RandomBytesAttrs
  readonly logLine: LogAttrs
}
