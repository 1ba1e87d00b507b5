/** The part of `redis` that this driver uses, as structural types: the package is an optional peer. */
export interface RedisClient {
  sendCommand(args: readonly (string | Buffer)[], options?: object): Promise<unknown>
}
export interface OwnRedisClient extends RedisClient {
  connect(): Promise<unknown>
  on(event: 'error', listener: (e: unknown) => void): unknown
  destroy(): void
}
interface Redis {
  readonly createClient: (options: object) => OwnRedisClient
}

/**
 * Connects a client of our own. It does not connect again by itself, so that a server that is gone is an error and not a
 * silence; the next call opens a new one.
 */
export const connect = async (url: string, timeoutMs: number, lost: () => void): Promise<OwnRedisClient> => {
  const { createClient } = (await import('redis')) as unknown as Redis
  const client = createClient({ url, RESP: 2, socket: { connectTimeout: timeoutMs, reconnectStrategy: false } })
  // Without a listener an error would end the process; whoever waits for an answer is told of it.
  client.on('error', lost)
  await client.connect()
  return client
}

/** Bulk strings as bytes: values are bytes, whatever they look like. */
export const asBytes = { typeMapping: { 36: Buffer } } as const
