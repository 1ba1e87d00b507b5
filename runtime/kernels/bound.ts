import type { Either } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Value } from '../../graph/values.ts'
import type { Frame } from './arena.ts'
import type { PreparedKernels } from './prepared.ts'

export interface KernelStats {
  readonly calls: number
  /** Greatest number of bytes that one call used beyond its inputs: outputs and scratch. */
  readonly scratchBytes: number
}
/** What the memory plan of an artefact has led to so far. */
export interface MemoryStats {
  /** Greatest number of bytes that frames held at once. */
  readonly peakBytes: number
  /** How often memory for frames was asked of the engine. */
  readonly grown: number
  /** Arrays made for what left a frame. */
  readonly arrays: number
}

/** Threads that work on kernels. */
export interface ThreadStats {
  /** So many can, the one that calls included. */
  readonly threads: number
  /** Calls that were long enough to be divided among them. */
  readonly shared: number
}

/** Kernels ready to be called, by their index in the manifest. */
export interface BoundKernels {
  readonly run: (index: number, args: readonly Value[]) => Either<RunError, readonly Value[]>
  /** A frame of the memory plan, and its end. */
  readonly enter: (frame: number) => Frame
  readonly leave: (frame: Frame) => void
  /** A call of the memory plan: its outputs that leave the frame, as a record. Arguments that lie in the frame are null. */
  readonly call: (frame: Frame, index: number, args: readonly (Value | null)[]) => Either<RunError, Value>
  /** The whole program, ready to be called on inputs of these shapes that lie where its kernels read them. */
  readonly prepare: (
    shapes: ReadonlyMap<string, readonly number[]>,
    /** Inputs that are results of the run before, by name: the two change places instead of being copied. */
    carry: ReadonlyMap<string, string>,
  ) => Either<RunError, PreparedKernels>
  readonly stats: () => KernelStats
  readonly memory: () => MemoryStats
  readonly threads: () => ThreadStats
  /** Lets go of the threads. */
  readonly close: () => Promise<void>
}
export type Call = (
  args: readonly Value[],
) => Either<RunError, { readonly values: readonly Value[]; readonly bytes: number }>
