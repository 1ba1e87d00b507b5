import { compileFunction } from 'node:vm'
import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Artifact, Sidecar } from '../artifact.ts'
import { notLoaded } from '../load.ts'
import type { Code } from './workshop.ts'

/**
 * The artefact of a piece of code. It is made as a function, because modules are never let go of: an engine that
 * replaces graphs for months would keep every version of them.
 */
export const artifactOf = ({ module, wasm }: Code, names: Sidecar): Either<RunError, Artifact> => {
  try {
    const body = module
      .replace(/^export const /gm, 'const ')
      .replace(/^export default artifact;$/m, 'return artifact;')
      // Where its files lie; nobody looks there, because names and bytes are given.
      .replace(/^( {4}(?:names|kernels): .*)\bimport\.meta\.url\b/gm, "$1'memory:/'")
    const made = compileFunction(body, []) as () => Artifact
    const artifact = made()
    const kernels = wasm === undefined ? artifact.kernels : { wasm: () => wasm }
    return right({ ...artifact, names: () => names, kernels })
  } catch (e) {
    return left(
      notLoaded(
        `was refused by the engine: ${e instanceof Error ? e.message : String(e)}`,
        'this is a mistake in Quoin, or the cache was changed; please report it with the graph',
      ),
    )
  }
}
