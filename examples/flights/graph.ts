import type { Scalar, Tensor } from 'quoin'
import { asin, cos, files, fork, fx, graph, jsonText, row, sequence, sin, sql, sqrt, std, t, zip } from 'quoin'

/** Names only: which database and which folder they are is decided where the graph is loaded. */
const db = sql('flights')
const out = files('reports')

const Pair = row({ origin: t.string, destination: t.string, flights: t.i32, meanDelay: t.f64, recordedMiles: t.f64 })
const Airport = row({ name: t.string, state: t.string, latitude: t.f64, longitude: t.f64 })
/** Whole numbers travel as i32, half the bytes; of the delays themselves the mean is taken, so they come as f64. */
const Flight = row({ delay: t.f64, distance: t.i32, hour: t.i32 })
const StateTotal = row({ state: t.string, departures: t.i32 })

/** The 200 busiest pairs of airports. */
const busiest = () =>
  db.many('pair', Pair, { maxRows: 200, maxBytes: 1e6 })`
    select origin, destination, count(*)::integer as flights, avg(delay) as "meanDelay",
           median(distance) as "recordedMiles"
    from flights group by origin, destination
    order by flights desc, origin, destination limit 200`

/** One airport by its code. Every code in the flights has an entry; one without would end the run with NoRow. */
const airport = (code: Scalar<'string'>) =>
  db.one('airport', Airport)`select name, state, latitude, longitude from airports where iata = ${code}`

/** Departures by state, which the report does not show after all. */
const byState = () =>
  db.many('state-total', StateTotal, { maxRows: 100, maxBytes: 1e5 })`
    select state, count(*)::integer as departures
    from flights join airports on iata = origin group by state order by departures desc, state`

/** What part 4 goes through: the first `rows` flights, whose hour is the whole hour of departure. */
export const flightColumns = (rows: Scalar<'i32'>) =>
  db.many('flight', Flight, { maxRows: 3_000_000, maxBytes: 1e8 })`
    select delay::double as delay, distance::integer as distance, hour(date)::integer as hour
    from flights limit ${rows}`.columns()

type Column<D extends string> = Tensor<'f64', [D]>
interface Places<D extends string> {
  readonly latitude: Column<D>
  readonly longitude: Column<D>
}
const earthRadius = 3958.7613

/** Great-circle distance in miles by the haversine formula, from degrees. */
const haversine = <D extends string>(a: Places<D>, b: Places<D>): Column<D> => {
  const radians = (degrees: Column<D>) => degrees.mul(Math.PI / 180)
  const up = sin(radians(b.latitude.sub(a.latitude)).mul(0.5))
  const across = sin(radians(b.longitude.sub(a.longitude)).mul(0.5))
  const north = cos(radians(a.latitude)).mul(cos(radians(b.latitude)))
  return asin(sqrt(fx`${up}^2 + ${north} * ${across}^2`)).mul(2 * earthRadius)
}

/** Mean and spread of the delays, and the quality of a forecast p that a flight is more than 15 minutes late. */
export const statisticsOf = <D extends string>(flight: FlightsAlong<D>) => {
  const { delay } = flight
  const [distance, hour] = [flight.distance.to(t.f64), flight.hour.to(t.f64)]
  const p = fx`1 / (1 + exp(-(-1.2 + 0.0003 * ${distance} + 0.0004 * (${hour} - 12)^2)))`
  const y = delay.gt(15).to(t.f64)
  return {
    meanDelay: delay.mean(),
    stdDelay: std(delay),
    logLoss: fx.scalar`mean(${y} * log(${p}) + (1 - ${y}) * log(1 - ${p}))`.neg(),
    brier: fx.scalar`mean((${p} - ${y})^2)`,
  }
}
export interface FlightsAlong<D extends string> {
  readonly delay: Tensor<'f64', [D]>
  readonly distance: Tensor<'i32', [D]>
  readonly hour: Tensor<'i32', [D]>
}

/** `rows` is how many flights the statistics of part 4 go through, from the first one on. */
export const flights = graph('flights', { rows: t.i32 }, ({ rows }) => {
  // 5: the totals are in the graph as written, and nothing below looks at them.
  const facts = fork({ pairs: busiest, states: byState })
  const { pairs } = facts

  // 1 and 2: two queries for each of 200 pairs, written as one would think of them.
  const ends = pairs.map((p) => ({ from: airport(p.origin), to: airport(p.destination) })).columns()
  const [from, to] = [ends.from.columns(), ends.to.columns()]

  // 3: geometry, on arrays.
  const { origin, destination, flights, meanDelay, recordedMiles } = pairs.columns()
  const greatCircleMiles = haversine(from, to).as('great circle')
  const rmsMiles = sqrt(fx.scalar`mean((${greatCircleMiles} - ${recordedMiles})^2)`)

  // 4: a forecast of lateness for every flight, and how good it is.
  const statistics = statisticsOf(flightColumns(rows))

  // 6: the report goes into a file, and is the result as well.
  const report = {
    pairs: zip({
      origin,
      destination,
      flights,
      meanDelay,
      recordedMiles,
      greatCircleMiles,
      originName: from.name,
      destinationName: to.name,
    }),
    rmsMiles,
    ...statistics,
  }
  const written = out.write('flights-report.json', jsonText({ ...report, rows }, 2))
  return sequence(written, report)
})

export default flights

/** What `quoin run examples/flights/graph.ts` binds; loaded only then, because the graph itself needs no database. */
export const drivers = async () => ({
  flights: (await import('quoin/drivers/duckdb')).duckdb({ instance: await (await import('./data.ts')).openData() }),
  reports: (await import('quoin/drivers/files')).files({ root: '.' }),
})
