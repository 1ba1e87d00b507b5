import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { postgres } from '../../../runtime/drivers/postgres/index.ts'
import { query } from '../../drivers/calls.ts'
import { startPostgres } from '../../drivers/servers/postgres.ts'
import { batchOf } from '../../drivers/sql-laws.ts'
import type { Place } from '../place.ts'

const read = (key: number) =>
  query('one', 'select v, repeat(s, 20) as s from r where id = $1', '{v: i32, s: string}', [['i32', key]])

export const postgresPlace = async (bin: string): Promise<Place> => {
  const server = await startPostgres(bin, { max_connections: '100', autovacuum: 'off' })
  // What waits for a server that was killed, or for a stranger at its port, is given up and asked again.
  const watcher = new Pool({ connectionString: server.url, max: 1, connectionTimeoutMillis: 2000, query_timeout: 5000 })
  watcher.on('error', () => undefined)
  await watcher.query('create table w (id int)')
  await watcher.query("create table r as select i as id, i * 7 as v, 's' || i as s from generate_series(0, 99) i")
  /** The server may just have been killed, and start again. */
  const ask = async (text: string, values: readonly unknown[] = []) => {
    for (let tries = 0; ; tries++) {
      try {
        return await watcher.query(text, [...values])
      } catch (e) {
        if (tries === 200) throw e
        await sleep(25)
      }
    }
  }
  const count = async (where: string): Promise<number> =>
    (
      await ask(
        `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() ${where}`,
      )
    ).rows[0].n
  const connections = (): Promise<number> => count('')
  return {
    name: 'postgres',
    host: server.host,
    port: server.port,
    driver: (port, { timeoutMs, max = 2, tag = 'quoin' }) =>
      postgres({
        url: `${server.url.replace(String(server.port), String(port))}?application_name=${tag}`,
        max,
        timeoutMs,
        retry: { baseMs: 2 },
        breaker: false,
      }),
    read,
    answer: (key) => ({ v: key * 7, s: `s${key}`.repeat(20) }),
    many: (keys) => batchOf(keys.map(read)),
    write: (id) => query('exec', 'insert into w values ($1)', '{}', [['i32', id]], { writes: ['w'] }),
    again: false,
    happened: async (ids, tag = 'quoin') => {
      // What a session was given before its client went away is still done.
      for (let i = 0; i < 200 && (await count(`and application_name = '${tag}' and state <> 'idle'`)) > 0; i++)
        await sleep(10)
      const { rows } = await ask('select id, count(*)::int as n from w where id = any($1) group by id', [ids])
      return new Map(rows.map((r: { id: number; n: number }) => [r.id, r.n]))
    },
    connections,
    stop: () => server.stop(),
    start: () => server.start(),
    close: async () => {
      await watcher.end()
      await server.close()
    },
  }
}
