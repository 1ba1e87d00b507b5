import type { Graph } from '../../graph/graph.ts'
import { stages } from '../../graph/ops/index.ts'
import type { Certificate } from '../certificate.ts'
import { checkBatch } from './batch.ts'
import { checkDce } from './dce.ts'
import { checkFold } from './fold.ts'
import { checkFuse } from './fuse.ts'
import { checkMerge } from './merge.ts'
import { checkPlace } from './place.ts'
import { checkVectorise } from './vectorise.ts'
import type { Checker, Refusal } from './verdict.ts'
import { refuse } from './verdict.ts'

/** The checker of each kind of certificate; a kind without one does not compile. */
export const checkers: { readonly [K in Certificate['kind']]: Checker<Extract<Certificate, { kind: K }>> } = {
  merge: checkMerge,
  fold: checkFold,
  dce: checkDce,
  vectorise: checkVectorise,
  batch: checkBatch,
  fuse: checkFuse,
  place: checkPlace,
}

/** Accepts what a pass made of a graph, or says why not. Never throws, whatever the certificate holds. */
export const judge = (before: Graph, after: Graph, claim: Certificate): Refusal | undefined => {
  const head = header(before, after)
  if (head !== undefined) return refuse('header', head)
  if (!Object.hasOwn(checkers, claim.kind))
    return refuse('certificate', `there is no checker for ${String(claim.kind)}`)
  try {
    return (checkers[claim.kind] as Checker)(before, after, claim)
  } catch (e) {
    return refuse('certificate', `it cannot be followed: ${e instanceof Error ? e.message : String(e)}`)
  }
}
const header = (a: Graph, b: Graph): string | undefined => {
  if (a.arena !== b.arena) return 'the graph moved to another arena'
  if (a.name !== b.name || a.inputs !== b.inputs || a.sites !== b.sites)
    return 'the name, the inputs or the sites changed'
  return stages.indexOf(b.stage) < stages.indexOf(a.stage) ? 'the stage went back' : undefined
}

export type { Checker, Obligation, Refusal } from './verdict.ts'
