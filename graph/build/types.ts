import type { Elem } from '../elem.ts'
import type { Json } from '../values.ts'
import type { Rows, Tensor } from './expr.ts'

/** The dimensions of a tensor: names or literal sizes, outermost first. */
export type Dims = readonly (string | number)[]

/** What may stand beside a tensor of dimensions D: a scalar, or the same dimensions; beside a scalar, anything. */
export type Room<D extends Dims> = [] | (D extends readonly [] ? Dims : D)
/** The dimensions of the result: only scalars stretch. */
export type Join<D extends Dims, X extends Dims> = D extends readonly [] ? X : D

/** Dimensions after reducing the named ones; naming none reduces all. */
export type Less<D extends Dims, A extends Dims> = A extends readonly [] ? [] : Without<D, A[number]>
type Without<D extends Dims, A> = D extends readonly [infer H extends string | number, ...infer T extends Dims]
  ? H extends A
    ? Without<T, A>
    : [H, ...Without<T, A>]
  : D extends readonly []
    ? []
    : number[]
/** The last dimension by itself. */
export type Last<D extends Dims> = D extends readonly [...Dims, infer L extends string | number] ? [L] : []
export type Tail<D extends Dims> = D extends readonly [string | number, ...infer T extends Dims] ? T : []
export type Reverse<D extends Dims> = D extends readonly [infer H extends string | number, ...infer T extends Dims]
  ? [...Reverse<T>, H]
  : []
/** `.along(a)` puts the named axes in front; if they include its own, they are the whole shape. */
export type Along<D extends Dims, A extends Dims> = D[number] extends A[number] ? [...A] : [...A, ...D]

/** The JavaScript value of one cell. */
export type Cell<E extends Elem> = E extends 'f64' | 'f32' | 'i32' | 'u32'
  ? number
  : E extends 'bool'
    ? boolean
    : E extends 'string'
      ? string
      : E extends 'bytes'
        ? Uint8Array
        : E extends 'json'
          ? Json
          : E extends 'unit'
            ? null
            : bigint
/** What a JavaScript program may give where one cell is wanted. */
export type CellIn<E extends Elem> = E extends 'i64' | 'u64'
  ? bigint | number
  : E extends 'timestamp'
    ? bigint | string | Date
    : E extends 'f64' | 'f32' | 'i32' | 'u32' | 'bool' | 'string' | 'bytes' | 'json' | 'unit'
      ? Cell<E>
      : bigint | string
/** JavaScript values that become constants beside a tensor of element E. */
export type Lift<E extends Elem> = CellIn<E>

/** Columns of results. */
export type ColumnOf<E extends Elem> = E extends 'f64'
  ? Float64Array
  : E extends 'f32'
    ? Float32Array
    : E extends 'i32'
      ? Int32Array
      : E extends 'u32'
        ? Uint32Array
        : E extends 'u64'
          ? BigUint64Array
          : E extends 'bool' | 'string' | 'bytes' | 'json' | 'unit'
            ? readonly Cell<E>[]
            : BigInt64Array

/** A tensor of rank 2 or more in results: cells in row-major order. */
export interface Shaped<C> {
  readonly shape: readonly number[]
  readonly data: C
}
/** A list in results: rows one by one, or column by column. Prints as an array of rows. */
export interface RowsOut<R, C> extends Iterable<R> {
  readonly length: number
  readonly columns: C
  at(i: number): R | undefined
}

