import type { Answer, Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Transaction } from '../../../graph/transaction.ts'
import { transactionError } from '../../../graph/transaction.ts'
import type { Batch, Context, Inside, Transactions } from '../../driver.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { limit } from '../limit.ts'
import type { Lease } from './pool.ts'
import { chunksOf, start } from './query.ts'
import type { Session, Use } from './session.ts'
import { itemsOf } from './vector.ts'

type Sessions = Pick<Session, 'use'>
type Perform = (sessions: Sessions, call: Call, context: Context) => Promise<Answer>
type PerformMany = (
  sessions: Sessions,
  batch: Batch,
  context: Context,
  inside: boolean,
) => ReturnType<NonNullable<Inside['performMany']>>

/**
 * Transactions of DuckDB are snapshots, which is more than 'read committed' and 'repeatable read' ask for, and less than
 * 'serializable': two that each read what the other writes may both commit. There are no savepoints.
 */
export const transactions = (sessions: Session, perform: Perform, performMany: PerformMany): Transactions => ({
  isolation: ['read committed', 'repeatable read'],
  run: async (t, context, work) => {
    let begun = false
    try {
      const end = await sessions.hold(
        context.signal,
        async (use): Promise<Answer> => {
          if (context.signal.aborted) return answerOf(t, cancelled)
          const inside = await use(context.signal, false, async (lease, bound) =>
            right(await inTransaction(lease, bound)),
          )
          if (isLeft(inside)) return answerOf(t, inside.left)
          if (inside.right) return answerOf(t, ownTransaction)
          const begin = await control(use, never, 'begin transaction', false)
          begun = !isLeft(begin) || unsure(begin.left)
          if (isLeft(begin)) return answerOf(t, begin.left)
          const held = { use }
          const failures: Answer[] = []
          const noted = (a: Answer): Answer => {
            if (isLeft(a)) failures.push(a)
            return a
          }
          const value = await work({
            perform: async (call, c) => noted(await perform(held, call, c)),
            performMany: async (batch, c) => {
              const many = await performMany(held, batch, c, true)
              return { ...many, answers: many.answers.map(noted) }
            },
          })
          if (isLeft(value)) return value
          // DuckDB answers the commit of a transaction that a failed statement ended with success, and writes nothing.
          if (failures[0] !== undefined) return failures[0]
          if (context.signal.aborted) return answerOf(t, cancelled)
          // Once it is sent, only the engine knows whether it happened: the caller does not stop it any more.
          const commit = await control(use, never, 'commit', true)
          if (isLeft(commit)) return answerOf(t, ofCommit(commit.left))
          begun = false
          return value
        },
        (lease) => (begun ? rollback(lease) : Promise.resolve()),
      )
      return isLeft(end) ? answerOf(t, end.left) : end.right
    } catch (e) {
      return left(bug(t.attrs.db, e))
    }
  },
})

const never = new AbortController().signal
/** How long the engine may take to roll back. */
const rollbackMs = 10_000

const control = (use: Use, signal: AbortSignal, sql: string, writes: boolean): Promise<Either<Failure, null>> =>
  use(signal, writes, async (lease, bound) => {
    const started = await start(lease, bound, sql, [], 'control')
    if (isLeft(started)) return started
    for await (const _ of chunksOf(started.right.result));
    return right(null)
  })

/** A commit that failed has rolled back already; then there is nothing to end, and DuckDB says so. */
const rollback = async (lease: Lease): Promise<void> => {
  const bound = limit(never, rollbackMs)
  try {
    await start(lease, bound, 'rollback', [], 'control')
  } catch {
    // There is no transaction any more.
  } finally {
    bound.release()
  }
}

const cancelled: Failure = {
  tag: 'Cancelled',
  cause: 'the run was cancelled before the transaction was committed, and nothing of it happened',
  remedy: "nothing is wrong with the transaction: the caller's signal was aborted",
}
/** A commit that was interrupted may have happened. */
const ofCommit = (f: Failure): Failure => (unsure(f) ? { ...f, outcome: 'unknown' } : f)
/** Whether the engine was interrupted, or lost, before it answered. */
const unsure = (f: Failure): boolean => f.tag === 'Timeout' || f.tag === 'Connection' || f.outcome !== undefined
const ownTransaction: Failure = {
  tag: 'Refused',
  cause: 'a transaction has been begun on the connection that was handed in, and transactions do not nest',
  remedy: 'end it before the run, or hand in the instance instead of the connection',
}

/**
 * Whether a transaction has been begun on a connection of the user's. To try BEGIN would be to end it: the engine gives up
 * a transaction in which a statement fails. Within one, all statements have one number.
 */
export const inTransaction = async (lease: Lease, bound: Limit): Promise<boolean> => {
  if (!lease.handedIn) return false
  const number = async (): Promise<unknown> => {
    const started = await start(lease, bound, 'select txid_current() as id', [], 'read')
    if (isLeft(started)) return undefined
    let id: unknown
    for await (const chunk of chunksOf(started.right.result)) id = itemsOf(chunk.getColumnVector(0))[0]
    return id
  }
  const first = await number()
  return first === undefined || first === (await number())
}

const answerOf = (t: Transaction, f: Failure): Answer => {
  if (f.tag !== 'Cancelled' || f.outcome !== undefined) {
    const { original, outcome } = f
    const tag = f.tag === 'Cancelled' ? 'Unknown' : f.tag
    return left(
      transactionError(t, tag, f.cause, f.remedy, {
        ...(original === undefined ? {} : { original }),
        ...(outcome === undefined ? {} : { outcome }),
      }),
    )
  }
  const { attrs, iteration } = t
  const node = `transaction of '${attrs.db}'`
  return left({
    _tag: 'Cancelled',
    place: '',
    node,
    occurrence: attrs.occurrence,
    iteration,
    cause: f.cause,
    remedy: f.remedy,
  })
}
