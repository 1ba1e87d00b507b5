import * as t from 'io-ts'
import type { Dim, Type } from '../types.ts'
import { isSize, largestSize, parseType, showType } from '../types.ts'
import type { Json, Value } from '../values.ts'

/**
 * Stages of a graph, in order. An op says at which stage it may first occur; `check` holds every graph to that table.
 * `source` is what the builder makes; `normal` may hold `absent` operands; `batched` the structural nodes of batching;
 * `fused` kernels.
 */
export const stages = ['source', 'normal', 'batched', 'fused'] as const
export type Stage = (typeof stages)[number]

/** Parameters and result of a region, as its owner sees them. */
export interface RegionType {
  readonly params: readonly Type[]
  readonly result: Type
}

/** Everything the rest of Quoin knows about an op, said once. */
export interface OpDecl<A extends object = never> {
  readonly doc: string
  readonly attrs: t.Type<A, Json>
  /** The type of the result, or a sentence that says why these operands do not fit. */
  readonly infer: (attrs: A, args: readonly Type[], regions: readonly RegionType[]) => Type | string
  /** What a pure op does; control ops and effects are interpreted by `eval` itself. */
  readonly meaning?: (attrs: A, args: readonly Value[], types: readonly Type[], result: Type) => Value
  /** May end a run with an error; such nodes carry an occurrence and are never merged by hash-consing. */
  readonly fallible?: true
  readonly from?: Stage
}

/** Declares an op; the attribute type is taken from its io-ts codec. */
export const op = <A extends object>(decl: OpDecl<A>): OpDecl<A> => decl

const parse = (u: unknown, c: t.Context): t.Validation<Type> => {
  if (typeof u !== 'string') return t.failure(u, c, 'expected a type as text')
  const type = parseType(u)
  return typeof type === 'string' ? t.failure(u, c, type) : t.success(type)
}
/** Types travel as their text form. */
export const typeAttr = new t.Type<Type, string>(
  'Type',
  (u): u is Type => typeof u === 'object' && u !== null && 'kind' in u,
  parse,
  showType,
)

const whole = (name: string, from: number): t.Type<number, Json> =>
  new t.Type<number, Json>(
    name,
    (u): u is number => Number.isSafeInteger(u) && (u as number) >= from,
    (u, c) =>
      Number.isSafeInteger(u) && (u as number) >= from ? t.success(u as number) : t.failure(u, c, `expected ${name}`),
    (n) => n,
  )
export const count = whole('a whole number', 0)
export const anyInt = whole('an integer', Number.MIN_SAFE_INTEGER)
export const positive = whole('a positive whole number', 1)
const name = new t.Type<string, Json>(
  'a name',
  t.string.is,
  (u, c) => (typeof u === 'string' && u !== '__proto__' ? t.success(u) : t.failure(u, c, 'expected a name')),
  (s) => s,
)
export const nameAttr = name
export const text = t.string as unknown as t.Type<string, Json>
export const flag = t.boolean as unknown as t.Type<boolean, Json>
const dim = new t.Type<Dim, Json>(
  'Dim',
  (u): u is Dim => typeof u === 'string' || isSize(u),
  (u, c) =>
    typeof u === 'string' || isSize(u)
      ? t.success(u)
      : t.failure(u, c, `expected a dimension, a name or a size of at most ${largestSize}, not ${String(u)}`),
  (d) => d,
)
export const dimAttr = dim
export const json = new t.Type<Json, Json>(
  'Json',
  (_u): _u is Json => true,
  (u) => t.success(u as Json),
  (j) => j,
)
export const oneOf = <S extends string>(...names: readonly S[]): t.Type<S, Json> =>
  t.keyof(Object.fromEntries(names.map((n) => [n, null])) as Record<S, null>) as unknown as t.Type<S, Json>
export const list = <A>(of: t.Type<A, Json>): t.Type<readonly A[], Json> =>
  t.readonlyArray(of) as unknown as t.Type<readonly A[], Json>
export const nullable = <A>(of: t.Type<A, Json>): t.Type<A | null, Json> =>
  t.union([of, t.null]) as unknown as t.Type<A | null, Json>

type Shape = Record<string, t.Type<unknown, Json> | typeof typeAttr>
/** An object of exactly these attributes. */
export const attrs = <S extends { readonly [k: string]: t.Mixed }>(
  shape: S,
): t.Type<{ readonly [K in keyof S]: t.TypeOf<S[K]> }, Json> =>
  t.exact(t.readonly(t.type(shape) as never) as never) as never
/** The same with attributes that may be absent: those that came later, so that what was written before stays as it is. */
export const attrsWith = <S extends { readonly [k: string]: t.Mixed }, O extends { readonly [k: string]: t.Mixed }>(
  shape: S,
  more: O,
): t.Type<{ readonly [K in keyof S]: t.TypeOf<S[K]> } & { readonly [K in keyof O]?: t.TypeOf<O[K]> }, Json> =>
  t.exact(t.readonly(t.intersection([t.type(shape) as never, t.partial(more) as never]) as never) as never) as never
export const noAttrs = attrs({})
export type { Shape }

/** Names a type in messages, cut where it would fill the screen. */
export const show = (type: Type | undefined): string => {
  const s = type === undefined ? 'nothing' : showType(type)
  return s.length > 120 ? `${s.slice(0, 117)}…` : s
}
export const arity = (args: readonly unknown[], n: number): string | undefined =>
  args.length === n ? undefined : `takes ${n} operand${n === 1 ? '' : 's'} and was given ${args.length}`
