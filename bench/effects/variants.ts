import pg from 'pg'
import type { Absent } from '../harness.ts'
import { effectResolver } from '../peers/effect.ts'
import type { Variant } from './byhand.ts'
import { dataLoader, derivedKeys, oneQuery, oneQueryLateral, promiseAll, sequential, threeLevels } from './byhand.ts'
import type { Answer } from './graph.ts'

/** Somebody who does the whole job for a tenant. */
export interface Runner {
  readonly name: string
  readonly ours: boolean
  readonly run: (tenant: number) => Promise<Answer>
  readonly close: () => Promise<void>
}
export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** Everybody, ours first; each has a pool of ten connections of its own. */
export const variants = async (at: Address): Promise<readonly (Runner | Absent)[]> => {
  const effect = await effectResolver()
  const byHand = (name: string, variant: Variant, more: object = {}): Runner => {
    const pool = new pg.Pool({ ...at, max: 10, ...more })
    return { name, ours: false, run: (tenant) => variant(pool, tenant), close: () => pool.end() }
  }
  return [
    byHand('sequential', sequential),
    byHand('Promise.all, pool of 10', promiseAll),
    await pipelined(at),
    byHand('DataLoader', dataLoader),
    'absent' in effect ? effect : byHand('Effect RequestResolver', effect),
    byHand('by hand, three levels', threeLevels),
    byHand('by hand, derived keys together', derivedKeys),
    byHand('by hand, one query, lateral', oneQueryLateral),
    byHand('by hand, one query', oneQuery),
  ]
}

/** A pool gives each query a connection of its own while it lasts, so pipelining is for a client. */
const pipelined = async (at: Address): Promise<Runner> => {
  const client = new pg.Client({ ...at, pipeline: true } as pg.ClientConfig)
  await client.connect()
  const pool = client as unknown as pg.Pool
  return {
    name: 'Promise.all, one pipelined client',
    ours: false,
    run: (tenant) => promiseAll(pool, tenant),
    close: () => client.end(),
  }
}
