import type { QuoinError } from '../../graph/errors.ts'
import { quietly } from '../trace.ts'
import type { Action, State } from './lifecycle.ts'
import type { CompiledTier, Tier } from './tiers.ts'

/** Which build something is about: a version of a graph under a handle, in a tier. */
export interface About {
  readonly graph: string
  /** Numbers handles of one engine, because two graphs may have one name. */
  readonly handle: number
  readonly version: number
  readonly tier: Tier
}

/** What an engine tells about itself. `move` events carry the names of the specification's actions. */
export type EngineEvent =
  | (About & { readonly event: 'move'; readonly action: Action; readonly from: State; readonly to: State })
  | {
      readonly event: 'version'
      readonly what: 'submitted' | 'replaced' | 'proven' | 'rolledBack' | 'retired'
      readonly graph: string
      readonly handle: number
      readonly version: number
      /** Why it was rolled back. */
      readonly error?: QuoinError
    }
  /** A tier cannot be had. Told once for each graph and tier, however often it is tried again. */
  | (About & {
      readonly event: 'unavailable'
      readonly tier: CompiledTier
      readonly error: QuoinError
      readonly againInMs: number
    })
  /** A graph that was to have a shadow has none. */
  | (About & { readonly event: 'unshadowed'; readonly cause: string })
  /**
   * The outside answered a shadow otherwise, more than once: it changes, or a batch is not what its queries are one by one.
   * The tier is not withdrawn.
   */
  | (About & { readonly event: 'outside'; readonly differences: readonly string[] })
  /** What is needed to see a difference again was made smaller: so many nodes of the graph are left. */
  | (About & { readonly event: 'minimised'; readonly file: string; readonly nodes: number })
  /** Two tiers answered differently: the tier is withdrawn, and `file` has what is needed to see it again. */
  | (About & { readonly event: 'difference'; readonly differences: readonly string[]; readonly file?: string })
  | {
      readonly event: 'cache'
      readonly what: 'hit' | 'miss' | 'damaged' | 'trouble'
      readonly key: string
      readonly where: string
    }

export type Listener = (e: EngineEvent) => void
/** What a listener throws is its own affair. */
export const quiet = (to: Listener | undefined): Listener | undefined =>
  to === undefined ? undefined : quietly('a listener of an engine', to)
