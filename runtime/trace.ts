import type { Call } from '../graph/effects.ts'

/** What a run tells about itself while it goes; ids are occurrences, times milliseconds. */
export type TraceEvent =
  | {
      readonly event: 'effect'
      readonly effect: Call['effect']
      readonly name: string
      readonly occurrence: number
      readonly iteration: readonly number[]
      readonly ms: number
      readonly outcome: string
    }
  | {
      readonly event: 'batch'
      readonly name: string
      readonly occurrence: number
      readonly size: number
      readonly roundTrips: number
      readonly ms: number
    }
  | {
      readonly event: 'transaction'
      /** The symbolic name of the database. */
      readonly name: string
      readonly occurrence: number
      readonly iteration: readonly number[]
      readonly attempt: number
      readonly ms: number
      readonly outcome: string
    }
  | { readonly event: 'kernel'; readonly index: number; readonly ms: number; readonly outcome: string }

/** Counts of one run. `written` counts queries as the graph words them, one for each element of a map; `run`, statements sent. */
export interface RunStats {
  queries: { written: number; run: number }
  /**
   * How often the run waited for the outside, one wait after the other. A request counts one more than the latest
   * answer that had come when it left, so requests under way at the same time count once. Queries, files and whatever
   * else lies outside the process count; the clock, random bytes and log lines do not.
   */
  readonly roundTrips: number
  effects: number
  kernels: number
  kernelMs: number
  effectMs: number
}
