import type { Ix } from './ix.ts'
import { add, mul, sub } from './ix.ts'

/** How much `x` grows when the index variable grows by one; undefined where that is not the same everywhere. */
export const growth = (x: Ix, name: string): Ix | undefined => {
  if (typeof x === 'number') return 0
  if (typeof x === 'string') return x === name ? 1 : 0
  const [a, b] = [growth(x.a, name), growth(x.b, name)]
  if (a === undefined || b === undefined) return undefined
  switch (x.op) {
    case 'add':
      return add(a, b)
    case 'sub':
      return sub(a, b)
    case 'mul':
      return a === 0 ? mul(x.a, b) : b === 0 ? mul(a, x.b) : undefined
    default:
      return a === 0 && b === 0 ? 0 : undefined
  }
}
