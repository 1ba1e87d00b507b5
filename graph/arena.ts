import type { Type } from './types.ts'
import { showType } from './types.ts'

/** A node is its index in the arena. Operands always have smaller indices, so every graph is acyclic by construction. */
export type NodeId = number

/** An operation with its attributes; interned, so that equal ops are one object and one number. */
export interface Op {
  readonly name: string
  readonly attrs: object
}

/**
 * The body of a `map`, `cond`, `loop` …: closed, its parameters numbered, everything it uses from outside passed as an
 * operand. Equal bodies are therefore equal nodes, whatever their names were.
 */
export interface Region {
  readonly params: readonly Type[]
  readonly root: NodeId
}

export interface NodeView {
  readonly id: NodeId
  readonly op: Op
  readonly args: readonly NodeId[]
  readonly regions: readonly Region[]
  readonly type: Type
}

/**
 * Hash-consed storage of nodes, as parallel integer arrays: adding a node costs one table probe and no string. The
 * arena only grows; passes add to it, and two structurally equal graphs in one arena have the same root number.
 */
export class Arena {
  readonly #ops: Op[] = []
  readonly #opIds = new Map<string, number>()
  readonly #types: Type[] = []
  readonly #typeIds = new Map<string, number>()
  readonly #typeObjects = new WeakMap<Type, number>()
  readonly #regions: Region[] = []
  readonly #regionIds = new Map<string, number>()
  #op = new Int32Array(256)
  #type = new Int32Array(256)
  #start = new Int32Array(257)
  #hash = new Int32Array(256)
  #edges = new Int32Array(512)
  #size = 0
  #table = new Int32Array(512).fill(-1)

  get size(): number {
    return this.#size
  }

  /** `key` is the canonical text of the attributes; equal keys must mean equal attributes. */
  internOp(name: string, attrs: object, key: string): number {
    const full = `${name} ${key}`
    const known = this.#opIds.get(full)
    if (known !== undefined) return known
    const id = this.#ops.push({ name, attrs }) - 1
    this.#opIds.set(full, id)
    return id
  }
  internType(type: Type): number {
    const seen = this.#typeObjects.get(type)
    if (seen !== undefined) return seen
    const key = showType(type)
    const known = this.#typeIds.get(key)
    const id = known ?? this.#types.push(type) - 1
    if (known === undefined) this.#typeIds.set(key, id)
    this.#typeObjects.set(type, id)
    return id
  }
  internRegion(region: Region): number {
    const key = `${region.params.map((t) => this.internType(t)).join()}:${region.root}`
    const known = this.#regionIds.get(key)
    if (known !== undefined) return known
    const id = this.#regions.push(region) - 1
    this.#regionIds.set(key, id)
    return id
  }

  /** Adds a node, or finds the equal one. `typeId` must follow from op and operands; `make.ts` sees to that. */
  add(opId: number, args: readonly NodeId[], regionIds: readonly number[], typeId: number): NodeId {
    let h = Math.imul(opId + 1, 0x9e3779b1)
    for (const a of args) h = Math.imul(h ^ a, 0x85ebca6b) ^ (h >>> 15)
    for (const r of regionIds) h = Math.imul(h ^ ~r, 0xc2b2ae35) ^ (h >>> 13)
    h = (h ^ (h >>> 16)) & 0x7fffffff
    const mask = this.#table.length - 1
    let slot = h & mask
    for (;;) {
      const id = this.#table[slot]!
      if (id < 0) break
      if (this.#hash[id] === h && this.#op[id] === opId && this.#sameEdges(id, args, regionIds)) return id
      slot = (slot + 1) & mask
    }
    const id = this.#push(opId, args, regionIds, typeId, h)
    this.#table[slot] = id
    if (this.#size * 2 > this.#table.length) this.#rehash()
    return id
  }

  opOf(id: NodeId): Op {
    return this.#ops[this.#op[id]!]!
  }
  typeOf(id: NodeId): Type {
    return this.#types[this.#type[id]!]!
  }
  argsOf(id: NodeId): readonly NodeId[] {
    const out: NodeId[] = []
    for (let i = this.#start[id]!; i < this.#start[id + 1]! && this.#edges[i]! >= 0; i++) out.push(this.#edges[i]!)
    return out
  }
  argCount(id: NodeId): number {
    let end = this.#start[id + 1]!
    while (end > this.#start[id]! && this.#edges[end - 1]! < 0) end--
    return end - this.#start[id]!
  }
  argAt(id: NodeId, i: number): NodeId {
    return this.#edges[this.#start[id]! + i]!
  }
  /** Bodies come after operands, so the last edge tells. */
  hasRegions(id: NodeId): boolean {
    const end = this.#start[id + 1]!
    return end > this.#start[id]! && this.#edges[end - 1]! < 0
  }
  regionsOf(id: NodeId): readonly Region[] {
    if (!this.hasRegions(id)) return noRegions
    const out: Region[] = []
    for (let i = this.#start[id]!; i < this.#start[id + 1]!; i++) {
      if (this.#edges[i]! < 0) out.push(this.#regions[~this.#edges[i]!]!)
    }
    return out
  }
  node(id: NodeId): NodeView {
    return { id, op: this.opOf(id), args: this.argsOf(id), regions: this.regionsOf(id), type: this.typeOf(id) }
  }

  #sameEdges(id: NodeId, args: readonly NodeId[], regions: readonly number[]): boolean {
    let at = this.#start[id]!
    if (this.#start[id + 1]! - at !== args.length + regions.length) return false
    for (const a of args) if (this.#edges[at++] !== a) return false
    for (const r of regions) if (this.#edges[at++] !== ~r) return false
    return true
  }
  #push(opId: number, args: readonly NodeId[], regions: readonly number[], typeId: number, hash: number): NodeId {
    const id = this.#size
    if (id + 1 >= this.#op.length) {
      this.#op = grown(this.#op)
      this.#type = grown(this.#type)
      this.#hash = grown(this.#hash)
      this.#start = grown(this.#start)
    }
    let end = this.#start[id]!
    if (end + args.length + regions.length > this.#edges.length) {
      this.#edges = grown(this.#edges, end + args.length + regions.length)
    }
    for (const a of args) this.#edges[end++] = a
    for (const r of regions) this.#edges[end++] = ~r
    this.#op[id] = opId
    this.#type[id] = typeId
    this.#hash[id] = hash
    this.#start[id + 1] = end
    this.#size = id + 1
    return id
  }
  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2).fill(-1)
    const mask = table.length - 1
    for (let id = 0; id < this.#size; id++) {
      let slot = this.#hash[id]! & mask
      while (table[slot]! >= 0) slot = (slot + 1) & mask
      table[slot] = id
    }
    this.#table = table
  }
}

/** Most nodes have no body, and share the list of none. */
const noRegions: readonly Region[] = Object.freeze([])
const grown = (a: Int32Array, atLeast = 0): Int32Array<ArrayBuffer> => {
  const b = new Int32Array(Math.max(a.length * 2, atLeast))
  b.set(a)
  return b
}
