import type { Transform } from './plan.ts'
import { rootsOf } from './roots.ts'

/**
 * Any length as a convolution with a chirp (Bluestein, "A linear filtering approach to the computation of the discrete
 * Fourier transform", 1970): jk = (j² + k² - (k - j)²)/2, so X[k] = c[k]·Σ (x[j]·c[j])·conj c[k - j], c[j] =
 * e^(-πij²/n). The convolution is done by transforms of a power of two.
 */
export const bluestein = (n: number, transformOf: (n: number) => Transform): Transform => {
  let m = 1
  while (m < 2 * n - 1) m *= 2
  const inner = transformOf(m)
  const roots = rootsOf(2 * n)
  const [cr, ci] = [new Float64Array(n), new Float64Array(n)]
  const [br, bi] = [new Float64Array(m), new Float64Array(m)]
  for (let j = 0, square = 0; j < n; j++) {
    // j² modulo 2n, by adding 2j + 1 each time: no square grows too large to be exact.
    cr[j] = roots.re[square]!
    ci[j] = roots.im[square]!
    square = (square + 2 * j + 1) % (2 * n)
    br[j] = cr[j]!
    bi[j] = -ci[j]!
    br[(m - j) % m] = br[j]!
    bi[(m - j) % m] = bi[j]!
  }
  inner(br, bi)
  const [ar, ai] = [new Float64Array(m), new Float64Array(m)]
  return (re, im) => {
    for (let j = 0; j < n; j++) {
      ar[j] = re[j]! * cr[j]! - im[j]! * ci[j]!
      ai[j] = re[j]! * ci[j]! + im[j]! * cr[j]!
    }
    ar.fill(0, n)
    ai.fill(0, n)
    inner(ar, ai)
    // The way back is the way there with real and imaginary parts exchanged, divided by m, a power of two.
    for (let j = 0; j < m; j++) {
      const [x, y] = [ar[j]!, ai[j]!]
      ar[j] = (x * br[j]! - y * bi[j]!) / m
      ai[j] = (x * bi[j]! + y * br[j]!) / m
    }
    inner(ai, ar)
    for (let k = 0; k < n; k++) {
      re[k] = ar[k]! * cr[k]! - ai[k]! * ci[k]!
      im[k] = ar[k]! * ci[k]! + ai[k]! * cr[k]!
    }
  }
}
