import type { Elem } from '../elem.ts'
import type { ElementaryName } from '../elementary/index.ts'
import { elementary } from '../elementary/index.ts'
import type { PlainPrim } from '../prims.ts'
import { showType, tensor } from '../types.ts'
import * as arith from './arith.ts'
import { operandOf } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import type { Tree } from './fx-parse.ts'
import { caret, formulaOf, parseFormula, Unreadable } from './fx-parse.ts'
import type { Operand } from './lift.ts'
import { elemOf, isRef, lift, literal, shapeOf } from './lift.ts'
import { nearest } from './nearest.ts'
import * as reduce from './reduce.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import type { Dims, TensorLike } from './types.ts'

/** What may stand in a formula. */
export type Hole = TensorLike<Elem, Dims> | number

/** Element and dimensions of a formula: those of the first hole that has them; conditions may be bool. */
type FirstElem<H> = H extends readonly [infer A, ...infer R]
  ? A extends TensorLike<infer E extends Elem, unknown>
    ? E extends 'bool'
      ? FirstElem<R>
      : E
    : FirstElem<R>
  : 'f64'
type FirstDims<H> = H extends readonly [infer A, ...infer R]
  ? A extends TensorLike<unknown, infer D extends Dims>
    ? D extends readonly []
      ? FirstDims<R>
      : D
    : FirstDims<R>
  : []
type Fit<A, E extends Elem, D extends Dims> = A extends number
  ? A
  : A extends TensorLike<infer F, infer S>
    ? Tensor<F extends 'bool' ? 'bool' : E, S extends readonly [] ? [] : D>
    : never
type Alike<H> = { readonly [K in keyof H]: Fit<H[K], FirstElem<H>, FirstDims<H>> }

/**
 * A formula: numbers, holes, + - * / % ^, comparisons, && || !, `c ? a : b`, pi and e, and functions: exp, log, sqrt,
 * sin, sigmoid, min, max, abs, round …, and sum, mean, prod over a whole tensor. Powers bind to the right and before a
 * minus; x^2 is x * x. Element and dimensions of the result are those of the holes, so a formula that ends in a comparison
 * is written `fx.bool`, and one that ends in a reduction `fx.scalar`.
 *
 *     const pd = fx`sigmoid(-3.1 + 0.8 * ${defaults} + 2.4 * ${amount} / ${income})`
 */
export interface Fx {
  <const H extends readonly Hole[]>(
    text: TemplateStringsArray,
    ...holes: H extends Alike<H> ? H : Alike<H>
  ): Tensor<FirstElem<H>, FirstDims<H>>
  /** A formula that decides: `fx.bool`${a} > 3 && ${b} < 1``. */
  bool<const H extends readonly Hole[]>(
    text: TemplateStringsArray,
    ...holes: H extends Alike<H> ? H : Alike<H>
  ): Tensor<'bool', FirstDims<H>>
  /** A formula whose result is one value: `fx.scalar`sum(${x} * ${y})``. */
  scalar<const H extends readonly Hole[]>(
    text: TemplateStringsArray,
    ...holes: H extends Alike<H> ? H : Alike<H>
  ): Tensor<FirstElem<H>, []>
}

const prims1: Readonly<Record<string, PlainPrim>> = {
  abs: 'abs',
  sqrt: 'sqrt',
  floor: 'floor',
  ceil: 'ceil',
  trunc: 'trunc',
  round: 'nearest',
  not: 'not',
}
const prims2: Readonly<Record<string, PlainPrim>> = {
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
  eq: 'eq',
  ne: 'ne',
  and: 'and',
  or: 'or',
  min: 'min',
  max: 'max',
}
const arithmetic: Readonly<Record<string, (a: Operand, b: Operand) => Ref>> = {
  add: arith.add,
  sub: arith.sub,
  mul: arith.mul,
  div: arith.div,
  rem: arith.rem,
}
const reductions = ['sum', 'prod', 'min', 'max', 'any', 'all'] as const
const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E }
const known = [
  ...Object.keys(elementary),
  ...Object.keys(prims1),
  'min',
  'max',
  'sum',
  'mean',
  'prod',
  'any',
  'all',
  'variance',
  'select',
]

