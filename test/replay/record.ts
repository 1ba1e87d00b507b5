import type { Compiled } from '../../compile.ts'
import { fromValue } from '../../graph/build/host.ts'
import { effects } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft } from '../../graph/either.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Inputs } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { record } from '../../graph/types.ts'
import { interpret } from '../../interpret.ts'
import type { Driver } from '../../runtime/driver.ts'
import type { Drivers } from '../../runtime/load.ts'
import { load } from '../../runtime/load.ts'
import type { Recording } from '../../runtime/replay/recording.ts'
import type { RunOptions } from '../../runtime/run.ts'
import type { World, WorldOptions } from '../arbitraries/world.ts'
import { modelWorld, stream } from '../arbitraries/world.ts'
import { driversOf, transactionsIn } from '../targets/compiled.ts'

/** A driver that asks a model world and lets some turns of the event loop go by before each answer. */
export const slowDriver = (world: World, seed: number): Driver => {
  const next = stream(seed)
  const wait = async (): Promise<void> => {
    for (let n = next(12); n > 0; n--) await Promise.resolve()
  }
  return {
    kind: 'sql',
    effects: Object.keys(effects) as EffectName[],
    assumptions: [],
    transactions: transactionsIn(world, wait),
    perform: async (call) => {
      await wait()
      return world.answer(call)
    },
    performMany: async ({ calls }) => {
      await wait()
      return { answers: calls.map((c) => world.answer(c)), roundTrips: 1 }
    },
    close: () => Promise.resolve(),
  }
}
const names = ['main', 'side', 'out', 'cache', 'state', 'shop', 'api', 'price', 'book', 'clock', 'random', 'log']
const driversFor = (wanted: readonly string[], driver: Driver): Drivers =>
  Object.fromEntries([...names, ...wanted].map((n) => [n, driver]))

export interface RecordedRun {
  readonly recording: Recording
  readonly answer: Either<unknown, unknown>
}
const taken = async (
  run: (options: RunOptions) => Promise<Either<unknown, unknown>>,
  options: RunOptions,
): Promise<RecordedRun> => {
  let recording: Recording | undefined
  const to = (r: Recording): void => {
    recording = JSON.parse(JSON.stringify(r)) as Recording
  }
  const answer = await run({ ...options, record: to })
  if (recording === undefined) throw new Error('nothing was recorded')
  return { recording, answer }
}

/** Runs a compiled graph in a model world and takes its recording, printed and read again. */
export const recorded = async (
  c: Compiled,
  g: Graph,
  inputs: Inputs,
  world: WorldOptions,
  options: RunOptions = {},
): Promise<RecordedRun> => {
  const driver = slowDriver(modelWorld(world), world.seed)
  const loaded = await load(c, driversFor(driversOf(c), driver))
  if (isLeft(loaded)) throw new Error(loaded.left.cause)
  return taken((o) => loaded.right.run(fromValue(record(g.inputs), inputs), o), options)
}
export const interpreted = (g: Graph, inputs: Inputs, world: WorldOptions): Promise<RecordedRun> => {
  const driver = slowDriver(modelWorld(world), world.seed)
  return taken((o) => interpret(g, driversFor([], driver), fromValue(record(g.inputs), inputs), o), {})
}
