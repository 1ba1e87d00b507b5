import type { Floats } from '../c/peers.ts'

/** The workloads as plain loops; over f32 they compute in f64 and round where they store. */
type Loop = (n: number, y: Floats, ...inputs: readonly Floats[]) => void

const w1: Loop = (_, y, a, b, c, d) => {
  for (let i = 0; i < y.length; i++) {
    const [ai, bi, ci] = [a![i]!, b![i]!, c![i]!]
    y[i] = Math.sqrt(ai * ai + bi * bi) * ci - d![i]! / (1 + Math.abs(ai)) + (bi < ci ? bi : ci) * 0.5
  }
}
const normal = (x: number): number => {
  const q = 1 / (1 + 0.2316419 * Math.abs(x))
  const poly = q * (0.31938153 + q * (-0.356563782 + q * (1.781477937 + q * (-1.821255978 + q * 1.330274429))))
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * poly
  return x < 0 ? tail : 1 - tail
}
const w2: Loop = (_, y, s, k, x) => {
  for (let i = 0; i < y.length; i++) {
    const [si, ki, xi] = [s![i]!, k![i]!, x![i]!]
    const w = 0.2 * Math.sqrt(xi)
    const d1 = (Math.log(si / ki) + (0.05 + (0.2 * 0.2) / 2) * xi) / w
    y[i] = si * normal(d1) - ki * Math.exp(-0.05 * xi) * normal(d1 - w)
  }
}
const softmax: Loop = (n, y, x) => {
  for (let row = 0; row < n * n; row += n) {
    let top = Number.NEGATIVE_INFINITY
    for (let i = row; i < row + n; i++) top = Math.max(top, x![i]!)
    let total = 0
    for (let i = row; i < row + n; i++) {
      y[i] = Math.exp(x![i]! - top)
      total += y[i]!
    }
    for (let i = row; i < row + n; i++) y[i] = y[i]! / total
  }
}
const layernorm: Loop = (n, y, x, gain, bias) => {
  for (let row = 0; row < n * n; row += n) {
    let [total, squares] = [0, 0]
    for (let i = row; i < row + n; i++) {
      const d = x![i]! - x![row]!
      total += d
      squares += d * d
    }
    const mean = x![row]! + total / n
    const scale = 1 / Math.sqrt((squares - (total * total) / n) / n + 1e-5)
    for (let i = 0; i < n; i++) y[row + i] = (x![row + i]! - mean) * scale * gain![i]! + bias![i]!
  }
}
const w4: Loop = (n, y, a, b) => {
  y.fill(0)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const x = a![i * n + k]!
      for (let j = 0; j < n; j++) y[i * n + j]! += x * b![k * n + j]!
    }
}
const w5: Loop = (n, y, u, p) => {
  let from: Floats = u!.slice()
  let to: Floats = u!.slice()
  for (let step = n <= 100 ? 100 : 10; step > 0; step--) {
    for (let r = 1; r + 1 < n; r++)
      for (let c = 1; c + 1 < n; c++)
        for (let z = 1, i = (r * n + c) * n + 1; z + 1 < n; z++, i++) {
          const here = from[i]!
          const near = from[i - n * n]! + from[i + n * n]! + from[i - n]! + from[i + n]! + from[i - 1]! + from[i + 1]!
          to[i] = here + 0.1 * (near - 6 * here - p![i]! * here)
        }
    ;[from, to] = [to, from]
  }
  y.set(from as never)
}
const w6: Loop = (n, y, a, b, c) => {
  for (let at = 0; at < 16 * n; at += 16)
    for (let r = 0; r < 16; r += 4)
      for (let j = 0; j < 4; j++) {
        const product =
          a![at + r]! * b![at + j]! +
          a![at + r + 1]! * b![at + 4 + j]! +
          a![at + r + 2]! * b![at + 8 + j]! +
          a![at + r + 3]! * b![at + 12 + j]!
        y[at + r + j] = product + c![at + r + j]!
      }
}
const sum: Loop = (_, y, x) => {
  let s = 0
  for (let i = 0; i < x!.length; i++) s += x![i]!
  y[0] = s
}
const dot: Loop = (_, y, x, z) => {
  let s = 0
  for (let i = 0; i < x!.length; i++) s += x![i]! * z![i]!
  y[0] = s
}
const variance: Loop = (_, y, x) => {
  let [s, squares] = [0, 0]
  for (let i = 0; i < x!.length; i++) {
    const d = x![i]! - x![0]!
    s += d
    squares += d * d
  }
  y[0] = (squares - (s * s) / x!.length) / x!.length
}

export const loops: Readonly<Record<string, Loop>> = { w1, w2, softmax, layernorm, w4, w5, w6, sum, dot, variance }
