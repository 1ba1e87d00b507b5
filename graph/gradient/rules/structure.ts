import type { NodeId, NodeView } from '../../arena.ts'
import type { AttrsOf, StructureName } from '../../ops/index.ts'
import { elementOf } from '../../types.ts'
import type { Cells } from '../cells.ts'
import type { Cotangent } from '../cotangent.ts'
import { each } from '../cotangent.ts'
import type { Decision, Rule } from '../rule.ts'
import { flat, refused, rule } from '../rule.ts'

const fieldsOf = ({ op }: NodeView): readonly string[] => (op.attrs as { fields: readonly string[] }).fields
const nameOf = ({ op }: NodeView): string => (op.attrs as { name: string }).name

const parts: Rule = (_, g, node) => fieldsOf(node).map((f) => () => (g as ReadonlyMap<string, Cotangent>).get(f))
const projected: Rule = (_, g, node) => [() => new Map([[nameOf(node), g]])]
const same: Rule = (_, g) => [() => g]

/** Rows put back where they came from, in a list of which nothing else is touched. */
const putBack = (c: Cells, list: NodeId, index: NodeId, g: Cotangent, rowAxes: 0 | 1): Cotangent => {
  const { dim } = elementOf(c.arena.typeOf(list))!
  return each(g, (x) => {
    const shape = [dim, ...c.shape(x).slice(rowAxes)]
    const none = c.widen(c.constant(c.tensor(x).elem, 0), shape, [], list)
    return c.cut(c.make('scatterReduce', { how: 'sum' }, none, index, x))
  })
}
const filter: Rule = (s, g, node) => {
  const c = s.cells
  const [list, mask] = node.args as [NodeId, NodeId]
  const { dim } = node.op.attrs as AttrsOf<'filter'>
  return [() => putBack(c, list, c.make('filter', { dim }, c.places(mask, 0), mask), g, 1)]
}
const at: Rule = (s, g, { args: [list, index] }) => [() => putBack(s.cells, list!, index!, g, 0)]

const orElse: Rule = (s, g, { args: [option, other] }) => {
  const c = s.cells
  const there = c.make('isSome', {}, option!)
  const wide = (x: NodeId): NodeId => (c.shape(there).length === 0 ? c.spread(there, x) : there)
  const many = c.arena.typeOf(option!).kind === 'list'
  return [
    () => each(g, (x) => c.only(wide(x), x)),
    () => each(g, (x) => (many ? c.sum(c.otherwise(wide(x), x), [0]) : c.otherwise(wide(x), x))),
  ].slice(0, other === undefined ? 1 : 2)
}
const ragged = refused('lists in lists have no derivative here', 'compute inside the map that makes the list')

export const structureRules: Readonly<Record<StructureName, Decision>> = {
  record: rule(parts),
  field: rule(projected),
  column: rule(projected),
  rows: rule(parts),
  length: flat('a length is an integer'),
  filter: rule(filter),
  at: rule(at),
  flatten: ragged,
  stack: rule(same),
  unstack: rule(same),
  some: rule(same),
  none: flat('it never changes'),
  isSome: flat('truth values do not change a little'),
  orElse: rule(orElse),
  inject: refused('unions have no derivative here', 'use a record, or decide by cond'),
}
