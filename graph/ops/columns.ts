import type { Elem } from '../elem.ts'
import { isDecimal, isFloat, isInt } from '../elem.ts'
import { meaning } from '../meaning/index.ts'
import type { Type } from '../types.ts'
import { elementOf, listOf, record, sameType, scalar, tensor } from '../types.ts'
import { arity, attrs, count, flag, noAttrs, oneOf, op, show, text } from './declare.ts'

const computes = (e: Elem): boolean => isFloat(e) || isInt(e)
const compares = (e: Elem): boolean =>
  computes(e) || e === 'bool' || e === 'string' || e === 'timestamp' || isDecimal(e)

/** One dimension that all key columns have, or why they are none. */
const rowsOf = (keys: readonly Type[]): string | { readonly dim: string | number } => {
  if (keys.length === 0) return 'needs at least one key column'
  for (const k of keys) {
    if (k.kind !== 'tensor' || k.shape.length !== 1) return `takes columns as keys, not ${show(k)}`
    if (!compares(k.elem)) return `cannot compare ${show(scalar(k.elem))}`
  }
  const dim = elementOf(keys[0]!)!.dim
  const odd = keys.find((k) => elementOf(k)!.dim !== dim)
  return odd === undefined ? { dim } : `needs keys of one dimension, but was given ${show(keys[0])} and ${show(odd)}`
}

export const columnOps = {
  cumulate: op({
    doc: 'Running products, least or greatest cells along an axis, strictly left to right.',
    attrs: attrs({ how: oneOf('prod', 'min', 'max'), axis: count }),
    infer: (a, args) => {
      const wrong = arity(args, 1)
      const [t] = args
      if (wrong !== undefined) return wrong
      if (t!.kind !== 'tensor' || !computes(t!.elem)) return `works on tensors of numbers, not on ${show(t)}`
      return a.axis < t!.shape.length ? t! : `has no axis ${a.axis} in ${show(t)}`
    },
    meaning: meaning.columns.cumulate,
  }),
  scatterReduce: op({
    doc:
      'The first operand with rows of the third added to (multiplied into, …) its rows at the indices of the second, one ' +
      'after the other in row-major order; an index out of range takes the nearest row.',
    attrs: attrs({ how: oneOf('sum', 'prod', 'min', 'max') }),
    infer: (_, args) => {
      const wrong = arity(args, 3)
      if (wrong !== undefined) return wrong
      const [t, index, values] = args as [Type, Type, Type]
      if (t.kind !== 'tensor' || t.shape.length === 0 || !computes(t.elem))
        return `needs a tensor of numbers with an axis, not ${show(t)}`
      if (index.kind !== 'tensor' || !isInt(index.elem)) return `is indexed by integers, not by ${show(index)}`
      const rows = tensor(t.elem, [...index.shape, ...t.shape.slice(1)])
      return sameType(values, rows) ? t : `needs values ${show(rows)}, one row for each index, not ${show(values)}`
    },
    meaning: meaning.columns.scatterReduce,
  }),
  argSort: op({
    doc:
      'Places along an axis in the order of their cells; equal cells stay in order. -0 is before 0, false before true, ' +
      'strings by code unit; NaN comes last, descending too.',
    attrs: attrs({ axis: count, descending: flag }),
    infer: (a, args) => {
      const wrong = arity(args, 1)
      const [t] = args
      if (wrong !== undefined) return wrong
      if (t!.kind !== 'tensor' || !compares(t!.elem)) return `cannot order ${show(t)}`
      return a.axis < t!.shape.length ? tensor('i32', t!.shape) : `has no axis ${a.axis} in ${show(t)}`
    },
    meaning: meaning.columns.argSort,
  }),
  firstEqual: op({
    doc: 'For each row of key columns the first row with equal keys; NaN is equal to NaN, -0 to 0.',
    attrs: noAttrs,
    infer: (_, args) => {
      const keys = rowsOf(args)
      return typeof keys === 'string' ? keys : tensor('i32', [keys.dim])
    },
    meaning: meaning.columns.firstEqual,
  }),
  join: op({
    doc:
      'Pairs of rows with equal keys (as in `firstEqual`), ordered by left row, then by right row. The first half of the ' +
      'operands are the keys of the left, the other half those of the right. `left` also gives rows without a partner, with -1.',
    attrs: attrs({ how: oneOf('inner', 'left'), dim: text }),
    infer: (a, args) => {
      if (args.length % 2 === 1) return `takes as many keys of one side as of the other, and was given ${args.length}`
      if (a.dim === '') return 'needs a name for the dimension of its pairs'
      const [left, right] = [args.slice(0, args.length / 2), args.slice(args.length / 2)]
      const [l, r] = [rowsOf(left), rowsOf(right)]
      if (typeof l === 'string') return l
      if (typeof r === 'string') return r
      const odd = left.findIndex((k, i) => elemOf(k) !== elemOf(right[i]!))
      return odd < 0
        ? listOf(pair, a.dim)
        : `compares keys of one element type, not ${show(left[odd])} and ${show(right[odd])}`
    },
    meaning: meaning.columns.join,
  }),
}
const elemOf = (t: Type): Elem | undefined => (t.kind === 'tensor' ? t.elem : undefined)
const pair = record([
  ['left', scalar('i32')],
  ['right', scalar('i32')],
])
