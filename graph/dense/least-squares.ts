import { substitute } from './solve.ts'

/**
 * The x of least |a·x - b|, a of m rows and n columns, b of k: Householder reflections column by column, then back
 * substitution. The first n rows of b become x; a is used up. Columns that depend on one another, or fewer rows than columns,
 * give infinities and NaN.
 */
export const leastSquares = (a: Float64Array, b: Float64Array, m: number, n: number, k: number): void => {
  const v = new Float64Array(m)
  for (let c = 0; c < Math.min(m, n); c++) {
    let square = 0
    for (let i = c; i < m; i++) square += a[i * n + c]! * a[i * n + c]!
    const size = Math.sqrt(square)
    if (size === 0) continue
    const first = a[c * n + c]!
    // Away from 0, so that nothing cancels.
    const to = first < 0 ? size : -size
    for (let i = c; i < m; i++) v[i] = a[i * n + c]!
    v[c] = first - to
    // |v|²/2.
    const half = square - first * to
    reflect(a, v, half, c, m, n, c)
    reflect(b, v, half, c, m, k, 0)
  }
  if (m >= n) substitute(a, b, n, k)
}

/** Columns from `from` on of rows c … m - 1, mirrored at the plane across v. */
const reflect = (
  a: Float64Array,
  v: Float64Array,
  half: number,
  c: number,
  m: number,
  width: number,
  from: number,
): void => {
  for (let j = from; j < width; j++) {
    let dot = 0
    for (let i = c; i < m; i++) dot += v[i]! * a[i * width + j]!
    const by = dot / half
    for (let i = c; i < m; i++) a[i * width + j]! -= by * v[i]!
  }
}
