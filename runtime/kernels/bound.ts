import type { Either } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Value } from '../../graph/values.ts'

export interface KernelStats {
  readonly calls: number
  /** Greatest number of bytes that one call used beyond its inputs: outputs and scratch. */
  readonly scratchBytes: number
}

/** Kernels ready to be called, by their index in the manifest. */
export interface BoundKernels {
  readonly run: (index: number, args: readonly Value[]) => Either<RunError, readonly Value[]>
  readonly stats: () => KernelStats
}
export type Call = (
  args: readonly Value[],
) => Either<RunError, { readonly values: readonly Value[]; readonly bytes: number }>
