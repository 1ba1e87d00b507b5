import type { Arena, NodeId } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Numeric } from '../../graph/elem.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { mustMake } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Dim } from '../../graph/types.ts'
import { elementOf, sameShape, sameType, scalar } from '../../graph/types.ts'
import { postorder, withParts } from '../../graph/walk.ts'
import { attributes, places, shapeOf } from '../laws/attributes.ts'
import { conditions } from '../laws/conditions.ts'
import type { Law, Term } from '../laws/term.ts'
import type { Cell } from '../laws/value.ts'
import { cellOf, litValue } from '../laws/value.ts'
import { Binding, describes } from './binding.ts'

/** Makes one node of a right side from those before it. */
export type Make = (done: readonly NodeId[]) => NodeId
export type Applied = { readonly makes: readonly Make[] } | { readonly wrong: string }

/** One law at one node: what to make, operands first, or why the law does not say so. */
export const applyLaw = (arena: Arena, law: Law, left: Term, id: NodeId, calm: (n: NodeId) => boolean): Applied => {
  const b = new Binding()
  if (!describes(arena, b, left, id)) return { wrong: 'its left side is another' }
  if (!law.at.some((i) => Object.entries(i).every(([k, e]) => b.sorts[k] === e)))
    return { wrong: `it does not hold for ${Object.values(b.sorts).join(', ')}` }
  if (law.when !== undefined && cellOf(law.when, b.sorts, (n) => b.literals.get(n))?.value !== true)
    return { wrong: 'its condition on the literals does not hold' }
  const bound = b.bound(arena, id)
  const not = law.where?.find((c) => !conditions[c]!(bound))
  if (not !== undefined) return { wrong: `its condition ${not} does not hold` }
  const plan = new Plan(arena, id, b)
  plan.term(law.right)
  const done: NodeId[] = []
  for (const make of plan.makes) done.push(make(done))
  const made = done.at(-1)!
  if (!sameType(arena.typeOf(made), arena.typeOf(id))) return { wrong: 'it would change the type' }
  if (!calm(id)) {
    if (law.calmOnly === true) return { wrong: 'its sides look at different parts of what can fail, read or write' }
    if (law.right.tag === 'inline' || hasBodies(arena, left, id))
      return { wrong: 'a body that can fail, read or write is opened' }
    const loud = (ids: readonly NodeId[]): NodeId[] => [...new Set(ids)].filter((n) => !calm(n))
    const [was, is] = [loud(b.order), loud(plan.order)]
    if (was.length !== is.length || was.some((n, k) => n !== is[k]))
      return { wrong: 'it drops or moves what can fail, read or write' }
  }
  return { makes: plan.makes }
}
const hasBodies = (arena: Arena, t: Term, id: NodeId): boolean =>
  t.tag === 'op' &&
  (arena.regionsOf(id).length > 0 || t.args.some((a, i) => a.tag === 'op' && hasBodies(arena, a, arena.argsOf(id)[i]!)))

