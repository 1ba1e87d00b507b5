import type { Answer } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left } from '../../../graph/either.ts'
import type { Transaction } from '../../../graph/transaction.ts'
import { transactionError } from '../../../graph/transaction.ts'
import type { Inside } from '../../driver.ts'
import type { Failure } from '../failure.ts'

/** How a database begins and commits, on a connection that is held. Neither is stopped by the caller once it is sent. */
export interface Ends {
  readonly begin: () => Promise<Either<Failure, unknown>>
  readonly commit: () => Promise<Either<Failure, unknown>>
}

/** What lies between the ends of a transaction, for every SQL driver. Whoever holds the connection rolls back what is open. */
export const between = async (
  t: Transaction,
  signal: AbortSignal,
  { begin, commit }: Ends,
  inside: Inside & Required<Pick<Inside, 'performMany'>>,
  work: (inside: Inside) => Promise<Answer>,
  /** What fails in a batch or early is undone by itself. */
  savepoints = false,
): Promise<Answer> => {
  if (signal.aborted) return failedTransaction(t, cancelled)
  const begun = await begin()
  if (isLeft(begun)) return failedTransaction(t, begun.left)
  const failures: Answer[] = []
  const noted = (a: Answer): Answer => {
    if (isLeft(a)) failures.push(a)
    return a
  }
  const { performTree } = inside
  const value = await work({
    // What fails in it is asked again otherwise, so its failures say nothing.
    ...(performTree === undefined ? {} : { performTree }),
    perform: async (call, c) => {
      const answer = await inside.perform(call, c)
      return savepoints && c.early === true ? answer : noted(answer)
    },
    performMany: async (batch, c) => {
      const many = await inside.performMany(batch, c)
      return savepoints ? many : { ...many, answers: many.answers.map(noted) }
    },
  })
  if (isLeft(value)) return value
  // Databases answer the commit of a transaction that a failed statement ended without an error, and write nothing.
  if (failures[0] !== undefined) return failures[0]
  if (signal.aborted) return failedTransaction(t, cancelled)
  const end = await commit()
  return isLeft(end) ? failedTransaction(t, unsure(end.left) ? { ...end.left, outcome: 'unknown' } : end.left) : value
}

/** Whether what was sent was interrupted, or the connection lost, before the database answered. */
export const unsure = (f: Failure): boolean =>
  f.tag === 'Timeout' || f.tag === 'Cancelled' || f.tag === 'Connection' || f.outcome !== undefined

const cancelled: Failure = {
  tag: 'Cancelled',
  cause: 'the run was cancelled before the transaction was committed, and nothing of it happened',
  remedy: "nothing is wrong with the transaction: the caller's signal was aborted",
}
export const nested: Failure = {
  tag: 'Refused',
  cause: 'a transaction has been begun on the connection that was handed in, and transactions do not nest',
  remedy: 'end it before the run, or hand in what opens connections instead',
}

/** A failure as the error of the transaction. */
export const failedTransaction = (t: Transaction, f: Failure): Answer => {
  const { tag, cause, remedy, original, outcome } = f
  const { attrs, iteration } = t
  const node = `transaction of '${attrs.db}'`
  if (tag === 'Cancelled' && outcome === undefined)
    return left({ _tag: tag, place: '', node, occurrence: attrs.occurrence, iteration, cause, remedy })
  return left(
    transactionError(t, tag === 'Cancelled' ? 'Unknown' : tag, cause, remedy, {
      ...(original === undefined ? {} : { original }),
      ...(outcome === undefined ? {} : { outcome }),
    }),
  )
}
