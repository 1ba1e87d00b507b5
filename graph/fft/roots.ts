import { elementary } from '../elementary/index.ts'
import { numbers } from '../numbers.ts'

/** e^(-2πik/n) for k = 0 … count - 1, real and imaginary parts. */
export interface Roots {
  readonly re: Float64Array
  readonly im: Float64Array
}
type Point = readonly [cos: number, sin: number]

/** So many neighbours are computed one by one; the others are products of two roots. */
const fine = 1024

/**
 * The point k/n of a turn, from our own sine and cosine, so it is the same bits everywhere. Only angles up to an eighth
 * are computed, the rest follows by symmetry: whole numbers say where, so ±1, ±i and (1 + i)/√2 are as exact as they can be.
 */
const point = (k: number, n: number): Point => {
  const eighth = Math.floor((8 * k) / n)
  const rest = 8 * k - eighth * n
  const back = eighth % 2 === 1
  const angle = ((back ? n - rest : rest) / n) * (Math.PI / 4)
  const cos = elementary.cos.expand(numbers, 'f64', angle) as number
  const sin = elementary.sin.expand(numbers, 'f64', angle) as number
  const [c, s] = back ? [sin, cos] : [cos, sin]
  switch (Math.floor(eighth / 2)) {
    case 0:
      return [c, s]
    case 1:
      return [-s, c]
    case 2:
      return [-c, -s]
    default:
      return [s, -c]
  }
}

export const rootsOf = (n: number, count = n): Roots => {
  const [re, im] = [new Float64Array(count), new Float64Array(count)]
  const near = Array.from({ length: Math.min(fine, count) }, (_, k) => point(k, n))
  for (let base = 0; base < count; base += fine) {
    const [c, s] = point(base, n)
    for (let k = base; k < Math.min(base + fine, count); k++) {
      const [d, t] = near[k - base]!
      re[k] = base === 0 ? d : c * d - s * t
      im[k] = base === 0 ? -t : -(c * t + s * d)
    }
  }
  return { re, im }
}
