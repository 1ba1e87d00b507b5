import fc from 'fast-check'
import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import { checkGraph } from '../../graph/check.ts'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonicalise } from '../../graph/listing.ts'
import type { Fields, TensorType } from '../../graph/types.ts'
import {
  elementOf,
  freeDims,
  isRagged,
  isScalar,
  listOf,
  option,
  record,
  sameType,
  scalar,
  tensor,
  union,
  unit,
} from '../../graph/types.ts'
import { addControl } from './control.ts'
import { addEffect } from './effects.ts'
import { addHost } from './host.ts'
import { addNumeric } from './numeric.ts'
import type { GraphOptions } from './scope.ts'
import { result, Scope, Tape } from './scope.ts'
import { someValue, stream } from './world.ts'

/** A sealed graph with inputs for it. */
export interface GraphCase {
  readonly graph: Graph<'source'>
  readonly inputs: Inputs
}
/** Writes some steps into a scope. */
export const fill = (s: Scope, steps: number): void => {
  for (let i = 0; i < steps && !s.tape.done; i++) {
    const kind = s.tape.next(12)
    if (kind < 5) addNumeric(s)
    else if (kind < 7 && s.options.effects) addEffect(s)
    else if (kind < 9 && s.options.control && s.depth < 3) addControl(s)
    else if (kind > 9) addHost(s)
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
      if (picked === 1) {
        const ragged = freeDims(elementOf(s.type(a))!.of).filter((d) => isRagged(d))
        return void s.add('at', { dims: ragged.map(() => `~d${s.counters.dim++}`) }, [a, s.scalarOf('i32')])
      }
      const mask = picked === 2 ? s.pick((t) => sameType(t, tensor('bool', [dim]))) : undefined
      if (mask !== undefined) return void s.add('filter', { dim: s.freshDim() }, [a, mask])
      // Two lists may not use one ragged name: their elements could differ in size.
      const own = freeDims(elementOf(s.type(a))!.of)
      const apart = b === undefined || !freeDims(elementOf(s.type(b))!.of).some((d) => isRagged(d) && own.includes(d))
      s.add('rows', { fields: ['a', 'b'] }, [a, apart ? (b ?? a) : a])
    }
  }
}

const columns: Fields = [
  ['id', scalar('i64')],
  ['v', scalar('f64')],
  ['s', scalar('string')],
]
const paid: Fields = [
  ['card', scalar('i64')],
  ['cash', scalar('decimal(2)')],
  ['not', unit],
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
  ['u', tensor('u32', ['n'])],
  ['q', tensor('u64', ['n'])],
  ['days', tensor('timestamp', ['n'])],
  ['cents', tensor('decimal(2)', ['n'])],
  ['price', scalar('decimal(2)')],
  ['words', tensor('string', ['n'])],
  ['maybe', listOf(option(scalar('f64')), 'n')],
  ['ragged', listOf(tensor('f64', ['~r']), 'n')],
  ['ints', listOf(tensor('u32', ['~i']), 'm')],
  ['paid', union(paid)],
]

/** Builds a graph from a tape. */
export const graphFrom = (numbers: readonly number[], options: GraphOptions = {}): GraphCase => {
  const tape = new Tape(numbers)
  const full = { effects: true, control: true, steps: 30, ...options }
  const s = new Scope({ arena: new Arena(), tape, options: full, counters: { occurrence: 0, dim: 0 }, fill })
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

export type { GraphOptions } from './scope.ts'
