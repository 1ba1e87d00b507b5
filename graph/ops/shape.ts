import { isFloat, isInt, isNumeric } from '../elem.ts'
import { meaning } from '../meaning/index.ts'
import type { Reduction } from '../reduction.ts'
import { reductions } from '../reduction.ts'
import type { Dim, TensorType, Type } from '../types.ts'
import { elementOf, isRagged, isSize, largestSize, sameShape, scalar, tensor } from '../types.ts'
import {
  anyInt,
  arity,
  attrs,
  count,
  dimAttr,
  list,
  noAttrs,
  nullable,
  oneOf,
  op,
  positive,
  show,
  text,
} from './declare.ts'

const one = (args: readonly Type[], n = 1): TensorType | string => {
  const wrong = arity(args, n)
  if (wrong !== undefined) return wrong
  const [t] = args
  return t!.kind === 'tensor' ? t! : `works on tensors, not on ${show(t)}`
}
const axisOk = (axis: number, t: TensorType): string | undefined =>
  axis < t.shape.length ? undefined : `has no axis ${axis} in ${show(t)}`
const product = (shape: readonly Dim[]): string =>
  [
    String(shape.reduce<number>((n, d) => (typeof d === 'number' ? n * d : n), 1)),
    ...shape.filter((d) => typeof d === 'string').sort(),
  ].join('·')
const distinctAxes = (axes: readonly number[], t: TensorType): string | undefined =>
  new Set(axes).size !== axes.length
    ? 'names an axis twice'
    : axes.map((a) => axisOk(a, t)).find((p) => p !== undefined)

