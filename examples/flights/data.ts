import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { Trouble } from './trouble.ts'

/** A text as SQL writes it: a path may hold a quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const locate = (file: string): string => {
  try {
    // The package exports its code only; its data lies beside that.
    const path = fileURLToPath(new URL(`../data/${file}`, import.meta.resolve('vega-datasets')))
    if (existsSync(path)) return path
  } catch {
    // Not installed at all; the advice is the same.
  }
  throw new Trouble(`data/${file} of the package vega-datasets is missing: \`npm ci\` installs it`)
}

/**
 * A database without tables of its own: `flights` and `airports` are views of the files where they lie. The form of the
 * CSV is stated and its buffer is small: guessing and the usual 32 MB would make each of 400 lookups ten times slower,
 * and flatter what batching saves.
 */
export const openData = async (): Promise<DuckDBInstance> => {
  const [parquet, csv] = [locate('flights-3m.parquet'), locate('airports.csv')]
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const columns = ['iata', 'name', 'city', 'state', 'country'].map((name) => `${name}: 'VARCHAR'`)
  try {
    await connection.run(`create view flights as from read_parquet(${quoted(parquet)})`)
    await connection.run(`create view airports as from read_csv(${quoted(csv)}, auto_detect = false, header = true,
      delim = ',', quote = '"', escape = '"', parallel = false, buffer_size = 1000000,
      columns = {${columns.join(', ')}, latitude: 'DOUBLE', longitude: 'DOUBLE'})`)
  } finally {
    connection.disconnectSync()
  }
  return database
}
