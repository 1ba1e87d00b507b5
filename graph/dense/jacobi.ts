/** More sweeps than any finite matrix was seen to need by far; they end the work for all others. */
const sweeps = 60

/**
 * Eigenvalues of a symmetric matrix of n rows, ascending, and its eigenvectors as columns, by Jacobi's cyclic rotations (Golub
 * and Van Loan, Matrix Computations, 4th ed., section 8.5), always in the same order. Only the lower triangle is read; a is
 * used up. Of each vector the first of its greatest cells in size is positive.
 */
export const eigen = (a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } => {
  const values = new Float64Array(n).fill(Number.NaN)
  const vectors = new Float64Array(n * n).fill(Number.NaN)
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!
  if (!a.every(Number.isFinite)) return { values, vectors }
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  for (let s = 0; s < sweeps && sweep(a, v, n); s++);
  // Cells so great that turning them overflows.
  if (!a.every(Number.isFinite) || !v.every(Number.isFinite)) return { values, vectors }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]! || i - j)
  for (const [to, from] of order.entries()) {
    values[to] = a[from * n + from]!
    let great = 0
    for (let i = 1; i < n; i++) if (Math.abs(v[i * n + from]!) > Math.abs(v[great * n + from]!)) great = i
    const sign = v[great * n + from]! < 0 ? -1 : 1
    for (let i = 0; i < n; i++) vectors[i * n + to] = sign * v[i * n + from]!
  }
  return { values, vectors }
}

/** Every cell below the diagonal once; whether any was turned away. */
const sweep = (a: Float64Array, v: Float64Array, n: number): boolean => {
  let turned = false
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      const off = a[p * n + q]!
      const [x, y] = [a[p * n + p]!, a[q * n + q]!]
      // Too small to change either of the two it stands between.
      if (Math.abs(x) + Math.abs(off) === Math.abs(x) && Math.abs(y) + Math.abs(off) === Math.abs(y)) {
        a[p * n + q] = 0
        a[q * n + p] = 0
      } else {
        rotate(a, v, n, p, q, y - x, off)
        turned = true
      }
    }
  }
  return turned
}

const rotate = (
  a: Float64Array,
  v: Float64Array,
  n: number,
  p: number,
  q: number,
  difference: number,
  off: number,
): void => {
  const theta = difference / (2 * off)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  a[p * n + p]! -= t * off
  a[q * n + q]! += t * off
  a[p * n + q] = 0
  a[q * n + p] = 0
  for (let i = 0; i < n; i++) {
    if (i !== p && i !== q) {
      const [x, y] = [a[i * n + p]!, a[i * n + q]!]
      a[i * n + p] = c * x - s * y
      a[i * n + q] = s * x + c * y
      a[p * n + i] = a[i * n + p]!
      a[q * n + i] = a[i * n + q]!
    }
    const [x, y] = [v[i * n + p]!, v[i * n + q]!]
    v[i * n + p] = c * x - s * y
    v[i * n + q] = s * x + c * y
  }
}
