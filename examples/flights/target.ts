import type { Compiled, Drivers, Loaded, RunStats, TraceEvent } from 'quoin'
import { compile, load } from 'quoin'
import { flights } from './graph.ts'
import { orTrouble } from './trouble.ts'

type Built = typeof flights
export type Input = NonNullable<Built[' input']>
export type Result = NonNullable<Built[' output']>
export type Plan = Compiled<Input, Result>

/** What one run gave, and where its time went. */
export interface Measured {
  readonly result: Result
  readonly stats: RunStats
  readonly events: readonly TraceEvent[]
  /** Milliseconds in the kernels that go through the flights. */
  readonly part4Ms: number
}

/** The graph, compiled for one target. */
export const planFor = async (target: 'ts' | 'wasm', optimize = true): Promise<Plan> =>
  orTrouble(await compile(flights, { target, optimize }))

export const ready = async (plan: Plan, drivers: Drivers): Promise<Loaded<Input, Result>> =>
  orTrouble(await load(plan, drivers))

export const measure = async (loaded: Loaded<Input, Result>, rows: number, signal: AbortSignal): Promise<Measured> => {
  const events: TraceEvent[] = []
  let stats: RunStats | undefined
  const options = {
    signal,
    trace: (e: TraceEvent) => void events.push(e),
    stats: (s: RunStats) => {
      stats = s
    },
  }
  const result = orTrouble(await loaded.run({ rows }, options))
  const overFlights = (index: number): boolean => loaded.manifest.kernels[index]!.dims.includes('flight')
  const part4Ms = events.reduce((ms, e) => ms + (e.event === 'kernel' && overFlights(e.index) ? e.ms : 0), 0)
  return { result, stats: stats!, events, part4Ms }
}

/** Milliseconds that the effects of these names took. */
export const effectMs = (events: readonly TraceEvent[], ...names: readonly string[]): number =>
  events.reduce((ms, e) => ms + (e.event !== 'kernel' && names.includes(e.name) ? e.ms : 0), 0)

/** All numbers of a result, so that two can be compared bit by bit. */
const numbersOf = ({ pairs, rmsMiles, meanDelay, stdDelay, logLoss, brier }: Result): Float64Array => {
  const c = pairs.columns
  const columns = [c.flights, c.meanDelay, c.recordedMiles, c.greatCircleMiles]
  return Float64Array.from([rmsMiles, meanDelay, stdDelay, logLoss, brier, ...columns.flatMap((x) => [...x])])
}
export const sameBits = (a: Result, b: Result): boolean => {
  const bytes = (r: Result): Uint8Array => new Uint8Array(numbersOf(r).buffer)
  return Buffer.compare(bytes(a), bytes(b)) === 0
}
