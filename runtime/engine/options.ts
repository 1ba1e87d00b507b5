import { availableParallelism } from 'node:os'
import type { DriversFor } from './build.ts'
import type { CompilerLimits } from './compiler.ts'
import type { EngineEvent } from './events.ts'
import type { PoolOptions } from './pool.ts'
import type { TierPolicy, When } from './tiers.ts'
import { usualPolicy } from './tiers.ts'
import type { Probation } from './version.ts'
import type { Bounds, Choices } from './workshop.ts'

/** Bounds of every run of an engine; a run may ask for less, and not for more. */
export interface RunLimits extends Bounds {
  readonly deadlineMs?: number
}
export interface EngineOptions {
  /** For all graphs; what is given with a graph comes on top. */
  readonly drivers?: DriversFor
  /** `lazy` unless said. */
  readonly compile?: When
  readonly limits?: RunLimits
  readonly cache?: {
    /** Most bytes of code that is loaded and ready to run; 64 MiB unless said. */
    readonly loadedBytes?: number
    /** Most bytes of code that is kept to be loaded again; 64 MiB unless said. */
    readonly memoryBytes?: number
    /** Where code outlives the process; nowhere unless said. */
    readonly directory?: string
    /** Most bytes there; 1 GiB unless said. */
    readonly diskBytes?: number
  }
  readonly compiler?: Partial<CompilerLimits>
  /** Threads for long runs that ask nothing of the outside; `threads: 0` for none. */
  readonly pool?: Partial<PoolOptions>
  readonly policy?: Partial<TierPolicy>
  readonly probation?: Partial<Probation>
  readonly crossCheck?: CrossCheck
  /** The same behind runs that were answered already, against the graph as written; graphs that write have none. */
  readonly shadow?: CrossCheck
  /** What `engine.profile()` of an earlier process gave: graphs that were hot there are compiled at once. */
  readonly profile?: Profile
  readonly trace?: (e: EngineEvent) => void
}
export interface SubmitOptions extends Choices {
  readonly drivers?: DriversFor
  readonly compile?: When
}
export interface CrossCheck {
  /** The share of runs that are done again in the interpreter, from 0 to 1. */
  readonly share: number
  /** Where a difference is written down; nowhere unless said. */
  readonly directory?: string
}
export type Profile = Readonly<Record<string, { readonly count: number; readonly msPerRun: number }>>

export interface Settings {
  readonly drivers: DriversFor
  readonly compile: When
  readonly limits: RunLimits
  readonly cache: Required<Omit<NonNullable<EngineOptions['cache']>, 'directory'>> & { readonly directory?: string }
  readonly pool: PoolOptions
  readonly policy: TierPolicy
  readonly probation: Probation
  readonly crossCheck: CrossCheck
  readonly shadow: CrossCheck
  readonly profile: Profile
  /** How long another process is waited for that compiles the same. */
  readonly patienceMs: number
}
export const compilerLimits = (o: EngineOptions): CompilerLimits => ({
  timeMs: 60_000,
  memoryMb: 1024,
  idleMs: 30_000,
  ...o.compiler,
})
export const settingsOf = (o: EngineOptions): Settings => ({
  drivers: o.drivers ?? {},
  compile: o.compile ?? 'lazy',
  limits: o.limits ?? {},
  cache: { loadedBytes: 64 << 20, memoryBytes: 64 << 20, diskBytes: 1 << 30, ...o.cache },
  pool: { threads: Math.max(1, Math.min(4, availableParallelism() - 1)), overMs: 5, idleMs: 30_000, ...o.pool },
  policy: { ...usualPolicy, ...o.policy },
  probation: { runs: 10, failures: 2, ...o.probation },
  crossCheck: o.crossCheck ?? { share: 0 },
  shadow: o.shadow ?? { share: 0 },
  profile: o.profile ?? {},
  patienceMs: compilerLimits(o).timeMs + 5000,
})
