import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { postgres } from 'quoin/drivers/postgres'
import { redis } from 'quoin/drivers/redis'
import { postgresBin, startPostgres } from '../../test/drivers/servers/postgres.ts'
import { realServer, startReal } from '../../test/drivers/servers/resp.ts'
import { Trouble } from '../flights/trouble.ts'
import { seeds } from './data.ts'
import type { Place } from './place.ts'
import { placeOf } from './place.ts'

export interface Urls {
  readonly postgres?: string | undefined
  readonly redis?: string | undefined
}
interface Server {
  readonly url: string
  readonly close: () => Promise<void>
}
const yours = (url: string): Server => ({ url, close: async () => undefined })

/** Why there is no server to run on, and what to do about it; nothing if there is one of each. */
export const missing = (urls: Urls): string | undefined => {
  const lacks = [
    ...(urls.postgres !== undefined || postgresBin() !== undefined
      ? []
      : [
          'PostgreSQL: give --postgres postgres://user@host:5432/database, or install postgresql (QUOIN_POSTGRES_BIN may name the folder of its programs)',
        ]),
    ...(urls.redis !== undefined || realServer() !== undefined
      ? []
      : ['Redis: give --redis redis://host:6379, or install redis-server (QUOIN_REDIS_SERVER may name it)']),
  ]
  return lacks.length === 0 ? undefined : `there is no server to run on\n${lacks.map((l) => `  ${l}`).join('\n')}`
}

/**
 * PostgreSQL and Redis: yours, or ones that live as long as the run. The tables are in a schema of their own, which is
 * dropped in the end.
 */
export const servers = async (urls: Urls, fails = false): Promise<Place> => {
  const lack = missing(urls)
  if (lack !== undefined) throw new Trouble(lack)
  const undo: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    // Whatever goes wrong with one, the others are closed.
    const wrong: unknown[] = []
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step().catch((e) => wrong.push(e))
    if (wrong.length > 0) throw unusable(wrong[0])
  }
  try {
    const database = urls.postgres === undefined ? await startPostgres(postgresBin()!) : yours(urls.postgres)
    undo.push(database.close)
    const store = urls.redis === undefined ? await startReal(realServer()!) : yours(urls.redis)
    undo.push(store.close)
    const schema = `quoin_orders_${randomUUID().slice(0, 8)}`
    const inSchema = { options: `-c search_path=${schema}` }
    const ask = async (statements: readonly string[]): Promise<void> => {
      const client = new Client({ connectionString: database.url, ...inSchema })
      await client.connect()
      try {
        for (const sql of statements) await client.query(sql)
      } finally {
        await client.end()
      }
    }
    await ask([`create schema ${schema}`, ...seeds, 'analyze'])
    undo.push(() => ask([`drop schema ${schema} cascade`]))
    return await placeOf(
      {
        name: 'PostgreSQL and Redis',
        orders: postgres({ url: database.url, config: inSchema }),
        terms: redis({ url: store.url }),
        close,
      },
      fails,
    )
  } catch (e) {
    await close().catch(() => undefined)
    throw unusable(e)
  }
}
const unusable = (e: unknown): Trouble =>
  e instanceof Trouble ? e : new Trouble(`the servers cannot be used: ${e instanceof Error ? e.message : String(e)}`)
