import type { Answer, Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Batch, Context, Inside, Transactions } from '../../driver.ts'
import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { limit } from '../limit.ts'
import { between, failedTransaction, nested, unsure } from '../sql/transaction.ts'
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
  run: async (t, { signal }, work) => {
    let open = false
    const begin = async (use: Use): Promise<Either<Failure, null>> => {
      const inside = await use(signal, false, async (lease, bound) => right(await inTransaction(lease, bound)))
      if (isLeft(inside)) return inside
      if (inside.right) return left(nested)
      const begun = await control(use, 'begin transaction', false)
      open = !isLeft(begun) || unsure(begun.left)
      return begun
    }
    const commit = async (use: Use): Promise<Either<Failure, null>> => {
      const end = await control(use, 'commit', true)
      open = isLeft(end)
      return end
    }
    try {
      const end = await sessions.hold(
        signal,
        (use): Promise<Answer> =>
          between(
            t,
            signal,
            { begin: () => begin(use), commit: () => commit(use) },
            {
              perform: (call, c) => perform({ use }, call, c),
              performMany: (batch, c) => performMany({ use }, batch, c, true),
            },
            work,
          ),
        (lease) => (open ? rollback(lease) : Promise.resolve()),
      )
      return isLeft(end) ? failedTransaction(t, end.left) : end.right
    } catch (e) {
      return left(bug(t.attrs.db, e))
    }
  },
})

const never = new AbortController().signal
/** How long the engine may take to roll back. */
const rollbackMs = 10_000

/** Once it is sent, only the engine knows whether it happened: the caller does not stop it any more. */
const control = (use: Use, sql: string, writes: boolean): Promise<Either<Failure, null>> =>
  use(never, writes, async (lease, bound) => {
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
    for await (const chunk of chunksOf(started.right.result, bound)) id = itemsOf(chunk.getColumnVector(0))[0]
    return id
  }
  const first = await number()
  return first === undefined || first === (await number())
}