export const shapeOps = {
  transpose: op({
    doc: 'Axes in another order: result axis k is operand axis perm[k].',
    attrs: attrs({ perm: list(count) }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      if (a.perm.length !== t.shape.length || distinctAxes(a.perm, t) !== undefined) {
        return `needs each axis of ${show(t)} once, not [${a.perm.join(', ')}]`
      }
      return tensor(
        t.elem,
        a.perm.map((p) => t.shape[p]!),
      )
    },
    meaning: meaning.shape.transpose,
  }),
  reshape: op({
    doc: 'The same cells in row-major order under another shape of the same size.',
    attrs: attrs({ shape: list(dimAttr) }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      return product(a.shape) === product(t.shape)
        ? tensor(t.elem, a.shape)
        : `keeps the number of cells: ${show(t)} has ${product(t.shape)}, the new shape [${a.shape.join(', ')}] has ${product(a.shape)}`
    },
    meaning: meaning.shape.reshape,
  }),
  broadcast: op({
    doc:
      'Operand axis k becomes result axis axes[k]; the other result axes repeat it. A second operand gives the sizes ' +
      'of the named dimensions that the first one lacks.',
    attrs: attrs({ shape: list(dimAttr), axes: list(count) }),
    infer: (a, args) => {
      const t = one(args.slice(0, 1))
      if (typeof t === 'string') return t
      if (
        a.axes.length !== t.shape.length ||
        a.axes.some((x, k) => x >= a.shape.length || (k > 0 && x <= a.axes[k - 1]!))
      ) {
        return `needs ascending axes of [${a.shape.join(', ')}], one for each axis of ${show(t)}`
      }
      const off = a.axes.findIndex((x, k) => a.shape[x] !== t.shape[k])
      if (off >= 0) return `puts dimension ${t.shape[off]} on axis ${a.axes[off]}, which is ${a.shape[a.axes[off]!]}`
      const like = args[1]
      const open = a.shape.filter((d) => typeof d === 'string' && !t.shape.includes(d))
      if (open.length > 0 && like === undefined)
        return `needs a second operand that knows the size of ${open.join(', ')}`
      if (like !== undefined) {
        const shape = like.kind === 'tensor' ? like.shape : [elementOf(like)?.dim ?? '?']
        const unknown = sameShape(shape, a.shape) ? undefined : open.find((d) => !shape.includes(d))
        if (args.length > 2 || unknown !== undefined || (open.length === 0 && !sameShape(shape, a.shape)))
          return `needs a second operand that has the dimensions ${open.join(', ')}, not ${show(like)}`
      }
      return tensor(t.elem, a.shape)
    },
    meaning: meaning.shape.broadcast,
  }),
  slice: op({
    doc: 'Part of one axis, from start to stop (null: the end), each step; ends are clamped, negative ones count from the end.',
    attrs: attrs({ axis: count, start: anyInt, stop: nullable(anyInt), step: positive, dim: text }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      const bad = axisOk(a.axis, t)
      if (bad !== undefined) return bad
      const d = t.shape[a.axis]!
      if (typeof d === 'string' && a.dim === '') return `needs a name for the part of dimension ${d}`
      const dim = a.dim === '' ? meaning.shape.sliceRange(a, d as number).count : a.dim
      return tensor(
        t.elem,
        t.shape.map((x, k) => (k === a.axis ? dim : x)),
      )
    },
    meaning: meaning.shape.slice,
  }),
  concat: op({
    doc: 'Tensors end to end along one axis; a named or unknown total takes the name `dim`.',
    attrs: attrs({ axis: count, dim: text }),
    infer: (a, args) => {
      if (args.length === 0) return 'needs at least one operand'
      const t = one(args.slice(0, 1))
      if (typeof t === 'string') return t
      const bad = axisOk(a.axis, t)
      if (bad !== undefined) return bad
      const rest = (x: TensorType): Dim[] => x.shape.filter((_, k) => k !== a.axis)
      const odd = args.find(
        (x) =>
          x.kind !== 'tensor' || x.elem !== t.elem || x.shape.length !== t.shape.length || !sameShape(rest(x), rest(t)),
      )
      if (odd !== undefined)
        return `joins tensors that differ on axis ${a.axis} only, but was given ${show(t)} and ${show(odd)}`
      const sizes = args.map((x) => (x as TensorType).shape[a.axis]!)
      const total = sizes.every((d): d is number => typeof d === 'number')
        ? sizes.reduce((x, y) => x + y, 0)
        : undefined
      if (total === undefined && a.dim === '') return 'needs a name for the joined dimension'
      if (a.dim === '' && !isSize(total)) return `makes an axis of ${total}, and ${largestSize} is the greatest size`
      return tensor(
        t.elem,
        t.shape.map((x, k) => (k === a.axis ? (a.dim === '' ? total! : a.dim) : x)),
      )
    },
    meaning: meaning.shape.concat,
  }),
  gather: op({
    doc: 'Rows of the first operand (along axis 0) at integer indices; an index out of range takes the nearest row.',
    attrs: noAttrs,
    infer: (_, args) => {
      const t = one(args, 2)
      if (typeof t === 'string') return t
      const index = args[1]!
      if (t.shape.length === 0) return `needs at least one axis in ${show(t)}`
      if (index.kind !== 'tensor' || !isInt(index.elem)) return `is indexed by integers, not by ${show(index)}`
      return tensor(t.elem, [...index.shape, ...t.shape.slice(1)])
    },
    meaning: meaning.shape.gather,
  }),
  iota: op({
    doc: '0, 1, 2 … along a dimension; a named one needs an operand that has it as its first dimension.',
    attrs: attrs({ dim: dimAttr }),
    infer: (a, args) => {
      if (typeof a.dim === 'number')
        return args.length === 0 ? tensor('i32', [a.dim]) : 'takes no operand for a literal size'
      const [x] = args
      const first = x === undefined ? undefined : x.kind === 'tensor' ? x.shape[0] : elementOf(x)?.dim
      return args.length === 1 && first === a.dim
        ? tensor('i32', [a.dim])
        : `needs one operand that begins with dimension ${a.dim}`
    },
    meaning: meaning.shape.iota,
  }),
  reduce: op({
    doc: 'Reduces the named axes in the fixed striped order (see `reduction.ts`); sum starts from -0.',
    attrs: attrs({ how: oneOf(...(Object.keys(reductions) as Reduction[])), axes: list(count) }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      const bad = distinctAxes(a.axes, t)
      if (bad !== undefined) return bad
      // Cells are combined in row-major order, so there is one way to name a set of axes.
      if (a.axes.some((x, k) => k > 0 && x < a.axes[k - 1]!)) return `needs ascending axes, not [${a.axes.join(', ')}]`
      const logical = a.how === 'any' || a.how === 'all'
      const fits = logical ? t.elem === 'bool' : isNumeric(t.elem) && t.elem !== 'bool'
      return fits
        ? tensor(
            t.elem,
            t.shape.filter((_, k) => !a.axes.includes(k)),
          )
        : `cannot take ${a.how} of ${show(t)}`
    },
    meaning: meaning.reduce.reduce,
  }),
  argReduce: op({
    doc: 'Index of the first least or greatest cell along an axis; the first NaN wins; -1 where the axis is empty.',
    attrs: attrs({ how: oneOf('min', 'max'), axis: count }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      const bad = axisOk(a.axis, t)
      if (bad !== undefined) return bad
      return isFloat(t.elem) || isInt(t.elem)
        ? tensor(
            'i32',
            t.shape.filter((_, k) => k !== a.axis),
          )
        : `cannot order ${show(t)}`
    },
    meaning: meaning.reduce.argReduce,
  }),
  cumsum: op({
    doc: 'Running sums along an axis, strictly left to right.',
    attrs: attrs({ axis: count }),
    infer: (a, args) => {
      const t = one(args)
      if (typeof t === 'string') return t
      const bad = axisOk(a.axis, t)
      if (bad !== undefined) return bad
      return isFloat(t.elem) || isInt(t.elem) ? t : `cannot add ${show(t)}`
    },
    meaning: meaning.reduce.cumsum,
  }),
  contract: op({
    doc: 'a[batch…, m…, k] · b[batch…, k, n…]: adds products over k in order, from -0, multiply and add rounded apart.',
    attrs: attrs({ batch: count }),
    infer: (a, args) => {
      const x = one(args, 2)
      if (typeof x === 'string') return x
      const y = args[1]!
      if (y.kind !== 'tensor' || y.elem !== x.elem || !(isFloat(x.elem) || isInt(x.elem)))
        return `multiplies numbers of one type, not ${show(x)} and ${show(y)}`
      if (x.shape.length <= a.batch || y.shape.length <= a.batch)
        return `needs ${a.batch} batch axes and one more in ${show(x)} and ${show(y)}`
      if (!sameShape(x.shape.slice(0, a.batch), y.shape.slice(0, a.batch)))
        return `needs equal batch axes in ${show(x)} and ${show(y)}`
      const k = x.shape[x.shape.length - 1]
      return y.shape[a.batch] === k
        ? tensor(x.elem, [...x.shape.slice(0, -1), ...y.shape.slice(a.batch + 1)])
        : `needs the last axis of ${show(x)} to equal axis ${a.batch} of ${show(y)}: ${k} is not ${y.shape[a.batch]}`
    },
    meaning: meaning.reduce.contract,
  }),
  segmentReduce: op({
    doc: 'Reduces each inner list of a list of lists of numbers, each in the fixed order.',
    attrs: attrs({ how: oneOf('sum', 'prod', 'min', 'max') }),
    infer: (_, args) => {
      const wrong = arity(args, 1)
      if (wrong !== undefined) return wrong
      const outer = elementOf(args[0]!)
      const inner = outer?.of
      if (inner?.kind !== 'tensor' || inner.shape.length !== 1 || !isRagged(inner.shape[0]!))
        return `works on lists of ragged lists of numbers, not on ${show(args[0])}`
      return isFloat(inner.elem) || isInt(inner.elem)
        ? tensor(inner.elem, [outer!.dim])
        : `cannot reduce ${show(scalar(inner.elem))}`
    },
    meaning: meaning.reduce.segmentReduce,
  }),
}
