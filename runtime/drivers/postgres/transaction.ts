import type { Answer, Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Inside, Transactions } from '../../driver.ts'
import type { Failure } from '../failure.ts'
import { failed } from '../failure.ts'
import { notYours } from '../sql/tell.ts'
import { between, failedTransaction, nested } from '../sql/transaction.ts'
import { command } from './ask.ts'
import type { Catalogues } from './authority.ts'
import { classifyError } from './classify.ts'
import type { Line } from './line.ts'
import { perform, performMany } from './perform.ts'
import type { Seat, Session } from './session.ts'
import { performTree } from './tree.ts'

/**
 * Transactions of PostgreSQL, at every level it has. Batches and calls that are asked early have savepoints of their own; a
 * statement in its turn has none, because its error is that of the transaction.
 */
export const transactions = (session: Session, catalogues: Catalogues): Transactions => ({
  isolation: ['read committed', 'repeatable read', 'serializable'],
  savepoints: true,
  run: async (t, { signal }, work) => {
    try {
      const end = await session.hold(signal, async (line, seat): Promise<Answer> => {
        // A client that was handed in may be in a transaction of its owner, which stays as it is.
        if (line.status !== 'I') return failedTransaction(t, nested)
        try {
          const ends = {
            begin: () => control(seat, `begin isolation level ${t.attrs.isolation}`),
            commit: () => control(seat, 'commit'),
          }
          const inside = {
            perform: (call: Call, c: Parameters<typeof perform>[3]) =>
              endsTransaction(call) ? Promise.resolve(failed(call, notYours)) : perform(seat, catalogues, call, c),
            performMany: (batch: Parameters<typeof performMany>[2], c: Parameters<typeof performMany>[3]) =>
              performMany(seat, catalogues, batch, c),
            performTree: (...[tree, c]: Parameters<NonNullable<Inside['performTree']>>) =>
              performTree(seat, catalogues, tree, c),
          }
          return await between(t, signal, ends, inside, work, true)
        } finally {
          await rollback(line)
        }
      })
      return isLeft(end) ? failedTransaction(t, end.left) : end.right
    } catch (e) {
      return left(bug(t.attrs.db, e))
    }
  },
})

const never = new AbortController().signal
const control = (seat: Seat, sql: string): Promise<Either<Failure, null>> =>
  seat.use(never, { writes: true, alone: true }, async (line, bound) => {
    const end = await command(line, bound, sql)
    if (isLeft(end)) return end
    const { error, tag } = end.right
    if (error !== undefined) return left(classifyError(error))
    // The server answers the commit of a transaction that has failed with what it did instead.
    return sql === 'commit' && tag !== 'COMMIT' ? left(gaveUp) : right(null)
  })
const gaveUp: Failure = {
  tag: 'Refused',
  cause: 'PostgreSQL rolled the transaction back, because a statement in it had failed',
  remedy: 'see which of its statements fails',
}

const rollbackMs = 10_000
const mostTries = 8
/** A cancellation that was meant for an earlier statement may meet the rollback, so it is tried until it is done. */
export const rollback = async (line: Line): Promise<void> => {
  const bound = { signal: AbortSignal.timeout(rollbackMs), stopped: () => 'Timeout' as const, release: () => undefined }
  for (let n = 0; n < mostTries && line.status !== 'I' && !line.broken; n++) await command(line, bound, 'rollback')
  // The server ends what is open when it finds that nobody is there.
  if (line.status !== 'I' && !line.broken) line.destroy(new Error('the transaction could not be rolled back'))
}

/** Whether a statement would end the transaction it stands in, or begin another one; the server has no way to forbid it. */
const endsTransaction = (call: Call): boolean =>
  call.effect === 'dbQuery' &&
  /^(\s|--[^\n]*(\n|$)|\/\*.*?\*\/)*(begin|start|commit|end|rollback|abort|savepoint|release|prepare\s+transaction)\b/is.test(
    call.attrs.sql,
  )
