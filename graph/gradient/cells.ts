import type { Arena, NodeId } from '../arena.ts'
import type { Elem, Float } from '../elem.ts'
import { encodeValue } from '../json-value.ts'
import { mustMake } from '../make.ts'
import { normalise } from '../numbers.ts'
import type { AttrsOf, OpName } from '../ops/index.ts'
import type { PlainPrim } from '../prims.ts'
import type { Dim, TensorType } from '../types.ts'
import { elementOf, isScalar, sameShape, scalar } from '../types.ts'

/** A number that takes the shape of what it stands beside, or a node. */
export type Term = NodeId | { readonly number: number }
/** A literal among nodes, which are numbers themselves. */
export const lit = (number: number): Term => ({ number })

/**
 * The algebra in which rules are written: array operations on an arena, where literals and scalars take the shape of the
 * operand beside them. Rules use nodes of the graph, which fit, so a type that does not fit is a mistake in a rule.
 */
export class Cells {
  readonly arena: Arena
  /** Cotangents with cells that nothing flows through: see `scale`. */
  readonly #cut = new Set<NodeId>()
  constructor(arena: Arena) {
    this.arena = arena
  }

  make<N extends OpName>(name: N, attrs: AttrsOf<N>, ...args: readonly NodeId[]): NodeId {
    return mustMake(this.arena, name, attrs, args)
  }
  tensor(x: NodeId): TensorType {
    return this.arena.typeOf(x) as TensorType
  }
  shape(x: NodeId): readonly Dim[] {
    const t = this.arena.typeOf(x)
    return t.kind === 'tensor' ? t.shape : [elementOf(t)!.dim]
  }
  constant(elem: Elem, value: number): NodeId {
    const type = scalar(elem)
    const cell = elem === 'bool' ? value !== 0 : normalise(elem as Float, value)
    return this.make('const', { type, value: encodeValue(type, cell) })
  }

  /** x over the axes of a node that it lacks; its own axes go to `axes` of it. */
  spread(x: NodeId, like: NodeId, axes: readonly number[] = []): NodeId {
    return this.widen(x, this.shape(like), axes, like)
  }
  /** x as a greater shape, whose named dimensions are those of x and of `like`. */
  widen(x: NodeId, shape: readonly Dim[], axes: readonly number[], like: NodeId): NodeId {
    const own = this.shape(x)
    if (sameShape(own, shape)) return x
    const open = shape.some((d) => typeof d === 'string' && !own.includes(d))
    return this.make('broadcast', { shape, axes }, ...(open ? [x, like] : [x]))
  }
  zeros(like: NodeId): NodeId {
    return this.spread(this.constant(this.tensor(like).elem, 0), like)
  }

