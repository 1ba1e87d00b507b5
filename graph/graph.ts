import type { Arena, NodeId } from './arena.ts'
import type { Stage } from './ops/index.ts'
import type { StaticChoice } from './statics.ts'
import type { Fields } from './types.ts'

/** The version of the meaning of numbers (reduction order, expansions); part of every digest. */
export const numerics = 1

/** What the user called a call and where it stands in their source: beside the graph, never part of its identity. */
export interface SiteInfo {
  readonly name: string
  readonly place: string
}

/**
 * A sealed graph: nodes in canonical order, occurrences numbered in program order. `S` is the stage it has reached.
 * The root is the result; inputs that nothing uses are still part of the signature.
 */
export interface Graph<S extends Stage = Stage> {
  readonly name: string
  readonly stage: S
  readonly arena: Arena
  readonly inputs: Fields
  readonly root: NodeId
  readonly sites: ReadonlyMap<number, SiteInfo>
  /** Modes of relaxed laws: while optimising those the user allows, afterwards those that were used. */
  readonly relaxed?: readonly string[]
  /** Operations that are left to hand-written kernels. */
  readonly statics?: readonly StaticChoice[]
}
export const noSite: SiteInfo = { name: '', place: '' }
export const siteOf = (g: Graph, occurrence: number): SiteInfo => g.sites.get(occurrence) ?? noSite
