import type { Numeric } from '../../graph/elem.ts'

/**
 * Where the cells of kernels lie. A frame covers a run of steps of one block between which nothing waits, so no other
 * activation can come in between: what is in its buffers ends with it. Frames of blocks that call each other stand on one
 * another like the frames of a stack.
 */
export interface MemoryPlan {
  readonly frames: readonly FramePlan[]
  readonly calls: readonly CallPlan[]
  /** What all frames that stand on one another need at most, over all ways in which blocks call each other. */
  readonly bound: MemoryBound
  /** Where the whole program is a row of calls. */
  readonly direct?: Direct
}
/** Calls in order, each with what it is given: inputs of the program by name, outputs of earlier calls. */
export interface Direct {
  readonly steps: readonly { readonly call: number; readonly inputs: readonly (string | MadeBy)[] }[]
  readonly result: Made
}
export type MadeBy = readonly [call: number, output: number]
/** An output of a call, or a record of such. */
export type Made = MadeBy | { readonly fields: readonly (readonly [name: string, of: Made])[] }
export interface MemoryBound {
  readonly bytes: number
  /** Pieces whose size only a run knows, each rounded up to 64 bytes. */
  readonly slots: readonly Size[]
}
/** Bytes times named dimensions; without these it is known before any run. */
export interface Size {
  readonly bytes: number
  readonly of: readonly string[]
}
export interface FramePlan {
  readonly block: number
  /** The first and the last step that it covers. */
  readonly first: number
  readonly last: number
  /** Room for the buffers of known size. */
  readonly bytes: number
  /** Pieces for the others; buffers of one size take turns in one piece. */
  readonly slots: readonly Size[]
  readonly buffers: readonly BufferPlan[]
}
/** `at` is the offset in the frame where the size is known, else the number of a slot. */
export interface BufferPlan {
  readonly elem: Numeric
  readonly size: Size
  readonly at: number
}
/** One kernel step; buffers are those of its frame. */
export interface CallPlan {
  readonly frame: number
  readonly step: number
  readonly kernel: number
  /** Where each input lies; null is what the caller gives, taken as it is. */
  readonly inputs: readonly (number | null)[]
  /** Inputs, by position, that are copied from the caller's value into their buffer before the call. */
  readonly brought: readonly number[]
  /** Where each output goes; null is a new array for the caller. */
  readonly outputs: readonly (number | null)[]
  /** Outputs that something else than a kernel of the frame looks at: they are handed to the caller, copied if need be. */
  readonly leaving: readonly number[]
  readonly scratch: readonly number[]
}
