import type { Numeric } from '../../graph/elem.ts'
import type { Dim } from '../../graph/types.ts'

/** What the manifest says of a kernel. The code generator writes it from a type of its own; a test holds the two equal. */
export interface KernelDescriptor {
  readonly name: string
  /** `read` is false where only the sizes of an input matter. */
  readonly inputs: readonly { readonly elem: Numeric; readonly shape: readonly Dim[]; readonly read: boolean }[]
  /** Named dimensions in the order in which the kernel receives their sizes; the inputs determine them. */
  readonly dims: readonly string[]
  /** Sizes that follow from those, passed after them. */
  readonly derived: readonly SizeExpr[]
  readonly outputs: readonly { readonly elem: Numeric; readonly shape: readonly SizeExpr[] }[]
  readonly scratch: readonly Scratch[]
  /** A shape whose cells the kernel counts in 32 bits. */
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
}
export type SizeExpr =
  | number
  | string
  | { readonly slice: SizeExpr; readonly start: number; readonly stop: number | null; readonly step: number }
  | { readonly sum: readonly SizeExpr[] }
