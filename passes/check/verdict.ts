import type { Graph } from '../../graph/graph.ts'
import type { Certificate } from '../certificate.ts'

/** Why a claim is not accepted: which of the obligations failed, and where. */
export interface Refusal {
  readonly obligation: Obligation
  readonly detail: string
}
export type Obligation =
  /** Name, inputs, sites and arena are those of the graph that came in, and the stage does not go back. */
  | 'header'
  /** The certificate speaks of things that are there, in its own terms. */
  | 'certificate'
  /** The claim, carried out by the checker, gives exactly the graph that came out. */
  | 'graph'
  /** What the claim rests on holds. */
  | 'legality'
  /** The same calls happen in the same order. */
  | 'order'

/** Undefined is acceptance. A checker reads graphs and certificates, and nothing of the pass. */
export type Checker<C extends Certificate = Certificate> = (
  before: Graph,
  after: Graph,
  claim: C,
) => Refusal | undefined

export const refuse = (obligation: Obligation, detail: string): Refusal => ({ obligation, detail })
