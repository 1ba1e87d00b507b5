import type fc from 'fast-check'
import type { Compiled } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import type { Inputs } from '../../graph/eval.ts'
import { bindKernels } from '../../runtime/bind.ts'
import type { Driver } from '../../runtime/driver.ts'
import { support } from '../../runtime/support.ts'
import { runOn } from '../../verify/model/compiled.ts'
import type { runIn, WorldOptions } from '../arbitraries/world.ts'
import { modelWorld } from '../arbitraries/world.ts'
import { transactionsIn } from '../targets/compiled.ts'

/** When a call reaches the world, and when its answer comes back: each is a turn that the scheduler gives. */
export type Turn = <T>(then: () => T, label: string) => Promise<T>
export const turns =
  (s: fc.Scheduler): Turn =>
  (then, label) =>
    s.schedule(Promise.resolve(), label).then(then)

export interface Delayed extends ReturnType<typeof runIn> {
  /** Calls under way when the run had answered, which must be none. */
  readonly dangling: number
  /** The most calls that were under way at once. */
  readonly most: number
  readonly rounds: number
}

/** Runs a compiled graph in a model world whose answers come in any order that `turn` chooses. */
export const runDelayed = async (c: Compiled, inputs: Inputs, options: WorldOptions, turn: Turn): Promise<Delayed> => {
  const world = modelWorld(options)
  let now = 0
  let most = 0
  const ask = async <T>(label: string, answer: () => T): Promise<T> => {
    most = Math.max(most, ++now)
    const a = await turn(answer, `${label} arrives`)
    await turn(() => undefined, `${label} is answered`)
    now--
    return a
  }
  const driver: Driver = {
    kind: 'sql',
    effects: ['dbQuery', 'fileWrite', 'nowMs', 'randomBytes', 'logLine'],
    assumptions: [],
    perform: (call) => ask(`${call.effect} ${call.attrs.occurrence}`, () => world.answer(call)),
    performMany: ({ calls }) =>
      ask(`many ${calls[0]!.attrs.occurrence}`, () => ({ answers: calls.map((x) => world.answer(x)), roundTrips: 1 })),
    transactions: transactionsIn(world, (label) => ask(label, () => undefined)),
    close: () => Promise.resolve(),
  }
  const kernels = await bindKernels(c)
  if (isLeft(kernels)) throw new Error(kernels.left.cause)
  const run = runOn(c, driver, kernels.right)
  const answer = await c.program(support(run))(inputs)
  return {
    answer,
    state: world.state(),
    journal: world.journal(),
    asked: world.asked(),
    dangling: now,
    most,
    rounds: run.stats.roundTrips,
  }
}
