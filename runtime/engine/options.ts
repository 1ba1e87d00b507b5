import { availableParallelism } from 'node:os'
import type { KernelLimits } from '../kernels.ts'
import type { LoadOptions } from '../load.ts'
import type { StaticKernel } from '../statics/kernel.ts'
import type { DriversFor } from './build.ts'
import type { CompilerLimits } from './compiler.ts'
import type { EngineEvent } from './events.ts'
import type { PoolOptions } from './pool.ts'
import type { Tier, TierPolicy, When } from './tiers.ts'
import { usualPolicy } from './tiers.ts'
import type { Probation } from './version.ts'
import type { Bounds, Choices } from './workshop.ts'

/** Bounds of every run of an engine; a run may ask for a shorter deadline, not for a longer one. */
export interface RunLimits extends Bounds {
  readonly deadlineMs?: number
}
export interface EngineOptions {
  /** For all graphs; what is given with a graph comes on top. */
  readonly drivers?: DriversFor
  /** `lazy` unless said. */
  readonly compile?: When
  readonly limits?: RunLimits
  /** Threads that work on one long call of a kernel; 1 unless said. They are there while the code is loaded. */
  readonly threads?: number
  /**
   * Hand-written kernels for operations that meet their criteria, in compiled tiers. Runs that call one compute where the
   * engine is, because a function cannot travel to a thread. Under one name is one kernel, in every process that shares a
   * cache.
   */
  readonly statics?: readonly StaticKernel[]
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
/** Plain data about graphs, by their digests: how hot each was, and what it took. */
export type Profile = Readonly<Record<string, Warmth>>
export interface Warmth {
  /** Runs, older ones counting less. */
  readonly count: number
  /** What a run takes in the interpreter. */
  readonly msPerRun: number
  /** Milliseconds for each operation on a cell, in the tiers in which it ran: by this a first run is sent to a thread or not. */
  readonly pace?: Readonly<Partial<Record<Tier, number>>>
}
const isMeasure = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x >= 0
/** What is known of a graph; a profile is data from outside, of which what makes no sense is left alone. */
export const warmthIn = (profile: Profile, digest: string): Warmth | undefined => {
  const known: Partial<Warmth> | null | undefined = Object.hasOwn(profile, digest) ? profile[digest] : undefined
  if (typeof known !== 'object' || known === null || !isMeasure(known.count) || !isMeasure(known.msPerRun))
    return undefined
  const pace = Object.entries(known.pace ?? {}).filter(([, p]) => isMeasure(p) && p > 0)
  return { count: known.count, msPerRun: known.msPerRun, pace: Object.fromEntries(pace) }
}

export interface Settings {
  readonly drivers: DriversFor
  readonly compile: When
  readonly limits: RunLimits & KernelLimits
  readonly statics: readonly StaticKernel[]
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
  idleMs: 30_000,
  ...o.compiler,
  memoryMb: Math.max(leastMb, o.compiler?.memoryMb ?? 1024),
})
/** V8 ends the whole process when a thread cannot even begin in its memory. */
const leastMb = 32
export const settingsOf = (o: EngineOptions): Settings => ({
  drivers: o.drivers ?? {},
  compile: o.compile ?? 'lazy',
  limits: { ...o.limits, ...(o.threads === undefined ? {} : { threads: o.threads }) },
  statics: o.statics ?? [],
  cache: { loadedBytes: 64 << 20, memoryBytes: 64 << 20, diskBytes: 1 << 30, ...o.cache },
  pool: { threads: Math.max(1, Math.min(4, availableParallelism() - 1)), overMs: 5, idleMs: 30_000, ...o.pool },
  policy: { ...usualPolicy, ...o.policy },
  probation: { runs: 10, failures: 2, ...o.probation },
  crossCheck: o.crossCheck ?? { share: 0 },
  shadow: o.shadow ?? { share: 0 },
  profile: o.profile ?? {},
  patienceMs: compilerLimits(o).timeMs + 5000,
})
/** What code is loaded with. */
export const loading = ({ limits, statics }: Settings): LoadOptions =>
  statics.length === 0 ? limits : { ...limits, statics }
