import type { Socket } from 'node:net'

/**
 * The part of `pg` that this driver uses, as structural types: the package is an optional peer, so neither our code nor
 * our declarations may need it before a query runs.
 */
export interface PgClient {
  query(submittable: object): unknown
}
export interface PgPool {
  connect(): Promise<PgClient>
}

/** What a client of `pg` has inside, looked at each time it is used: `pg.native` has another inside. */
export interface InnerClient extends PgClient {
  readonly connection: { readonly stream: Socket; on(event: string, f: () => void): unknown }
  readonly processID: number | null
  readonly secretKey: number | null
  readonly host: string
  readonly port: number
  readonly _ending?: boolean
  pipeline?: boolean
  on(event: 'error', listener: (e: unknown) => void): unknown
  off(event: 'error', listener: (e: unknown) => void): unknown
  release?(destroy?: boolean): void
  /** Since pg 8.21. */
  getTransactionStatus?(): string | null
}
export interface OwnPool extends PgPool {
  on(event: 'error', listener: (e: unknown) => void): unknown
  end(): Promise<void>
}
interface Engine {
  readonly Pool: new (config: object) => OwnPool
}

/** Loads the peer when the first query needs it. */
export const loadEngine = async (): Promise<Engine> => {
  const module = (await import('pg')) as unknown as Engine & { readonly default?: Engine }
  return module.default ?? module
}

/** A client whose inside is not the one that this driver reads. Caught at the driver's door. */
export class UnknownClient extends Error {}

export const innerOf = (client: unknown): InnerClient => {
  const inner = client as Partial<InnerClient> | null | undefined
  const stream: unknown = inner?.connection?.stream
  const reads = typeof stream === 'object' && stream !== null && 'write' in stream && 'listeners' in stream
  if (!reads || typeof inner?.query !== 'function')
    throw new UnknownClient('the client is none of pg 8 in JavaScript (pg.native is another one)')
  return inner as InnerClient
}
