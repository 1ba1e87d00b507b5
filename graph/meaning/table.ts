import { elementary } from '../elementary/index.ts'
import { decodeValue } from '../json-value.ts'
import type { PlainPrim } from '../prims.ts'
import { prims } from '../prims.ts'
import type { Type } from '../types.ts'
import type { Json } from '../values.ts'
import { meaning } from './index.ts'
import type { Meaning } from './meaning.ts'

const { columns, data, elementwise, linear, reduce, shape, structure } = meaning
const plain = (Object.keys(prims) as (keyof typeof prims)[]).filter(
  (p): p is PlainPrim => p !== 'select' && p !== 'convert' && p !== 'bitcast',
)

/** Reads a literal; its document was checked when the node was made. */
const literal: Meaning<{ type: Type; value: Json }> = (a) => {
  const v = decodeValue(a.type, a.value)
  return v._tag === 'Right' ? v.right : null
}

/**
 * The meaning of every pure op by name: what generated code calls for work that is not numeric. It needs no op
 * declarations, and so none of their codecs, at run time; a test holds it equal to the declarations.
 */
export const meanings: Readonly<Record<string, Meaning<never>>> = {
  ...Object.fromEntries(plain.map((p) => [p, elementwise.prim(p)])),
  ...Object.fromEntries(
    (Object.keys(elementary) as (keyof typeof elementary)[]).map((n) => [n, elementwise.elementaryOf(n)]),
  ),
  select: elementwise.select,
  convert: elementwise.convert,
  bitcast: elementwise.bitcast,
  stored: elementwise.restamp,
  restored: elementwise.restamp,
  decimal: elementwise.decimal,
  decimalFits: elementwise.decimalFits,
  transpose: shape.transpose,
  reshape: shape.reshape,
  broadcast: shape.broadcast,
  slice: shape.slice,
  concat: shape.concat,
  gather: shape.gather,
  iota: shape.iota,
  reduce: reduce.reduce,
  argReduce: reduce.argReduce,
  cumsum: reduce.cumsum,
  contract: reduce.contract,
  segmentReduce: reduce.segmentReduce,
  cumulate: columns.cumulate,
  scatterReduce: columns.scatterReduce,
  argSort: columns.argSort,
  firstEqual: columns.firstEqual,
  join: columns.join,
  fft: linear.fft,
  cholesky: linear.cholesky,
  solve: linear.solve,
  eigenSymmetric: linear.eigenSymmetric,
  record: structure.record,
  field: structure.field,
  column: structure.column,
  rows: structure.rows,
  length: structure.length,
  filter: structure.filter,
  at: structure.at,
  flatten: structure.flatten,
  stack: structure.stack,
  unstack: structure.unstack,
  some: structure.some,
  none: structure.none,
  isSome: structure.isSome,
  orElse: structure.orElse,
  inject: structure.inject,
  concatText: data.concatText,
  textLength: data.textLength,
  encodeText: data.encodeText,
  showNumber: data.showNumber,
  toJson: data.toJson,
  jsonText: data.jsonText,
  const: literal,
}
