import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { isNumeric } from '../../graph/elem.ts'
import { decodeValue } from '../../graph/json-value.ts'
import { keyOf } from '../../graph/make.ts'
import { families } from '../../graph/ops/index.ts'
import { sameValue } from '../../graph/values.ts'
import type { Bound } from '../laws/attributes.ts'
import type { Sort, Term } from '../laws/term.ts'
import type { Cell } from '../laws/value.ts'
import { litValue } from '../laws/value.ts'

/** What the names of a left side stand for. A name is bound once; what it meets again must be the same. */
export class Binding {
  readonly nodes = new Map<string, NodeId>()
  readonly lists = new Map<string, readonly NodeId[]>()
  readonly attrs = new Map<string, object>()
  readonly works = new Map<string, NodeId>()
  readonly sorts: Record<string, Numeric> = {}
  readonly literals = new Map<string, Cell>()
  /** Every node a name stands for, and every node that only says how far a literal is spread, as they are met. */
  readonly order: NodeId[] = []
  readonly spreaders: NodeId[] = []

  bound(arena: Arena, root: NodeId): Bound {
    const known = <A>(m: ReadonlyMap<string, A>, name: string): A => {
      if (!m.has(name)) throw new Error(`the law does not name ${name}`)
      return m.get(name)!
    }
    return {
      type: (n) => arena.typeOf(known(this.nodes, n)),
      rest: (n) => known(this.lists, n).map((id) => arena.typeOf(id)),
      attrs: (n) => known(this.attrs, n) as never,
      op: (n) => arena.opOf(known(this.works, n)),
      literal: (n) => this.literals.get(n),
      root: { type: arena.typeOf(root), bodies: arena.regionsOf(root).map((r) => arena.opOf(r.root)) },
    }
  }
}

/** Whether a term describes a node; `b` then knows its names. */
export const describes = (arena: Arena, b: Binding, t: Term, id: NodeId): boolean => {
  const type = arena.typeOf(id)
  const elem = type.kind === 'tensor' && isNumeric(type.elem) ? type.elem : undefined
  const { name, attrs } = arena.opOf(id)
  if (t.tag === 'var') {
    if (b.nodes.has(t.name)) return b.nodes.get(t.name) === id
    b.nodes.set(t.name, id)
    b.order.push(id)
    return t.sort === undefined || isSort(b, t.sort, elem)
  }
  if (t.tag === 'lit' || t.tag === 'any') {
    const cell = literal(arena, id)
    if (cell === undefined || (t.sort !== undefined && !isSort(b, t.sort, elem))) return false
    const spreaders = name === 'broadcast' ? arena.argsOf(id).slice(1) : []
    b.order.push(...spreaders)
    b.spreaders.push(...spreaders)
    if (t.tag === 'lit') return sameValue(litValue(t.value, cell.elem), cell.value)
    const known = b.literals.get(t.name)
    b.literals.set(t.name, cell)
    return known === undefined || sameValue(known.value, cell.value)
  }
  if (t.tag === 'each') {
    if (!Object.hasOwn(families.elementwise, name)) return false
    const known = b.works.get(t.name)
    b.works.set(t.name, id)
    return (known === undefined || arena.opOf(known) === arena.opOf(id)) && operands(arena, b, t.args, id)
  }
  if (t.tag !== 'op' || t.op !== name) return false
  const mine = attrs as Readonly<Record<string, unknown>>
  if (t.to !== undefined && !isSort(b, t.to, mine.to as Numeric)) return false
  if (Object.entries(t.is ?? {}).some(([k, want]) => mine[k] !== want)) return false
  if (t.attrs !== undefined) {
    const known = b.attrs.get(t.attrs)
    if (known !== undefined && keyOf(t.op, known) !== keyOf(t.op, attrs)) return false
    b.attrs.set(t.attrs, attrs)
  }
  return operands(arena, b, t.args, id)
}
const operands = (arena: Arena, b: Binding, terms: readonly Term[], id: NodeId): boolean => {
  const ids = arena.argsOf(id)
  for (const [i, t] of terms.entries()) {
    if (t.tag === 'rest') {
      const mine = ids.slice(i)
      const known = b.lists.get(t.name)
      b.lists.set(t.name, mine)
      if (known === undefined) b.order.push(...mine)
      return known === undefined || (known.length === mine.length && known.every((x, k) => x === mine[k]))
    }
    if (i >= ids.length || !describes(arena, b, t, ids[i]!)) return false
  }
  return ids.length === terms.length
}
const isSort = (b: Binding, s: Sort, elem: Numeric | undefined): boolean => {
  if (elem === undefined || (s !== 'E' && s !== 'F' && s !== 'G')) return s === elem
  b.sorts[s] ??= elem
  return b.sorts[s] === elem
}

/** The one cell that a constant, or a constant spread out, repeats. */
const literal = (arena: Arena, id: NodeId): Cell | undefined => {
  const from = arena.opOf(id).name === 'broadcast' ? arena.argsOf(id)[0]! : id
  const { name, attrs } = arena.opOf(from)
  const type = arena.typeOf(from)
  if (name !== 'const' || type.kind !== 'tensor' || !isNumeric(type.elem)) return undefined
  const v = decodeValue(type, (attrs as { value: unknown }).value)
  if (v._tag === 'Left') return undefined
  const { elem } = type
  if (type.shape.length === 0) return { elem, value: v.right as Cell['value'] }
  const cells = Array.from((v.right as unknown as { data: ArrayLike<Cell['value']> }).data)
  if (cells.length === 0 || cells.some((c) => !sameValue(c, cells[0]))) return undefined
  return { elem, value: elem === 'bool' ? (cells[0] as unknown) === 1 : cells[0]! }
}
