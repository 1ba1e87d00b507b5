import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import type { RunStats } from 'quoin'
import { interpret, print } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'
import { files } from 'quoin/drivers/files'
import type { Statistics } from './by-hand.ts'
import { duckdbAlone, plainLoops, readColumns } from './by-hand.ts'
import { openData } from './data.ts'
import { distant } from './distant.ts'
import { flights } from './graph.ts'
import type { Measured, Plan, Result } from './target.ts'
import { effectMs, measure, planFor, ready, sameBits } from './target.ts'
import { Interrupted, orTrouble } from './trouble.ts'

export const allRows = 3_000_000
/** The interpreter goes through fewer rows; both targets go through the same ones for the comparison of bits. */
export const sampleRows = 50_000

export interface Timed<T> {
  readonly value: T
  readonly ms: number
}
/** Everything that `npm start` tells. */
export interface Outcome {
  readonly plan: Plan
  readonly compileMs: number
  /** Arrays of one number a flight between the columns and the sums, as written and as run. */
  readonly arrays: { readonly written: number; readonly run: number }
  readonly full: Measured
  readonly scratchBytes: number
  readonly inventory: readonly { readonly statement: string }[]
  readonly part4Ms: { readonly interpret: number; readonly ts: number; readonly wasm: number }
  readonly identicalBits: boolean
  /** The database part with a simulated millisecond a round trip. */
  readonly distant: { readonly written: Timed<number>; readonly run: Timed<number> }
  readonly loops: Timed<Statistics>
  readonly duckdb: Timed<Statistics>
}
export interface Surroundings {
  /** Where the report goes. */
  readonly out: string
  readonly signal: AbortSignal
  readonly progress: (doing: string) => void
}

const timed = async <T>(work: () => Promise<T> | T): Promise<Timed<T>> => {
  const began = performance.now()
  const value = await work()
  return { value, ms: performance.now() - began }
}
/** The fastest of several, for everybody alike: V8 compiles as it goes, and DuckDB needs some four runs to warm up. */
const fastest = async <T>(ms: (x: T) => number, work: () => Promise<T>, times = 5): Promise<T> => {
  let best = await work()
  for (let i = 1; i < times; i++) {
    const next = await work()
    if (ms(next) < ms(best)) best = next
  }
  return best
}
/** Milliseconds of part 4 from the file to its four numbers. */
export const fromFileMs = (m: Measured): number => effectMs(m.events, 'flight') + m.part4Ms

/** Runs the whole job. Reports of runs that are only compared go to a folder that is removed afterwards. */
export const runJob = async (around: Surroundings): Promise<Outcome> => {
  const data = await openData()
  const scratch = await mkdtemp(join(tmpdir(), 'quoin-flights-'))
  try {
    return await job(around, data, scratch)
  } finally {
    data.closeSync()
    await rm(scratch, { recursive: true, force: true })
  }
}

const job = async (
  { out, signal, progress }: Surroundings,
  data: DuckDBInstance,
  scratch: string,
): Promise<Outcome> => {
  const step = (doing: string): void => {
    if (signal.aborted) throw new Interrupted()
    progress(doing)
  }
  const database = duckdb({ instance: data, timeoutMs: 60_000 })
  const tried = { flights: database, reports: files({ root: scratch }) }

  step('compiling')
  const compiled = await timed(() => planFor('wasm'))
  const plan = compiled.value
  const [ts, wasm] = [await ready(await planFor('ts'), tried), await ready(plan, tried)]

  step(`interpreting ${sampleRows.toLocaleString('en')} rows, with every query as written`)
  const interpreted = await interpretSample(tried, signal)
  step(`running ${allRows.toLocaleString('en')} rows as TypeScript and as WebAssembly`)
  const samples = [await measure(ts, sampleRows, signal), await measure(wasm, sampleRows, signal)]
  const tsFull = await fastest(fromFileMs, () => measure(ts, allRows, signal), 2)
  const full = await fastest(fromFileMs, () => measure(wasm, allRows, signal))

  step('asking a database a millisecond away')
  const far = { ...tried, flights: distant(database, 1) }
  const [asWritten, asRun] = [await planFor('ts', false), plan]
  const databasePart = async (p: Plan): Promise<Timed<number>> => {
    const { stats, events } = await measure(await ready(p, far), 1, signal)
    return { value: stats.queries.run - 1, ms: effectMs(events, 'pair', 'airport') }
  }
  const there = { written: await databasePart(asWritten), run: await databasePart(asRun) }

  step('doing part 4 by hand')
  const byHand = await others(data, signal)

  step('writing the report')
  const kept = await ready(plan, { flights: database, reports: files({ root: out }) })
  const last = await measure(kept, allRows, signal)
  return {
    plan,
    compileMs: compiled.ms,
    arrays: arraysOf(plan),
    full,
    scratchBytes: wasm.kernelScratchBytes(),
    inventory: wasm.inventory,
    distant: there,
    ...byHand,
    part4Ms: { interpret: interpreted.ms, ts: tsFull.part4Ms, wasm: full.part4Ms },
    identicalBits:
      samples.every((s) => sameBits(s.result, interpreted.value)) &&
      [tsFull, last].every((m) => sameBits(m.result, full.result)),
  }
}

/** The interpreter's own time is that of its run without what it waited for. */
const interpretSample = async (
  drivers: Parameters<typeof interpret>[1],
  signal: AbortSignal,
): Promise<Timed<Result>> => {
  let stats: RunStats | undefined
  const options = {
    signal,
    stats: (s: RunStats) => {
      stats = s
    },
  }
  const { value, ms } = await timed(async () =>
    orTrouble(await interpret(flights, drivers, { rows: sampleRows }, options)),
  )
  return { value, ms: ms - stats!.effectMs }
}

const others = async (data: DuckDBInstance, signal: AbortSignal): Promise<Pick<Outcome, 'loops' | 'duckdb'>> => {
  const columns = await readColumns(data, allRows, signal)
  const connection = await data.connect()
  const interrupt = (): void => connection.interrupt()
  signal.addEventListener('abort', interrupt)
  try {
    const quickest = <T>(work: () => Promise<T> | T): Promise<Timed<T>> =>
      fastest(
        (x: Timed<T>) => x.ms,
        () => timed(work),
      )
    return {
      loops: await quickest(() => plainLoops(columns)),
      duckdb: await quickest(() => duckdbAlone(connection, allRows)),
    }
  } catch (e) {
    throw signal.aborted ? new Interrupted() : e
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.disconnectSync()
  }
}

/** As written: the steps whose result has a number for each flight. As run: what kernels hand on for each flight. */
const arraysOf = ({ source, manifest }: Plan): Outcome['arrays'] => ({
  written: print(source)
    .split('\n')
    .filter((l) => l.endsWith('[flight]') && !/ = (column|broadcast) /.test(l)).length,
  run: manifest.kernels.flatMap((k) => k.outputs).filter((o) => o.shape.includes('flight')).length,
})
