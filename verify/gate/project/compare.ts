import type { Compiled } from '../../../compile.ts'
import type { Inputs } from '../../../graph/eval.ts'
import type { Graph } from '../../../graph/graph.ts'
import { runArtifact } from '../../model/compiled.ts'
import type { WorldOptions } from '../../model/world.ts'
import { difference, hashText, runIn, someValue, stream } from '../../model/world.ts'

/** How a graph and its artefact were compared. */
export interface Compared {
  /** Cases in which both answered the same value, and the same error. */
  readonly values: number
  readonly errors: number
  readonly seed: number
  readonly differs?: { readonly seed: number; readonly what: string }
  /** Not all cases were tried: the time ran out, or somebody stopped it. */
  readonly short: boolean
  readonly stopped: boolean
}
export interface Effort {
  readonly cases: number
  readonly ms: number
  readonly signal?: AbortSignal
}

/** How long nobody else may wait for a turn. */
const patienceMs = 50

/** Worlds in turn: calm ones, ones in which calls fail, ones that answer nothing. */
const worldOf = (seed: number): WorldOptions => ({
  seed,
  faults: seed % 3 === 2 ? 3 : 0,
  ...(seed % 5 === 4 ? { empty: 1 } : {}),
})
/** Inputs full of edge values, of one size each dimension. */
const inputsOf = (g: Graph, seed: number): Inputs => {
  const next = stream(seed)
  const sizes = new Map<string, number>()
  return Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
}

/**
 * Runs a graph in the interpreter and as it was compiled, on the same generated inputs in equal model worlds, and compares
 * values, errors, and what was written. Seeds follow from the graph, so a run repeats. `g` is the graph as written; or, where
 * relaxed laws were allowed, what they and the other passes have made of it.
 */
export const compare = async (g: Graph, compiled: Compiled, { cases, ms, signal }: Effort): Promise<Compared> => {
  const seed = hashText(compiled.manifest.digest) % 1_000_000
  const end = performance.now() + ms
  let [values, errors, heard] = [0, 0, performance.now()]
  for (let i = 0; i < cases; i++) {
    // Runs in a model of the world wait for nothing, so neither an interrupt nor a spinner would ever have its turn.
    if (performance.now() - heard > patienceMs) {
      await new Promise((resolve) => setImmediate(resolve))
      heard = performance.now()
    }
    const stopped = signal?.aborted === true
    if (stopped || performance.now() > end) return { values, errors, seed, short: true, stopped }
    const at = seed + i
    const inputs = inputsOf(g, at)
    const world = worldOf(at)
    const one = runIn(g, inputs, world)
    const two = await runArtifact(compiled, inputs, world, signal)
    const what = difference(one, two)
    if (what !== undefined) return { values, errors, seed, differs: { seed: at, what }, short: false, stopped: false }
    if (one.answer._tag === 'Right') values++
    else errors++
  }
  return { values, errors, seed, short: false, stopped: false }
}
