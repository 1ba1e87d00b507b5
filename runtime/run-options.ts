import type { RecordTo } from './replay/recorder.ts'
import type { RunStats, TraceEvent } from './trace.ts'

export interface RunOptions {
  /** Stops the run; what is in flight is cancelled. */
  readonly signal?: AbortSignal
  /** Wall-clock limit for the whole run, in milliseconds. */
  readonly deadlineMs?: number
  /** Most operations of the host (turns of loops over what no kernel computes included); what one is, the build decides. */
  readonly maxSteps?: number
  readonly trace?: (event: TraceEvent) => void
  readonly stats?: (stats: RunStats) => void
  /** Is given the recorded run, which `replay` and `quoin replay` take. */
  readonly record?: RecordTo
  /** Stops the run as well, and is that of many runs: an engine's, which is closing. */
  readonly stop?: AbortSignal
}
