import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { isNumeric } from '../../graph/elem.ts'
import { decodeValue } from '../../graph/json-value.ts'
import { canonical, keyOf } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { families } from '../../graph/ops/index.ts'
import type { Json, TensorValue } from '../../graph/values.ts'
import { cell, isTensorValue, sameValue } from '../../graph/values.ts'
import type { Sort, Term } from '../laws/index.ts'
import type { Cell } from '../laws/value.ts'
import { litValue } from '../laws/value.ts'

/** A literal, and the operands that only say how far it is spread. */
export interface Literal extends Cell {
  readonly likes: readonly NodeId[]
}
/** What a left side is bound to, and every bound node in the order it was met. */
export interface Binding {
  readonly vars: Map<string, NodeId>
  readonly rests: Map<string, readonly NodeId[]>
  readonly attrs: Map<string, object>
  readonly ops: Map<string, NodeId>
  readonly sorts: Map<Sort, Numeric>
  readonly literals: Map<string, Literal>
  readonly likes: NodeId[]
  readonly met: NodeId[]
}
export const works = (name: string): boolean => Object.hasOwn(families.elementwise, name)

/** Reads literals once: constants of one repeated cell, however they are spread. */
export const literalsOf = (arena: Arena): ((id: NodeId) => Literal | undefined) => {
  const known = new Map<NodeId, Literal | undefined>()
  const read = (id: NodeId): Literal | undefined => {
    const type = arena.typeOf(id)
    if (type.kind !== 'tensor' || !isNumeric(type.elem)) return undefined
    const { name, attrs } = arena.opOf(id)
    if (name === 'broadcast') {
      const [of, ...likes] = arena.argsOf(id)
      const inner = arena.opOf(of!).name === 'const' ? literal(of!) : undefined
      return inner === undefined ? undefined : { ...inner, likes }
    }
    if (name !== 'const') return undefined
    const v = decodeValue(type, (attrs as { value: Json }).value)
    if (v._tag === 'Left') return undefined
    if (!isTensorValue(v.right)) return { elem: type.elem, value: v.right as Cell['value'], likes: [] }
    const { data } = v.right as TensorValue
    const first = data.length === 0 ? undefined : (cell(type.elem, data, 0) as Cell['value'])
    if (first === undefined) return undefined
    for (let i = 1; i < data.length; i++) if (!sameValue(cell(type.elem, data, i), first)) return undefined
    return { elem: type.elem, value: first, likes: [] }
  }
  const literal = (id: NodeId): Literal | undefined => {
    if (known.has(id)) return known.get(id)
    const found = read(id)
    known.set(id, found)
    return found
  }
  return literal
}

/** Binds a left side to a node, or finds that it does not fit. */
export const matchTerm = (
  arena: Arena,
  literal: (id: NodeId) => Literal | undefined,
  term: Term,
  root: NodeId,
): Binding | undefined => {
  const b: Binding = {
    vars: new Map(),
    rests: new Map(),
    attrs: new Map(),
    ops: new Map(),
    sorts: new Map(),
    literals: new Map(),
    likes: [],
    met: [],
  }
  const sort = (s: Sort | undefined, id: NodeId): boolean => {
    if (s === undefined) return true
    const type = arena.typeOf(id)
    return type.kind === 'tensor' && isNumeric(type.elem) && element(s, type.elem)
  }
  const element = (s: Sort, elem: Numeric): boolean => {
    if (s !== 'E' && s !== 'F' && s !== 'G') return s === elem
    const known = b.sorts.get(s)
    if (known === undefined) b.sorts.set(s, elem)
    return known === undefined || known === elem
  }
  const operands = (terms: readonly Term[], ids: readonly NodeId[]): boolean => {
    const last = terms.at(-1)
    const fixed = last?.tag === 'rest' ? terms.length - 1 : terms.length
    if (last?.tag === 'rest' ? ids.length < fixed : ids.length !== fixed) return false
    for (let i = 0; i < fixed; i++) if (!go(terms[i]!, ids[i]!)) return false
    if (last?.tag !== 'rest') return true
    const others = ids.slice(fixed)
    const known = b.rests.get(last.name)
    if (known !== undefined) return known.join() === others.join()
    b.rests.set(last.name, others)
    b.met.push(...others)
    return true
  }
  const go = (t: Term, id: NodeId): boolean => {
    switch (t.tag) {
      case 'var': {
        const known = b.vars.get(t.name)
        if (known !== undefined) return known === id
        if (!sort(t.sort, id)) return false
        b.vars.set(t.name, id)
        b.met.push(id)
        return true
      }
      case 'lit':
      case 'any': {
        const found = literal(id)
        if (found === undefined || !sort(t.sort, id)) return false
        if (t.tag === 'lit' && !Object.is(litValue(t.value, found.elem), found.value)) return false
        if (t.tag === 'any') {
          const known = b.literals.get(t.name)
          if (known !== undefined && !sameValue(known.value, found.value)) return false
          b.literals.set(t.name, found)
        }
        b.likes.push(...found.likes)
        b.met.push(...found.likes)
        return true
      }
      case 'op': {
        const o = arena.opOf(id)
        if (o.name !== t.op) return false
        const attrs = o.attrs as Readonly<Record<string, unknown>>
        if (t.to !== undefined && !element(t.to, attrs.to as Numeric)) return false
        for (const [k, want] of Object.entries(t.is ?? {})) if (canonical(attrs[k]) !== canonical(want)) return false
        if (t.attrs !== undefined) {
          const known = b.attrs.get(t.attrs)
          if (known !== undefined && keyOf(t.op, known) !== keyOf(t.op, o.attrs)) return false
          b.attrs.set(t.attrs, o.attrs)
        }
        return operands(t.args, arena.argsOf(id))
      }
      case 'each': {
        const o = arena.opOf(id)
        if (!works(o.name)) return false
        const known = b.ops.get(t.name)
        if (known !== undefined && arena.opOf(known) !== o) return false
        b.ops.set(t.name, id)
        return operands(t.args, arena.argsOf(id))
      }
      default:
        return false
    }
  }
  return go(term, root) ? b : undefined
}
export type { OpName }
