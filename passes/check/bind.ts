import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonical, keyOf } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { Dim, Type } from '../../graph/types.ts'
import { sameType, showType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import { mayFail, postorder } from '../../graph/walk.ts'
import type { Refusal } from './verdict.ts'
import { refuse } from './verdict.ts'

/** What was known: literals by input, sizes by dimension. */
interface Claim {
  readonly bound: readonly (readonly [input: string, literal: Json])[]
  readonly sizes: Readonly<Record<string, number>>
}

/**
 * Both graphs are walked side by side. Each node stands for one of the graph that came in, with the same op, operands and
 * bodies, under types in which the sizes are written; only where that one has an input that is known is there its literal.
 */
export const checkBind = (before: Graph, after: Graph, claim: Claim): Refusal | undefined => {
  const literals = new Map(claim.bound)
  const sizes = new Map<Dim, number>(Object.entries(claim.sizes))
  const unknown = [...literals.keys()].find((n) => !before.inputs.some(([i]) => i === n))
  if (unknown !== undefined) return refuse('certificate', `it binds ${unknown}, which is no input`)
  const left = before.inputs.filter(([n]) => !literals.has(n)).map(([n, t]) => `${n}: ${showType(sized(t, sizes))}`)
  const has = after.inputs.map(([n, t]) => `${n}: ${showType(t)}`)
  if (left.join() !== has.join()) return refuse('header', `its inputs are ${has.join()} and not ${left.join()}`)
  if (before.name !== after.name || before.stage !== after.stage) return refuse('header', 'its name or stage changed')
  if (!sameSites(before, after)) return refuse('header', 'its sites changed')
  return new Walk(before.arena, after.arena, literals, sizes).region(before.root, after.root)
}
const sameSites = (a: Graph, b: Graph): boolean =>
  a.sites.size === b.sites.size &&
  [...a.sites].every(([k, s]) => b.sites.get(k)?.name === s.name && b.sites.get(k)?.place === s.place)

/** A type with sizes in the place of names. */
const sized = (t: Type, sizes: ReadonlyMap<Dim, number>): Type => {
  const dim = (d: Dim): Dim => sizes.get(d) ?? d
  switch (t.kind) {
    case 'tensor':
      return { ...t, shape: t.shape.map(dim) }
    case 'list':
      return { ...t, dim: dim(t.dim), of: sized(t.of, sizes) }
    case 'record':
      return { ...t, fields: t.fields.map(([n, f]) => [n, sized(f, sizes)] as const) }
    case 'union':
      return { ...t, cases: t.cases.map(([n, f]) => [n, sized(f, sizes)] as const) }
    default:
      return { ...t, of: sized(t.of, sizes) }
  }
}
const isType = (x: unknown): x is Type => typeof x === 'object' && x !== null && 'kind' in x

class Walk {
  readonly #a: Arena
  readonly #b: Arena
  readonly #literals: ReadonlyMap<string, Json>
  readonly #sizes: ReadonlyMap<Dim, number>
  readonly #regions = new Map<NodeId, NodeId>()
  constructor(a: Arena, b: Arena, literals: ReadonlyMap<string, Json>, sizes: ReadonlyMap<Dim, number>) {
    this.#a = a
    this.#b = b
    this.#literals = literals
    this.#sizes = sizes
  }

  /** Operands come before their users, so one way over the graph that came in meets each pair after its parts. */
  region(root: NodeId, stands: NodeId): Refusal | undefined {
    const known = this.#regions.get(root)
    if (known !== undefined) return known === stands ? undefined : refuse('graph', `%${root} became two bodies`)
    this.#regions.set(root, stands)
    const pairs = new Map<NodeId, NodeId>([[root, stands]])
    for (const id of postorder(this.#a, root).toReversed()) {
      const to = pairs.get(id)
      // Its users did without it, which `one` allows where that changes nothing.
      if (to === undefined) continue
      const wrong = this.#one(this.#a.node(id), this.#b.node(to), pairs)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  #one(x: NodeView, y: NodeView, pairs: Map<NodeId, NodeId>): Refusal | undefined {
    const off = (why: string): Refusal => refuse('graph', `${x.op.name} %${x.id} ${why}`)
    if (!sameType(sized(x.type, this.#sizes), y.type)) return off(`has the type ${showType(y.type)}`)
    const literal = x.op.name === 'input' ? this.#literals.get((x.op.attrs as { name: string }).name) : undefined
    if (literal !== undefined) {
      const { value } = y.op.attrs as { value: Json }
      return y.op.name === 'const' && canonical(value) === canonical(literal) ? undefined : off('is not its literal')
    }
    if (x.op.name === 'iota' && x.args.length > 0 && this.#sizes.has((x.op.attrs as { dim: Dim }).dim))
      return this.#counted(x, y, pairs)
    if (x.op.name !== y.op.name) return off(`became ${y.op.name}`)
    if (this.#attrs(x) !== keyOf(y.op.name as OpName, y.op.attrs)) return off('has other attributes')
    if (x.args.length !== y.args.length || x.regions.length !== y.regions.length) return off('has other operands')
    for (const [k, a] of x.args.entries()) if (!this.#pair(a, y.args[k]!, pairs)) return off('has another operand')
    for (const [k, r] of x.regions.entries()) {
      const s = y.regions[k]!
      const fits = r.params.length === s.params.length
      if (!fits || !r.params.every((t, i) => sameType(sized(t, this.#sizes), s.params[i]!)))
        return off('has a body of other parameters')
      const wrong = this.region(r.root, s.root)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
  #pair(a: NodeId, b: NodeId, pairs: Map<NodeId, NodeId>): boolean {
    const known = pairs.get(a)
    if (known === undefined) pairs.set(a, b)
    return known === undefined || known === b
  }

  /** A size that is known needs no operand to tell it; what happens in that operand still has to. */
  #counted(x: NodeView, y: NodeView, pairs: Map<NodeId, NodeId>): Refusal | undefined {
    const off = (why: string): Refusal => refuse('graph', `iota %${x.id} ${why}`)
    const then = y.op.name === 'sequence' ? this.#b.node(y.args[1]!) : y
    const { dim } = x.op.attrs as { dim: Dim }
    if (then.op.name !== 'iota' || (then.op.attrs as { dim: Dim }).dim !== this.#sizes.get(dim))
      return off('counts otherwise')
    if (y !== then) return this.#pair(x.args[0]!, y.args[0]!, pairs) ? undefined : off('comes after something else')
    return this.#quiet(x.args[0]!) ? undefined : off('leaves out what happens before it')
  }
  #quiet(root: NodeId): boolean {
    return postorder(this.#a, root).every((id) => {
      const { name } = this.#a.opOf(id)
      return name !== 'param' && !isEffect(name) && !this.#a.hasRegions(id) && !mayFail(this.#a, id)
    })
  }

  /** The attributes as they should be, with sizes in them. */
  #attrs({ op }: NodeView): string {
    const dim = (d: Dim): Dim => this.#sizes.get(d) ?? d
    const attrs = Object.entries(op.attrs).map(([k, v]): readonly [string, unknown] => {
      if (k === 'shape') return [k, (v as readonly Dim[]).map(dim)]
      if (k === 'dim' && this.#sizes.has(v)) {
        // These compute a size that is not named; how many rows a query finds is known when it runs.
        if (op.name === 'slice' || op.name === 'concat') return [k, '']
        return [k, op.name === 'dbQuery' ? v : dim(v)]
      }
      return [k, k !== 'value' && isType(v) ? sized(v, this.#sizes) : v]
    })
    return keyOf(op.name as OpName, Object.fromEntries(attrs))
  }
}
