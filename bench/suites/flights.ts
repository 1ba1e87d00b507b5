import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { compile } from '../../compile.ts'
import type { Statistics } from '../../examples/flights/by-hand.ts'
import { duckdbAlone, plainLoops, readColumns } from '../../examples/flights/by-hand.ts'
import { openData } from '../../examples/flights/data.ts'
import { flightColumns, statisticsOf } from '../../examples/flights/graph.ts'
import { orTrouble } from '../../examples/flights/trouble.ts'
import { graph, t } from '../../graph/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { load } from '../../runtime/index.ts'
import { differsBy } from '../equality.ts'
import type { Contender, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { jaxFlights } from '../peers/jax-flights.ts'
import { quoin } from './quoin.ts'

const rows = 3_000_000
const inputs = {
  delay: t.tensor(t.f64, 'flight'),
  distance: t.tensor(t.i32, 'flight'),
  hour: t.tensor(t.i32, 'flight'),
} as const
const part4 = graph('flights-part4', inputs, (flight) => statisticsOf(flight))

const vector = (s: Statistics): Float64Array => Float64Array.of(s.meanDelay, s.stdDelay, s.logLoss, s.brier)
const keeping = (name: string, work: () => Statistics | Promise<Statistics>): Contender<Float64Array> => {
  let last: Statistics | undefined
  return {
    name,
    run: async () => {
      last = await work()
    },
    output: () => vector(last!),
  }
}

/** Part 4 with its query, as the flights example has it: from the Parquet file to four numbers. */
const fromFile = graph('flights-part4-file', { rows: t.i32 }, ({ rows: count }) => statisticsOf(flightColumns(count)))
const quoinFromFile = async (data: DuckDBInstance): Promise<Contender<Float64Array>> => {
  const loaded = orTrouble(await load(orTrouble(await compile(fromFile)), { flights: duckdb({ instance: data }) }))
  return keeping('quoin', async () => orTrouble(await loaded.run({ rows })))
}

/** Sums are added in different orders, so results count as equal up to this, relative to the larger one. */
const close = differsBy(1e-9)
type Work = (data: DuckDBInstance, connection: DuckDBConnection, options: Options) => Promise<Outcome>
const withData =
  (work: Work) =>
  async (options: Options): Promise<Outcome> => {
    const data = await openData()
    const connection = await data.connect()
    try {
      return await work(data, connection, options)
    } finally {
      connection.disconnectSync()
      data.closeSync()
    }
  }
const sqlAlone = (connection: DuckDBConnection): Contender<Float64Array> =>
  keeping('duckdb-sql', () => duckdbAlone(connection, rows))

/** Part 4 over all 3,000,000 rows, from three columns in memory. */
export const flightsPart4 = withData(async (data, _, options) => {
  const columns = await readColumns(data, rows)
  const ours = await quoin('quoin', part4, 'wasm', columns, vector)
  const ts = await quoin('quoin ts', part4, 'ts', columns, vector)
  const peers = [ts, keeping('js', () => plainLoops(columns)), await jaxFlights(columns)]
  return measure({ name: 'flights-part4', ours, peers, difference: close }, options)
})

/** The same from the Parquet file on: all in DuckDB against DuckDB reading and Quoin computing. Both use all its threads. */
export const flightsPart4File = withData(async (data, connection, options) => {
  const ours = await quoinFromFile(data)
  const peers = [sqlAlone(connection)]
  return measure({ name: 'flights-part4 file', ours, peers, difference: close }, options)
})
