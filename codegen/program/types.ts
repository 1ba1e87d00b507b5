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
}

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
  /** For a batched map, the queries answered for all elements before the body runs, in program order. */
  readonly batches?: readonly BatchStep[]
}
export interface BatchStep {
  readonly occurrence: number
  readonly attrs: Json
  readonly argTypes: readonly number[]
  readonly plan: Json
  /** Computes the arguments (a record 0, 1 …) from the element, the captures and the answers of earlier batches. */
  readonly keys: number
  readonly after: readonly number[]
}
