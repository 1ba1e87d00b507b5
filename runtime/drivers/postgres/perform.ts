import type { Answer, Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Batch, BatchPlan, Context } from '../../driver.ts'
import { failed, notMine } from '../failure.ts'
import { sameQuery } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { noting } from '../sql-comment.ts'
import { saving } from './ask.ts'
import { batched } from './batch.ts'
import type { Tools } from './query.ts'
import { mayWrite, single } from './query.ts'
import type { Seat } from './session.ts'
import type { Catalogue } from './statement.ts'

/** One call, on whichever connection the seat gives. A write has it to itself: nobody's cancellation may meet it. */
export const perform = async (seat: Seat, catalogue: Catalogue, call: Call, given: Context): Promise<Answer> => {
  if (call.effect !== 'dbQuery') return notMine(call, 'postgres')
  const { context, run } = noting(given)
  try {
    const writes = call.attrs.mode === 'exec'
    const end = await seat.use(context.signal, { writes, alone: writes || mayWrite(call) }, (line, bound) =>
      single(call, line, bound, toolsOf(catalogue, context)),
    )
    return isLeft(end) ? failed(call, end.left, run()) : right(end.right)
  } catch (e) {
    return left(bug(call.attrs.name, e))
  }
}

/** Failures after which asking again key by key would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection'])

export const performMany = async (
  seat: Seat,
  catalogue: Catalogue,
  batch: Batch,
  given: Context,
): Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }> => {
  const { plan } = batch
  const { context, run } = noting(given)
  const calls = batch.calls.filter((call) => call.effect === 'dbQuery')
  if (calls.length < batch.calls.length)
    return { answers: batch.calls.map((c) => notMine(c, 'postgres')), roundTrips: 0 }
  // Members go out together, behind one another; on one connection in their order.
  const alone = (call: Query): Promise<Answer> => perform(seat, catalogue, call, context)
  if (calls.length < 2 || !batchable(calls, plan))
    return { answers: await Promise.all(calls.map(alone)), roundTrips: calls.length }
  try {
    const tools = toolsOf(catalogue, context)
    const end = await seat.use(context.signal, { writes: false, alone: false }, (line, bound) =>
      saving(line, bound, () => batched({ calls, plan }, line, bound, tools)),
    )
    if (isLeft(end)) {
      if (final.has(end.left.tag)) return { answers: calls.map((c) => failed(c, end.left, run())), roundTrips: 1 }
      return { answers: await Promise.all(calls.map(alone)), roundTrips: 1 + calls.length }
    }
    const sent = run()
    // Mostly all are there, and then nothing has to be waited for.
    const again: Promise<unknown>[] = []
    const answers = end.right.map((answer, i): Answer => {
      const call = calls[i]!
      if (!isLeft(answer)) return answer
      if (answer.left !== 'alone') return failed(call, answer.left, sent)
      again.push(alone(call).then((own) => (answers[i] = own)))
      return left(bug(call.attrs.name, 'not asked again'))
    })
    await Promise.all(again)
    const roundTrips = 1 + again.length
    return { answers, roundTrips }
  } catch (e) {
    return { answers: calls.map((c) => left(bug(c.attrs.name, e))), roundTrips: 1 }
  }
}

export const toolsOf = (catalogue: Catalogue, { graph = '', sent }: Context): Tools => ({
  catalogue,
  graph,
  ...(sent === undefined ? {} : { sent }),
})

export const batchable = (calls: readonly Query[], plan: BatchPlan): boolean => {
  const { mode, row, batch } = calls[0]!.attrs
  if (!batch || mode === 'exec' || row.kind !== 'record' || plan.params.length === 0) return false
  return calls.every((call) => sameQuery(call, calls[0]!))
}