/** What an expression holds; types only. */
export const holds: unique symbol = Symbol('holds')
export interface TensorLike<E, D> {
  readonly kind: 'tensor'
  readonly elem: E
  readonly shape: D
}
export interface RowsLike<R, D> {
  readonly kind: 'rows'
  readonly [holds]: R
  readonly dim: D
}
export interface Holding<K, X> {
  readonly kind: K
  readonly [holds]: X
}
/** Anything an expression can be: a tensor, rows, an option, a union, a result, or a plain object of expressions. */
export type Expr = { readonly kind: 'tensor' | 'rows' | 'option' | 'union' | 'result' } | Fields
export interface Fields {
  readonly [field: string]: Expr
}
export type Scalar<E extends Elem> = Tensor<E, []>
/** What a body may return: expressions, and JavaScript values, which become constants; in objects of any depth. */
export type Given = Expr | HostValue | GivenFields
export interface GivenFields {
  readonly [field: string]: Given
}
export type HostValue = number | bigint | boolean | string | Date | Uint8Array
/** What becomes of it: numbers are f64, bigints i64, dates timestamps. */
export type Lifted<Y> = Y extends number
  ? Scalar<'f64'>
  : Y extends bigint
    ? Scalar<'i64'>
    : Y extends boolean
      ? Scalar<'bool'>
      : Y extends string
        ? Scalar<'string'>
        : Y extends Date
          ? Scalar<'timestamp'>
          : Y extends Uint8Array
            ? Scalar<'bytes'>
            : Y extends { readonly kind: 'tensor' | 'rows' | 'option' | 'union' | 'result' }
              ? Y
              : { readonly [K in keyof Y]: Lifted<Y[K]> }
/** Whatever becomes an expression of this type: `cond(c, () => x, () => 0)`. */
export type Lifting<Y> =
  | Y
  | (Y extends TensorLike<infer E, readonly []>
      ? HostOf<E>
      : Y extends { readonly kind: string }
        ? never
        : { readonly [K in keyof Y]: Lifting<Y[K]> })
type HostOf<E> = E extends 'f64'
  ? number
  : E extends 'i64'
    ? bigint
    : E extends 'bool'
      ? boolean
      : E extends 'string'
        ? string
        : E extends 'timestamp'
          ? Date
          : E extends 'bytes'
            ? Uint8Array
            : never

/** The list of expressions of one kind along a dimension; scalars give a tensor, everything else rows. */
export type ListOf<X, D extends string | number> =
  X extends TensorLike<infer E extends Elem, infer S>
    ? S extends readonly []
      ? Tensor<E, [D]>
      : Rows<X, D>
    : X extends Expr
      ? Rows<X, D>
      : never
/** What `run` gives for an expression. */
export type Out<X> =
  X extends TensorLike<infer E extends Elem, infer D>
    ? D extends readonly []
      ? Cell<E>
      : D extends readonly [string | number]
        ? ColumnOf<E>
        : Shaped<ColumnOf<E>>
    : X extends RowsLike<infer R, unknown>
      ? RowsOut<
          Out<R>,
          R extends Fields ? { readonly [K in keyof R]: Out<ListOf<R[K], string>> } : Record<string, never>
        >
      : X extends Holding<'option', infer V>
        ? Out<V> | null
        : X extends Holding<'union', infer C>
          ? { readonly [K in keyof C]: { readonly _tag: K; readonly value: Out<C[K]> } }[keyof C]
          : X extends Holding<'result', infer V>
            ?
                | { readonly _tag: 'Ok'; readonly value: Out<V> }
                | { readonly _tag: 'Err'; readonly error: { readonly tag: string; readonly message: string } }
            : { readonly [K in keyof X]: Out<X[K]> }

/** What `run` accepts for an expression. */
export type In<X> =
  X extends TensorLike<infer E extends Elem, infer D>
    ? D extends readonly []
      ? CellIn<E>
      : D extends readonly [string | number]
        ? readonly CellIn<E>[] | ColumnOf<E>
        : Nested<CellIn<E>> | Shaped<readonly CellIn<E>[] | ColumnOf<E>>
    : X extends RowsLike<infer R, unknown>
      ?
          | readonly In<R>[]
          | (R extends Fields ? { readonly columns: { readonly [K in keyof R]: In<ListOf<R[K], string>> } } : never)
      : X extends Holding<'option', infer V>
        ? In<V> | null | undefined
        : X extends Holding<'union', infer C>
          ? { readonly [K in keyof C]: { readonly _tag: K; readonly value: In<C[K]> } }[keyof C]
          : X extends Holding<'result', infer V>
            ?
                | { readonly _tag: 'Ok'; readonly value: In<V> }
                | { readonly _tag: 'Err'; readonly error: { readonly tag: string; readonly message: string } }
            : { readonly [K in keyof X]: In<X[K]> }
export type Nested<C> = readonly (C | Nested<C>)[]
