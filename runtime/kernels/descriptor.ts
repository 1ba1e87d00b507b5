import type { Numeric } from '../../graph/elem.ts'
import type { Dim } from '../../graph/types.ts'

/** What a caller must know about a kernel, as plain JSON: the code generator writes it into the manifest of the artefact. */
export interface KernelDescriptor {
  readonly name: string
  /** `read` is false where only the sizes of an input matter; its cells need not be brought along. */
  readonly inputs: readonly { readonly elem: Numeric; readonly shape: readonly Dim[]; readonly read: boolean }[]
  /** Named dimensions in the order in which the kernel receives their sizes; the inputs determine them. */
  readonly dims: readonly string[]
  /** Sizes that follow from those: parts of dimensions and joined dimensions. They are passed after `dims`. */
  readonly derived: readonly SizeExpr[]
  readonly outputs: readonly { readonly elem: Numeric; readonly shape: readonly SizeExpr[] }[]
  /** Cells that the kernel works with beyond inputs and outputs; their number does not depend on the inputs. */
  readonly scratch: readonly Scratch[]
  /** A shape whose cells the kernel counts in 32 bits although no input or output may have it. */
  readonly domain: readonly SizeExpr[]
  readonly divided?: Divided
}
export interface Scratch {
  readonly elem: Numeric
  readonly length: number
  /** The same cells for all threads; each has the others to itself. */
  readonly shared?: boolean
}
/** The kernel takes two more arguments, a part and the number of parts, so that several threads can do it. */
export interface Divided {
  /** Its work, in steps: a sum of products. */
  readonly work: readonly (readonly SizeExpr[])[]
  /** Whether something is left to do when all parts are done: the function with `$after` in its name. */
  readonly after: boolean
  /** Whether every part prepares something for itself, so that few parts are better. */
  readonly prepares: boolean
}
/** A size: a literal, a dimension, the number of cells of a slice (see `sliceRange`), or the sum of joined sizes. */
export type SizeExpr =
  | number
  | string
  | { readonly slice: SizeExpr; readonly start: number; readonly stop: number | null; readonly step: number }
  | { readonly sum: readonly SizeExpr[] }
