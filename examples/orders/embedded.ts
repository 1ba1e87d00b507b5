import { existsSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdb } from 'quoin/drivers/duckdb'
import { kv } from 'quoin/drivers/kv'
import { Trouble } from '../flights/trouble.ts'
import { seeds } from './data.ts'
import type { Place } from './place.ts'
import { placeOf } from './place.ts'

const seed = async (instance: DuckDBInstance): Promise<void> => {
  const connection = await instance.connect()
  try {
    for (const sql of seeds) await connection.run(sql)
  } finally {
    connection.disconnectSync()
  }
}

/** The tables in a new database file, for what asks a database and runs nothing: `quoin check`. */
export const tablesIn = async (file: string): Promise<void> => {
  if (existsSync(file)) throw new Trouble(`${file} is there already: name a new file`)
  const instance = await DuckDBInstance.create(file).catch((e: unknown) => {
    throw new Trouble(`${file} cannot be made: ${e instanceof Error ? e.message : String(e)}`)
  })
  try {
    await seed(instance)
  } finally {
    instance.closeSync()
  }
}

/** DuckDB and a store in the memory of this process: nothing has to be there. */
export const embedded = async (fails = false): Promise<Place> => {
  const instance = await DuckDBInstance.create(':memory:')
  await seed(instance)
  const close = async (): Promise<void> => instance.closeSync()
  return placeOf({ name: 'DuckDB and memory', orders: duckdb({ instance }), terms: kv(), close }, fails)
}
