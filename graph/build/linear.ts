import type { Float } from '../elem.ts'
import type { Dim } from '../types.ts'
import * as arith from './arith.ts'
import { unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { elemOf, shapeOf } from './lift.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import { iota, reshape } from './shape.ts'
import type { Dims } from './types.ts'

const remedy = 'give a tensor whose last two axes are rows and columns'

/** The lower factor of symmetric matrices: a = l·lᵀ; NaN where one is not positive definite. The last two axes count. */
export const cholesky = <E extends Float, D extends Dims>(a: Tensor<E, D>): Tensor<E, D> =>
  wrapAs(current().node('cholesky', {}, [unwrap(a)], remedy))

/** Right-hand sides with a column axis; a vector for each matrix gets one and loses it again. */
const solved = (how: 'square' | 'least', a: Ref, b: Ref): Ref => {
  const to = current()
  if (isPoisoned(a) || isPoisoned(b)) return to.poisoned(b.type)
  const one = shapeOf(b.type).length === shapeOf(a.type).length - 1
  const sides = one ? reshape(b, [...shapeOf(b.type), 1]) : b
  const x = to.calling(how === 'square' ? 'solve' : 'leastSquares', () =>
    to.node('solve', { how }, [a, sides], 'give one vector, or a matrix of columns, for each matrix'),
  )
  return one && !isPoisoned(x) ? reshape(x, shapeOf(x.type).slice(0, -1)) : x
}
/** x with a·x = b, by elimination with partial pivoting; b is a vector, or a matrix of columns, for each matrix a. */
export const solve = <E extends Float, D extends Dims, S extends Dims>(
  a: Tensor<E, D>,
  b: Tensor<E, S>,
): Tensor<E, S> => wrapAs(solved('square', unwrap(a), unwrap(b)))
/** The x of least |a·x - b|, a having at least as many rows as columns. */
export const leastSquares = <E extends Float, M extends string | number, N extends string | number, K extends Dims>(
  a: Tensor<E, readonly [M, N]>,
  b: Tensor<E, readonly [NoInfer<M>, ...K]>,
): Tensor<E, [N, ...K]> => wrapAs(solved('least', unwrap(a), unwrap(b)))
/** The inverse of a matrix: solving for the columns of the identity. */
export const inverse = <E extends Float, N extends string | number>(
  a: Tensor<E, readonly [N, NoInfer<N>]>,
): Tensor<E, [N, N]> => {
  const r = unwrap(a)
  const n: Dim = shapeOf(r.type)[0] ?? 0
  if (isPoisoned(r)) return wrapAs(r)
  const b = current()
  const square = 'give one matrix with as many rows as columns, of one name; solve takes many'
  return wrapAs(
    b.calling('inverse', () =>
      b.node('solve', { how: 'square' }, [r, identity(n, elemOf(r.type) as Float, r)], square),
    ),
  )
}
/** 1 where row and column agree. */
const identity = (n: Dim, elem: Float, like: Ref): Ref => {
  const b = current()
  const i = typeof n === 'number' ? iota(n) : b.node('iota', { dim: n }, [like])
  const rows = b.node('broadcast', { shape: [n, n], axes: [0] }, [i])
  const columns = b.node('broadcast', { shape: [n, n], axes: [1] }, [i])
  return arith.convert(arith.prim2('eq', rows, columns), elem, false)
}

/** Eigenvalues, ascending, and eigenvectors, as columns, of symmetric matrices; only the lower triangle is read. */
export const eigenSymmetric = <E extends Float, N extends string | number>(
  a: Tensor<E, readonly [N, NoInfer<N>]>,
): { readonly values: Tensor<E, [N]>; readonly vectors: Tensor<E, [N, N]> } =>
  wrapAs(current().node('eigenSymmetric', {}, [unwrap(a)], remedy))
