import { DuckDBInstance } from '@duckdb/node-api'
import { duckdb } from '../../../runtime/drivers/duckdb/index.ts'
import { query } from '../../drivers/calls.ts'
import { batchOf } from '../../drivers/sql-laws.ts'
import type { Place } from '../place.ts'

/** Every fifth key and write takes so long that limits and cancellations meet the engine at work. */
const slow = (key: number): string =>
  key % 5 === 0 ? ', (select count(*) as n from range(4000000) t(i) where hash(i) % 7 = 3) as work' : ''
const read = (key: number) =>
  query('one', `select r.v, repeat(r.s, 20) as s from r${slow(key)} where r.id = $1`, '{v: i32, s: string}', [
    ['i32', key],
  ])

/** One database in memory, on which each run has connections of its own. */
export const duckdbPlace = async (): Promise<Place> => {
  const instance = await DuckDBInstance.create(':memory:')
  const watcher = await instance.connect()
  await watcher.run('create table w (id int)')
  await watcher.run("create table r as select i::int as id, (i * 7)::int as v, 's' || i as s from range(100) t(i)")
  return {
    name: 'duckdb',
    embedded: true,
    host: '',
    port: 0,
    driver: (_, { timeoutMs, max = 2 }) => duckdb({ instance: instance as never, timeoutMs, connections: max }),
    read,
    answer: (key) => ({ v: key * 7, s: `s${key}`.repeat(20) }),
    // Members of a batch are of one text.
    many: (keys) => batchOf(keys.map((key) => ({ ...read(1), args: [key] }))),
    write: (id) =>
      query('exec', `insert into w select $1 from (select 1)${slow(id)}`, '{}', [['i32', id]], { writes: ['w'] }),
    again: false,
    happened: async (ids) => {
      const found = await watcher.runAndReadAll(
        `select id, count(*) as n from w where id in (${ids.join()}) group by id`,
      )
      return new Map(found.getRows().map(([id, n]) => [Number(id), Number(n)]))
    },
    connections: () => Promise.resolve(0),
    stop: () => Promise.resolve(),
    start: () => Promise.resolve(),
    close: async () => {
      watcher.disconnectSync()
      instance.closeSync()
    },
  }
}
