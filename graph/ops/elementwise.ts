import type { Elem } from '../elem.ts'
import { isDecimal, isFloat, isInt, isNumeric, numerics, storage } from '../elem.ts'
import type { ElementaryName } from '../elementary/index.ts'
import { elementary } from '../elementary/index.ts'
import { meaning } from '../meaning/index.ts'
import type { PlainPrim, Prim } from '../prims.ts'
import { prims, resultOf } from '../prims.ts'
import type { TensorType, Type } from '../types.ts'
import { sameShape, tensor } from '../types.ts'
import type { OpDecl } from './declare.ts'
import { arity, attrs, count, noAttrs, oneOf, op, show } from './declare.ts'

/** Operands of one shape; the reason names both shapes. Scalars do not stretch here: `broadcast` says so explicitly. */
const alike = (args: readonly Type[], n: number): readonly TensorType[] | string => {
  const wrong = arity(args, n)
  if (wrong !== undefined) return wrong
  for (const a of args) if (a.kind !== 'tensor') return `works on tensors, not on ${show(a)}`
  const ts = args as readonly TensorType[]
  const odd = ts.find((t) => !sameShape(t.shape, ts[0]!.shape))
  return odd === undefined ? ts : `needs one shape, but was given ${show(ts[0])} and ${show(odd)}`
}
const plainPrims = (Object.keys(prims) as Prim[]).filter(
  (p): p is PlainPrim => p !== 'select' && p !== 'convert' && p !== 'bitcast',
)
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge']
/** Elements outside kernels that still compare: strings; timestamps and decimals compare and have extremes as i64. */
const allowed = (prim: PlainPrim, e: Elem): boolean => {
  if (isNumeric(e)) return resultOf(prim, e) !== undefined
  if (e === 'string') return comparisons.includes(prim)
  return (e === 'timestamp' || isDecimal(e)) && (comparisons.includes(prim) || prim === 'min' || prim === 'max')
}

const primOp = (prim: PlainPrim): OpDecl<object> =>
  op({
    doc: `The primitive ${prim}, cell by cell.`,
    attrs: noAttrs,
    infer: (_, args) => {
      const ts = alike(args, prims[prim].arity)
      if (typeof ts === 'string') return ts
      const [first] = ts
      const odd = ts.find((t) => t.elem !== first!.elem)
      if (odd !== undefined) return `needs one element type, but was given ${show(first)} and ${show(odd)}`
      if (!allowed(prim, first!.elem)) return `is not defined on ${first!.elem}`
      return prims[prim].to === 'bool' ? tensor('bool', first!.shape) : first!
    },
    meaning: meaning.elementwise.prim(prim),
  })

const elementaryOp = (name: ElementaryName): OpDecl<object> =>
  op({
    doc: elementary[name].doc,
    attrs: noAttrs,
    infer: (_, args) => {
      const ts = alike(args, elementary[name].arity)
      if (typeof ts === 'string') return ts
      const odd = ts.find((t) => t.elem !== ts[0]!.elem || !isFloat(t.elem))
      return odd === undefined ? ts[0]! : `works on f64 or f32, not on ${show(odd)}`
    },
    meaning: meaning.elementwise.elementaryOf(name),
  })

const all = <N extends string, V>(names: readonly N[], f: (n: N) => V): Record<N, V> =>
  Object.fromEntries(names.map((n) => [n, f(n)])) as Record<N, V>

const numericAttr = oneOf(...numerics)
const decimalAttrs = attrs({
  how: oneOf('add', 'sub', 'mul', 'div', 'rescale'),
  scale: count,
  rounding: oneOf('even', 'away', 'truncate'),
})
const decimalOp = (result: (scale: number) => Elem, doc: string, means: typeof meaning.elementwise.decimal) =>
  op({
    doc,
    attrs: decimalAttrs,
    infer: (a, args) => {
      const ts = alike(args, a.how === 'rescale' ? 1 : 2)
      if (typeof ts === 'string') return ts
      const odd = ts.find((t) => !isDecimal(t.elem))
      if (odd !== undefined) return `works on decimals, not on ${show(odd)}`
      if (a.scale > 18) return `has a scale of at most 18, not ${a.scale}`
      const plus = a.how === 'add' || a.how === 'sub'
      const off = plus ? ts.find((t) => t.elem !== `decimal(${a.scale})`) : undefined
      return off === undefined
        ? tensor(result(a.scale), ts[0]!.shape)
        : `adds decimals of scale ${a.scale}, not ${show(off)}`
    },
    meaning: means,
  })

