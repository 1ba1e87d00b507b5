import type { Elem, Float, Int } from '../elem.ts'
import { isFloat, isInt } from '../elem.ts'
import { reductions } from '../reduction.ts'
import type { Dim } from '../types.ts'
import { elementOf, scalar, showType, tensor } from '../types.ts'
import * as arith from './arith.ts'
import { unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { filtered, wrapAs } from './expr.ts'
import { beside, elemOf, literal, shapeOf, spread } from './lift.ts'
import { optionsOf } from './options.ts'
import { axesOf } from './reduce.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import * as shape from './shape.ts'
import type { Dims, Tail, TensorLike } from './types.ts'

type Numbers = Float | Int
type Folding = 'sum' | 'prod' | 'min' | 'max'

/** The one axis that a name, or a tensor of one axis, means. */
const axisOf = (op: string, x: Ref, dim: Dim | undefined): number | undefined => {
  const axes = axesOf(op, x, dim === undefined ? [] : [dim])
  if (axes === undefined || isPoisoned(x) || axes.length === 1) return axes?.[0]
  const cause = `${op} runs along one axis, and ${showType(x.type)} has ${shapeOf(x.type).length}`
  current().fail(op, cause, 'name the axis', x.type)
  return undefined
}

const running =
  (name: string, how: 'prod' | 'min' | 'max') =>
  <E extends Numbers, D extends Dims>(x: Tensor<E, D>, axis?: D[number]): Tensor<E, D> => {
    const r = unwrap(x)
    const k = axisOf(name, r, axis)
    const b = current()
    return wrapAs(
      k === undefined ? b.poisoned(r.type) : b.node('cumulate', { how, axis: k }, [r], 'convert to a number first'),
    )
  }
/** Running products, strictly left to right, along the named axis or the only one. */
export const cumprod = running('cumprod', 'prod')
/** The least cell so far; NaN from the first NaN on. */
export const cummin = running('cummin', 'min')
export const cummax = running('cummax', 'max')

const scatter =
  (how: Folding, checked: boolean) =>
  <E extends Numbers, D extends Dims, I extends Int, S extends Dims>(
    base: Tensor<E, D>,
    index: Tensor<I, S>,
    values: Tensor<E, readonly [...S, ...Tail<D>]>,
  ): Tensor<E, D> => {
    const [x, i, v] = [unwrap(base), unwrap(index), unwrap(values)]
    const b = current()
    const rows = `give one row of values for each index: ${showType(tensor(elemOf(x.type), [...shapeOf(i.type), ...shapeOf(x.type).slice(1)]))}`
    const made = b.node('scatterReduce', { how }, [x, i, v], rows)
    if (!checked || isPoisoned(made)) return wrapAs(made)
    const e = elemOf(i.type)
    const length = shape.lengthOf(x)
    const n = isInt(e) && e !== 'i32' ? b.node('convert', { to: e }, [length]) : length
    const inside = arith.prim2(
      'and',
      arith.prim2('ge', i, e.endsWith('64') ? 0n : 0),
      arith.prim2('lt', i, beside(b, n, i)),
    )
    const held = arith.check(inside, i, 'an index lies outside the axis', 'scatter')
    return wrapAs(b.node('scatterReduce', { how }, [x, held, v], rows))
  }
/** `base` with each row of `values` added to the row at its index, one after the other; an index outside ends the run. */
export const scatterAdd = scatter('sum', true)
export const scatterMin = scatter('min', true)
export const scatterMax = scatter('max', true)
/** The same, an index outside taking the nearest row. */
export const scatterAddClamped = scatter('sum', false)

export interface SortOptions {
  /** The greatest first; NaN stays last. */
  readonly descending?: boolean
}
/** Places in the order of their cells, along the named axis or the only one; equal cells stay in order, NaN comes last. */
export const argsort = <E extends Elem, D extends Dims>(
  x: Tensor<E, D>,
  options: SortOptions & { readonly axis?: D[number] } = {},
): Tensor<'i32', D> => wrapAs(argSorted('argsort', unwrap(x), options))
type Order = SortOptions & { readonly axis?: Dim }
const argSorted = (called: string, x: Ref, options: Order): Ref => {
  const { axis, descending = false } = optionsOf<Order>(called, options, ['axis', 'descending'])
  const k = axisOf(called, x, axis)
  const b = current()
  if (k === undefined || isPoisoned(x)) return b.poisoned(tensor('i32', shapeOf(x.type)))
  return b.calling(called, () =>
    b.node('argSort', { axis: k, descending }, [x], 'order numbers, booleans, strings, timestamps or decimals'),
  )
}
const taken = (x: Ref, index: Ref): Ref => shape.gather(x, index, false)
/** The cells of a column in order: -0 before 0, false before true, strings by code unit, NaN last. */
export const sort = <E extends Elem, D extends string | number>(
  x: Tensor<E, readonly [D]>,
  options: SortOptions = {},
): Tensor<E, [D]> => {
  const r = unwrap(x)
  return wrapAs(taken(r, argSorted('sort', r, options)))
}
type Key<D> = TensorLike<Elem, readonly [D]> | (SortOptions & { readonly by: TensorLike<Elem, readonly [D]> })
const dimOf = (x: Ref): Dim | undefined => elementOf(x.type)?.dim
/**
 * Places in the order of several columns, the first before the second and so on: `gather(x, orderBy([year, name]))`. Each
 * may be given as `{ by: year, descending: true }`.
 */
export const orderBy = <D extends string | number>(
  keys: readonly [Key<D>, ...Key<NoInfer<D>>[]],
): Tensor<'i32', [D]> => {
  let order: Ref | undefined
  const columns = keys.map((key) => unwrap('by' in key ? key.by : key))
  const odd = columns.find((c) => !isPoisoned(c) && !isPoisoned(columns[0]!) && dimOf(c) !== dimOf(columns[0]!))
  if (odd !== undefined) {
    const cause = `orderBy needs columns of one dimension, but was given ${showType(columns[0]!.type)} and ${showType(odd.type)}`
    return wrapAs(current().fail('orderBy', cause, 'order columns of the same rows', tensor('i32', [0])))
  }
  for (const key of keys.toReversed()) {
    const { by, ...options } = 'by' in key ? key : { by: key }
    const column = unwrap(by)
    const next = argSorted('orderBy', order === undefined ? column : taken(column, order), options)
    order = order === undefined ? next : taken(order, next)
  }
  return wrapAs(
    order ?? current().fail('orderBy', 'orderBy needs at least one column', 'give it [column, …]', tensor('i32', [0])),
  )
}
/** The k greatest cells of a column (or least: `descending: false`), equal ones as they stand, and where they are. */
export const topK = <E extends Elem, D extends string | number>(
  x: Tensor<E, readonly [D]>,
  k: number,
  options: SortOptions = {},
): { readonly values: Tensor<E, [number | D]>; readonly indices: Tensor<'i32', [number | D]> } => {
  const r = unwrap(x)
  const order = argSorted('topK', r, { descending: true, ...options })
  const b = current()
  const first =
    Number.isSafeInteger(k) && k >= 0
      ? shape.slice(order, 0, k, {})
      : b.fail('topK', `topK of ${k}`, 'give a whole number of cells', order.type)
  return { values: wrapAs(taken(r, first)), indices: wrapAs(first) }
}

/** Rows with equal keys, each group where its first row is. */
export interface Groups<K, D extends string | number, N extends string> {
  /** The keys of each group. */
  readonly keys: {
    readonly [F in keyof K]: K[F] extends TensorLike<infer E extends Elem, unknown> ? Tensor<E, [N]> : never
  }
  /** The number of the group of each row. */
  readonly of: Tensor<'i32', [D]>
  /** How many rows each group has. */
  count(): Tensor<'i32', [N]>
  /** Added row after row; integers wrap. */
  sum<E extends Numbers>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
  prod<E extends Numbers>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
  min<E extends Numbers>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
  max<E extends Numbers>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
  mean<E extends Float>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
  /** The cell of the first row of each group. */
  first<E extends Elem>(x: TensorLike<E, readonly [D]>): Tensor<E, [N]>
}
/**
 * Groups of rows with equal keys along a new dimension, in the order of their first rows; NaN is equal to NaN, -0 to 0:
 * `groupBy({ region, year }, 'group')`.
 */
export const groupBy = <
  const K extends { readonly [name: string]: TensorLike<Elem, readonly [D]> },
  D extends string | number,
  const N extends string,
>(
  keys: K & { readonly [name: string]: TensorLike<Elem, readonly [D]> },
  dim: N,
): Groups<K, D, N> => {
  const b = current()
  const columns = Object.keys(keys).map((name) => [name, unwrap(keys[name])] as const)
  const same = b.node(
    'firstEqual',
    {},
    columns.map(([, c]) => c),
    'give columns of one dimension: { region, year }',
  )
  const d = shapeOf(same.type)[0] ?? 0
  const index = isPoisoned(same) ? same : b.node('iota', { dim: d }, typeof d === 'number' ? [] : [same])
  const begins = arith.prim2('eq', same, index)
  const first = filtered(index, begins, dim)
  const group = isPoisoned(first) ? b.poisoned(tensor('i32', [dim])) : first
  const numbers = b.node('cumsum', { axis: 0 }, [arith.convert(begins, 'i32', false)])
  const of = taken(arith.sub(numbers, 1), same)
  const fold = (how: Folding, x: Ref): Ref => {
    const e = elemOf(x.type)
    if (isPoisoned(x) || isPoisoned(group)) return b.poisoned(tensor(e, shapeOf(group.type)))
    if (!isFloat(e) && !isInt(e)) {
      return b.fail(
        'groupBy',
        `${how} of groups takes numbers, not ${showType(x.type)}`,
        'convert to a number first',
        x.type,
      )
    }
    const base = spread(b, literal(b, scalar(e), reductions[how].identity(e)), shapeOf(group.type), [], group)
    return b.node('scatterReduce', { how }, [base, of, x], 'give a column of numbers of the grouped rows')
  }
  const count = (): Ref => fold('sum', spread(b, literal(b, scalar('i32'), 1), [d], [], same))
  const folding = (how: Folding) => (x: unknown) => wrapAs(fold(how, unwrap(x))) as never
  return {
    keys: Object.fromEntries(columns.map(([name, c]) => [name, wrapAs(taken(c, group))])) as never,
    of: wrapAs(of),
    count: () => wrapAs(count()),
    sum: folding('sum'),
    prod: folding('prod'),
    min: folding('min'),
    max: folding('max'),
    mean: (x) => {
      const r = unwrap(x)
      return wrapAs(arith.div(fold('sum', r), arith.convert(count(), elemOf(r.type), false)))
    },
    first: (x) => {
      const r = unwrap(x)
      const fits = isPoisoned(r) || isPoisoned(same) || dimOf(r) === d
      const cause = `first of groups takes a column along '${d}', not ${showType(r.type)}`
      return wrapAs(fits ? taken(r, group) : b.fail('groupBy', cause, 'give a column of the grouped rows', r.type))
    },
  }
}

/** Columns to compare: one, or several. */
type Keys<D> = TensorLike<Elem, readonly [D]> | readonly TensorLike<Elem, readonly [D]>[]
const refs = (keys: Keys<unknown>): Ref[] => (Array.isArray(keys) ? keys : [keys]).map((k) => unwrap(k))

export type Pairs<N extends string> = {
  readonly left: Tensor<'i32', [N]>
  readonly right: Tensor<'i32', [N]>
  /** Whether there is a right row; without one, `right` is -1. */
  readonly matched: Tensor<'bool', [N]>
}
/**
 * Row numbers of all pairs with equal keys along a new dimension, by left row and then by right row; `left: true` keeps left
 * rows without a partner. `gather(amount, pairs.left)` is a column of the pairs.
 */
export const join = <L extends string | number, R extends string | number, const N extends string>(
  left: Keys<L>,
  right: Keys<R>,
  dim: N,
  options: { readonly left?: boolean } = {},
): Pairs<N> => {
  const b = current()
  const keys = [...refs(left), ...refs(right)]
  const how = options.left === true ? 'left' : 'inner'
  const name = b.introduce(dim, 'join', `join ${how} ${keys.map((k) => k.id).join()}`)
  const pairs = b.node('join', { how, dim: name }, keys, 'give as many key columns of one side as of the other')
  const column = (side: 'left' | 'right'): Ref =>
    isPoisoned(pairs) ? b.poisoned(tensor('i32', [name])) : b.node('column', { name: side }, [pairs])
  const rights = column('right')
  return { left: wrapAs(column('left')), right: wrapAs(rights), matched: wrapAs(arith.prim2('ge', rights, 0)) }
}
