/** The lower factor of a symmetric matrix of n rows, in place: a = l·lᵀ. The upper triangle is not read and becomes 0. */
export const factorise = (a: Float64Array, n: number): void => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]!
      for (let k = 0; k < j; k++) rest -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(rest) : rest / a[j * n + j]!
    }
    a.fill(0, i * n + i + 1, (i + 1) * n)
  }
}
