import * as io from 'io-ts'
import type { Elem } from '../elem.ts'
import { encodeValue } from '../json-value.ts'
import type { Dim, Fields, Type } from '../types.ts'
import { listOf, option, record, scalar, showType, tensor, union } from '../types.ts'
import type { Json } from '../values.ts'
import type { Opt, Rows, Tensor, Union } from './expr.ts'
import { fromValue, toValue } from './host.ts'
import type { Dims, Expr, In, ListOf, Out } from './types.ts'

/** A Standard Schema issue: what is wrong, and the way to it. */
export interface Issue {
  readonly message: string
  readonly path: readonly (string | number)[]
}
/** What `~standard` holds, so that other validators and form libraries can use a codec as it is. */
export interface Standard<I, O> {
  readonly version: 1
  readonly vendor: 'quoin'
  readonly validate: (value: unknown) => { readonly value: O } | { readonly issues: readonly Issue[] }
  readonly types?: { readonly input: I; readonly output: O }
}

/**
 * The type of a value: an io-ts codec that also says what the value is inside a graph. `X` is the expression it
 * becomes there; `In<X>` is what `run` accepts and `Out<X>` what it gives.
 *
 *     const Loan = row({ id: t.i64, amount: t.f64 })
 *     type LoanRow = Out<ExprOf<typeof Loan>>           // { id: bigint, amount: number }
 */
export class Codec<X> extends io.Type<Out<X>, Json, unknown> {
  readonly type: Type
  declare readonly expr: X
  readonly '~standard': Standard<In<X>, Out<X>>
  constructor(type: Type) {
    const read = (u: unknown) => toValue(type, u)
    super(
      showType(type),
      (u): u is Out<X> => read(u)._tag === 'Right',
      (u, c) => {
        const r = read(u)
        if (r._tag === 'Right') return io.success(fromValue(type, r.right) as Out<X>)
        return io.failures(r.left.map((m) => ({ value: u, context: c, message: `${m.path} ${m.problem}` })))
      },
      (a) => {
        const r = read(a)
        return r._tag === 'Right' ? encodeValue(type, r.right) : null
      },
    )
    this.type = type
    this['~standard'] = {
      version: 1,
      vendor: 'quoin',
      validate: (u) => {
        const r = read(u)
        if (r._tag === 'Right') return { value: fromValue(type, r.right) as Out<X> }
        return { issues: r.left.map((m) => ({ message: m.problem, path: pathOf(m.path) })) }
      },
    }
  }
}
const pathOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map((m) => (m[1] === undefined ? Number(m[2]) : m[1]))

/** The codec of one cell, which also names the element: `x.to(t.f64)`. */
export class ElemCodec<E extends Elem> extends Codec<Tensor<E, []>> {
  readonly elem: E
  constructor(elem: E) {
    super(scalar(elem))
    this.elem = elem
  }
}
/** The expression a codec stands for. */
export type ExprOf<C> = C extends { readonly expr: infer X } ? X : never
/** Codecs by field name. */
export interface Shape {
  readonly [field: string]: { readonly type: Type; readonly expr: unknown }
}
export type ExprsOf<S> = { readonly [K in keyof S]: ExprOf<S[K]> }

const fieldsOf = (shape: Shape): Fields => Object.entries(shape).map(([n, c]) => [n, c.type] as const)

/**
 * A dimension with a name of yours: inputs that share it have one size, and a run whose inputs differ is refused.
 *
 *     const K = dim('K')
 *     graph('g', { x: t.tensor(t.f64, K), y: t.tensor(t.f64, K) }, ({ x, y }) => x.add(y))
 */
export const dim = <const N extends string>(name: N): N => name

/** A record of named fields; what a row of a query is. */
export const row = <S extends Shape>(fields: S): Codec<{ readonly [K in keyof S]: ExprOf<S[K]> }> =>
  new Codec(record(fieldsOf(fields)))

/** Codecs: the elements, and the ways to put them together. */
export const t = {
  f64: new ElemCodec('f64'),
  f32: new ElemCodec('f32'),
  i32: new ElemCodec('i32'),
  u32: new ElemCodec('u32'),
  i64: new ElemCodec('i64'),
  u64: new ElemCodec('u64'),
  bool: new ElemCodec('bool'),
  string: new ElemCodec('string'),
  bytes: new ElemCodec('bytes'),
  /** Microseconds since 1970-01-01T00:00Z, as a bigint; takes a Date or an ISO 8601 text as well. */
  timestamp: new ElemCodec('timestamp'),
  json: new ElemCodec('json'),
  unit: new ElemCodec('unit'),
  /** An exact number with `scale` (0 to 18) decimals, held as a scaled 64-bit integer: `t.decimal(2)` for cents. */
  decimal: <S extends number>(scale: S): ElemCodec<`decimal(${S})`> => {
    // A scale that cannot be is a problem of the graph that uses it.
    return new ElemCodec(`decimal(${scale})`)
  },
  /** A value or null. SQL columns that may be NULL need it. */
  option: <X>(of: Codec<X>): Codec<Opt<X>> => new Codec(option(of.type)),
  /** A list along a dimension; a list of scalars is a tensor of one axis. */
  list: <X, const D extends Dim>(of: Codec<X>, dim: D): Codec<ListOf<X, D>> => new Codec(listOf(of.type, dim)),
  /** An array: `t.tensor(t.f64, 'K', 3)`. */
  tensor: <E extends Elem, const D extends Dims>(elem: ElemCodec<E>, ...dims: D): Codec<Tensor<E, [...D]>> =>
    new Codec(tensor(elem.elem, dims)),
  record: row,
  row,
  /** One of several named cases: `t.union({ card: t.string, cash: t.unit })`. */
  union: <S extends Shape>(cases: S): Codec<Union<ExprsOf<S>>> => new Codec(union(fieldsOf(cases))),
} as const

/** Rows of a codec along a dimension. */
export type RowsOf<C, D extends string> = ExprOf<C> extends Expr ? Rows<ExprOf<C>, D> : never
