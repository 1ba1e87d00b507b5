import type { Arena, NodeId } from '../../graph/arena.ts'

/** A number for each node. */
export interface Numbering {
  readonly get: (id: NodeId) => number | undefined
  readonly set: (id: NodeId, n: number) => unknown
  readonly has: (id: NodeId) => boolean
}
/**
 * For a region of `nodes`: an array where they are a good part of the arena, because a hash table of a million entries
 * costs more than the work they are for; else a map, because an arena holds many small regions.
 */
export const numbering = (arena: Arena, nodes: number): Numbering =>
  nodes * 8 < arena.size ? new Map<NodeId, number>() : new Dense(arena.size)

class Dense implements Numbering {
  /** One more than the number; 0 where there is none. */
  readonly #cells: Int32Array
  constructor(size: number) {
    this.#cells = new Int32Array(size)
  }
  get(id: NodeId): number | undefined {
    const n = this.#cells[id]
    return n === undefined || n === 0 ? undefined : n - 1
  }
  set(id: NodeId, n: number): void {
    this.#cells[id] = n + 1
  }
  has(id: NodeId): boolean {
    return this.#cells[id] !== 0
  }
}
