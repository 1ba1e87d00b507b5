import { isLeft, left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import type { BoundKernels, Call } from './bound.ts'

/** Calls by index, with their counters. */
export const counted = (calls: readonly Call[]): BoundKernels => {
  let count = 0
  let scratchBytes = 0
  return {
    run: (index, args) => {
      const call = calls[index]
      if (call === undefined) return left(bug(`kernel ${index}`, `there are ${calls.length} kernels`))
      count++
      const r = call(args)
      if (isLeft(r)) return r
      if (r.right.bytes > scratchBytes) scratchBytes = r.right.bytes
      return right(r.right.values)
    },
    stats: () => ({ calls: count, scratchBytes }),
  }
}
