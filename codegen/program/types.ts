import type { Type } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'

/**
 * The effect program: a graph put in order. Every region has become a block of steps, each with its operands already
 * computed; what nothing needs is gone. Plain data, so that it can be printed, compared and checked against the graph
 * it came from (`check.ts`), and the only thing the TypeScript target reads.
 */
export interface Program {
  readonly name: string
  readonly types: readonly Type[]
  readonly inputs: readonly (readonly [name: string, type: number])[]
  readonly blocks: readonly Block[]
  readonly main: number
  /** What may be asked when the program begins. */
  readonly ahead?: AheadStep
}

export interface Block {
  /** Types of the parameters, by index into `Program.types`. */
  readonly params: readonly number[]
  readonly steps: readonly Step[]
  readonly result: Operand
  readonly resultType: number
  /** Whether anything in it, at any depth, waits for the outside; the others run without a promise. */
  readonly waits: boolean
  /** Whether anything in it can end with an error. */
  readonly fails: boolean
  /** A part of a region, for looking ahead: it computes what it can and asks; what it leaves out is never used. */
  readonly scout?: true
}

/** Whether a step waits for the outside by itself, whatever its bodies do. */
export const asksOutside = (s: Step): boolean => s.kind === 'effect' || s.kind === 'transaction'

/** Every step that a step waits for, ascending. */
export const waitsFor = (s: Step): readonly number[] =>
  [...new Set([...s.args.flatMap((a) => (a.at === 'step' ? [a.index] : [])), ...s.after])].sort((a, b) => a - b)

/** A step's result, a parameter of the block, an input of the graph, or a value that nothing looks at. */
export type Operand =
  | { readonly at: 'step'; readonly index: number }
  | { readonly at: 'param'; readonly index: number }
  | { readonly at: 'input'; readonly name: string }
  | { readonly at: 'absent'; readonly type: number }

/**
 * What a step does: `host` calls the meaning of a pure op; `kernel` runs a generated kernel and gives its outputs as a
 * record; `effect` asks a driver; the others are control.
 */
export type StepKind =
  | 'host'
  | 'kernel'
  | 'effect'
  | 'assert'
  | 'decode'
  | 'map'
  | 'cond'
  | 'match'
  | 'loop'
  | 'fork'
  | 'cached'
  | 'attempt'
  | 'transaction'
  | 'sequence'
export interface Step {
  readonly kind: StepKind
  readonly op: string
  readonly attrs: Json
  readonly args: readonly Operand[]
  readonly argTypes: readonly number[]
  readonly type: number
  readonly blocks: readonly number[]
  /** Earlier steps that must have succeeded before this one starts, beside those whose results it takes. */
  readonly after: readonly number[]
  /** For a `forkMap` whose body writes: its elements run one after the other, so that the world they leave is one world. */
  readonly inOrder?: true
  /** For `kernel`, which one. */
  readonly kernel?: number
  /** For `host`, the hand-written kernel that it is left to. */
  readonly static?: string
  /** For a batched map, what may be asked for all elements before the body runs. */
  readonly ahead?: AheadStep
  /** In a look ahead, which leaves nodes out: the node whose step this is. Without it two nodes may look alike. */
  readonly node?: number
}

/**
 * The look ahead of a batched map: a block that follows the body as far as pure work and the answers of these queries
 * lead, for all elements at once, and asks them. It is not trusted with answers: the body asks its own questions, and
 * takes an answer from here only when the very same question was asked. What it must never do is to ask past a condition.
 */
export interface AheadStep {
  readonly scout: number
  readonly queries: readonly AheadQuery[]
}
export interface AheadQuery {
  readonly occurrence: number
  /** In which round it is asked, at the earliest: equal queries at different depths wait for each other where that costs nothing. */
  readonly level: number
  readonly plan: Json
  /** For a query that may follow from another one's rows without waiting for them: all it takes to ask it. */
  readonly derived?: {
    readonly parent: number
    readonly columns: readonly string[]
    readonly attrs: Json
    readonly argTypes: readonly number[]
  }
}
