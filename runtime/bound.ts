import type { Footprint } from '../graph/effects.ts'
import type { BoundKernels } from './bind.ts'
import type { Memory } from './cache.ts'
import type { Driver } from './driver.ts'
import type { RecordTo } from './replay/recorder.ts'
import type { StaticKernel } from './statics/kernel.ts'
import type { RunStats, TraceEvent } from './trace.ts'

/** What whoever starts a run may say. */
export interface RunOptions {
  /** Stops the run; what is in flight is cancelled. */
  readonly signal?: AbortSignal
  /** Wall-clock limit for the whole run, in milliseconds. */
  readonly deadlineMs?: number
  /** Most operations of the host (turns of loops over what no kernel computes included); what one is, the build decides. */
  readonly maxSteps?: number
  /** Most bytes of one value that the host makes; what kernels may have is said when they are loaded. */
  readonly maxBytes?: number
  readonly trace?: (event: TraceEvent) => void
  readonly stats?: (stats: RunStats) => void
  /** Is given the recorded run, which `replay` and `quoin replay` take. */
  readonly record?: RecordTo
  /** Stops the run as well, and is that of many runs: an engine's, which is closing. */
  readonly stop?: AbortSignal
}
/** What only an engine says: most milliseconds that a run computes in this thread before it begins again in another. */
export interface HereOptions extends RunOptions {
  readonly hereMs?: number
}

/** Everything a run shares with other runs of the same loaded artefact. */
export interface Bound {
  readonly drivers: Readonly<Record<string, Driver>>
  readonly kernels: Pick<BoundKernels, 'run' | 'enter' | 'leave' | 'call' | 'close'>
  /** Its name, which the sidecar has; drivers put it into comments. */
  readonly graph?: string
  readonly site: (occurrence: number) => { readonly node: string; readonly place: string }
  readonly memory: Memory
  /** Hand-written kernels, by name. */
  readonly statics?: ReadonlyMap<string, StaticKernel>
  /** Footprint of each occurrence, for the cache. */
  readonly footprint: (occurrence: number) => Footprint
  /** Queries of the graph as written that the optimiser removed. */
  readonly removed: number
}
