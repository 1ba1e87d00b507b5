import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import type { DbQueryAttrs } from '../graph/effects.ts'
import { occurrenceOf } from '../graph/walk.ts'

/** A body being looked at: whose it is, and where that owner stands. */
export interface Frame {
  readonly owner: NodeView
  readonly outer: Frame | undefined
}
export interface Derivation {
  readonly parent: number
  readonly columns: readonly string[]
}

/** Bodies that run for every row, whatever it holds. */
const always: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'fork', 'attempt'])

/** The query from whose rows alone the arguments of this one come, if it is asked for each of them. */
export const derivationOf = (arena: Arena, query: NodeView, frame: Frame | undefined): Derivation | undefined => {
  const { authority } = query.op.attrs as DbQueryAttrs
  const own = authority ? query.args.slice(1) : query.args
  const found = own.map((a) => columnOf(arena, a, frame))
  const [first] = found
  if (
    first === undefined ||
    !found.every((f) => f !== undefined && f.query.id === first.query.id && f.frame === first.frame)
  )
    return undefined
  for (let f = frame; f !== undefined; f = f.outer) if (!always.has(f.owner.op.name)) return undefined
  const theirs = first.query.op.attrs as DbQueryAttrs
  if (theirs.authority !== authority || theirs.db !== (query.op.attrs as DbQueryAttrs).db) return undefined
  if (authority) {
    const [a, b] = [origin(arena, query.args[0]!, frame), origin(arena, first.query.args[0]!, first.frame)]
    if (a.id !== b.id || a.frame !== b.frame || a.element || b.element) return undefined
  }
  return { parent: occurrenceOf(first.query)!, columns: found.map((f) => f!.column) }
}

interface Place {
  readonly id: NodeId
  readonly frame: Frame | undefined
  /** An element of what stands there. */
  readonly element: boolean
}
/** Where a value comes from, through captures and elements of maps. */
const origin = (arena: Arena, from: NodeId, at: Frame | undefined): Place => {
  let [id, frame] = [from, at]
  for (;;) {
    const { name, attrs } = arena.opOf(id)
    if (name !== 'param' || frame === undefined) return { id, frame, element: false }
    const { index } = attrs as { index: number }
    const { op, args } = frame.owner
    const first = op.name === 'map' || op.name === 'forkMap' || op.name === 'mapBatched' || op.name === 'match'
    if (first && index === 0) {
      if (op.name === 'match') return { id, frame, element: false }
      const list = origin(arena, args[0]!, frame.outer)
      return { ...list, element: !list.element }
    }
    id = args[op.name === 'cond' ? index + 1 : index]!
    frame = frame.outer
  }
}
const columnOf = (
  arena: Arena,
  arg: NodeId,
  frame: Frame | undefined,
): { readonly query: NodeView; readonly frame: Frame | undefined; readonly column: string } | undefined => {
  const value = origin(arena, arg, frame)
  const field = arena.node(value.id)
  if (value.element || field.op.name !== 'field') return undefined
  const row = origin(arena, field.args[0]!, value.frame)
  const query = arena.node(row.id)
  if (query.op.name !== 'dbQuery') return undefined
  const { mode } = query.op.attrs as DbQueryAttrs
  if (mode !== (row.element ? 'many' : 'one')) return undefined
  return { query, frame: row.frame, column: (field.op.attrs as { name: string }).name }
}
