import { batch, batchWith } from './batch.ts'
import { dce } from './dce.ts'
import { fold } from './fold.ts'
import { fuse } from './fuse.ts'
import { merge } from './merge.ts'
import type { Pass } from './pass.ts'
import { vectorise } from './vectorise.ts'

/** The whole pipeline, in order. Stages say what may come before what; the reasons beside entries say why it should. */
export const pipeline: readonly Pass[] = [
  // First, so that nothing after it works on what nobody needs.
  dce,
  // Before batching: a query asked twice in one body is asked once.
  merge,
  fold,
  // Before batching, so that what is left of maps is what waits for the world.
  vectorise,
  batch,
  // Last: kernels are closed to every other pass.
  fuse,
]

/** The pipeline of a user who lets dependent queries of these databases be answered as of one moment. */
export const pipelineFor = (collapse: readonly string[] = []): readonly Pass[] =>
  collapse.length === 0 ? pipeline : pipeline.map((p) => (p === batch ? batchWith(collapse) : p))
