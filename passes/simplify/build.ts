import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { make } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { Dim } from '../../graph/types.ts'
import { elementOf, sameShape, scalar } from '../../graph/types.ts'
import { postorder, withParts } from '../../graph/walk.ts'
import type { Bound } from '../laws/attributes.ts'
import { attributes, places, shapeOf } from '../laws/attributes.ts'
import type { Instance, Sort, Term } from '../laws/index.ts'
import type { Cell } from '../laws/value.ts'
import { cellOf, elemAt, litValue } from '../laws/value.ts'
import type { Binding } from './match.ts'

/** One node of a right side: what it is made from, once the nodes before it are there. */
export type Item = (made: readonly NodeId[]) => NodeId
/** A right side as items, operands first; or why nothing can be made of it. */
export interface Recipe {
  readonly items: Item[]
  /** Bound nodes in the order in which the right side meets them. */
  readonly met: NodeId[]
}

class NotHere extends Error {}
const must = <A>(x: A | undefined): A => {
  if (x === undefined) throw new NotHere()
  return x
}

export const boundOf = (arena: Arena, root: NodeId, b: Binding): Bound => ({
  type: (n) => arena.typeOf(must(b.vars.get(n))),
  rest: (n) => must(b.rests.get(n)).map((id) => arena.typeOf(id)),
  attrs: (n) => must(b.attrs.get(n)) as never,
  op: (n) => arena.opOf(must(b.ops.get(n))),
  literal: (n) => b.literals.get(n),
  root: { type: arena.typeOf(root), bodies: arena.regionsOf(root).map((r) => arena.opOf(r.root)) },
})
export const instanceOf = (b: Binding): Instance => Object.fromEntries(b.sorts) as Instance

/** What the right side of a law makes of a match, one item a node; undefined where it cannot be made. */
export const recipeOf = (arena: Arena, root: NodeId, b: Binding, right: Term): Recipe | undefined => {
  const bound = boundOf(arena, root, b)
  const at = instanceOf(b)
  const items: Item[] = []
  const met: NodeId[] = []
  const add = (item: Item): number => items.push(item) - 1
  const old = (id: NodeId): number => {
    met.push(id)
    return add(() => id)
  }
  const node = (name: string, attrs: object, args: readonly number[]): number =>
    add((made) => {
      const r = make(
        arena,
        name as 'add',
        attrs,
        args.map((a) => made[a]!),
      )
      if (r._tag === 'Left') throw new NotHere()
      return r.right
    })
  const spread = (c: Cell, shape: readonly Dim[], like: NodeId | undefined): number => {
    const value = add((): NodeId => constant(arena, c))
    if (shape.length === 0) return value
    return node('broadcast', { shape, axes: [] }, like === undefined ? [value] : [value, old(like)])
  }
  /** A literal in every cell of a shape; where names are in it, `among` are the nodes that may know their sizes. */
  const literal = (c: Cell, shape: readonly Dim[], among: readonly NodeId[]): number => {
    const open = shape.some((d) => typeof d === 'string')
    const fits = (id: NodeId): boolean => sameShape(shapeOf(arena.typeOf(id)), shape)
    return spread(c, shape, open ? must(among.find(fits)) : undefined)
  }
  const rootShape = shapeOf(arena.typeOf(root))
  const known = [...b.likes, ...b.met]
  const element = (s: Sort): Numeric => must(elemAt(s, at))
  const list = (terms: readonly Term[]): number[] =>
    terms.flatMap((t) => (t.tag === 'rest' ? must(b.rests.get(t.name)).map(old) : [go(t)]))
  const go = (t: Term): number => {
    switch (t.tag) {
      case 'var':
        return old(must(b.vars.get(t.name)))
      case 'lit': {
        const elem = element(t.sort)
        return literal({ elem, value: litValue(t.value, elem) }, rootShape, known)
      }
      case 'any': {
        const cell = must(b.literals.get(t.name))
        if (t.at === undefined || t.at === 'row') return literal(cell, rootShape, t.at === undefined ? known : [])
        const shape = shapeOf(bound.type(t.at))
        const open = shape.some((d) => typeof d === 'string')
        return spread(cell, shape, open ? must(spreadLike(arena, b.likes, shape)) : undefined)
      }
      case 'calc':
        return literal(must(cellOf(t.of, at, (n) => b.literals.get(n))), rootShape, known)
      case 'op': {
        const args = list(t.args)
        if (t.to !== undefined) return node(t.op, { to: element(t.to) }, args)
        if (t.attrs === undefined) return node(t.op, {}, args)
        const made = attributes[t.attrs]
        return node(t.op, must(made === undefined ? b.attrs.get(t.attrs) : made(bound)), args)
      }
      case 'each': {
        const o = bound.op(t.name)
        return node(o.name as OpName, o.attrs, list(t.args))
      }
      case 'pick':
        return old(must(must(b.rests.get(t.from))[must(must(places[t.by])(bound))]))
      case 'inline': {
        const args = list(t.args)
        return body(must(must(places[t.by])(bound)), args)
      }
      default:
        throw new NotHere()
    }
  }
  const body = (k: number, args: readonly number[]): number => {
    const region = must(arena.regionsOf(root)[k])
    const place = new Map<NodeId, number>()
    for (const id of postorder(arena, region.root)) {
      const view = arena.node(id)
      const mine = view.args.map((a) => place.get(a)!)
      const given = view.op.name === 'param' ? args[(view.op.attrs as { index: number }).index] : undefined
      place.set(
        id,
        given ??
          add((made) =>
            withParts(
              arena,
              view,
              mine.map((m) => made[m]!),
              view.regions,
            ),
          ),
      )
    }
    const last = place.get(region.root)!
    return add((made) => made[last]!)
  }
  return tried(() => {
    go(right)
    return { items, met }
  })
}
/**
 * What tells a literal its new sizes is what told it the old ones, or what that spreads: anything else could be dearer.
 */
const spreadLike = (arena: Arena, likes: readonly NodeId[], shape: readonly Dim[]): NodeId | undefined => {
  const knows = (id: NodeId): boolean => {
    const type = arena.typeOf(id)
    const dims = type.kind === 'tensor' ? type.shape : [elementOf(type)?.dim]
    return shape.every((d) => typeof d === 'number' || dims.includes(d))
  }
  const like = likes.find(knows)
  const under = like !== undefined && arena.opOf(like).name === 'broadcast' ? arena.argsOf(like)[0]! : undefined
  return under !== undefined && knows(under) ? under : like
}
const constant = (arena: Arena, c: Cell): NodeId => {
  const type = scalar(c.elem)
  const made = make(arena, 'const', { type, value: encodeValue(type, c.value) })
  if (made._tag === 'Left') throw new NotHere()
  return made.right
}
/** Tries what may turn out not to be possible. */
export const tried = <A>(f: () => A): A | undefined => {
  try {
    return f()
  } catch (e) {
    if (e instanceof NotHere) return undefined
    throw e
  }
}
