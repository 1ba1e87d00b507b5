import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Type } from '../../graph/types.ts'
import { isScalar, scalar } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { sameValue, zeroOf } from '../../graph/values.ts'
import type { Bound } from './attributes.ts'
import { isTensorOfNumbers, shapeOf } from './attributes.ts'

interface Axes {
  readonly axes: readonly number[]
}
const inOrder = (xs: readonly number[]): boolean => xs.every((x, k) => x === k)
const swapped = (b: Bound, name: string): boolean => {
  const { perm } = b.attrs(name) as { perm: readonly number[] }
  return perm.length === 2 && perm[0] === 1
}
const bound = (b: Bound, names: readonly string[]): readonly Type[] =>
  names.flatMap((n) => {
    try {
      return [b.type(n)]
    } catch {
      return []
    }
  })
/** The first axis of every gathered operand has a literal size of at least one. */
const notEmpty = (types: readonly Type[]): boolean =>
  types.length > 0 &&
  types.every((t) => {
    const [d] = shapeOf(t)
    return typeof d === 'number' && d > 0
  })

/** Conditions on what was matched, by name. Each is needed: a test drops it and finds where the law fails. */
export const conditions: Readonly<Record<string, (b: Bound) => boolean>> = {
  /** All axes of the reduced operand, from the first to the last. */
  'all-axes': (b) => isScalar(b.root.type) && inOrder((b.attrs('r') as Axes).axes),
  'scalar-s': (b) => isScalar(b.type('s')),
  'in-order': (b) => inOrder((b.attrs('p') as { perm: readonly number[] }).perm),
  'one-axis': (b) =>
    (b.attrs('c') as { axis: number; dim: string }).axis === (b.attrs('d') as { axis: number; dim: string }).axis,
  'scalar-index': (b) => isScalar(b.type('i')),
  'not-empty': (b) => {
    const { shape } = b.attrs('b') as { shape: readonly (number | string)[] }
    return typeof shape[0] === 'number' && shape[0] > 0
  },
  /** `gather` from an empty axis is zero: either there is no such axis here, or the op makes zero of zeros. */
  'zero-stays': (b) => {
    const operands = bound(b, ['x', 'y', 'z'])
    if (notEmpty(operands)) return true
    const { name, attrs } = b.op('f')
    const { meaning, infer } = declOf(name as OpName)
    const known = b.literal('k')
    const types: Type[] = operands.map((t) => scalar((t as { elem: 'f64' }).elem))
    const values: Value[] = types.map((t) => zeroOf((t as { elem: 'f64' }).elem))
    if (!operands.every(isTensorOfNumbers) || meaning === undefined) return false
    if (known !== undefined) {
      const at = bound(b, ['x']).length === 1 ? 1 : 0
      types.splice(at, 0, scalar(known.elem))
      values.splice(at, 0, known.value)
    }
    const type = infer(attrs, types, [])
    if (typeof type === 'string' || type.kind !== 'tensor') return false
    return sameValue(meaning(attrs as never, values, types, type), zeroOf(type.elem))
  },
  /** Two matrices multiplied and turned, or a matrix and a vector. */
  matrices: (b) =>
    swapped(b, 'p') && swapped(b, 'q') && swapped(b, 'r') && (b.attrs('c') as { batch: number }).batch === 0,
  'matrix-vector': (b) =>
    swapped(b, 'p') && shapeOf(b.type('y')).length === 1 && (b.attrs('c') as { batch: number }).batch === 0,
  'body-is-parameter': (b) => {
    const [body] = b.root.bodies
    return body?.name === 'param' && (body.attrs as { index: number }).index === 0
  },
}
