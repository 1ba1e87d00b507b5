import type { Arena, NodeId, NodeView } from './arena.ts'
import type { Elem } from './elem.ts'
import { workIn } from './estimate.ts'

/**
 * When an operation is left to a hand-written kernel instead of a generated one: a criterion on types and estimated work
 * alone, so that it is settled when the graph is compiled, and part of the key of the code.
 */
export interface StaticChoice {
  /** Of the kernel. */
  readonly name: string
  readonly op: string
  /** Of every operand. */
  readonly elem: Elem
  /** Axes of each operand, if it matters. */
  readonly ranks?: readonly number[]
  /** Attributes that the operation has to have, if any. */
  readonly attrs?: Readonly<Record<string, string | number | boolean>>
  /** Least work, in operations on a cell; sizes that only a run knows count as 1000, or what `sizes` says. */
  readonly atLeast?: number
  readonly sizes?: Readonly<Record<string, number>>
}

/** The first choice that an operation meets. */
export const staticFor = (
  arena: Arena,
  node: NodeView,
  choices: readonly StaticChoice[] = [],
): StaticChoice | undefined =>
  choices.find((c) => c.op === node.op.name && fits(arena, node, c) && enough(arena, node.id, c))

const fits = (arena: Arena, { args, op }: NodeView, c: StaticChoice): boolean =>
  args.every((a, i) => {
    const t = arena.typeOf(a)
    return t.kind === 'tensor' && t.elem === c.elem && (c.ranks === undefined || c.ranks[i] === t.shape.length)
  }) && Object.entries(c.attrs ?? {}).every(([k, v]) => (op.attrs as Readonly<Record<string, unknown>>)[k] === v)

const enough = (arena: Arena, id: NodeId, { atLeast = 0, sizes = {} }: StaticChoice): boolean =>
  workIn(arena, { dims: sizes })(id) >= atLeast