export const elementwiseOps = {
  ...all(plainPrims, primOp),
  ...all(Object.keys(elementary) as ElementaryName[], elementaryOp),
  select: op({
    doc: 'Cell by cell the second operand where the first is true, else the third; all three are evaluated.',
    attrs: noAttrs,
    infer: (_, args) => {
      const ts = alike(args, 3)
      if (typeof ts === 'string') return ts
      if (ts[0]!.elem !== 'bool') return `chooses by a bool tensor, not by ${show(ts[0])}`
      return ts[1]!.elem === ts[2]!.elem
        ? ts[1]!
        : `needs one element type in its arms, but was given ${show(ts[1])} and ${show(ts[2])}`
    },
    meaning: meaning.elementwise.select,
  }),
  convert: op({
    doc: 'Another element type: floats to integers truncate and saturate, NaN gives 0; integers wrap; booleans give 0 and 1.',
    attrs: attrs({ to: numericAttr }),
    infer: (a, args) => {
      const ts = alike(args, 1)
      if (typeof ts === 'string') return ts
      const from = ts[0]!.elem
      return isNumeric(from) && resultOf('convert', from, a.to) !== undefined
        ? tensor(a.to, ts[0]!.shape)
        : `cannot convert ${from} to ${a.to}`
    },
    meaning: meaning.elementwise.convert,
  }),
  bitcast: op({
    doc: 'The same bits at another element type of the same width; NaN is canonical.',
    attrs: attrs({ to: numericAttr }),
    infer: (a, args) => {
      const ts = alike(args, 1)
      if (typeof ts === 'string') return ts
      const from = ts[0]!.elem
      return isNumeric(from) && resultOf('bitcast', from, a.to) !== undefined
        ? tensor(a.to, ts[0]!.shape)
        : `cannot see ${from} as ${a.to}: the widths differ`
    },
    meaning: meaning.elementwise.bitcast,
  }),
  stored: op({
    doc: 'Timestamps (microseconds) and decimals (scaled integers) as the i64 that holds them.',
    attrs: noAttrs,
    infer: (_, args) => {
      const ts = alike(args, 1)
      if (typeof ts === 'string') return ts
      return storage(ts[0]!.elem) === 'i64'
        ? tensor('i64', ts[0]!.shape)
        : `works on timestamps and decimals, not on ${show(ts[0])}`
    },
    meaning: meaning.elementwise.restamp,
  }),
  restored: op({
    doc: 'An i64 as a timestamp or decimal; the inverse of `stored`.',
    attrs: attrs({ to: oneOf('timestamp', ...Array.from({ length: 19 }, (_, s) => `decimal(${s})` as const)) }),
    infer: (a, args) => {
      const ts = alike(args, 1)
      if (typeof ts === 'string') return ts
      return isInt(ts[0]!.elem) && ts[0]!.elem === 'i64'
        ? tensor(a.to, ts[0]!.shape)
        : `works on i64, not on ${show(ts[0])}`
    },
    meaning: meaning.elementwise.restamp,
  }),
  decimal: decimalOp(
    (s) => `decimal(${s})`,
    'Decimal arithmetic, rounded as declared; wraps where it does not fit.',
    meaning.elementwise.decimal,
  ),
  decimalFits: decimalOp(
    () => 'bool',
    'Whether the same decimal operation fits: no overflow, no division by zero.',
    meaning.elementwise.decimalFits,
  ),
}
