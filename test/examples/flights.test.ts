// Requirements: E3

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import type { RunStats } from 'quoin'
import { interpret } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'
import { files } from 'quoin/drivers/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apart, plainLoops, readColumns } from '../../examples/flights/by-hand.ts'
import { openData } from '../../examples/flights/data.ts'
import { flights } from '../../examples/flights/graph.ts'
import type { Measured, Plan, Result } from '../../examples/flights/target.ts'
import { measure, planFor, ready, sameBits } from '../../examples/flights/target.ts'
import { orTrouble } from '../../examples/flights/trouble.ts'

const rows = 5000
const calm = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'quoin-'))
let data: DuckDBInstance
let plan: Plan
let wasm: Measured
let ts: Measured
let interpreted: Result
let asWritten: RunStats
let scratchBytes = 0

beforeAll(async () => {
  data = await openData()
  const drivers = { flights: duckdb({ instance: data }), reports: files({ root: folder }) }
  plan = await planFor('wasm')
  const loaded = await ready(plan, drivers)
  wasm = await measure(loaded, rows, calm)
  scratchBytes = loaded.kernelScratchBytes()
  ts = await measure(await ready(await planFor('ts'), drivers), rows, calm)
  const stats = (s: RunStats): void => {
    asWritten = s
  }
  interpreted = orTrouble(await interpret(flights, drivers, { rows }, { stats }))
})
afterAll(() => {
  data.closeSync()
  rmSync(folder, { recursive: true, force: true })
})

/** The rows of a query, asked without Quoin. */
const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
  const connection = await data.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } finally {
    connection.disconnectSync()
  }
}
const near = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected))

describe('the numbers', () => {
  test('pairs, names and distances are those of one SQL statement', async () => {
    const radians = (x: string): string => `radians(${x})`
    const haversine = `2 * 3958.7613 * asin(sqrt(sin(${radians('b.latitude - a.latitude')} / 2) ** 2
      + cos(${radians('a.latitude')}) * cos(${radians('b.latitude')}) * sin(${radians('b.longitude - a.longitude')} / 2) ** 2))`
    const expected = await ask(`
      with p as (select origin o, destination d, count(*)::integer n, avg(delay) m, quantile_cont(distance, 0.5) r
                 from flights group by o, d order by n desc, o, d limit 200)
      select o, d, n, m, r, a.name, b.name, ${haversine} from p join airports a on a.iata = o
      join airports b on b.iata = d order by n desc, o, d`)
    const { pairs } = wasm.result
    expect([...pairs].map((p) => [p.origin, p.destination, p.flights, p.meanDelay, p.recordedMiles])).toEqual(
      expected.map((e) => e.slice(0, 5)),
    )
    expect([...pairs].map((p) => [p.originName, p.destinationName])).toEqual(expected.map((e) => e.slice(5, 7)))
    for (const [i, e] of expected.entries()) near(pairs.at(i)!.greatCircleMiles, Number(e[7]))
    const squares = expected.reduce((sum, e) => sum + (Number(e[7]) - Number(e[4])) ** 2, 0)
    near(wasm.result.rmsMiles, Math.sqrt(squares / 200))
  })
  test('the statistics are those of DuckDB and of a plain loop', async () => {
    const [expected] = await ask(`
      with s as (select delay, 1 / (1 + exp(-(-1.2 + 0.0003 * distance + 0.0004 * (hour(date) - 12) ** 2))) p,
                        (delay > 15)::integer y from (select * from flights limit ${rows}))
      select avg(delay), stddev_pop(delay), -fsum(y * ln(p) + (1 - y) * ln(1 - p)) / ${rows}, fsum((p - y) ** 2) / ${rows}
      from s`)
    const { meanDelay, stdDelay, logLoss, brier } = wasm.result
    for (const [i, x] of [meanDelay, stdDelay, logLoss, brier].entries()) near(x, Number(expected![i]))
    expect(apart(plainLoops(await readColumns(data, rows)), wasm.result)).toBeLessThan(1e-12)
  })
  test('interpreter, TypeScript and WebAssembly give the same bits', () => {
    expect(sameBits(wasm.result, interpreted)).toBe(true)
    expect(sameBits(ts.result, interpreted)).toBe(true)
    const other = { ...interpreted, brier: interpreted.brier + Number.EPSILON / 4 }
    expect(sameBits(other, interpreted)).toBe(false) // the comparison can fail
  })
  test('the file holds what the run gives', () => {
    const report = JSON.parse(readFileSync(join(folder, 'flights-report.json'), 'utf8')) as Record<string, unknown>
    const { pairs, ...numbers } = wasm.result
    expect(report).toEqual({ pairs: JSON.parse(JSON.stringify(pairs)), ...numbers, rows })
  })
})

describe('what the optimiser saves', () => {
  test('403 queries are written, 3 run, one of them for 400 lookups', () => {
    expect(wasm.stats.queries).toEqual({ written: 403, run: 3 })
    expect(asWritten.queries.run).toBe(402)
    const batches = wasm.events.filter((e) => e.event === 'batch')
    expect(batches.map((b) => [b.name, b.size, b.roundTrips])).toEqual([
      // 55 airports occur in the 400 lookups.
      ['airport', 55, 1],
    ])
  })
  test('the totals by state are gone, by name', () => {
    expect(plan.manifest.removed.map((r) => r.name)).toEqual(['state-total'])
    const notes = plan.optimised.steps.flatMap((s) => s.notes.map((n) => n.text))
    expect(notes).toContain("query 'state-total' removed: nothing needs its answer")
  })
  test('all sums of part 4 are one kernel, which hands on no array of flights', () => {
    const overFlights = plan.manifest.kernels.filter((k) => k.outputs.length > 1 && k.dims.includes('flight'))
    expect(overFlights.map((k) => k.outputs.length)).toEqual([5])
    expect(plan.manifest.kernels.flatMap((k) => k.outputs).filter((o) => o.shape.includes('flight'))).toEqual([])
    // What is handed to other threads are the sums of blocks, a few bytes for each 4096 flights; an array of flights is more.
    expect(scratchBytes).toBeLessThan(16_384)
  })
  test('every certificate is accepted', () => expect(plan.optimised.failures).toEqual([]))
})
