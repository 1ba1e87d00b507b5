import type { BreakerOptions, RetryOptions } from '../retry.ts'
import type { HttpClient } from './client.ts'

export type Credentials = Readonly<Record<string, string>>
export interface HttpOptions {
  /** What every path is below: `https://api.example.com/v1`. */
  readonly base: string
  /** The headers to send for each authority that graphs name. */
  readonly credentials?:
    | Readonly<Record<string, Credentials>>
    | ((authority: string) => Credentials | undefined | Promise<Credentials | undefined>)
  /** Headers of every request. */
  readonly headers?: Credentials
  /** Your own undici dispatcher, which stays open. */
  readonly client?: HttpClient
  /** The most connections that the driver opens (64). */
  readonly connections?: number
  /** The most bytes of one answer (8 MiB); the graph may allow fewer. */
  readonly maxBytes?: number
  /** The time limit of one request, its retries included (60,000). */
  readonly timeoutMs?: number
  /** How what may be sent twice is tried again; false for never. */
  readonly retry?: RetryOptions | false
  /** When the service is left alone for a while; false for never. */
  readonly breaker?: BreakerOptions | false
}
