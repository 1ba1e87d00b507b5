import type { Arena, NodeId } from '../../graph/arena.ts'
import { make, mustMake } from '../../graph/make.ts'
import type { Dim, Type } from '../../graph/types.ts'
import { fieldOf } from '../../graph/types.ts'

/**
 * What a node of a body is over all elements of the list: `one` value that is the same for every element; a `list` with
 * an element for each; or the `cells` of one tensor whose first axis is the list. For scalars the last two are the same.
 */
export interface Lifted {
  readonly form: 'one' | 'list' | 'cells'
  readonly id: NodeId
  /** The type of one element. */
  readonly type: Type
  /** The parts of a record that the body makes of values that are the same for every element. */
  readonly parts?: readonly Lifted[]
}

/** Where a body is lifted to: the dimension of the list, and an array that knows its size. */
export interface Over {
  readonly arena: Arena
  readonly dim: Dim
  readonly like: NodeId | undefined
}

/** Tensors beyond this many cells an element stay in a loop, which needs memory for one element at a time. */
const cellsEach = 1024
export const isSmall = (t: Type): boolean =>
  t.kind === 'tensor' &&
  t.shape.every((d) => typeof d === 'number') &&
  (t.shape as readonly number[]).reduce((n, d) => n * d, 1) <= cellsEach

const up = (axes: readonly number[]): number[] => axes.map((a) => a + 1)

/** As one tensor, or undefined where there is no such form; `beside` is an array of the same first dimension. */
export const cells = (o: Over, v: Lifted, beside: NodeId | undefined = o.like): NodeId | undefined => {
  const { arena } = o
  if (v.type.kind !== 'tensor' || !isSmall(v.type)) return undefined
  if (v.form === 'cells' || (v.form === 'list' && v.type.shape.length === 0)) return v.id
  if (v.form === 'list')
    return arena.opOf(v.id).name === 'unstack' ? arena.argsOf(v.id)[0]! : orNot(make(arena, 'stack', {}, [v.id]))
  const attrs = { shape: [o.dim, ...v.type.shape], axes: up(v.type.shape.map((_, k) => k)) }
  if (typeof o.dim === 'number') return mustMake(arena, 'broadcast', attrs, [v.id])
  return beside === undefined ? undefined : orNot(make(arena, 'broadcast', attrs, [v.id, beside]))
}

/** As a list, or undefined. */
export const list = (o: Over, v: Lifted): NodeId | undefined => {
  if (v.form === 'list') return v.id
  if (v.form === 'one' && v.type.kind === 'record') return uniformRows(o, v, v.type)
  const whole = cells(o, v)
  if (whole === undefined || (v.type.kind === 'tensor' && v.type.shape.length === 0)) return whole
  return orNot(make(o.arena, 'unstack', {}, [whole]))
}
const uniformRows = (o: Over, v: Lifted, type: Extract<Type, { kind: 'record' }>): NodeId | undefined => {
  const absent = o.arena.opOf(v.id).name === 'absent'
  const parts =
    v.parts ??
    (absent
      ? type.fields.map(([, t]): Lifted => ({ form: 'one', id: mustMake(o.arena, 'absent', { type: t }), type: t }))
      : undefined)
  return parts === undefined
    ? undefined
    : rows(
        o,
        type.fields.map(([n]) => n),
        parts,
      )
}
export const rows = (o: Over, fields: readonly string[], parts: readonly Lifted[]): NodeId | undefined => {
  const made: NodeId[] = []
  for (const p of parts) {
    const id = list(o, p)
    if (id === undefined) return undefined
    made.push(id)
  }
  return fields.length === 0 ? undefined : orNot(make(o.arena, 'rows', { fields: [...fields] }, made))
}

/** One field of every record of a list; of a list that was made of columns, that column. */
export const columnOf = (arena: Arena, id: NodeId, name: string): NodeId => {
  const { op, args } = arena.node(id)
  if (op.name !== 'rows') return mustMake(arena, 'column', { name }, [id])
  return args[(op.attrs as { fields: readonly string[] }).fields.indexOf(name)]!
}
export const fieldType = (t: Type, name: string): Type => fieldOf(t, name)!

export const orNot = (made: ReturnType<typeof make>): NodeId | undefined =>
  made._tag === 'Right' ? made.right : undefined
