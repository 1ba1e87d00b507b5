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
}

/** What a run tells about itself while it goes; ids are occurrences, times milliseconds. */
export type TraceEvent =
  | (Asked & { readonly event: 'effect'; readonly iteration: readonly number[] })
  | (Asked & { readonly event: 'batch'; readonly size: number; readonly roundTrips: number })
  | { readonly event: 'kernel'; readonly index: number; readonly ms: number; readonly outcome: string }
