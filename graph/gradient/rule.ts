import type { NodeId, NodeView } from '../arena.ts'
import type { Kept } from './answers.ts'
import type { Cells } from './cells.ts'
import type { Cotangent } from './cotangent.ts'

/** What rules may ask for besides arithmetic. */
export interface Sweep {
  readonly cells: Cells
  /** What flows into leaves when this flows into a root that is computed from them. */
  readonly back: (root: NodeId, seed: Cotangent, leaves: readonly NodeId[]) => readonly (Cotangent | undefined)[]
  /**
   * The root of a body with operands in the place of its parameters. What can fail or acts on the world is left out, but
   * for calls whose answers are known.
   */
  readonly inline: (root: NodeId, params: readonly NodeId[], answers?: ReadonlyMap<NodeId, NodeId>) => NodeId
  readonly kept: Kept
  /** Says why a node has no derivative. */
  readonly refuse: (node: NodeView, cause: string, remedy: string) => void
}
/** For each operand how to compute what flows into it; nothing flows where there is no such function. */
export type Flows = readonly ((() => Cotangent | undefined) | undefined)[]
/** What flows from the result of a node into its operands; `wanted` are the operands on which an input can act. */
export type Rule = (s: Sweep, g: Cotangent, node: NodeView, wanted: readonly boolean[]) => Flows
/** The same for ops on tensors alone. */
export type CellRule = (c: Cells, g: NodeId, node: NodeView) => readonly ((() => NodeId) | undefined)[]

/** What was decided about an op. */
export type Decision =
  /** It has a derivative. */
  | { readonly by: 'rule'; readonly rule: Rule }
  /** Its result does not change with small changes of operands, or is no function of them: nothing flows back. */
  | { readonly by: 'flat'; readonly why: string }
  /** It may have a derivative, and there is none here. */
  | { readonly by: 'refused'; readonly why: string; readonly remedy: string }
  /** It has no operands, or does not occur in graphs as they are written. */
  | { readonly by: 'never'; readonly why: string }

export const rule = (r: Rule): Decision => ({ by: 'rule', rule: r })
export const cells = (r: CellRule): Decision => rule((s, g, node) => r(s.cells, g as NodeId, node))
export const flat = (why: string): Decision => ({ by: 'flat', why })
export const refused = (why: string, remedy: string): Decision => ({ by: 'refused', why, remedy })
export const never = (why: string): Decision => ({ by: 'never', why })
