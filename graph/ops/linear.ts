import { isFloat } from '../elem.ts'
import { meaning } from '../meaning/index.ts'
import type { TensorType, Type } from '../types.ts'
import { record, sameShape, sameType, tensor } from '../types.ts'
import { arity, attrs, count, flag, noAttrs, oneOf, op, show } from './declare.ts'

const matrix = (t: Type): TensorType | string =>
  t.kind === 'tensor' && isFloat(t.elem) && t.shape.length >= 2
    ? t
    : `works on matrices of f64 or f32, not on ${show(t)}`
const square = (t: Type): TensorType | string => {
  const m = matrix(t)
  return typeof m === 'string' || m.shape.at(-1) === m.shape.at(-2) ? m : `needs square matrices, not ${show(t)}`
}

export const linearOps = {
  fft: op({
    doc:
      'The discrete Fourier transform along an axis, any length: Σ x[j]·e^(-2πijk/n), or with `inverse` e^(+2πijk/n), divided ' +
      'by n. One operand is real, two are real and imaginary part. Computed in f64 by mixed radices up to 13, by convolution where ' +
      'a greater prime divides n, with roots of unity from `sin` and `cos`; f32 is rounded at the end. Error in the 2-norm at most 4e-16·(1 + log2 n) of the spectrum.',
    attrs: attrs({ axis: count, inverse: flag }),
    infer: (a, args) => {
      if (args.length !== 1 && args.length !== 2) return `takes one or two operands and was given ${args.length}`
      const [x, y = x] = args
      if (x!.kind !== 'tensor' || !isFloat(x!.elem)) return `works on f64 or f32, not on ${show(x)}`
      if (!sameType(x!, y!)) return `needs real and imaginary part of one type, not ${show(x)} and ${show(y)}`
      if (a.axis >= x!.shape.length) return `has no axis ${a.axis} in ${show(x)}`
      return record([
        ['re', x!],
        ['im', x!],
      ])
    },
    meaning: meaning.linear.fft,
  }),
  cholesky: op({
    doc:
      'The lower factor l of each symmetric matrix, a = l·lᵀ, along the last two axes. Only the lower triangle is read; NaN from ' +
      'the column on where the matrix is not positive definite.',
    attrs: noAttrs,
    infer: (_, args) => arity(args, 1) ?? square(args[0]!),
    meaning: meaning.linear.cholesky,
  }),
  solve: op({
    doc:
      'x with a·x = b for each matrix of the last two axes. `square`: elimination, the first of the greatest cells in size being the ' +
      'pivot; `least`: of more rows than columns, the x of least |a·x - b| by Householder reflections. Infinities and NaN where ' +
      'there is no such x. Computed in f64, f32 rounded at the end.',
    attrs: attrs({ how: oneOf('square', 'least') }),
    infer: (how, args) => {
      const wrong = arity(args, 2)
      if (wrong !== undefined) return wrong
      const [a, b] = args as [Type, Type]
      const m = how.how === 'square' ? square(a) : matrix(a)
      if (typeof m === 'string') return m
      const [rows, columns] = m.shape.slice(-2)
      const batch = m.shape.slice(0, -2)
      const fits = b.kind === 'tensor' && b.elem === m.elem && b.shape.length === m.shape.length
      return fits && sameShape(b.shape.slice(0, -1), [...batch, rows!])
        ? tensor(m.elem, [...batch, columns!, b.shape.at(-1)!])
        : `needs right-hand sides ${show(tensor(m.elem, [...batch, rows!, 'k']))}, not ${show(b)}`
    },
    meaning: meaning.linear.solve,
  }),
  eigenSymmetric: op({
    doc:
      'Eigenvalues of each symmetric matrix of the last two axes, ascending, and its eigenvectors as columns, by cyclic Jacobi ' +
      'rotations. Only the lower triangle is read; of each vector the first of its greatest cells in size is positive. NaN unless ' +
      'all cells are finite and small enough to be turned without overflow.',
    attrs: noAttrs,
    infer: (_, args) => {
      const m = arity(args, 1) ?? square(args[0]!)
      return typeof m === 'string'
        ? m
        : record([
            ['values', tensor(m.elem, m.shape.slice(0, -1))],
            ['vectors', m],
          ])
    },
    meaning: meaning.linear.eigenSymmetric,
  }),
}
