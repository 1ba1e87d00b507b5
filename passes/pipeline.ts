import { batch } from './batch.ts'
import { dce } from './dce.ts'
import { fuse } from './fuse.ts'
import { merge } from './merge.ts'
import type { Pass } from './pass.ts'
import { simplify } from './simplify.ts'

/** The whole pipeline, in order. Stages say what may come before what; the reasons beside entries say why it should. */
export const pipeline: readonly Pass[] = [
  // First, so that nothing after it works on what nobody needs.
  dce,
  // Before batching: a query asked twice in one body is asked once.
  merge,
  // After merging, which makes operands equal; before batching and fusion, which look at what is left.
  simplify,
  batch,
  // Last: kernels are closed to every other pass.
  fuse,
]
