import type { RunError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Build } from './build.ts'
import { Work } from './size-of-input.ts'
import type { CompiledTier, Heat, Tier } from './tiers.ts'
import { cold, rank } from './tiers.ts'
import type { About } from './workshop.ts'

/** One graph under a handle: what was submitted first, or what took its place later. */
export class Version {
  readonly number: number
  readonly graph: Graph
  readonly about: About
  /** Of a run, by its input. */
  readonly work: Work
  /** Its graph as a document, for a thread that interprets. */
  #document: unknown
  /** Keys of its code. */
  readonly keys: Readonly<Record<CompiledTier, string>>
  readonly builds = new Map<Tier, Build>()
  /** Tiers that are not tried again: they answered wrongly. */
  readonly withdrawn = new Set<Tier>()
  heat: Heat = cold
  /** What earlier processes have measured, by tier. */
  pace: Readonly<Partial<Record<Tier, number>>> = {}
  running = 0
  /** Runs that ended, and those of them that failed by the graph's own fault. */
  ended = 0
  failed = 0
  retired = false

  constructor(number: number, graph: Graph, about: About, keyOf: (tier: CompiledTier) => string) {
    this.number = number
    this.keys = { typescript: keyOf('typescript'), quick: keyOf('quick'), optimised: keyOf('optimised') }
    this.graph = graph
    this.about = about
    this.work = new Work(graph.inputs, about.work)
  }
  document(encode: (g: Graph) => unknown): unknown {
    this.#document ??= encode(this.graph)
    return this.#document
  }
  /** The fastest build that a run may begin in. */
  get best(): Build {
    let best = this.builds.get('interpreter')!
    for (const b of this.builds.values()) if (b.open && rank(b.about.tier) > rank(best.about.tier)) best = b
    return best
  }
}

/**
 * Whether an error is the graph's own, so that the version before may do better. What a driver, the caller or a deadline
 * did would have happened to any version.
 */
export const ownFault = (e: RunError): boolean =>
  e._tag === 'Bug' ||
  e._tag === 'LoadFailed' ||
  e._tag === 'DriverMissing' ||
  e._tag === 'AssertionFailed' ||
  e._tag === 'DecodeFailed' ||
  (e._tag === 'ResourceExceeded' && e.what !== 'time')

export interface Probation {
  /** A new version is trusted after so many runs. */
  readonly runs: number
  /** And gives way to the one before it when so many of them fail by its own fault. */
  readonly failures: number
}
