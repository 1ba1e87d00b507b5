import type { Call } from '../graph/effects.ts'

/** What is told of a call that went out, and of many that went out together: of the first of them. */
interface Asked {
  readonly effect: Call['effect']
  readonly name: string
  readonly occurrence: number
  /** `ok`, or the tag of the error. */
  readonly outcome: string
  readonly ms: number
  /** What the user called it, and their line; empty where no names are known. */
  readonly node: string
  readonly place: string
  /** On the clock of `performance.now()`. */
  readonly started: number
  /** What is known of the call before it runs; no argument is among it. */
  readonly attrs: Call['attrs']
  /** Which system answers, where its driver says. */
  readonly system?: string
  /** The statement as it was sent, with placeholders, where its driver says. */
  readonly statement?: string
  /** The status of the latest answer to an HTTP request. */
  readonly status?: number
}

/** What a run tells about itself while it goes; ids are occurrences, times milliseconds. */
export type TraceEvent =
  | (Asked & { readonly event: 'effect'; readonly iteration: readonly number[] })
  | (Asked & { readonly event: 'batch'; readonly size: number; readonly roundTrips: number })
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

/** What a driver says it has sent, while somebody listens. */
export interface Heard {
  statement?: string
  status?: number
}

/** What a listener throws is its own affair, and no outcome of the run that it hears of. */
export const quietly =
  <T>(who: string, to: (x: T) => void): ((x: T) => void) =>
  (x) => {
    try {
      to(x)
    } catch (e) {
      process.emitWarning(`${who} threw: ${e instanceof Error ? e.message : String(e)}`, 'Quoin')
    }
  }
interface Listening {
  readonly trace?: (e: TraceEvent) => void
  readonly stats?: (s: RunStats) => void
}
export const listening = <O extends Listening>(o: O): O =>
  o.trace === undefined && o.stats === undefined
    ? o
    : {
        ...o,
        ...(o.trace === undefined ? {} : { trace: quietly('the trace of a run', o.trace) }),
        ...(o.stats === undefined ? {} : { stats: quietly('the stats of a run', o.stats) }),
      }
