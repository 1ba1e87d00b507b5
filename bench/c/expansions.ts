import type { Float, Numeric } from '../../graph/elem.ts'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Emit, Scalar } from '../../graph/emit.ts'
import { numbers } from '../../graph/numbers.ts'
import type { PlainPrim } from '../../graph/prims.ts'

/**
 * The expansions of elementary functions as C++ on vectors: a peer that computes the very same steps, through other
 * compilers. Only what the workloads need has a form here.
 */
export const expansions = (names: readonly ElementaryName[]): string =>
  ['#pragma once', ...names.flatMap((n) => (['f64', 'f32'] as const).map((e) => written(n, e)))].join('\n').concat('\n')

const cell = (elem: Float): string => (elem === 'f64' ? 'double' : 'float')

const written = (name: ElementaryName, elem: Float): string => {
  const lines: string[] = []
  const t = cell(elem)
  const emit: Emit<Value> = {
    constant: (_, value) => ({ text: literal(value, elem), value }),
    prim: (prim, on, ...args) => keep(operation(prim, on, args, t), prim, on, args),
    select: (_, c, a, b) => keep(`${c.text} ? ${vector(a, t)} : ${vector(b, t)}`),
    convert: () => refuse('convert'),
    bitcast: () => refuse('bitcast'),
  }
  const keep = (text: string, prim?: PlainPrim, on?: Numeric, args: readonly Value[] = []): Value => {
    if (prim !== undefined && args.every((a) => a.value !== undefined)) {
      const value = numbers.prim(prim, on!, ...args.map((a) => a.value!))
      return { text: literal(value, elem), value }
    }
    lines.push(`  auto v${lines.length} = ${text};`)
    return { text: `v${lines.length - 1}` }
  }
  const result = elementary[name].expand(emit, elem, { text: 'x' })
  const [head, type] = [`template <class T> INLINE Vec<T> expansion_${name}(Vec<T> x);\n`, `Vec<${t}>`]
  const body = `template <> inline __attribute__((always_inline)) ${type} expansion_${name}<${t}>(${type} x) {\n${lines.join('\n')}\n  return ${result.text};\n}`
  return elem === 'f64' ? head + body : body
}

interface Value {
  readonly text: string
  /** Where it is known already. */
  readonly value?: Scalar
}
const refuse = (what: string): never => {
  throw new Error(`the C++ of the benchmark has no ${what}`)
}
const literal = (x: Scalar, elem: Float): string => {
  if (typeof x !== 'number') return refuse(typeof x)
  const t = cell(elem)
  if (Number.isNaN(x)) return `(${t})__builtin_nan("")`
  if (!Number.isFinite(x)) return `(${t})${x < 0 ? '-' : ''}__builtin_inf()`
  return `(${t})${Object.is(x, -0) ? '-0.0' : x.toExponential(20)}`
}
const vector = (v: Value, t: string): string => (v.value === undefined ? v.text : `splat<${t}>(${v.text})`)

const infix: Readonly<Partial<Record<PlainPrim, string>>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  eq: '==',
  ne: '!=',
  and: '&',
  or: '|',
}
const calls: Readonly<Partial<Record<PlainPrim, string>>> = {
  neg: 'vneg',
  abs: 'vabs',
  pow2: 'pow2',
  exponent: 'exponent',
  mantissa: 'mantissa',
}
const operation = (prim: PlainPrim, on: Numeric, args: readonly Value[], t: string): string => {
  const [a, b] = args
  const sign = infix[prim]
  if (sign !== undefined) return `${a!.text} ${sign} ${b!.text}`
  if (prim === 'nearest' || prim === 'sqrt') return `v${prim}(${vector(a!, t)})`
  const name = calls[prim]
  return name === undefined || on === 'bool' ? refuse(`${prim} on ${on}`) : `${name}<${t}>(${vector(a!, t)})`
}
