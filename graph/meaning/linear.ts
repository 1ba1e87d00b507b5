import { transformOf, transformReal } from '../fft/index.ts'
import type { TensorType } from '../types.ts'
import type { RecordValue, Store, TensorValue } from '../values.ts'
import { newStore } from '../values.ts'
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
