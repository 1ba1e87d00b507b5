import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { storage } from '../../graph/elem.ts'
import { make } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Type } from '../../graph/types.ts'
import { elementOf, fieldOf, isScalar } from '../../graph/types.ts'
import { postorder, remake } from '../../graph/walk.ts'
import type { Lifted, Over } from './forms.ts'
import { cells, columnOf, isSmall, list, orNot } from './forms.ts'
import { liftNode } from './rules.ts'

/** Both arms of a condition are computed for every element once it is a `select`; larger ones stay in the loop. */
const longestArm = 64

export interface Arrays {
  readonly array: NodeId
  /** A column of the list that the array is made of. */
  readonly column: NodeId | undefined
}
/** The body of a map over all elements, as operations on arrays; undefined where something in it has no such form. */
export const lift = (arena: Arena, args: readonly NodeId[], body: NodeId): Arrays | undefined => {
  const { of, dim } = elementOf(arena.typeOf(args[0]!))!
  const o: Over = { arena, dim, like: witness(arena, args[0]!, of, body) }
  const params = args.map(
    (id, k): Lifted => (k === 0 ? { form: 'list', id, type: of } : { form: 'one', id, type: arena.typeOf(id) }),
  )
  const whole = region(o, body, params)
  const array = whole === undefined ? undefined : list(o, whole)
  return array === undefined ? undefined : { array, column: o.like }
}

const region = (o: Over, root: NodeId, params: readonly Lifted[]): Lifted | undefined => {
  const done = new Map<NodeId, Lifted>()
  for (const id of postorder(o.arena, root)) {
    const node = o.arena.node(id)
    const args = node.args.map((a) => done.get(a)!)
    const made =
      node.op.name === 'param'
        ? params[(node.op.attrs as { index: number }).index]
        : (uniform(o, node, args) ?? (node.op.name === 'cond' ? select(o, node, args) : liftNode(o, node, args)))
    if (made === undefined) return undefined
    done.set(id, made)
  }
  return done.get(root)
}

/** What is the same for every element is computed once, outside. */
const uniform = (o: Over, node: NodeView, args: readonly Lifted[]): Lifted | undefined => {
  const pure = node.op.name === 'absent' || declOf(node.op.name as OpName).meaning !== undefined
  if (!pure || node.regions.length > 0 || args.some((v) => v.form !== 'one')) return undefined
  const id = remake(
    o.arena,
    node,
    node.op.attrs,
    args.map((v) => v.id),
    [],
  )
  return { form: 'one', id, type: node.type, ...(node.op.name === 'record' ? { parts: args } : {}) }
}

/** A condition whose arms only compute: both are computed, and each element takes its own. */
const select = (o: Over, node: NodeView, args: readonly Lifted[]): Lifted | undefined => {
  if (!isScalar(node.type)) return undefined
  const sizes = node.regions.map((r) => postorder(o.arena, r.root).length)
  if (sizes.some((n) => n > longestArm)) return undefined
  const arms = node.regions.map((r) => region(o, r.root, args.slice(1)))
  const parts = [args[0], ...arms]
  if (parts.some((v) => v === undefined)) return undefined
  const known = parts.map((v) => (v!.form === 'one' ? undefined : cells(o, v!)))
  const beside = known.find((id) => id !== undefined)
  const made = parts.map((v, k) => known[k] ?? cells(o, v!, beside))
  if (made.some((id) => id === undefined)) return undefined
  const id = orNot(make(o.arena, 'select', {}, made as NodeId[]))
  return id === undefined ? undefined : { form: 'cells', id, type: node.type }
}

/** A column that the body looks at and that knows the size of the list; one of numbers where there is one. */
const witness = (arena: Arena, from: NodeId, of: Type, body: NodeId): NodeId | undefined => {
  if (isScalar(of)) return from
  if (of.kind === 'tensor') return isSmall(of) ? orNot(make(arena, 'stack', {}, [from])) : undefined
  let other: NodeId | undefined
  for (const id of postorder(arena, body)) {
    const { op, args } = arena.node(id)
    const t =
      op.name === 'field' && isElement(arena, args[0]!) ? fieldOf(of, (op.attrs as { name: string }).name) : undefined
    if (t === undefined || !isSmall(t)) continue
    const column = columnOf(arena, from, (op.attrs as { name: string }).name)
    if (isScalar(t) && storage(t.elem) !== undefined) return column
    other ??= isScalar(t) ? column : orNot(make(arena, 'stack', {}, [column]))
  }
  return other
}
const isElement = (arena: Arena, id: NodeId): boolean => {
  const { name, attrs } = arena.opOf(id)
  return name === 'param' && (attrs as { index: number }).index === 0
}
