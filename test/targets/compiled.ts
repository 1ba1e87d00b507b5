import type { Target } from '../../codegen/artifact.ts'
import type { Compiled } from '../../compile.ts'
import { compileGraph } from '../../compile.ts'
import type { Answer, Call } from '../../graph/effects.ts'
import { effectError, effects } from '../../graph/effects.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { isolationLevels } from '../../graph/transaction.ts'
import type { BoundKernels } from '../../runtime/bind.ts'
import { bindKernels } from '../../runtime/bind.ts'
import type { Driver, Transactions } from '../../runtime/driver.ts'
import type { RunOptions } from '../../runtime/run.ts'
import { support } from '../../runtime/support.ts'
import { runOn } from '../../verify/model/compiled.ts'
import type { World, WorldOptions } from '../arbitraries/world.ts'
import { difference, modelWorld, runIn } from '../arbitraries/world.ts'

/** Compiles, failing the test on any error or refused pass. */
export const compiled = async (g: Graph<'source'>, target: Target, options: object = {}): Promise<Compiled> => {
  const c = await compileGraph(g, { target, ...options })
  if (isLeft(c)) throw new Error(JSON.stringify(c.left, null, 1))
  if (c.right.optimised.failures.length > 0) throw new Error(JSON.stringify(c.right.optimised.failures, null, 1))
  return c.right
}

/** The names to which a compiled graph needs drivers. */
export const driversOf = ({ manifest }: Compiled): readonly string[] => [
  ...manifest.effects.map((e) => e.driver),
  ...(manifest.transactions ?? []).map((t) => t.db),
]
/**
 * Transactions of a model world. What is asked inside is asked one thing at a time, and after a failure there nothing but
 * failures come, unless it has savepoints.
 */
export const transactionsIn = (
  world: World,
  pause: (label: string) => Promise<unknown> = () => Promise.resolve(),
  savepoints = false,
): Transactions => ({
  isolation: isolationLevels,
  ...(savepoints ? { savepoints } : {}),
  run: async (t, _, work) => {
    await pause('begin')
    const inside = world.begin(t)
    let asking = 0
    let lost = false
    const ended = (call: Call): Answer => {
      const answer = lost
        ? left(effectError(call, 'Refused', 'the transaction is aborted', 'roll back'))
        : inside.answer(call)
      lost ||= isLeft(answer) && !savepoints
      return answer
    }
    const one = async <T>(label: string, ask: () => T): Promise<T> => {
      if (++asking > 1) throw new Error('a transaction was asked two things at once')
      await pause(label)
      const answer = ask()
      asking--
      return answer
    }
    const value = await work({
      perform: (call) => one(`inside ${call.attrs.occurrence}`, () => ended(call)),
      performMany: ({ calls }) =>
        one(`inside many ${calls[0]!.attrs.occurrence}`, () => ({ answers: calls.map(ended), roundTrips: 1 })),
    })
    await pause('end')
    if (lost && !isLeft(value)) throw new Error('a transaction with a failed statement was committed')
    const end = inside.end(isLeft(value) ? value.left : undefined)
    return isLeft(value) || !isLeft(end) ? value : end
  },
})

/** Runs a compiled graph in a fresh model world: the same questions get the same answers as in `runIn`. */
export const runCompiled = async (
  c: Compiled,
  inputs: Inputs,
  options: WorldOptions,
  /** Kernels that other runs use too, and what an answer waits for. */
  shared?: { readonly kernels: BoundKernels; readonly pause: () => Promise<void> },
  /** Sees the calls that go out together. */
  watch?: (calls: readonly Call[]) => void,
  ask: RunOptions = {},
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
    transactions: transactionsIn(world, shared?.pause, options.seed % 2 === 1),
    close: () => Promise.resolve(),
  }
  const kernels = shared === undefined ? await bindKernels(c) : right(shared.kernels)
  if (isLeft(kernels)) throw new Error(kernels.left.cause)
  const run = runOn(c, driver, kernels.right, ask)
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
