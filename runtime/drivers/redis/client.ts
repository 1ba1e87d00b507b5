/** The part of `redis` that this driver uses, as structural types: the package is an optional peer. */
export interface RedisClient {
  sendCommand(args: readonly (string | Buffer)[], options?: object): Promise<unknown>
}
export interface OwnRedisClient extends RedisClient {
  connect(): Promise<unknown>
  on(event: 'connect' | 'error' | 'end', listener: (e: unknown) => void): unknown
  destroy(): void
  duplicate(options: object): OwnRedisClient
}
interface Redis {
  readonly createClient: (options: object) => OwnRedisClient
}

/** A connection of our own, which is there or on its way. */
export interface Connection {
  readonly client: Promise<OwnRedisClient>
  /** Ends it, also while it is on its way; whoever waits for an answer is told. */
  readonly drop: () => void
}

/**
 * Connects a client of our own. It does not connect again by itself, so that a server that is gone is an error and not a
 * silence; the next call opens a new one. `lost` is called when it is of no use any more.
 */
export const connect = (url: string, timeoutMs: number, lost: () => void): Connection => {
  let dropped = false
  /** There is a socket, so that the client can be destroyed: before that it would forget to end the one it waits for. */
  let reached: OwnRedisClient | undefined
  const drop = (): void => {
    if (dropped) return
    dropped = true
    lost()
    destroy(reached)
  }
  const open = async (): Promise<OwnRedisClient> => {
    const client = (await pattern()).duplicate({ url, socket: { connectTimeout: timeoutMs, reconnectStrategy: false } })
    // Without a listener an error would end the process; whoever waits for an answer is told of it. After one that is no
    // answer, nobody knows any more which answer is to which question.
    client.on('error', drop)
    client.on('end', drop)
    client.on('connect', () => {
      reached = client
      if (dropped) destroy(client)
    })
    if (dropped) throw new ConnectionDropped()
    await client.connect()
    return client
  }
  const client = open()
  client.catch(drop)
  return { client, drop }
}
/** Making a client makes a class with all commands (10 ms), which each connection to a server that stumbles would wait for. */
let made: Promise<OwnRedisClient> | undefined
const pattern = (): Promise<OwnRedisClient> => {
  const make = async (): Promise<OwnRedisClient> => {
    const { createClient } = (await import('redis')) as unknown as Redis
    return createClient({ RESP: 2 })
  }
  made ??= make().catch((e: unknown) => {
    made = undefined // the package may be installed by the next call
    throw e
  })
  return made
}
class ConnectionDropped extends Error {
  constructor() {
    super('the connection was ended while it was made')
  }
}
const destroy = (client: OwnRedisClient | undefined): void => {
  try {
    client?.destroy()
  } catch {
    // One that is closed already cannot be closed.
  }
}

/** Bulk strings as bytes: values are bytes, whatever they look like. */
export const asBytes = { typeMapping: { 36: Buffer } } as const
