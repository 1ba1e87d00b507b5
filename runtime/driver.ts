import type { Answer, Call } from '../graph/effects.ts'
import type { Assumption } from './assumption.ts'

/** What surrounds one request: when it must stop. A driver honours the signal by cancelling what it has in flight. */
export interface Context {
  readonly signal: AbortSignal
}

/**
 * Facts about a query that were found by parsing it at compile time and that a driver needs in order to write the
 * batched statement. `params` are the places of $n in `attrs.sql`, in UTF-16 units, ascending.
 */
export interface BatchPlan {
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
  readonly ordered: boolean
}

/**
 * Several calls of one effect that differ in their arguments only, under one authority: a query, or any other whose
 * traits say `bulk`. The plan is about queries; for everything else it is empty.
 */
export interface Batch {
  readonly calls: readonly Call[]
  readonly plan: BatchPlan
}
export const noPlan: BatchPlan = { params: [], ordered: false }

/**
 * The outside, behind one door. A driver never throws and never returns null: every outcome is an `Answer`, and each
 * answer has the type the call declares (rows are checked here, before anything else sees them).
 */
export interface Driver {
  readonly kind: 'sql' | 'files' | 'http' | 'kv' | 'foreign' | 'clock' | 'random' | 'log'
  /** The effects it answers, so that binding the wrong driver is found when the artefact is loaded. */
  readonly effects: readonly Call['effect'][]
  readonly assumptions: readonly Assumption[]
  readonly perform: (call: Call, context: Context) => Promise<Answer>
  /** One answer a call, in their order: `many([k]) = [one(k)]`. Drivers without it are called one by one. */
  readonly performMany?: (
    batch: Batch,
    context: Context,
  ) => Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }>
  /** Releases what the driver itself opened; what the user handed in stays open. */
  readonly close: () => Promise<void>
}
