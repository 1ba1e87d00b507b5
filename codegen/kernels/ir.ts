import type { Numeric } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import type { KernelDescriptor } from '../../runtime/kernels.ts'
import type { Ix } from './ix.ts'

/**
 * A kernel as data: loops over 32-bit index variables, and straight lines of scalar instructions over the primitives of
 * `graph/prims.ts`. What runs cell by cell stands in `lanes`: cells of consecutive indices that do not depend on one
 * another, so that a target may take several at a time. Order of evaluation is fixed everywhere else.
 */
export interface Kernel {
  readonly descriptor: KernelDescriptor
  readonly body: readonly Stmt[]
  /** What it computes, in the names of its operations, for who reads code or profiles. */
  readonly title?: string
}

/** Cells in row-major order: an input, an output, or scratch. */
export type Buffer = `in${number}` | `out${number}` | `tmp${number}`
/** A scalar value, computed once and in one place. */
export type Id = number

export type Stmt =
  /** `shared`: no turn looks at what another has written, so threads may divide them; what stands around, each does. */
  | {
      readonly s: 'for'
      readonly name: string
      readonly count: Ix
      readonly body: readonly Stmt[]
      readonly shared?: boolean
    }
  | { readonly s: 'while'; readonly test: Test; readonly body: readonly Stmt[] }
  /** `after`: to be done once, when all threads have done what stands before. */
  | {
      readonly s: 'if'
      readonly test: Test
      readonly yes: readonly Stmt[]
      readonly no: readonly Stmt[]
      readonly after?: true
    }
  /** Index variables come to be by their first `set`, in whatever block that stands. */
  | { readonly s: 'set'; readonly name: string; readonly to: Ix }
  | Lanes

/**
 * `body` for lane 0 … count - 1; `before` is what all lanes share, computed once and only if there is a lane. A place
 * `at` with `step` means cell at + lane·step. Every `fold` of the body has the loop's `phase`, the stripe of lane 0.
 */
export interface Lanes {
  readonly s: 'lanes'
  readonly count: Ix
  readonly before: readonly Inst[]
  readonly body: readonly Step[]
  readonly phase: Ix
  /** Threads may divide the lanes. */
  readonly shared?: boolean
}
export interface Test {
  readonly a: Ix
  readonly is: '<' | '==' | '>'
  readonly b: Ix
}

export type Inst =
  | { readonly i: 'const'; readonly id: Id; readonly elem: Numeric; readonly value: Scalar }
  /** The index itself, as i32. */
  | { readonly i: 'index'; readonly id: Id; readonly elem: 'i32'; readonly at: Ix; readonly step: Ix }
  | {
      readonly i: 'load'
      readonly id: Id
      readonly elem: Numeric
      readonly from: Buffer
      readonly at: Ix
      readonly step: Ix
    }
  /** Cell at + lane·step + index·scale, `index` being an i32 value. */
  | {
      readonly i: 'fetch'
      readonly id: Id
      readonly elem: Numeric
      readonly from: Buffer
      readonly at: Ix
      readonly step: Ix
      readonly index: Id
      readonly scale: Ix
    }
  | {
      readonly i: 'prim'
      readonly id: Id
      readonly elem: Numeric
      readonly prim: PlainPrim
      readonly on: Numeric
      readonly args: readonly Id[]
    }
  | { readonly i: 'select'; readonly id: Id; readonly elem: Numeric; readonly args: readonly [Id, Id, Id] }
  | {
      readonly i: 'convert' | 'bitcast'
      readonly id: Id
      readonly elem: Numeric
      readonly on: Numeric
      readonly args: readonly [Id]
    }

export type Step = Inst | Store | Fold | Repeat
export interface Store {
  readonly i: 'store'
  readonly elem: Numeric
  readonly to: Buffer
  readonly at: Ix
  readonly step: Ix
  readonly value: Id
}
/** into[s] = prim(into[s], value), s = (phase + lane) rem stripes. */
export interface Fold {
  readonly i: 'fold'
  readonly elem: Numeric
  readonly prim: PlainPrim
  readonly into: Buffer
  readonly stripes: number
  readonly phase: Ix
  readonly value: Id
}
/** The body again and again, in order; each carried value begins as `from` and becomes `next`; `id` holds it after. */
export interface Repeat {
  readonly i: 'repeat'
  readonly name: string
  readonly count: Ix
  readonly body: readonly Step[]
  readonly carried: readonly { readonly id: Id; readonly elem: Numeric; readonly from: Id; readonly next: Id }[]
}

/** The values an instruction or step reads. */
export const uses = (s: Step): readonly Id[] => {
  switch (s.i) {
    case 'const':
    case 'index':
    case 'load':
      return []
    case 'fetch':
      return [s.index]
    case 'prim':
    case 'select':
    case 'convert':
    case 'bitcast':
      return s.args
    case 'store':
    case 'fold':
      return [s.value]
    case 'repeat':
      return [...s.carried.flatMap((c) => [c.from, c.next]), ...s.body.flatMap(uses)]
  }
}
