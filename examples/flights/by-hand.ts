import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { compile, graph, load, t } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'
import { flightColumns } from './graph.ts'
import { orTrouble } from './trouble.ts'

/** The statistics of part 4, done without Quoin. */
export interface Statistics {
  readonly meanDelay: number
  readonly stdDelay: number
  readonly logLoss: number
  readonly brier: number
}
export interface FlightColumns {
  readonly delay: Float64Array
  readonly distance: Int32Array
  readonly hour: Int32Array
}

const justColumns = graph('columns', { rows: t.i32 }, ({ rows }) => flightColumns(rows))

/** The columns that part 4 goes through, as the graph gets them. */
export const readColumns = async (data: DuckDBInstance, rows: number, signal?: AbortSignal): Promise<FlightColumns> => {
  const loaded = orTrouble(
    await load(orTrouble(await compile(justColumns, { target: 'ts' })), { flights: duckdb({ instance: data }) }),
  )
  return orTrouble(await loaded.run({ rows }, signal === undefined ? {} : { signal }))
}

/** What one would write: one loop over the typed arrays, with the engine's own exp and log. */
export const plainLoops = ({ delay, distance, hour }: FlightColumns): Statistics => {
  let [sum, squares, loss, brier] = [0, 0, 0, 0]
  const n = delay.length
  const first = n === 0 ? 0 : delay[0]!
  for (let i = 0; i < n; i++) {
    const h = hour[i]! - 12
    const p = 1 / (1 + Math.exp(-(-1.2 + 0.0003 * distance[i]! + 0.0004 * h * h)))
    const y = delay[i]! > 15 ? 1 : 0
    const d = delay[i]! - first
    sum += d
    squares += d * d
    loss += y * Math.log(p) + (1 - y) * Math.log(1 - p)
    brier += (p - y) * (p - y)
  }
  const stdDelay = Math.sqrt((squares - (sum * sum) / n) / n)
  return { meanDelay: first + sum / n, stdDelay, logLoss: -loss / n, brier: brier / n }
}

const allInSql = `
  with scored as (
    select delay, 1 / (1 + exp(-(-1.2 + 0.0003 * distance + 0.0004 * (hour(date) - 12) ** 2))) as p,
           (delay > 15)::integer as y
    from (select * from flights limit $1))
  select avg(delay), stddev_pop(delay), -avg(y * ln(p) + (1 - y) * ln(1 - p)), avg((p - y) ** 2) from scored`

/** Part 4 as one SQL statement, from the file to four numbers. */
export const duckdbAlone = async (connection: DuckDBConnection, rows: number): Promise<Statistics> => {
  // Without a limit DuckDB need not keep the order of the rows, and reads them on all its threads.
  const whole = rows >= 3_000_000
  const sql = whole ? allInSql.replace('(select * from flights limit $1)', 'flights') : allInSql
  const answer = await (whole ? connection.runAndReadAll(sql) : connection.runAndReadAll(sql, [rows]))
  const [meanDelay, stdDelay, logLoss, brier] = answer.getRows()[0]!.map(Number) as [number, number, number, number]
  return { meanDelay, stdDelay, logLoss, brier }
}

/** The greatest relative difference between two ways of computing the same statistics. */
export const apart = (a: Statistics, b: Statistics): number =>
  Math.max(
    ...(['meanDelay', 'stdDelay', 'logLoss', 'brier'] as const).map((k) => Math.abs(a[k] - b[k]) / Math.abs(b[k])),
  )
