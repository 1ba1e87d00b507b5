import type { NodeId } from '../graph/arena.ts'
import type { Either } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import type { Stage } from '../graph/ops/index.ts'
import type { Certificate } from './certificate.ts'

/** A sentence for `explain` about one thing a pass did, or did not do and why. */
export interface Note {
  /** The call it is about, where it is about one. */
  readonly occurrence?: number
  readonly text: string
}

export interface Outcome {
  readonly graph: Graph
  readonly certificate: Certificate
  readonly notes: readonly Note[]
}

/**
 * Told, to whoever asks, where a node comes from: `made` stands where `from` stood, because of this rule. The rule is
 * empty where only operands or bodies have changed. For people; nothing is decided by it.
 */
export type Tell = (made: NodeId, from: NodeId, rule: string) => void

/**
 * A pass is a value. It takes a graph at stage `from` or later and leaves one at stage `to`. Nobody trusts it: what it
 * returns is believed once the checker of its certificate has accepted it, and dropped otherwise.
 */
export interface Pass {
  readonly name: string
  /** Before and after in a line each, then the limits. */
  readonly doc: string
  readonly from: Stage
  readonly to: Stage
  /** The left says why the pass cannot work on this graph; a graph it leaves alone is a right. */
  readonly run: (graph: Graph, tell?: Tell) => Either<string, Outcome>
}
