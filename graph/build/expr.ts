import type { Elem, Float } from '../elem.ts'
import type { Dim, Type, Fields as TypeFields } from '../types.ts'
import { elementOf, freeDims, isRagged, showType, unit } from '../types.ts'
import * as arith from './arith.ts'
import { Base, isPlain, node, operandOf, origin, unwrap } from './base.ts'
import type { Builder } from './builder.ts'
import { current } from './builder.ts'
import type { Operand } from './lift.ts'
import { shapeOf } from './lift.ts'
import { namedObjects } from './named.ts'
import * as reduce from './reduce.ts'
import { withBodies } from './region.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import * as shape from './shape.ts'
import type {
  Along,
  Dims,
  Given,
  Holding,
  Join,
  Less,
  Lift,
  Lifted,
  ListOf,
  Room,
  RowsLike,
  Scalar,
  Tail,
  TensorLike,
} from './types.ts'
import { holds } from './types.ts'

/**
 * An array of elements E with dimensions D; a scalar has none. Operands are tensors of the same dimensions, scalars, or
 * JavaScript values. The rarer operations are functions: `exp(x)`, `softmax(x)`, `transpose(x)`.
 *
 *     const loss = amount.mul(0.45).along('scenario')   // Tensor<'f64', ['scenario', 'loan']>
 */
export class Tensor<E extends Elem, D extends Dims> extends Base implements TensorLike<E, D> {
  declare readonly kind: 'tensor'
  declare readonly elem: E
  declare readonly shape: D

  add<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two(arith.add, this, other)
  }
  sub<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two(arith.sub, this, other)
  }
  mul<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two(arith.mul, this, other)
  }
  /** Integers end the run on a zero divisor; `divTotal(a, b)` gives 0 instead. */
  div<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two(arith.div, this, other)
  }
  neg(): Tensor<E, D> {
    return wrapAs(arith.neg(unwrap(this)))
  }
  lt<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('lt', a, b), this, other)
  }
  le<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('le', a, b), this, other)
  }
  gt<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('gt', a, b), this, other)
  }
  ge<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('ge', a, b), this, other)
  }
  eq<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('eq', a, b), this, other)
  }
  ne<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<'bool', Join<D, X>> {
    return two((a, b) => arith.prim2('ne', a, b), this, other)
  }
  /** Logical on bool, bitwise on integers. */
  and<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two((a, b) => arith.prim2('and', a, b), this, other)
  }
  or<X extends Room<D> = []>(other: Tensor<E, X> | Lift<E>): Tensor<E, Join<D, X>> {
    return two((a, b) => arith.prim2('or', a, b), this, other)
  }
  not(): Tensor<E, D> {
    return wrapAs(arith.prim1('not', unwrap(this)))
  }
  /** Over all axes, or over the named ones: `x.sum('loan')`. Integers wrap; decimals end the run on overflow. */
  sum<const A extends readonly D[number][]>(...axes: A): Tensor<E, Less<D, A>> {
    return wrapAs(reduce.reduce('sum', unwrap(this), axes))
  }
  mean<const A extends readonly D[number][]>(
    ...axes: A
  ): E extends Float ? Tensor<E, Less<D, A>> : `mean needs f64 or f32, not ${E}: say .to(t.f64) first` {
    return wrapAs(reduce.mean(unwrap(this), axes)) as never
  }
  max<const A extends readonly D[number][]>(...axes: A): Tensor<E, Less<D, A>> {
    return wrapAs(reduce.reduce('max', unwrap(this), axes))
  }
  min<const A extends readonly D[number][]>(...axes: A): Tensor<E, Less<D, A>> {
    return wrapAs(reduce.reduce('min', unwrap(this), axes))
  }
  /** Where the greatest cell is: the first of them, the first NaN before all, -1 on an empty axis. */
  argmax<const A extends readonly D[number][]>(...axes: A): Tensor<'i32', Less<D, A>> {
    return wrapAs(reduce.argReduce('max', unwrap(this), axes))
  }
  argmin<const A extends readonly D[number][]>(...axes: A): Tensor<'i32', Less<D, A>> {
    return wrapAs(reduce.argReduce('min', unwrap(this), axes))
  }
  /** Another element: `x.to(t.f64)`. A value that does not fit ends the run; `toTotal` saturates or wraps. */
  to<F extends Elem>(elem: { readonly elem: F }): Tensor<F, D> {
    return wrapAs(arith.convert(unwrap(this), elem.elem))
  }
  /** Spreads over more axes, put in front: `v.along('loan')`; naming its own as well gives the whole shape. */
  along<const A extends Dims>(...dims: A): Tensor<E, Along<D, A>> {
    return wrapAs(arith.along(unwrap(this), dims))
  }
  /** Row i along the first axis; outside it the run ends. `gatherClamped` takes the nearest row. */
  at(i: Scalar<'i32'> | Scalar<'i64'> | number): Tensor<E, Tail<D>> {
    return wrapAs(shape.gather(unwrap(this), operandOf(i), true))
  }
  /** The same cells in row-major order; named dimensions stay, literal ones may be regrouped. */
  reshape<const S extends Dims>(...dims: S): Tensor<E, [...S]> {
    return wrapAs(shape.reshape(unwrap(this), dims))
  }
}
const two = <E extends Elem, D extends Dims>(f: (a: Ref, b: Operand) => Ref, a: Base, b: unknown): Tensor<E, D> =>
  wrapAs(f(unwrap(a), operandOf(b)))

