import { factorise } from '../dense/cholesky.ts'
import { eigen } from '../dense/jacobi.ts'
import { leastSquares } from '../dense/least-squares.ts'
import { eliminate } from '../dense/solve.ts'
import { transformOf, transformReal } from '../fft/index.ts'
import type { TensorType } from '../types.ts'
import type { RecordValue, Store, TensorValue } from '../values.ts'
import { newStore, sizeOf } from '../values.ts'
import type { Meaning } from './meaning.ts'
import { linesOf } from './shape.ts'

/** The discrete Fourier transform of each line along an axis, in f64; f32 is rounded once, at the end. */
export const fft: Meaning<{ axis: number; inverse: boolean }> = (a, args, types): RecordValue => {
  const [x, y] = args as readonly [TensorValue, TensorValue?]
  const { elem } = types[0] as TensorType
  const out = [newStore(elem, x.data.length), newStore(elem, x.data.length)] as [Store, Store] as [number[], number[]]
  const { n, step, starts } = linesOf(x.shape, a.axis)
  const [re, im] = [new Float64Array(n), new Float64Array(n)]
  const complex = transformOf(y === undefined ? 0 : n)
  // The way back: parts exchanged before and after, or for real cells the conjugate; then divided by n.
  const [sign, by] = a.inverse ? [-1, n] : [1, 1]
  for (const start of starts()) {
    for (let j = 0, at = start; j < n; j++, at += step) {
      re[j] = x.data[at] as number
      im[j] = y === undefined ? 0 : (y.data[at] as number)
    }
    if (y === undefined) transformReal(re, im)
    else if (a.inverse) complex(im, re)
    else complex(re, im)
    for (let j = 0, at = start; j < n; j++, at += step) {
      out[0][at] = re[j]! / by
      out[1][at] = (y === undefined ? sign * im[j]! : im[j]!) / by
    }
  }
  return { re: { shape: x.shape, data: out[0] }, im: { shape: x.shape, data: out[1] } }
}

/** Matrices along the last two axes, one after the other, in f64; f32 is rounded once, at the end. */
const matrices = (v: TensorValue, m: number, k: number): { count: number; take: (i: number) => Float64Array } => ({
  count: m * k === 0 ? 0 : v.data.length / (m * k),
  take: (i) => Float64Array.from((v.data as Float64Array).subarray(i * m * k, (i + 1) * m * k)),
})
const filled = (type: TensorType, shape: readonly number[], of: (put: (from: ArrayLike<number>) => void) => void) => {
  const data = newStore(type.elem, sizeOf(shape)) as Float64Array
  let at = 0
  of((from) => {
    data.set(from, at)
    at += from.length
  })
  return { shape, data }
}
const last = (v: TensorValue): readonly [rows: number, columns: number] => v.shape.slice(-2) as [number, number]

export const cholesky: Meaning<object> = (_, args, types) => {
  const a = args[0] as TensorValue
  const [n] = last(a)
  const all = matrices(a, n, n)
  return filled(types[0] as TensorType, a.shape, (put) => {
    for (let i = 0; i < all.count; i++) {
      const x = all.take(i)
      factorise(x, n)
      put(x)
    }
  })
}

/** Each matrix of the first operand with the right-hand sides of the second. */
export const solve: Meaning<{ how: 'square' | 'least' }> = (how, args, types) => {
  const [a, b] = args as readonly [TensorValue, TensorValue]
  const [[m, n], [, k]] = [last(a), last(b)]
  const shape = [...a.shape.slice(0, -2), n, k]
  const [left, right] = [matrices(a, m, n), matrices(b, m, k)]
  const nothing = new Float64Array(n * k).fill(Number.NaN)
  return filled(types[0] as TensorType, shape, (put) => {
    const count = sizeOf(a.shape.slice(0, -2))
    for (let i = 0; i < count; i++) {
      // Without rows there is nothing to solve by.
      if (m < n) put(nothing)
      else {
        const [x, y] = [left.take(i), right.take(i)]
        if (how.how === 'square') eliminate(x, y, n, k)
        else leastSquares(x, y, m, n, k)
        put(y.subarray(0, n * k))
      }
    }
  })
}

export const eigenSymmetric: Meaning<object> = (_, args, types): RecordValue => {
  const a = args[0] as TensorValue
  const [n] = last(a)
  const all = matrices(a, n, n)
  const found = Array.from({ length: all.count }, (_, i) => eigen(all.take(i), n))
  const type = types[0] as TensorType
  return {
    values: filled(type, a.shape.slice(0, -1), (put) => {
      for (const f of found) put(f.values)
    }),
    vectors: filled(type, a.shape, (put) => {
      for (const f of found) put(f.vectors)
    }),
  }
}