  /** Operands of one shape: literals and scalars take that of the others. */
  #alike(terms: readonly Term[], elem: Elem | undefined): readonly NodeId[] {
    const wide = terms.find((t): t is NodeId => typeof t === 'number' && !isScalar(this.arena.typeOf(t)))
    const known = terms.find((t): t is NodeId => typeof t === 'number')
    const of = elem ?? this.tensor(known!).elem
    return terms.map((t) => {
      const id = typeof t === 'number' ? t : this.constant(of, t.number)
      return wide === undefined ? id : this.spread(id, wide)
    })
  }
  prim(name: PlainPrim, ...terms: readonly Term[]): NodeId {
    return this.make(name, {}, ...this.#alike(terms, undefined))
  }
  add(a: Term, b: Term): NodeId {
    return this.prim('add', a, b)
  }
  sub(a: Term, b: Term): NodeId {
    return this.prim('sub', a, b)
  }
  mul(a: Term, b: Term): NodeId {
    return this.prim('mul', a, b)
  }
  div(a: Term, b: Term): NodeId {
    return this.prim('div', a, b)
  }
  neg(a: NodeId): NodeId {
    return this.prim('neg', a)
  }
  /** An elementary function of one operand. */
  fn(name: 'exp' | 'log' | 'sin' | 'cos' | 'sinh' | 'cosh' | 'sigmoid', x: NodeId): NodeId {
    return this.make(name, {}, x)
  }
  select(condition: NodeId, a: Term, b: Term, elem: Elem): NodeId {
    const wide = [condition, a, b].find((t): t is NodeId => typeof t === 'number' && !isScalar(this.arena.typeOf(t)))
    const [c] = wide === undefined ? [condition] : [this.spread(condition, wide)]
    const arms = this.#alike(wide === undefined ? [a, b] : [a, b, wide], elem)
    return this.make('select', {}, c!, arms[0]!, arms[1]!)
  }

  /** g where the condition holds, and nothing flows elsewhere. */
  only(condition: NodeId, g: NodeId): NodeId {
    return this.cut(this.select(condition, g, lit(0), this.tensor(g).elem))
  }
  otherwise(condition: NodeId, g: NodeId): NodeId {
    return this.cut(this.select(condition, lit(0), g, this.tensor(g).elem))
  }
  /** 0, and NaN where x is: the slope of an extreme by what is not the extreme. */
  nowhere(x: NodeId): NodeId {
    return this.select(this.prim('eq', x, x), lit(0), lit(Number.NaN), this.tensor(x).elem)
  }
  cut(g: NodeId): NodeId {
    this.#cut.add(g)
    return g
  }
  isCut(g: NodeId): boolean {
    return this.#cut.has(g)
  }
  /** The same cells elsewhere, cut off where g is. */
  cutLike(g: NodeId, moved: NodeId): NodeId {
    return this.isCut(g) ? this.cut(moved) : moved
  }
  /**
   * g · slope. Where g was cut off, a slope that is infinite or NaN there must not make NaN of nothing: `select(x > 0,
   * log(x), 0)` has the slope 0 at 0. Only the slope is changed, and only there, so that second derivatives hold.
   */
  scale(g: NodeId, slope: Term): NodeId {
    if (!this.isCut(g) || typeof slope !== 'number') return this.mul(g, slope)
    const endless = this.prim('ne', this.sub(slope, slope), lit(0))
    const lost = this.make('and', {}, ...this.#alike([this.prim('eq', g, lit(0)), endless], 'bool'))
    return this.cut(this.mul(g, this.select(lost, lit(0), slope, this.tensor(slope).elem)))
  }
  /** g / slope, by the same rule. */
  over(g: NodeId, slope: NodeId): NodeId {
    return this.isCut(g) ? this.scale(g, this.div(lit(1), slope)) : this.div(g, slope)
  }

  sum(x: NodeId, axes: readonly number[]): NodeId {
    return axes.length === 0 ? x : this.make('reduce', { how: 'sum', axes }, x)
  }
  /** All axes but these. */
  rest(x: NodeId, axes: readonly number[]): number[] {
    return this.shape(x).flatMap((_, k) => (axes.includes(k) ? [] : [k]))
  }
  transpose(x: NodeId, perm: readonly number[]): NodeId {
    return perm.every((p, k) => p === k) ? x : this.make('transpose', { perm }, x)
  }
  /** One axis first, the others in their order. */
  #front(x: NodeId, axis: number): NodeId {
    return this.transpose(x, [axis, ...this.rest(x, [axis])])
  }
  /** 0, 1, 2 … along an axis of a node, as i32. */
  places(x: NodeId, axis: number): NodeId {
    const dim = this.shape(x)[axis]!
    return typeof dim === 'number' ? this.make('iota', { dim }) : this.make('iota', { dim }, this.#front(x, axis))
  }
  /** The size of an axis, as i32. */
  size(x: NodeId, axis: number): NodeId {
    const dim = this.shape(x)[axis]!
    return typeof dim === 'number' ? this.constant('i32', dim) : this.make('length', {}, this.places(x, axis))
  }
  /** Cells along an axis at a line of places. */
  pick(x: NodeId, axis: number, places: NodeId): NodeId {
    if (axis === 0) return this.make('gather', {}, x, places)
    const back = [...Array.from({ length: axis }, (_, k) => k + 1), 0]
    for (let k = axis + 1; k < this.shape(x).length; k++) back.push(k)
    return this.transpose(this.make('gather', {}, this.#front(x, axis), places), back)
  }
  /** The last cells along an axis first. */
  reversed(x: NodeId, axis: number): NodeId {
    return this.pick(x, axis, this.sub(this.sub(this.size(x, axis), lit(1)), this.places(x, axis)))
  }
  /** A line of truth values along an axis, for a tensor of all axes. */
  along(line: NodeId, like: NodeId, axis: number): NodeId {
    return this.spread(line, like, [axis])
  }
}