/**
 * A list of R along dimension D: the answer of a query, an input, or what `map` made.
 *
 *     const people = loans.map((l) => risk.one('customer', Customer)`select … where id = ${l.customer}`)
 */
export class Rows<R, D extends string | number> extends Base implements RowsLike<R, D> {
  declare readonly kind: 'rows'
  declare readonly [holds]: R
  declare readonly dim: D

  /** The body for each element in order; the first error is the answer. The dimension stays. */
  map<Y extends Given>(body: (row: R) => Y): ListOf<Lifted<Y>, D> {
    return mapped('map', unwrap(this), body)
  }
  /** As `map`, on your word that the elements are independent: all run, then the first error in order is the answer. */
  forkMap<Y extends Given>(body: (row: R) => Y): ListOf<Lifted<Y>, D> {
    return mapped('forkMap', unwrap(this), body)
  }
  /** The columns of rows of records, all along the same dimension. */
  columns(): { readonly [K in keyof R]: ListOf<R[K], D> } {
    return columnsOf(unwrap(this)) as { readonly [K in keyof R]: ListOf<R[K], D> }
  }
  /** The rows at which the condition is true, along a new dimension. */
  filter<const N extends string = `${D}.kept`>(
    where: ((row: R) => Scalar<'bool'>) | Tensor<'bool', [D]>,
    dim?: N,
  ): Rows<R, N> {
    const mask = typeof where === 'function' ? unwrap(this.map(where as never)) : unwrap(where)
    return wrapAs(filtered(unwrap(this), mask, dim))
  }
  /** Row i, if there is one. A ragged dimension of the rows takes the name `dim` in it, since no other row has its size. */
  at(i: Scalar<'i32'> | Scalar<'i64'> | number, dim?: string): Opt<R> {
    const b = current()
    const [list, index] = [unwrap(this), operandOf(i)]
    const row = typeof index === 'number' ? lift32(b, index) : (index as Ref)
    const ragged = freeDims(elementOf(list.type)?.of ?? list.type).filter(isRagged)
    const dims = ragged.map((d, k) => {
      const wanted =
        dim === undefined ? `${d}.at${typeof index === 'number' ? index : ''}` : `~${dim}${k === 0 ? '' : k}`
      return b.introduce(wanted, 'at', `at ${list.id} ${row.id}`)
    })
    return wrapAs(b.node('at', { dims }, [list, row], 'index by an i32 or i64'))
  }
  /** How many there are. */
  count(): Scalar<'i32'> {
    return wrapAs(shape.lengthOf(unwrap(this)))
  }
}
const lift32 = (b: Builder, i: number): Ref =>
  b.node('const', { type: { kind: 'tensor', elem: 'i32', shape: [] }, value: i }, [], 'give a whole number')