/** Builds the nodes of a formula, bottom up. */
class Formula {
  readonly #holes: readonly Operand[]
  readonly #elem: Elem
  constructor(holes: readonly Operand[], elem: Elem) {
    this.#holes = holes
    this.#elem = elem
  }
  node(x: Operand): Ref {
    return isRef(x) ? x : lift(current(), x, this.#elem)
  }
  build(t: Tree): Operand {
    switch (t.kind) {
      case 'number':
        return t.value
      case 'hole':
        return this.#holes[t.index]!
      case 'name': {
        const value = Object.hasOwn(constants, t.name) ? constants[t.name] : undefined
        if (value === undefined)
          throw new Unreadable(
            `'${t.name}' is not known here: the constants are pi and e, values go into holes \${…}`,
            t.at,
          )
        return value
      }
      case 'call':
        return this.#call(t.name, t.args, t.at)
    }
  }
  #call(name: string, trees: readonly Tree[], at: number): Operand {
    const args = trees.map((x) => this.build(x))
    const takes = (...counts: readonly number[]): void => {
      if (!counts.includes(args.length))
        throw new Unreadable(
          `${name} takes ${counts.join(' or ')} argument${counts.at(-1) === 1 ? '' : 's'}, not ${args.length}`,
          at,
        )
    }
    const [x, y, z] = args as [Operand, Operand, Operand]
    if (Object.hasOwn(arithmetic, name)) return arithmetic[name]!(this.#one(x, y), y)
    if (name === 'neg') return arith.neg(this.node(x))
    if (name === 'pow' || name === 'atan2' || name === 'hypot') {
      takes(2)
      const base = this.node(x)
      if (name === 'pow' && y === 2) return arith.mul(base, base)
      const [p, q] = arith.pair(name, base, y)
      return current().node(name, {}, [p, q], `${name} works on f64 and f32: .to(t.f64)`)
    }
    if (name === 'select') {
      takes(3)
      return arith.select(this.node(x), this.#one(y, z), z)
    }
    if ((name === 'min' || name === 'max') && args.length === 1) return reduce.reduce(name, this.node(x), [])
    if (Object.hasOwn(prims2, name)) {
      takes(2)
      return arith.prim2(prims2[name]!, this.#one(x, y), y)
    }
    if (Object.hasOwn(prims1, name)) {
      takes(1)
      return arith.prim1(prims1[name]!, this.node(x))
    }
    if (Object.hasOwn(elementary, name)) {
      takes(elementary[name as ElementaryName].arity)
      return current().node(
        name as ElementaryName,
        {},
        args.map((a) => this.node(a)),
        `${name} works on f64 and f32: .to(t.f64)`,
      )
    }
    if (name === 'mean' || name === 'variance') {
      takes(1)
      return name === 'mean' ? reduce.mean(this.node(x), []) : reduce.variance(this.node(x), [])
    }
    const how = reductions.find((r) => r === name)
    if (how === undefined) throw new Unreadable(`there is no function '${name}'; ${nearest(name, known)}`, at)
    takes(1)
    return reduce.reduce(how, this.node(x), [])
  }
  /** Two bare numbers take the element of the formula. */
  #one(x: Operand, y: Operand): Operand {
    return isRef(x) || isRef(y) ? x : this.node(x)
  }
}

type Expected = 'same' | 'bool' | 'scalar'
const formula =
  (expected: Expected) =>
  (text: TemplateStringsArray, ...given: readonly unknown[]): never => {
    const b = current()
    const place = b.fixedPlace
    b.fixedPlace = b.place()
    try {
      return wrapAs(evaluate(expected, text, given.map(operandOf))) as never
    } finally {
      b.fixedPlace = place
    }
  }
const evaluate = (expected: Expected, text: TemplateStringsArray, holes: readonly Operand[]): Ref => {
  const b = current()
  const refs = holes.filter(isRef)
  const elem = refs.map((r) => elemOf(r.type)).find((e) => e !== 'bool') ?? 'f64'
  const shape = refs.map((r) => shapeOf(r.type)).find((s) => s.length > 0) ?? []
  const wanted = tensor(expected === 'bool' ? 'bool' : elem, expected === 'scalar' ? [] : shape)
  const labels = holes.map((h, i) =>
    isRef(h) && !isPoisoned(h) ? b.label(h).replaceAll("'", '') : isRef(h) ? String(i + 1) : String(h),
  )
  try {
    const tree = parseFormula(text, labels)
    const f = new Formula(holes, elem)
    const result = f.build(tree)
    const ref = isRef(result) ? result : literal(b, tensor(elem, []), result)
    if (isPoisoned(ref)) return b.poisoned(wanted)
    if (expected === 'scalar' && shapeOf(ref.type).length === 0 && elemOf(ref.type) === elem) return ref
    if (showType(ref.type) === showType(wanted)) return ref
    return b.fail(
      'fx',
      `the formula gives ${showType(ref.type)}, but its type says ${showType(wanted)}`,
      remedyFor(ref, elem),
      wanted,
    )
  } catch (e) {
    if (!(e instanceof Unreadable)) throw e
    return b.fail(
      'fx',
      `${e.message}\n${caret(formulaOf(text, labels), e.at)}`,
      'correct the formula at the caret',
      wanted,
    )
  }
}
const remedyFor = (r: Ref, elem: Elem): string =>
  elemOf(r.type) === 'bool' && elem !== 'bool'
    ? 'a formula that decides is written fx.bool`…`'
    : shapeOf(r.type).length === 0
      ? 'a formula whose result is one value is written fx.scalar`…`'
      : 'convert and spread the values before they enter the formula'

export const fx: Fx = Object.assign(formula('same'), { bool: formula('bool'), scalar: formula('scalar') }) as Fx
