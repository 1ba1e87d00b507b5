import fc from 'fast-check'
import type { NodeId, Region } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import { checkGraph } from '../../graph/check.ts'
import type { Elem, Numeric } from '../../graph/elem.ts'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { canonicalise } from '../../graph/listing.ts'
import { make } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import type { Dim, Fields, TensorType, Type } from '../../graph/types.ts'
import { elementOf, isScalar, listOf, record, sameType, scalar, tensor } from '../../graph/types.ts'
import { addControl } from './control.ts'
import { addEffect } from './effects.ts'
import { addNumeric } from './numeric.ts'
import { someValue, stream } from './world.ts'

/** A sealed graph with inputs for it. */
export interface GraphCase {
  readonly graph: Graph<'source'>
  readonly inputs: Inputs
}
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
  constructor(
    from: { arena: Arena; tape: Tape; options: Required<GraphOptions>; counters: { occurrence: number; dim: number } },
    depth = 0,
    repeats = false,
  ) {
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
    const made = make(this.arena, name, attrs, args, regions)
    if (made._tag === 'Left') return undefined
    this.pool.push(made.right)
    return made.right
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
    return { params, root: fill(inner) }
  }
  captures(): readonly NodeId[] {
    const n = this.tape.next(3)
    return Array.from({ length: n }, () => this.pick(() => true)).filter((id) => id !== undefined)
  }
}

/** Writes some steps into a scope. */
export const fill = (s: Scope, steps: number): void => {
  for (let i = 0; i < steps && !s.tape.done; i++) {
    const kind = s.tape.next(10)
    if (kind < 5) addNumeric(s)
    else if (kind < 7 && s.options.effects) addEffect(s)
    else if (kind < 9 && s.options.control && s.depth < 3) addControl(s)
    else addStructure(s)
  }
}

/** Records of which not every field is looked at, options, lists of records. */
const addStructure = (s: Scope): void => {
  const any = (): NodeId | undefined => s.pick(() => true)
  switch (s.tape.next(8)) {
    case 0:
    case 1: {
      const parts = [any(), any(), any()].filter((p) => p !== undefined)
      return void s.add('record', { fields: parts.map((_, i) => `f${i}`) }, parts)
    }
    case 2:
    case 3: {
      const r = s.pick((t) => t.kind === 'record' && t.fields.length > 0)
      if (r === undefined) return
      const { fields } = s.type(r) as { fields: Fields }
      return void s.add('field', { name: s.tape.of(fields)[0] }, [r])
    }
    case 4: {
      const x = any()
      return x === undefined ? undefined : void s.add('some', {}, [x])
    }
    case 5: {
      const o = s.pick((t) => t.kind === 'option' && isScalar(t.of))
      if (o === undefined) return
      const { of } = s.type(o) as { of: TensorType }
      return void s.add('orElse', {}, [o, s.scalarOf(of.elem)])
    }
    case 6: {
      const l = s.pick((t) => elementOf(t)?.of.kind === 'record')
      if (l === undefined) return
      const e = elementOf(s.type(l))!.of as { fields: Fields }
      return e.fields.length === 0 ? undefined : void s.add('column', { name: s.tape.of(e.fields)[0] }, [l])
    }
    default: {
      const a = s.pick((t) => elementOf(t) !== undefined)
      if (a === undefined) return
      const { dim } = elementOf(s.type(a))!
      const b = s.pick((t) => elementOf(t)?.dim === dim)
      const picked = s.tape.next(4)
      if (picked === 0) return void s.add('length', {}, [a])
      if (picked === 1) return void s.add('at', {}, [a, s.scalarOf('i32')])
      const mask = picked === 2 ? s.pick((t) => sameType(t, tensor('bool', [dim]))) : undefined
      if (mask !== undefined) return void s.add('filter', { dim: s.freshDim() }, [a, mask])
      s.add('rows', { fields: ['a', 'b'] }, [a, b ?? a])
    }
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

const columns: Fields = [
  ['id', scalar('i64')],
  ['v', scalar('f64')],
  ['s', scalar('string')],
]
const inputTypes: Fields = [
  ['x', tensor('f64', ['n'])],
  ['y', tensor('f64', ['n'])],
  ['k', tensor('i32', ['n'])],
  ['b', tensor('bool', ['n'])],
  ['z', tensor('f32', ['n', 'm'])],
  ['w', tensor('i64', [2])],
  ['c', tensor('f64', [2, 'm', 1])],
  ['e', tensor('f64', [0])],
  ['s', scalar('f64')],
  ['id', scalar('i64')],
  ['name', scalar('string')],
  ['rows', listOf(record(columns), 'n')],
  ['go', scalar('bool')],
]

/** Builds a graph from a tape. */
export const graphFrom = (numbers: readonly number[], options: GraphOptions = {}): GraphCase => {
  const tape = new Tape(numbers)
  const full = { effects: true, control: true, steps: 30, ...options }
  const s = new Scope({ arena: new Arena(), tape, options: full, counters: { occurrence: 0, dim: 0 } })
  const next = stream(tape.next(0x10000))
  const sizes = new Map<string, number>()
  const inputs = Object.fromEntries(inputTypes.map(([n, t]) => [n, someValue(t, next, sizes)]))
  for (const [name, type] of inputTypes) s.add('input', { name, type })
  fill(s, full.steps)
  // Not from the tape, which may have ended: then all parts would be one node.
  const root = result(s, next)
  const graph = canonicalise({
    name: 'random',
    stage: 'source',
    arena: s.arena,
    inputs: inputTypes,
    root,
    sites: new Map(),
  })
  const [wrong] = checkGraph(graph)
  if (wrong !== undefined) throw new Error(`the generator made an invalid graph: ${wrong.node} ${wrong.cause}`)
  return { graph, inputs }
}
/** Sealed, valid graphs over the whole of the language, with inputs full of edge values. */
export const graphs = (options: GraphOptions = {}): fc.Arbitrary<GraphCase> =>
  fc.noBias(fc.array(fc.nat(0xffff), { maxLength: 400, size: 'max' })).map((numbers) => graphFrom(numbers, options))

export type { Dim, Numeric }
