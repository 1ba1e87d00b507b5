import type { Target } from '../../codegen/artifact.ts'
import type { Compiled } from '../../compile.ts'
import { compileGraph } from '../../compile.ts'
import type { Call } from '../../graph/effects.ts'
import { effects, emptyFootprint } from '../../graph/effects.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import type { BoundKernels } from '../../runtime/bind.ts'
import { bindKernels } from '../../runtime/bind.ts'
import { memory } from '../../runtime/cache.ts'
import type { Driver } from '../../runtime/driver.ts'
import { Run } from '../../runtime/run.ts'
import { support } from '../../runtime/support.ts'
import type { WorldOptions } from '../arbitraries/world.ts'
import { difference, modelWorld, runIn } from '../arbitraries/world.ts'

/** Compiles, failing the test on any error or refused pass. */
export const compiled = async (g: Graph<'source'>, target: Target, options: object = {}): Promise<Compiled> => {
  const c = await compileGraph(g, { target, ...options })
  if (isLeft(c)) throw new Error(JSON.stringify(c.left, null, 1))
  if (c.right.optimised.failures.length > 0) throw new Error(JSON.stringify(c.right.optimised.failures, null, 1))
  return c.right
}

/** Runs a compiled graph in a fresh model world: the same questions get the same answers as in `runIn`. */
export const runCompiled = async (
  c: Compiled,
  inputs: Inputs,
  options: WorldOptions,
  /** Kernels that other runs use too, and what an answer waits for. */
  shared?: { readonly kernels: BoundKernels; readonly pause: () => Promise<void> },
  /** Sees the calls that go out together. */
  watch?: (calls: readonly Call[]) => void,
): Promise<ReturnType<typeof runIn>> => {
  const world = modelWorld(options)
  const driver: Driver = {
    kind: 'sql',
    effects: Object.keys(effects) as EffectName[],
    assumptions: [],
    perform: async (call) => {
      await shared?.pause()
      return world.answer(call)
    },
    performMany: async ({ calls }) => {
      await shared?.pause()
      watch?.(calls)
      return { answers: calls.map((x) => world.answer(x)), roundTrips: 1 }
    },
    close: () => Promise.resolve(),
  }
  const kernels = shared === undefined ? await bindKernels(c) : right(shared.kernels)
  if (isLeft(kernels)) throw new Error(kernels.left.cause)
  const footprints = new Map(c.manifest.effects.map((e) => [e.occurrence, e.footprint]))
  const run = new Run(
    {
      drivers: Object.fromEntries(c.manifest.effects.map((e) => [e.driver, driver])),
      memory: memory(),
      kernels: kernels.right,
      site: () => ({ node: '', place: '' }),
      footprint: (o) => footprints.get(o) ?? emptyFootprint,
      removed: 0,
    },
    {},
  )
  const answer = await c.program(support(run))(inputs)
  return { answer, state: world.state(), journal: world.journal(), asked: world.asked() }
}

/** What a compiled graph does otherwise than the interpreter; nothing when they agree to the last bit. */
export const disagreement = async (
  g: Graph<'source'>,
  inputs: Inputs,
  world: WorldOptions,
  target: Target,
): Promise<string | undefined> => {
  const c = await compiled(g, target)
  const found = difference(runIn(g, inputs, world), await runCompiled(c, inputs, world))
  return found === undefined ? undefined : `${target} ${found}`
}
