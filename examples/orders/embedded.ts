import { DuckDBInstance } from '@duckdb/node-api'
import { duckdb } from 'quoin/drivers/duckdb'
import { kv } from 'quoin/drivers/kv'
import { seeds } from './data.ts'
import type { Place } from './place.ts'
import { placeOf } from './place.ts'

/** DuckDB and a store in the memory of this process: nothing has to be there. */
export const embedded = async (fails = false): Promise<Place> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    for (const sql of seeds) await connection.run(sql)
  } finally {
    connection.disconnectSync()
  }
  const close = async (): Promise<void> => instance.closeSync()
  return placeOf({ name: 'DuckDB and memory', orders: duckdb({ instance }), terms: kv(), close }, fails)
}
