import type { NodeId } from '../arena.ts'
import type { Type } from '../types.ts'
import type { Builder } from './builder.ts'

/** A node under construction: its number in the builder's arena, or `poison` where an operation went wrong. */
export interface Ref {
  readonly builder: Builder
  readonly id: NodeId
  readonly type: Type
}
export const poison = -1
export const isPoisoned = (r: Ref): boolean => r.id === poison

/** What is being built: the top of a graph, or a body. Operations go to the innermost open scope. */
export interface Scope {
  readonly parent: Scope | undefined
  readonly depth: number
  /** Runs once for each element or turn: dimensions that arise here vary, so they are ragged. */
  readonly repeats: boolean
  /** Runs only sometimes: what is first written here stays here, where `map` and `loop` hoist what never changes. */
  readonly lazy: boolean
  readonly params: NodeId[]
  /** Where the size of a named dimension can be read: a node and the axis that has it. */
  readonly sizes: Map<string, { readonly ref: Ref; readonly axis: number }>
  /** Names of dimensions that arose here or in bodies inside. */
  readonly introduced: Set<string>
  /** Nodes that write: they must be part of the result. */
  readonly writers: { readonly id: NodeId; readonly name: string; readonly place: string }[]
  closed: boolean
}
export const openScope = (parent: Scope | undefined, repeats = false, lazy = false): Scope => ({
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1,
  repeats,
  lazy,
  params: [],
  sizes: new Map(),
  introduced: new Set(),
  writers: [],
  closed: false,
})
