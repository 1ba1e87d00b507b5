import type { NodeId, NodeView } from '../../graph/arena.ts'
import { make } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import { families } from '../../graph/ops/index.ts'
import type { TensorType, Type } from '../../graph/types.ts'
import { isRagged } from '../../graph/types.ts'
import { remake } from '../../graph/walk.ts'
import type { Lifted, Over } from './forms.ts'
import { cells, columnOf, fieldType, isSmall, list, orNot, rows } from './forms.ts'

/** Makes the array operation that does for all elements what a node does for one, or says that there is none. */
type Rule = (o: Over, node: NodeView, args: readonly Lifted[]) => Lifted | undefined

const whole = (node: NodeView, id: NodeId | undefined): Lifted | undefined =>
  id === undefined ? undefined : { form: 'cells', id, type: node.type }

/** All operands as tensors, those that differ from element to element first: they know the size for the others. */
const allCells = (o: Over, args: readonly Lifted[]): readonly NodeId[] | undefined => {
  const known = args.map((v) => (v.form === 'one' ? undefined : cells(o, v)))
  const beside = known.find((id) => id !== undefined)
  const out = args.map((v, k) => (v.form === 'one' ? cells(o, v, beside) : known[k]))
  return out.every((id) => id !== undefined) ? (out as NodeId[]) : undefined
}
/** The same op over operands with one axis more, its attributes moved along. */
const shifted =
  <N extends OpName>(attrs: (a: AttrsOf<N>, o: Over) => AttrsOf<N>): Rule =>
  (o, node, args) => {
    const made = allCells(o, args)
    if (made === undefined) return undefined
    return whole(node, remake(o.arena, node, attrs(node.op.attrs as AttrsOf<N>, o) as object, made, []))
  }
const up = (axes: readonly number[]): number[] => axes.map((a) => a + 1)
const axisUp = shifted<'slice'>((a) => ({ ...a, axis: a.axis + 1 }))
const rank = (t: Type): number => (t as TensorType).shape.length

const reduce: Rule = (o, node, args) => {
  const [x] = args
  const { how, axes } = node.op.attrs as AttrsOf<'reduce'>
  const inner = x!.type as TensorType
  if (x!.form === 'list' && inner.shape.length === 1 && isRagged(inner.shape[0]!) && axes.length === 1) {
    if (how === 'any' || how === 'all') return undefined
    return whole(node, orNot(make(o.arena, 'segmentReduce', { how }, [x!.id])))
  }
  return shifted<'reduce'>((a) => ({ ...a, axes: up(a.axes) }))(o, node, args)
}
/** Sizes are literal here, so that the operand which told them is not looked at. */
const broadcast: Rule = (o, node, args) => {
  const { shape, axes } = node.op.attrs as AttrsOf<'broadcast'>
  const x = cells(o, args[0]!)
  return x === undefined
    ? undefined
    : whole(node, orNot(make(o.arena, 'broadcast', { shape: [o.dim, ...shape], axes: [0, ...up(axes)] }, [x])))
}
/** A matrix that is the same for every element makes one product of many. */
const contract: Rule = (o, node, args) => {
  const { arena } = o
  const { batch } = node.op.attrs as AttrsOf<'contract'>
  const [a, b] = args as [Lifted, Lifted]
  if (batch === 0 && b.form === 'one') {
    const x = cells(o, a)
    return x === undefined ? undefined : whole(node, orNot(make(arena, 'contract', { batch }, [x, b.id])))
  }
  if (batch === 0 && a.form === 'one' && rank(b.type) === 1) {
    const x = cells(o, b)
    const last = rank(a.type) - 1
    const perm = [last, ...Array.from({ length: last }, (_, k) => k)]
    const turned = last === 0 ? a.id : orNot(make(arena, 'transpose', { perm }, [a.id]))
    if (x === undefined || turned === undefined) return undefined
    return whole(node, orNot(make(arena, 'contract', { batch }, [x, turned])))
  }
  return shifted<'contract'>((c) => ({ batch: c.batch + 1 }))(o, node, args)
}
const gather: Rule = (o, node, args) => {
  const [table, index] = args as [Lifted, Lifted]
  const at = table.form === 'one' ? cells(o, index) : undefined
  return at === undefined ? undefined : whole(node, orNot(make(o.arena, 'gather', {}, [table.id, at])))
}
const record: Rule = (o, node, args) => {
  const id = rows(o, (node.op.attrs as AttrsOf<'record'>).fields, args)
  return id === undefined ? undefined : { form: 'list', id, type: node.type }
}
const field: Rule = (o, node, args) => {
  const { name } = node.op.attrs as AttrsOf<'field'>
  const from = list(o, args[0]!)
  if (from === undefined) return undefined
  return { form: 'list', id: columnOf(o.arena, from, name), type: fieldType(args[0]!.type, name) }
}
const isSome: Rule = (o, node, [x]) =>
  x!.form === 'list' ? whole(node, orNot(make(o.arena, 'isSome', {}, [x!.id]))) : undefined
const orElse: Rule = (o, node, [x, other]) =>
  x!.form === 'list' && other!.form === 'one'
    ? whole(node, orNot(make(o.arena, 'orElse', {}, [x!.id, other!.id])))
    : undefined

const rules: Partial<Record<OpName, Rule>> = {
  transpose: shifted<'transpose'>((a) => ({ perm: [0, ...up(a.perm)] })),
  reshape: shifted<'reshape'>((a, o) => ({ shape: [o.dim, ...a.shape] })),
  slice: axisUp,
  concat: axisUp,
  argReduce: axisUp,
  cumsum: axisUp,
  cumulate: axisUp,
  argSort: axisUp,
  reduce,
  broadcast,
  contract,
  gather,
  record,
  field,
  isSome,
  orElse,
}
const elementwise = shifted((a) => a)

export const liftNode: Rule = (o, node, args) => {
  const name = node.op.name as OpName
  const rule = Object.hasOwn(families.elementwise, name) ? elementwise : rules[name]
  if (rule === undefined || (node.type.kind === 'tensor' && name !== 'field' && !isSmall(node.type))) return undefined
  return rule(o, node, args)
}
