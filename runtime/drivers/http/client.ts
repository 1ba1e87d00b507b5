/**
 * The part of `undici` that this driver uses, as structural types: the package is an optional peer, so neither our code
 * nor our declarations may need it before a request is sent.
 */
export interface HttpBody extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown
  on(event: 'error', listener: (e: unknown) => void): unknown
}
export interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: HttpBody
}
/** An undici dispatcher (Agent, Pool, MockAgent …): your own is used as it is and stays open. */
export interface HttpClient {
  request(options: {
    readonly origin: string
    readonly path: string
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: Uint8Array | null
    readonly signal?: AbortSignal
  }): Promise<HttpAnswer>
}
export interface OwnClient extends HttpClient {
  close(): Promise<void>
  destroy(): Promise<void>
}
interface Undici {
  readonly Agent: new (options: object) => OwnClient
}

/** Loads the peer when the first request needs it. Redirects are not followed there: the driver decides about them. */
export const openClient = async (connections: number): Promise<OwnClient> => {
  const { Agent } = (await import('undici')) as unknown as Undici
  // Time limits are the driver's own, for a request as a whole.
  return new Agent({ connections, headersTimeout: 0, bodyTimeout: 0, allowH2: false })
}