/** The nodes of a right side, in the order in which a replay makes them. */
class Plan {
  readonly makes: Make[] = []
  readonly order: NodeId[] = []
  readonly #arena: Arena
  readonly #root: NodeId
  readonly #b: Binding
  constructor(arena: Arena, root: NodeId, b: Binding) {
    this.#arena = arena
    this.#root = root
    this.#b = b
  }
  #add(make: Make): number {
    return this.makes.push(make) - 1
  }
  #old(id: NodeId): number {
    this.order.push(id)
    return this.#add(() => id)
  }
  #node(name: string, attrs: object, args: readonly number[]): number {
    return this.#add((done) =>
      mustMake(
        this.#arena,
        name as 'add',
        attrs,
        args.map((a) => done[a]!),
      ),
    )
  }
  /** A literal in every cell of a shape; names in the shape get their sizes from one of some nodes. */
  #literal(c: Cell, shape: readonly Dim[], sizes: readonly NodeId[]): number {
    const closed = shape.every((d) => typeof d === 'number')
    const wide = closed ? [] : sizes.filter((n) => sameShape(shapeOf(this.#arena.typeOf(n)), shape))
    return this.#spread(c, shape, wide)
  }
  /** Sizes that a literal of another shape had; a spread operand tells its own where they are enough. */
  #narrowed(shape: readonly Dim[]): NodeId[] {
    const names = shape.filter((d) => typeof d === 'string')
    const enough = (n: NodeId): boolean => {
      const t = this.#arena.typeOf(n)
      return names.every((d) => (t.kind === 'tensor' ? t.shape.includes(d) : elementOf(t)?.dim === d))
    }
    if (names.length === 0) return []
    const was = this.#b.spreaders.filter(enough).slice(0, 1)
    const inner = was.flatMap((n) => (this.#arena.opOf(n).name === 'broadcast' ? [this.#arena.argsOf(n)[0]!] : []))
    return [...inner.filter(enough), ...was]
  }
  #spread(c: Cell, shape: readonly Dim[], like: readonly NodeId[]): number {
    const type = scalar(c.elem)
    const one = this.#node('const', { type, value: encodeValue(type, c.value) }, [])
    if (shape.length === 0) return one
    if (like.length === 0 && shape.some((d) => typeof d === 'string'))
      throw new Error('a literal would need sizes that nothing knows')
    return this.#node('broadcast', { shape, axes: [] }, [one, ...like.slice(0, 1).map((n) => this.#old(n))])
  }
  #args(terms: readonly Term[]): number[] {
    return terms.flatMap((t) =>
      t.tag === 'rest' ? this.#b.lists.get(t.name)!.map((n) => this.#old(n)) : [this.term(t)],
    )
  }
  #elem(sort: string): Numeric {
    return this.#b.sorts[sort] ?? (sort as Numeric)
  }
  term(t: Term): number {
    const b = this.#b
    const bound = b.bound(this.#arena, this.#root)
    const shape = shapeOf(bound.root.type)
    const met = [...b.spreaders, ...b.order]
    switch (t.tag) {
      case 'var':
        return this.#old(b.nodes.get(t.name)!)
      case 'lit':
        return this.#literal({ elem: this.#elem(t.sort), value: litValue(t.value, this.#elem(t.sort)) }, shape, met)
      case 'any': {
        const cell = b.literals.get(t.name)!
        if (t.at === undefined || t.at === 'row') return this.#literal(cell, shape, t.at === undefined ? met : [])
        const inner = shapeOf(bound.type(t.at))
        return this.#spread(cell, inner, this.#narrowed(inner))
      }
      case 'calc':
        return this.#literal(cellOf(t.of, b.sorts, (n) => b.literals.get(n))!, shape, met)
      case 'each': {
        const { name, attrs } = bound.op(t.name)
        return this.#node(name, attrs, this.#args(t.args))
      }
      case 'op': {
        const args = this.#args(t.args)
        if (t.to !== undefined) return this.#node(t.op, { to: this.#elem(t.to) }, args)
        const of = t.attrs === undefined ? {} : (attributes[t.attrs]?.(bound) ?? b.attrs.get(t.attrs))
        if (of === undefined) throw new Error(`${t.attrs} gives no attributes`)
        return this.#node(t.op, of, args)
      }
      case 'pick':
        return this.#old(b.lists.get(t.from)![places[t.by]!(bound)!]!)
      case 'inline':
        return this.#body(places[t.by]!(bound)!, this.#args(t.args))
      default:
        throw new Error(`a right side has no ${t.tag}`)
    }
  }
  #body(k: number, args: readonly number[]): number {
    const region = this.#arena.regionsOf(this.#root)[k]!
    const at = new Map<NodeId, number>()
    for (const id of postorder(this.#arena, region.root)) {
      const view = this.#arena.node(id)
      const own = view.args.map((a) => at.get(a)!)
      const param = view.op.name === 'param' ? args[(view.op.attrs as { index: number }).index]! : undefined
      const make: Make = (done) =>
        withParts(
          this.#arena,
          view,
          own.map((o) => done[o]!),
          view.regions,
        )
      at.set(id, param ?? this.#add(make))
    }
    const last = at.get(region.root)!
    return this.#add((done) => done[last]!)
  }
}

/** Whether nothing at or below a node can fail, read or write; asked once for each node. */
export const calmness = (arena: Arena): ((id: NodeId) => boolean) => {
  const known = new Map<NodeId, boolean>()
  return (top) => {
    const todo = [top]
    while (todo.length > 0) {
      const id = todo.at(-1)!
      const below = [...arena.argsOf(id), ...arena.regionsOf(id).map((r) => r.root)]
      const unknown = below.filter((n) => !known.has(n))
      if (unknown.length > 0 && !known.has(id)) {
        for (const n of unknown) todo.push(n)
        continue
      }
      todo.pop()
      const name = arena.opOf(id).name
      const loud = isEffect(name) || declOf(name as OpName).fallible === true
      known.set(id, !loud && below.every((n) => known.get(n) === true))
    }
    return known.get(top)!
  }
}
