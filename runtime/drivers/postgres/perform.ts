import type { Answer, Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Batch, BatchPlan, Context } from '../../driver.ts'
import { authorityOf } from '../../request.ts'
import { failed, notMine } from '../failure.ts'
import { sameQuery } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { noting } from '../sql-comment.ts'
import { saving } from './ask.ts'
import type { Catalogues } from './authority.ts'
import { batched } from './batch.ts'
import type { Tools } from './query.ts'
import { mayWrite, single } from './query.ts'
import type { Seat } from './session.ts'
import type { Catalogue } from './statement.ts'

/** One call, on whichever connection the seat gives. A write has it to itself: nobody's cancellation may meet it. */
export const perform = async (seat: Seat, catalogues: Catalogues, call: Call, given: Context): Promise<Answer> => {
  if (call.effect !== 'dbQuery') return notMine(call, 'postgres')
  const { context, run } = noting(given)
  try {
    const catalogue = await catalogues.of(call)
    if (isLeft(catalogue)) return failed(call, catalogue.left)
    const writes = call.attrs.mode === 'exec'
    const end = await seat.use(context.signal, { writes, alone: writes || mayWrite(call) }, (line, bound) => {
      const work = () => single(call, line, bound, toolsOf(catalogue.right, context))
      return given.early === true ? saving(line, bound, work) : work()
    })
    return isLeft(end) ? failed(call, end.left, run()) : right(end.right)
  } catch (e) {
    return left(bug(call.attrs.name, e))
  }
}

/** Failures after which asking again key by key would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection'])

export const performMany = async (
  seat: Seat,
  catalogues: Catalogues,
  batch: Batch,
  given: Context,
): Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }> => {
  const { plan } = batch
  const { context, run } = noting(given)
  const calls = batch.calls.filter((call) => call.effect === 'dbQuery')
  if (calls.length < batch.calls.length)
    return { answers: batch.calls.map((c) => notMine(c, 'postgres')), roundTrips: 0 }
  const alone = (call: Query): Promise<Answer> => perform(seat, catalogues, call, { ...context, early: true })
  // Members go out together, behind one another; where they may meet a transaction one after the other, each with a savepoint.
  const each = <T>(
    all: readonly T[],
    ask: (x: T, i: number) => Answer | Promise<Answer>,
  ): Promise<readonly Answer[]> => (seat.shared ? inOrder(all, ask) : Promise.all(all.map(ask)))
  if (calls.length < 2 || !batchable(calls, plan) || !underOne(calls))
    return { answers: await each(calls, alone), roundTrips: calls.length }
  try {
    const catalogue = await catalogues.of(calls[0]!)
    if (isLeft(catalogue)) return { answers: calls.map((c) => failed(c, catalogue.left)), roundTrips: 0 }
    const tools = toolsOf(catalogue.right, context)
    const end = await seat.use(context.signal, { writes: false, alone: false }, (line, bound) =>
      saving(line, bound, () => batched({ calls, plan }, line, bound, tools)),
    )
    if (isLeft(end)) {
      if (final.has(end.left.tag)) return { answers: calls.map((c) => failed(c, end.left, run())), roundTrips: 1 }
      return { answers: await each(calls, alone), roundTrips: 1 + calls.length }
    }
    const sent = run()
    // Mostly all are there, and then nothing has to be waited for.
    const again: number[] = []
    const answers = end.right.map((answer, i): Answer => {
      if (!isLeft(answer)) return answer
      if (answer.left === 'alone') again.push(i)
      return answer.left === 'alone' ? unasked : failed(calls[i]!, answer.left, sent)
    })
    await each(again, async (i) => {
      answers[i] = await alone(calls[i]!)
      return answers[i]
    })
    const roundTrips = 1 + again.length
    return { answers, roundTrips }
  } catch (e) {
    return { answers: calls.map((c) => left(bug(c.attrs.name, e))), roundTrips: 1 }
  }
}

/** What stands for an answer until the key was asked by itself. */
const unasked: Answer = left(bug('', 'a key was not asked again'))

const inOrder = async <T>(
  all: readonly T[],
  ask: (x: T, i: number) => Answer | Promise<Answer>,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  for (const [i, x] of all.entries()) answers.push(await ask(x, i))
  return answers
}

export const toolsOf = (catalogue: Catalogue, { graph = '', sent }: Context): Tools => ({
  catalogue,
  graph,
  ...(sent === undefined ? {} : { sent }),
})

/** Nobody may be answered under the authority of another, whoever put the calls together. */
const underOne = (calls: readonly Query[]): boolean => {
  const first = authorityOf(calls[0]!)
  return calls.every((call) => authorityOf(call) === first)
}

export const batchable = (calls: readonly Query[], plan: BatchPlan): boolean => {
  const { mode, row, batch } = calls[0]!.attrs
  if (!batch || mode === 'exec' || row.kind !== 'record' || plan.params.length === 0) return false
  return calls.every((call) => sameQuery(call, calls[0]!))
}
