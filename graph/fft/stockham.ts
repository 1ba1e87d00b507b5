import type { Roots } from './roots.ts'
import { rootsOf } from './roots.ts'

/** From one pair of arrays into another: `s` interleaved transforms of length n, of which this takes out one factor. */
type Step = (xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array) => void

/**
 * Mixed radix by Stockham's self-sorting scheme (Swarztrauber, "FFT algorithms for vector computers", 1984): every step
 * writes its results in the order in which the next reads them, so nothing is ever permuted. With n = r·m,
 * y[q + s·(r·p + k)] = w^(p·k)·Σⱼ x[q + s·(p + j·m)]·e^(-2πijk/r), w = e^(-2πi/n).
 */
export const stockham = (length: number, factors: readonly number[]) => {
  const roots = rootsOf(length)
  const steps: Step[] = []
  let [n, s] = [length, 1]
  for (const r of factors) {
    steps.push(r === 4 ? four(n / 4, s, roots) : r === 2 ? two(n / 2, s, roots) : odd(r, n / r, s, roots))
    ;[n, s] = [n / r, s * r]
  }
  const spare = [new Float64Array(length), new Float64Array(length)] as const
  return (re: Float64Array, im: Float64Array): void => {
    let from: readonly [Float64Array, Float64Array] = [re, im]
    let to: readonly [Float64Array, Float64Array] = spare
    for (const step of steps) {
      step(...from, ...to)
      ;[from, to] = [to, from]
    }
    if (from === spare) {
      re.set(spare[0])
      im.set(spare[1])
    }
  }
}

const two =
  (m: number, s: number, { re, im }: Roots): Step =>
  (xr, xi, yr, yi) => {
    for (let p = 0; p < m; p++) {
      const [c, d] = [re[p * s]!, im[p * s]!]
      for (let q = 0; q < s; q++) {
        const a = q + s * p
        const b = a + s * m
        const to = q + s * 2 * p
        const [ur, ui] = [xr[a]! - xr[b]!, xi[a]! - xi[b]!]
        yr[to] = xr[a]! + xr[b]!
        yi[to] = xi[a]! + xi[b]!
        yr[to + s] = ur * c - ui * d
        yi[to + s] = ur * d + ui * c
      }
    }
  }

const four =
  (m: number, s: number, { re, im }: Roots): Step =>
  (xr, xi, yr, yi) => {
    const third = s * m
    for (let p = 0; p < m; p++) {
      const [c1, d1] = [re[p * s]!, im[p * s]!]
      const [c2, d2] = [re[2 * p * s]!, im[2 * p * s]!]
      const [c3, d3] = [re[3 * p * s]!, im[3 * p * s]!]
      for (let q = 0; q < s; q++) {
        const a = q + s * p
        const to = q + s * 4 * p
        const evenR = xr[a]! + xr[a + 2 * third]!
        const evenI = xi[a]! + xi[a + 2 * third]!
        const offR = xr[a]! - xr[a + 2 * third]!
        const offI = xi[a]! - xi[a + 2 * third]!
        const oddR = xr[a + third]! + xr[a + 3 * third]!
        const oddI = xi[a + third]! + xi[a + 3 * third]!
        // Times -i.
        const turnR = xi[a + third]! - xi[a + 3 * third]!
        const turnI = xr[a + 3 * third]! - xr[a + third]!
        yr[to] = evenR + oddR
        yi[to] = evenI + oddI
        const r1 = offR + turnR
        const i1 = offI + turnI
        yr[to + s] = r1 * c1 - i1 * d1
        yi[to + s] = r1 * d1 + i1 * c1
        const r2 = evenR - oddR
        const i2 = evenI - oddI
        yr[to + 2 * s] = r2 * c2 - i2 * d2
        yi[to + 2 * s] = r2 * d2 + i2 * c2
        const r3 = offR - turnR
        const i3 = offI - turnI
        yr[to + 3 * s] = r3 * c3 - i3 * d3
        yi[to + 3 * s] = r3 * d3 + i3 * c3
      }
    }
  }

/** An odd factor: of x[j] and x[r - j] only sum and difference are needed, the one with cosines, the other with sines. */
const odd = (r: number, m: number, s: number, { re, im }: Roots): Step => {
  const own = rootsOf(r)
  const half = (r - 1) / 2
  const [sumR, sumI, offR, offI] = Array.from({ length: 4 }, () => new Float64Array(half + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return (xr, xi, yr, yi) => {
    for (let p = 0; p < m; p++) {
      for (let q = 0; q < s; q++) {
        const a = q + s * p
        const to = q + s * r * p
        let [allR, allI] = [xr[a]!, xi[a]!]
        for (let j = 1; j <= half; j++) {
          const [b, e] = [a + j * s * m, a + (r - j) * s * m]
          sumR[j] = xr[b]! + xr[e]!
          sumI[j] = xi[b]! + xi[e]!
          offR[j] = xr[b]! - xr[e]!
          offI[j] = xi[b]! - xi[e]!
          allR += sumR[j]!
          allI += sumI[j]!
        }
        yr[to] = allR
        yi[to] = allI
        for (let k = 1; k <= half; k++) {
          let [evenR, evenI, turnR, turnI] = [xr[a]!, xi[a]!, 0, 0]
          for (let j = 1; j <= half; j++) {
            const at = (j * k) % r
            evenR += sumR[j]! * own.re[at]!
            evenI += sumI[j]! * own.re[at]!
            turnR -= offI[j]! * own.im[at]!
            turnI += offR[j]! * own.im[at]!
          }
          const [u, v] = [k * p * s, (r - k) * p * s]
          const [r1, i1] = [evenR + turnR, evenI + turnI]
          const [r2, i2] = [evenR - turnR, evenI - turnI]
          yr[to + k * s] = r1 * re[u]! - i1 * im[u]!
          yi[to + k * s] = r1 * im[u]! + i1 * re[u]!
          yr[to + (r - k) * s] = r2 * re[v]! - i2 * im[v]!
          yi[to + (r - k) * s] = r2 * im[v]! + i2 * re[v]!
        }
      }
    }
  }
}
