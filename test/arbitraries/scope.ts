import type { Arena, NodeId, Region } from '../../graph/arena.ts'
import { effects, isEffect } from '../../graph/effects.ts'
import type { Elem } from '../../graph/elem.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { make } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import type { TensorType, Type } from '../../graph/types.ts'
import { isScalar, sameType, scalar } from '../../graph/types.ts'
import { someValue } from './world.ts'

export interface GraphOptions {
  /** Effects, asserts and decoders. */
  readonly effects?: boolean
  /** Maps, forks, conditions and other bodies. */
  readonly control?: boolean
  /** Steps at the top, at most; bodies have fewer. */
  readonly steps?: number
}

/**
 * Decisions are read from a tape of numbers, so that a shorter tape or smaller numbers give a simpler graph: that is all
 * that shrinking needs to know. At its end the tape says 0 for ever.
 */
export class Tape {
  readonly #numbers: readonly number[]
  #at = 0
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }
  get done(): boolean {
    return this.#at >= this.#numbers.length
  }
  next(below: number): number {
    return (this.#numbers[this.#at++] ?? 0) % below
  }
  of<T>(list: readonly T[]): T {
    return list[this.next(list.length)]!
  }
}

/** What the scope of a transaction has to keep to. */
interface InTransaction {
  readonly authority: boolean
  /** The authority, where it can be used. */
  readonly who: NodeId | undefined
  /** Inside an attempt, where nothing may be asked of the database. */
  readonly tried: boolean
}

/** A region being written: the nodes that may be used in it. */
export class Scope {
  readonly arena: Arena
  readonly tape: Tape
  readonly options: Required<GraphOptions>
  readonly depth: number
  readonly pool: NodeId[] = []
  readonly writes: NodeId[] = []
  readonly counters: { occurrence: number; dim: number }
  readonly repeats: boolean
  /** The transaction in which this is written. */
  inTransaction: InTransaction | undefined
  /** Writes some steps into a scope, bodies included. */
  readonly fill: (s: Scope, steps: number) => void
  constructor(from: Pick<Scope, 'arena' | 'tape' | 'options' | 'counters' | 'fill'>, depth = 0, repeats = false) {
    this.fill = from.fill
    this.arena = from.arena
    this.tape = from.tape
    this.options = from.options
    this.counters = from.counters
    this.depth = depth
    this.repeats = repeats
  }
  /** Adds a node, when the operands fit. */
  add<N extends OpName>(
    name: N,
    attrs: AttrsOf<N>,
    args: readonly NodeId[] = [],
    regions: readonly Region[] = [],
  ): NodeId | undefined {
    if (this.inTransaction !== undefined && !this.#allowed(name, attrs)) return undefined
    const made = make(this.arena, name, attrs, args, regions)
    if (made._tag === 'Left') return undefined
    this.pool.push(made.right)
    return made.right
  }
  /** A transaction writes to its database alone, and nobody else reads there what it may have written. */
  #allowed(name: OpName, attrs: object): boolean {
    if (!isEffect(name)) return name !== 'transaction'
    if (name === 'dbQuery') return this.inTransaction?.tried === false
    const { reads, writes } = effects[name].footprint(attrs as never)
    return writes.length === 0 && reads.every((r) => r.kind !== 'table')
  }
  type(id: NodeId): Type {
    return this.arena.typeOf(id)
  }
  tensor(id: NodeId): TensorType {
    return this.type(id) as TensorType
  }
  /** One of the nodes whose type fits, later ones more often, so that graphs grow deep as well as wide. */
  pick(fits: (t: Type) => boolean): NodeId | undefined {
    const found = this.pool.filter((id) => fits(this.type(id)))
    if (found.length === 0) return undefined
    const back = this.tape.next(2) === 0 ? this.tape.next(Math.min(3, found.length)) : this.tape.next(found.length)
    return found[found.length - 1 - back]
  }
  like(id: NodeId): NodeId {
    return this.pick((t) => sameType(t, this.type(id)))!
  }
  literal(elem: Elem): NodeId {
    const value = someValue(scalar(elem), (n) => this.tape.next(n), new Map())
    return this.add('const', { type: scalar(elem), value: encodeValue(scalar(elem), value) })!
  }
  scalarOf(elem: Elem): NodeId {
    return this.pick((t) => isScalar(t) && t.elem === elem) ?? this.literal(elem)
  }
  occurrence(): number {
    return this.counters.occurrence++
  }
  freshDim(): string {
    return `${this.depth > 0 ? '~' : ''}d${this.counters.dim++}`
  }
  /** A body: its parameters are the given types and then some captures of this scope. */
  body(given: readonly Type[], captures: readonly NodeId[], fill: (inner: Scope) => NodeId, repeats = true): Region {
    const params = [...given, ...captures.map((c) => this.type(c))]
    const inner = new Scope(this, this.depth + 1, this.repeats || repeats)
    for (const [index, type] of params.entries()) inner.add('param', { index, type })
    const around = this.inTransaction
    if (around !== undefined) {
      const at = around.who === undefined ? -1 : captures.indexOf(around.who)
      const known = around.who !== undefined && this.arena.opOf(around.who).name === 'const' ? around.who : undefined
      inner.inTransaction = { ...around, who: at < 0 ? known : inner.pool[given.length + at] }
    }
    return { params, root: fill(inner) }
  }
  captures(): readonly NodeId[] {
    const n = this.tape.next(3)
    return Array.from({ length: n }, () => this.pick(() => true)).filter((id) => id !== undefined)
  }
}

/** What a scope gives back: some of what was written in it, with the writes that are not part of it put before. */
export const result = (s: Scope, below: (n: number) => number = (n) => s.tape.next(n)): NodeId => {
  const made = s.pool.filter((id) => !leaves.has(s.arena.opOf(id).name))
  const from = made.length === 0 ? s.pool : made
  const parts = Array.from({ length: s.depth === 0 ? 2 + below(8) : 1 + below(3) }, () => from[below(from.length)]!)
  let root = parts.length === 1 ? parts[0]! : s.add('record', { fields: parts.map((_, i) => `r${i}`) }, parts)!
  for (const w of s.writes.toReversed()) root = below(4) === 0 ? root : s.add('sequence', {}, [w, root])!
  return root
}
const leaves: ReadonlySet<string> = new Set(['input', 'param', 'const'])
