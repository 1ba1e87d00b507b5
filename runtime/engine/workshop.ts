import type { Answer } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import type { Apart, Aside } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Sidecar } from '../artifact.ts'
import type { Drivers } from '../load.ts'
import type { Replayed } from '../replay/playback.ts'
import type { Recording } from '../replay/recording.ts'
import type { RunOptions } from '../run.ts'
import type { StaticKernel } from '../statics/kernel.ts'
import type { Smallest } from './cross-check.ts'
import type { CompiledTier } from './tiers.ts'

/** The code of a graph for one tier, as it is kept and handed from thread to thread. */
export interface Code {
  readonly module: string
  readonly wasm?: Uint8Array<ArrayBuffer>
}
export const bytesOf = (c: Code): number => c.module.length + (c.wasm?.length ?? 0)

/** What the user chose that changes the code; part of its key. */
export interface Choices {
  readonly off?: readonly string[]
  readonly relax?: readonly string[]
  readonly collapse?: readonly string[]
  /** What the compiler has to know of hand-written kernels: when to leave an operation to them, and what they rest on. */
  readonly statics?: readonly Pick<StaticKernel, 'choice' | 'assumptions'>[]
}
export interface Job {
  /** The graph as a JSON document. */
  readonly graph: unknown
  readonly tier: CompiledTier
  readonly choices: Choices
}
export type Stage = 'optimise' | 'generate'

/** Bounds of one interpreted run. */
export interface Bounds {
  /** Most values that are computed, turns of loops included. */
  readonly maxSteps?: number
  /** Most bytes of one value. */
  readonly maxBytes?: number
}

/** How an interpretation keeps the event loop free. */
export interface InSlices {
  readonly apart: Apart
  readonly compute: (a: Aside) => Promise<Answer>
}

/**
 * What an engine needs and the runtime must not contain: the interpreter, which knows every op, and the compiler, which
 * is large. The package entry brings them together.
 */
export interface Workshop {
  /** What the key of a piece of code says about who made it. */
  readonly facts: Readonly<Record<string, string | number>>
  readonly about: (g: Graph) => About
  readonly encode: (g: Graph) => unknown
  readonly interpret: (
    g: Graph,
    drivers: Drivers,
    input: unknown,
    options: RunOptions & Bounds & { readonly slices?: InSlices },
  ) => Promise<Either<RunError, unknown>>
  /** The module that interprets in a thread. */
  readonly interpreter: string
  /** Runs a recorded run again in the interpreter; nothing outside is asked. */
  readonly replay: (
    g: Graph,
    recording: unknown,
    bounds: Bounds & { readonly deadlineMs?: number },
  ) => Either<RunError | CompileError, Replayed>
  /** Makes what two tiers differed about smaller, compiling it afresh; nothing where they do not differ then. */
  readonly minimise: (job: Job & { readonly recording: Recording }) => Promise<Either<CompileError, Smallest | null>>
  readonly compile: (job: Job, stage: (s: Stage) => void) => Promise<Either<CompileError, Code>>
  /** An error of compiling with what it is about, where its maker knew no graph. */
  readonly shownIn: (g: Graph, e: CompileError) => CompileError
  readonly close: () => Promise<void>
}
export interface About {
  readonly digest: string
  readonly nodes: number
  readonly effects: boolean
  /** It writes; it asks the clock or for random bytes. */
  readonly writes: boolean
  readonly oracles: boolean
  /** It has loops, whose turns no size tells. */
  readonly loops: boolean
  /** Work of a run by the sizes of named dimensions, in operations on one cell; a guess. */
  readonly work: (sizes: Readonly<Record<string, number>>) => number
  /** Types of inputs and output as text, so that a replacement fits. */
  readonly signature: string
  readonly names: Sidecar
}
