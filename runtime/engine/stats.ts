import type { Tier } from './tiers.ts'

/** What an engine holds and has done so far. */
export interface EngineStats {
  readonly handles: readonly {
    readonly graph: string
    readonly version: number
    readonly tier: Tier
    /** Runs of this version that have begun and not ended, and those that have ended. */
    readonly running: number
    readonly runs: number
    readonly heat: number
    /** What a run would take in the interpreter: measured there, else estimated. */
    readonly msPerRun: number
  }[]
  readonly running: number
  /** Runs that ended, by the tier they ran in. */
  readonly runs: Readonly<Record<Tier, number>>
  /** Runs whose answer was an error. */
  readonly errors: number
  /** Threads for long runs, and runs that ended there. */
  readonly pool: { readonly threads: number; readonly runs: number }
  /** Threads that share long calls of kernels, the engine's own included; those of the pool are not counted. */
  readonly kernelThreads: number
  readonly compiles: { readonly running: number; readonly done: number; readonly failed: number }
  /** Code that is ready to run, and how many wait for room. */
  readonly loaded: { readonly builds: number; readonly bytes: number; readonly waiting: number }
  /** Code that is kept to be loaded again. */
  readonly kept: { readonly entries: number; readonly bytes: number }
}