/** A value that may be missing: SQL NULL, `maybe`, `at`. Take it apart with `match`, or say what stands for none. */
export class Opt<X> extends Base implements Holding<'option', X> {
  declare readonly kind: 'option'
  declare readonly [holds]: X
  orElse(other: X | (X extends TensorLike<infer E extends Elem, []> ? Lift<E> : never)): X {
    const r = unwrap(this)
    const of = r.type.kind === 'option' ? r.type.of : unit
    const given = of.kind === 'tensor' && isPlain(other) ? arith.constantLike({ ...r, type: of }, other) : unwrap(other)
    return wrap(current().node('orElse', {}, [r, given], 'give a default of the type inside')) as X
  }
  isSome(): Scalar<'bool'> {
    return wrapAs(current().node('isSome', {}, [unwrap(this)]))
  }
}
/** One of several named cases; taken apart with `match`. */
export class Union<C> extends Base implements Holding<'union', C> {
  declare readonly kind: 'union'
  declare readonly [holds]: C
}
/** What `attempt` gives: a value or the error as data; taken apart with `match`. */
export class Result<X> extends Base implements Holding<'result', X> {
  declare readonly kind: 'result'
  declare readonly [holds]: X
}
const kinds: readonly (readonly [{ readonly prototype: Base }, string])[] = [
  [Tensor, 'tensor'],
  [Rows, 'rows'],
  [Opt, 'option'],
  [Union, 'union'],
  [Result, 'result'],
]
for (const [c, kind] of kinds) Object.defineProperty(c.prototype, 'kind', { value: kind })
Object.defineProperty(Tensor.prototype, 'elem', {
  get(this: Base) {
    return (this[node].type as { elem: Elem }).elem
  },
})
Object.defineProperty(Tensor.prototype, 'shape', {
  get(this: Base) {
    return shapeOf(this[node].type)
  },
})
Object.defineProperty(Rows.prototype, 'dim', {
  get(this: Base) {
    return elementOf(this[node].type)?.dim
  },
})

/** The expression for a node, by its type; records become plain objects of their fields. */
export const wrap = (r: Ref): unknown => {
  switch (r.type.kind) {
    case 'tensor':
      return new Tensor(r)
    case 'list':
      return new Rows(r)
    case 'option':
      return new Opt(r)
    case 'union':
      return new Union(r)
    case 'result':
      return new Result(r)
    case 'record':
      return fieldsOf(r, r.type.fields)
  }
}
export const wrapAs = <X>(r: Ref): X => wrap(r) as X
const fieldsObject = namedObjects('field', wrap)
const columnsObject = namedObjects('column', wrap)
const fieldsOf = (r: Ref, fields: TypeFields): object =>
  fieldsObject([
    ...fields.map(([name, type]) => {
      const part = isPoisoned(r) ? r.builder.poisoned(type) : current().node('field', { name }, [r])
      return [name, wrap(part)] as const
    }),
    [origin, r],
  ])
const columnsOf = (r: Ref): object => {
  const e = elementOf(r.type)
  if (e?.of.kind !== 'record') {
    const b = r.builder
    if (!isPoisoned(r))
      b.fail('columns', `columns works on rows of records, not on ${showType(r.type)}`, 'map to a record first')
    // Whatever column is asked for is poisoned, so that destructuring carries on.
    return new Proxy({}, { get: () => wrap(b.poisoned(unit)) })
  }
  const columns = e.of.fields.map(([name, type]) => {
    const list: Type =
      type.kind === 'tensor' && type.shape.length === 0
        ? { ...type, shape: [e.dim] }
        : { kind: 'list', of: type, dim: e.dim }
    const part = isPoisoned(r) ? r.builder.poisoned(list) : current().node('column', { name }, [r])
    return [name, wrap(part)] as const
  })
  return columnsObject(columns)
}

const mapped = <Y>(op: 'map' | 'forkMap', list: Ref, body: (row: never) => unknown): Y => {
  const b = current()
  const e = elementOf(list.type)
  if (e === undefined)
    return wrapAs(
      isPoisoned(list)
        ? b.poisoned(list.type)
        : b.fail(
            op,
            `${op} works on rows, not on ${showType(list.type)}`,
            'use each(tensor) to map over a tensor of one axis',
          ),
    )
  const spec = { params: [e.of], build: ([row]: readonly Ref[]) => unwrap(body(wrap(row!) as never)) }
  return wrapAs(withBodies(b, op, {}, [list], [spec], { repeats: true }))
}
/** The elements of a list or tensor where the mask is true, along a new dimension. */
export const filtered = (list: Ref, mask: Ref, dim: string | undefined): Ref => {
  const b = current()
  if (isPoisoned(list) || isPoisoned(mask)) return b.poisoned(list.type)
  const own: Dim = elementOf(list.type)?.dim ?? 'rows'
  const name = b.introduce(dim ?? `${own}.kept`, 'filter', `filter ${mask.id}`)
  return b.node('filter', { dim: name }, [list, mask], 'give a condition along the dimension of the rows')
}
