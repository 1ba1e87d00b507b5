import type { NodeId } from '../graph/arena.ts'
import type { KeyedShape } from '../graph/sql/keyed.ts'
import type { Topology } from '../graph/topology.ts'

/**
 * What a pass says about its own work, as plain data. A certificate is a claim, never a proof by itself: the checker of
 * its kind (`check/`) accepts it or refuses it, knowing nothing of the pass.
 *
 * Node numbers are those of the graph that came in. A sealed graph has one numbering, so they mean the same everywhere.
 */
export type Certificate =
  | MergeCertificate
  | SimplifyCertificate
  | DceCertificate
  | VectoriseCertificate
  | BatchCertificate
  | FuseCertificate
  | PlaceCertificate
export type CertificateKind = Certificate['kind']

/** Equal reads became one: `[gone, kept]` for each occurrence that went. */
export interface MergeCertificate {
  readonly kind: 'merge'
  readonly merged: readonly (readonly [gone: number, kept: number])[]
}

/**
 * Rewrites, to be done again one by one. A replay rebuilds the graph bottom up and looks at each node it makes, the nodes
 * of right sides included, once; these visits are numbered. A step says which law is applied at a visit (`constant` for
 * computing a node of literals), with the operands of commutative ops in which order.
 */
export interface SimplifyCertificate {
  readonly kind: 'simplify'
  /** Modes of the relaxed laws among the steps. */
  readonly modes: readonly string[]
  readonly steps: readonly (readonly [visit: number, law: string, order: number])[]
}

/** How much of a value is needed, as `Need` in `graph/need.ts`, in JSON: everything, or these fields. */
export type NeedJson = true | { readonly [field: string]: NeedJson }

/** What was not needed went. `needs` lists, for each region, every node that is needed and how much of it. */
export interface DceCertificate {
  readonly kind: 'dce'
  readonly regions: readonly {
    readonly root: NodeId
    readonly need: NeedJson
    readonly needs: readonly (readonly [node: NodeId, need: NeedJson])[]
  }[]
}

/**
 * Maps became operations on arrays: `array` is what stands for `map` in that region. The map itself, in the graph that
 * came in, is the meaning it is held to. `projected` are columns read straight out of the rows that were made of them.
 */
export interface VectoriseCertificate {
  readonly kind: 'vectorise'
  readonly lifted: readonly { readonly region: NodeId; readonly map: NodeId; readonly array: NodeId }[]
  readonly projected: readonly { readonly region: NodeId; readonly column: NodeId }[]
}

/** Maps became batched maps. Forgetting the plans gives the graph back; the facts about the SQL are assumed. */
export interface BatchCertificate {
  readonly kind: 'batch'
  readonly plans: readonly BatchClaim[]
}
export interface BatchClaim {
  readonly occurrence: number
  readonly ordered: boolean
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
  /** Where the query has the form `… where column = $n`: its clauses and comparisons. At most one. */
  readonly keyed: readonly KeyedShape[]
  /** The query whose rows hold the arguments, where the user allowed both to be answered in one exchange. At most one. */
  readonly derived: readonly { readonly parent: number; readonly columns: readonly string[] }[]
  /** What parsing said and no checker here can repeat: it goes into the inventory of assumptions. */
  readonly assumes: string
}

/** Operations became kernels. Inlining every kernel gives the graph back, so there is nothing more to say. */
export interface FuseCertificate {
  readonly kind: 'fuse'
}

/**
 * Every step of the graph has a site. The graph itself is untouched, so forgetting the placement is dropping this table.
 * Steps are the needed nodes at the top of the graph, in program order, literals left out: those travel with the code.
 */
export interface PlaceCertificate {
  readonly kind: 'place'
  readonly topology: Topology
  readonly target: string
  readonly steps: readonly {
    readonly node: NodeId
    readonly site: string
    /** Earlier steps it follows because of what they do to the world, beside those whose values it takes. */
    readonly after: readonly number[]
  }[]
  /** A value goes to another site once, however many steps use it there. */
  readonly transfers: readonly Crossing[]
  /** The news that a step has succeeded goes to another site once, for all steps there that must follow it. */
  readonly signals: readonly Crossing[]
  /** Of everything, in nanoseconds. */
  readonly cost: number
  /** How it was found. A cut brings the flow that proves that no placement costs less: one number an edge. */
  readonly found: { readonly by: 'cut'; readonly flow: readonly number[] } | { readonly by: 'search' | 'heuristic' }
}
export interface Crossing {
  readonly step: number
  readonly from: string
  readonly to: string
}
