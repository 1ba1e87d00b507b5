import { transformOf } from './plan.ts'
import { rootsOf } from './roots.ts'

export { transformOf } from './plan.ts'

/**
 * The transform of n real cells in `re`, the spectrum left in `re` and `im`. An even number of them is half as many complex
 * ones: with z[j] = x[2j] + i·x[2j+1] and Z its transform, X[k] = E + w^k·O, where E = (Z[k] + conj Z[h-k])/2 and O =
 * (Z[k] - conj Z[h-k])/2i. The upper half of the spectrum is the lower one's mirror.
 */
export const transformReal = (re: Float64Array, im: Float64Array): void => {
  const n = re.length
  if (n < 2 || n % 2 === 1) {
    im.fill(0)
    transformOf(n)(re, im)
    return
  }
  const h = n / 2
  const [zr, zi] = [new Float64Array(h), new Float64Array(h)]
  for (let j = 0; j < h; j++) {
    zr[j] = re[2 * j]!
    zi[j] = re[2 * j + 1]!
  }
  transformOf(h)(zr, zi)
  const w = halfRoots(n)
  for (let k = 0; k <= h; k++) {
    const [a, b] = [k % h, (h - k) % h]
    const [er, ei] = [(zr[a]! + zr[b]!) / 2, (zi[a]! - zi[b]!) / 2]
    const [or, oi] = [(zi[a]! + zi[b]!) / 2, (zr[b]! - zr[a]!) / 2]
    re[k] = er + (w.re[k]! * or - w.im[k]! * oi)
    im[k] = ei + (w.re[k]! * oi + w.im[k]! * or)
  }
  for (let k = h + 1; k < n; k++) {
    re[k] = re[n - k]!
    im[k] = -im[n - k]!
  }
}

let last: { readonly n: number; readonly roots: ReturnType<typeof rootsOf> } | undefined
const halfRoots = (n: number): ReturnType<typeof rootsOf> => {
  if (last?.n !== n) last = { n, roots: rootsOf(n, n / 2 + 1) }
  return last.roots
}
