/**
 * Gaussian elimination with partial pivoting: b of n rows and k columns becomes the solution of a·x = b; a is used up. The
 * pivot is the first of the greatest cells in size. A matrix without inverse gives infinities and NaN, as dividing by 0 does.
 */
export const eliminate = (a: Float64Array, b: Float64Array, n: number, k: number): void => {
  for (let c = 0; c < n; c++) {
    let pivot = c
    for (let i = c + 1; i < n; i++) if (Math.abs(a[i * n + c]!) > Math.abs(a[pivot * n + c]!)) pivot = i
    swapRows(a, n, c, pivot)
    swapRows(b, k, c, pivot)
    for (let i = c + 1; i < n; i++) {
      const factor = a[i * n + c]! / a[c * n + c]!
      for (let j = c + 1; j < n; j++) a[i * n + j]! -= factor * a[c * n + j]!
      for (let j = 0; j < k; j++) b[i * k + j]! -= factor * b[c * k + j]!
    }
  }
  substitute(a, b, n, k)
}

const swapRows = (a: Float64Array, width: number, i: number, j: number): void => {
  for (let c = 0; c < width; c++) {
    const x = a[i * width + c]!
    a[i * width + c] = a[j * width + c]!
    a[j * width + c] = x
  }
}

/** Back substitution: the upper triangle of a solved for the first n rows of b, in place. */
export const substitute = (a: Float64Array, b: Float64Array, n: number, k: number): void => {
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < k; j++) {
      let rest = b[i * k + j]!
      for (let c = i + 1; c < n; c++) rest -= a[i * n + c]! * b[c * k + j]!
      b[i * k + j] = rest / a[i * n + i]!
    }
  }
}
