import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Artifact, Sidecar } from '../artifact.ts'
import { notLoaded } from '../load.ts'
import { moduleFunction } from '../module-text.ts'
import type { Code } from './workshop.ts'

/**
 * The artefact of a piece of code. It is made as a function, because modules are never let go of: an engine that
 * replaces graphs for months would keep every version of them.
 */
export const artifactOf = ({ module, wasm }: Code, names: Sidecar): Either<RunError, Artifact> => {
  try {
    const made = moduleFunction(module)
    if (made === undefined)
      return left(notLoaded('cannot run where no code is made of text', 'allow code from strings'))
    const artifact = made() as Artifact
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
