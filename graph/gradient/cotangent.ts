import type { NodeId } from '../arena.ts'
import { isFloat } from '../elem.ts'
import type { Type } from '../types.ts'
import { elementOf } from '../types.ts'
import type { Cells } from './cells.ts'

/**
 * What flows back into a value: for a tensor one of its type, for a record (and, column by column, for a list of records)
 * the fields into which anything flows. Into a list of tensors flows the tensor that `stack` makes of such a list, into an
 * option what flows into the value that it may hold.
 */
export type Cotangent = NodeId | ReadonlyMap<string, Cotangent>

/** Whether a value of a type has cells that can change a little. */
export const changes = (t: Type): boolean => {
  switch (t.kind) {
    case 'tensor':
      return isFloat(t.elem)
    case 'record':
      return t.fields.some(([, f]) => changes(f))
    case 'union':
      return t.cases.some(([, f]) => changes(f))
    default:
      return changes(t.of)
  }
}

export const plus = (c: Cells, a: Cotangent | undefined, b: Cotangent): Cotangent => {
  if (a === undefined) return b
  if (typeof a === 'number' || typeof b === 'number') {
    const sum = c.add(a as NodeId, b as NodeId)
    return c.isCut(a as NodeId) && c.isCut(b as NodeId) ? c.cut(sum) : sum
  }
  const both = new Map(a)
  for (const [name, part] of b) both.set(name, plus(c, both.get(name), part))
  return both
}
/** The same with another node for each tensor. */
export const each = (g: Cotangent, f: (x: NodeId) => NodeId): Cotangent =>
  typeof g === 'number' ? f(g) : new Map([...g].map(([name, part]) => [name, each(part, f)]))

export type Path = readonly string[]
/** Its tensors, with the fields that lead to them. */
export const leaves = (g: Cotangent, path: Path = []): readonly (readonly [path: Path, cells: NodeId])[] =>
  typeof g === 'number' ? [[path, g]] : [...g].flatMap(([name, part]) => leaves(part, [...path, name]))
/** A cotangent from its tensors. */
export const fromLeaves = (parts: readonly (readonly [path: Path, cells: NodeId])[]): Cotangent | undefined => {
  const [first] = parts
  if (first === undefined) return undefined
  if (first[0].length === 0) return first[1]
  const names = [...new Set(parts.map(([[name]]) => name!))]
  return new Map(
    names.map((n) => [n, fromLeaves(parts.filter(([p]) => p[0] === n).map(([p, id]) => [p.slice(1), id] as const))!]),
  )
}

/** The part of a value to which a path leads; nothing where that goes into an option. */
const partAt = (c: Cells, x: NodeId, path: Path): NodeId | undefined => {
  let at = x
  for (const name of path) {
    const t = c.arena.typeOf(at)
    if (t.kind !== 'record' && t.kind !== 'list') return undefined
    at = t.kind === 'record' ? c.make('field', { name }, at) : c.make('column', { name }, at)
  }
  return at
}
/** What flows into a part of a value when nothing does; nothing where its size is not known. */
export const zeroAt = (c: Cells, x: NodeId, path: Path): NodeId | undefined => {
  const part = partAt(c, x, path)
  if (part === undefined) return undefined
  const t = c.arena.typeOf(part)
  if (t.kind === 'tensor') return c.zeros(part)
  const e = elementOf(t)
  const of = e?.of ?? t
  const cell = of.kind === 'option' ? of.of : of
  if (cell.kind !== 'tensor' || cell.shape.some((d) => typeof d === 'string')) return undefined
  return c.widen(c.constant(cell.elem, 0), e === undefined ? cell.shape : [e.dim, ...cell.shape], [], part)
}
