import type { Answer } from '../../../graph/effects.ts'
import { isLeft, right } from '../../../graph/either.ts'
import type { BatchPlan, Context, Driver } from '../../driver.ts'
import type { Tree } from '../../tree.ts'
import { followTree } from '../../tree.ts'
import { failed } from '../failure.ts'
import type { Limit } from '../limit.ts'
import type { Query } from '../sql/query.ts'
import { noting } from '../sql-comment.ts'
import { batched } from './batch.ts'
import type { Lease } from './pool.ts'
import { single, start } from './query.ts'
import type { Outcome, Session } from './session.ts'
import { inTransaction } from './transaction.ts'

/**
 * Dependent queries in one exchange: on one connection, inside one read-only transaction, which in DuckDB is one
 * snapshot. Keys are taken from the rows here, between the statements, so nothing is composed that could mean less.
 */
export const performTree = async (
  sessions: Session,
  tree: Tree,
  given: Context,
  batchable: (calls: readonly Query[], plan: BatchPlan) => boolean,
): ReturnType<NonNullable<Driver['performTree']>> => {
  let statements = 0
  const { context, run } = noting(given)
  const end = await sessions.use(context.signal, false, async (lease, bound) => {
    const own = await begun(lease, bound)
    const ask = async (calls: readonly Query[], plan: BatchPlan): Promise<readonly Answer[]> => {
      const together =
        calls.length > 1 && batchable(calls, plan) ? await batched({ calls, plan }, lease, bound, context) : undefined
      if (together !== undefined) statements++
      if (together !== undefined && isLeft(together)) throw gaveUp
      const answers: Answer[] = []
      for (const [i, call] of calls.entries()) {
        const known = together?.right[i]
        if (known !== undefined && !isLeft(known)) answers.push(known)
        else if (known !== undefined && known.left !== 'alone') answers.push(failed(call, known.left, run()))
        else {
          statements++
          const one = await single(call, lease, bound, context)
          if (isLeft(one)) throw gaveUp
          answers.push(one)
        }
      }
      return answers
    }
    try {
      return right(await followTree(tree, ask))
    } finally {
      if (own) await start(lease, bound, 'rollback', [], 'control').catch(() => undefined)
    }
  })
  return { found: isLeft(end) ? undefined : end.right, roundTrips: 1, statements }
}
/** A statement that fails ends its transaction: the calls are then asked level by level, where errors are of their own. */
const gaveUp = new Error('a statement of the exchange failed')

/** Whether a transaction was begun here; on a connection of the user's there may be one already, which serves as well. */
const begun = async (lease: Lease, bound: Limit): Promise<boolean> => {
  if (await inTransaction(lease, bound)) return false
  try {
    const started: Outcome<unknown> = await start(lease, bound, 'begin transaction read only', [], 'control')
    return !isLeft(started)
  } catch {
    return false
  }
}
