import type { Answer, Call } from '../../graph/effects.ts'
import { effectError, effects, emptyFootprint } from '../../graph/effects.ts'
import { isLeft, left } from '../../graph/either.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Inputs } from '../../graph/eval.ts'
import { isolationLevels } from '../../graph/transaction.ts'
import type { Artifact } from '../../runtime/artifact.ts'
import type { BoundKernels } from '../../runtime/bind.ts'
import { bindKernels } from '../../runtime/bind.ts'
import { memory } from '../../runtime/cache.ts'
import type { Driver, Transactions } from '../../runtime/driver.ts'
import type { RunOptions } from '../../runtime/run.ts'
import { Run } from '../../runtime/run.ts'
import { support } from '../../runtime/support.ts'
import type { runIn, World, WorldOptions } from './world.ts'
import { modelWorld } from './world.ts'

/** Transactions of a model world, one statement at a time; after a failure nothing but failures come. */
const transactionsOf = (world: World): Transactions => ({
  isolation: isolationLevels,
  run: async (t, _, work) => {
    const inside = world.begin(t)
    let lost = false
    const one = (call: Call): Answer => {
      const answer = lost
        ? left(effectError(call, 'Refused', 'the transaction is aborted', 'roll back'))
        : inside.answer(call)
      lost ||= isLeft(answer)
      return answer
    }
    const value = await work({
      perform: (call) => Promise.resolve(one(call)),
      performMany: ({ calls }) => Promise.resolve({ answers: calls.map(one), roundTrips: 1 }),
    })
    const end = inside.end(isLeft(value) ? value.left : undefined)
    return isLeft(value) || !isLeft(end) ? value : end
  },
})

/** A driver that answers every effect out of a model world. */
export const worldDriver = (world: World): Driver => ({
  kind: 'sql',
  effects: Object.keys(effects) as EffectName[],
  assumptions: [],
  perform: (call) => Promise.resolve(world.answer(call)),
  performMany: ({ calls }) => Promise.resolve({ answers: calls.map((c) => world.answer(c)), roundTrips: 1 }),
  transactions: transactionsOf(world),
  close: () => Promise.resolve(),
})

/** A run of an artefact in which one driver answers everything and nothing is remembered from before. */
export const runOn = (
  { manifest }: Pick<Artifact, 'manifest'>,
  driver: Driver,
  kernels: BoundKernels,
  options: RunOptions = {},
): Run => {
  const { effects: calls, transactions = [] } = manifest
  const names = [...calls.map((e) => e.driver), ...transactions.map((t) => t.db)]
  const footprints = new Map(calls.map((e) => [e.occurrence, e.footprint]))
  return new Run(
    {
      drivers: Object.fromEntries(names.map((n) => [n, driver])),
      memory: memory(),
      kernels,
      site: () => ({ node: '', place: '' }),
      footprint: (o) => footprints.get(o) ?? emptyFootprint,
      removed: 0,
    },
    options,
  )
}

/** Runs an artefact in a fresh model world, where the same questions get the same answers as in `runIn`. */
export const runArtifact = async (
  a: Artifact,
  inputs: Inputs,
  options: WorldOptions,
  signal?: AbortSignal,
): Promise<ReturnType<typeof runIn>> => {
  const world = modelWorld(options)
  const kernels = await bindKernels(a)
  const answer = isLeft(kernels)
    ? kernels
    : await a.program(support(runOn(a, worldDriver(world), kernels.right, signal && { signal })))(inputs)
  return { answer, state: world.state(), journal: world.journal(), asked: world.asked() }
}
