import type { Answer, Dialect, Footprint } from '../graph/effects.ts'
import type { EffectName } from '../graph/errors.ts'
import type { TransactionAttrs } from '../graph/transaction.ts'
import type { Value } from '../graph/values.ts'
import type { InventoryEntry } from './assumption.ts'
import type { KernelDescriptor, MemoryPlan, TsKernels } from './kernels.ts'
import type { Support } from './support.ts'

/** A query as the type checker knows it: its parameters (the authority first), and what answers it. */
export interface QueryTypes {
  readonly params: readonly unknown[]
  readonly answer: unknown
}
/** Queries by name, where their names are not known to the type checker. */
export type AnyQueries = Readonly<Record<string, QueryTypes>>

/**
 * What leaves the compiler as one thing: code, what it needs, what it may touch, and what it rests on. `Input`,
 * `Output` and `Queries` are only there for the type checker.
 */
export interface Artifact<Input = unknown, Output = unknown, Queries extends AnyQueries = AnyQueries> {
  readonly manifest: Manifest
  /** The effect program: given the support library, the function that runs it. */
  readonly program: (q: Support) => (input: Readonly<Record<string, Value>>) => Promise<Answer>
  readonly kernels: { readonly ts?: TsKernels; readonly wasm?: () => URL | Uint8Array<ArrayBuffer> }
  /** Where the names are, if they are wanted in errors: a file beside the module, or the names themselves. */
  readonly names: () => URL | Sidecar
  phantom?(input: Input): Output
  readonly ' queries'?: Queries
}

export interface Manifest {
  readonly format: 1
  readonly quoin: string
  readonly numerics: number
  /** sha256 of the graph as written. */
  readonly digest: string
  /** sha256 over graph, options and compiler version; the header of the generated code carries the same. */
  readonly key: string
  readonly target: 'ts' | 'wasm'
  /** Modes of relaxed laws that were allowed; absent when none was. */
  readonly relax?: readonly string[]
  readonly inputs: readonly (readonly [name: string, type: string])[]
  readonly output: string
  readonly effects: readonly EffectEntry[]
  /** Transactions, so that a driver that cannot do them is found when the artefact is loaded. */
  readonly transactions?: readonly TransactionAttrs[]
  readonly kernels: readonly KernelDescriptor[]
  /** Where the cells of kernels lie, and how much room that takes; checked when it was made. */
  readonly memory?: MemoryPlan
  /** sha256 of kernels.wasm; the loader refuses other bytes. */
  readonly wasm?: string
  /** Queries of the graph as written that were found not to be needed. */
  readonly removed: readonly { readonly occurrence: number; readonly name: string }[]
  readonly inventory: readonly InventoryEntry[]
}
/** A call site: what it asks of whom, and what it may touch. */
export interface EffectEntry {
  readonly occurrence: number
  readonly effect: EffectName
  readonly driver: string
  readonly name: string
  readonly footprint: Footprint
  /** For queries: how many rows it answers, and of which type, so that test worlds complete and check their answers. */
  readonly row?: string
  readonly mode?: string
  /** For queries: for which engine they are declared, and what lies outside the portable subset (nothing: all inside). */
  readonly dialect?: Dialect
  readonly notPortable?: readonly string[]
}

/** Names, and where each call stands in the user's source: beside the artefact, so that moving a line changes no code. */
export interface Sidecar {
  readonly name: string
  readonly sites: readonly (readonly [occurrence: number, name: string, place: string])[]
}
