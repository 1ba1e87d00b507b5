import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Failure } from '../failure.ts'
import { messageOf } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { limit, showMs } from '../limit.ts'
import type { Tried } from '../retry.ts'
import { breaker, retrying } from '../retry.ts'
import { classifyError } from './classify.ts'
import { connections } from './connections.ts'
import { lender } from './lend.ts'
import type { Line, Lost } from './line.ts'
import type { PostgresOptions } from './options.ts'
import { graceMs, resting, stopped } from './tell.ts'

/**
 * Why a job has no answer: a failure, that it stopped because its limit did, that the server did not stop in time, that
 * the connection broke, or that what met it was meant for another and it may run again.
 */
export type Trouble = Failure | 'stopped' | 'stuck' | 'again' | Broken
export interface Broken {
  readonly tag: 'broken'
  readonly lost: Lost
  /** Whether what was under way changes something; finding out what a text means does not. */
  readonly writes: boolean
}
export type Outcome<T> = Either<Trouble, T>
export type Job<T> = (line: Line, bound: Limit) => Promise<Outcome<T>>

export interface Need {
  /** What may happen once only: it is never sent again, and its end may be unknown. */
  readonly writes: boolean
  /** A connection to itself. */
  readonly alone: boolean
}
/** Where calls run: each on a connection that is free, or all on one, as in a transaction. */
export interface Seat {
  readonly use: <T>(caller: AbortSignal, need: Need, job: Job<T>) => Promise<Either<Failure, T>>
  /** Whether calls meet a transaction that is not theirs to end. */
  readonly shared: boolean
}
export interface Session extends Seat {
  /** Keeps one connection for several calls, each under a limit of its own. */
  readonly hold: <T>(caller: AbortSignal, work: (line: Line, seat: Seat) => Promise<T>) => Promise<Either<Failure, T>>
  readonly close: () => Promise<void>
}

export const session = (options: PostgresOptions): Session => {
  const ms = options.timeoutMs ?? 30_000
  const source = connections(options)
  const lines = lender(source)
  const closing = new AbortController()
  const guard = options.breaker === false || source.shared ? undefined : breaker(options.breaker ?? {})

  const take = async (bound: Limit, alone: boolean, last: Failure | undefined): Promise<Either<Tried, Line>> => {
    if (guard?.admits() === false) return left({ failure: resting, passing: false })
    const taken = await lines.take(alone || source.shared, bound.signal)
    if (isLeft(taken)) {
      if (taken.left === 'stopped') return left({ failure: last ?? stopped(bound, ms, 'waiting'), passing: false })
      const failure = classifyError(taken.left)
      guard?.tell(failure.tag !== 'Connection')
      // Nothing of the call was sent, so even a write may try again.
      return left({ failure, passing: mayPass(failure) && !source.shared })
    }
    guard?.tell(true)
    return taken
  }
  const attempt = async <T>(
    bound: Limit,
    need: Need,
    job: Job<T>,
    last: Failure | undefined,
  ): Promise<Either<Tried, T>> => {
    const taken = await take(bound, need.alone, last)
    if (isLeft(taken)) return taken
    const line = taken.right
    try {
      const end = await onLine(line, bound, need, ms, job)
      if (!isLeft(end) && !source.shared && line.status !== 'I' && !line.broken)
        return left({ failure: leftOpen, passing: false })
      return isLeft(end) && source.shared ? left({ ...end.left, passing: false }) : end
    } finally {
      lines.give(line)
    }
  }
  return {
    shared: source.shared,
    use: async (caller, need, job) => {
      const bound = limit(caller, ms, closing.signal)
      try {
        // Where the time ends between two attempts, what ended the first is told.
        let last: Failure | undefined
        return await retrying(options.retry ?? {}, bound.signal, async () => {
          const end = await attempt(bound, need, job, last)
          if (isLeft(end)) last = end.left.failure
          return end
        })
      } finally {
        bound.release()
      }
    },
    hold: async (caller, work) => {
      const waiting = limit(caller, ms, closing.signal)
      // Nothing is sent while a connection is waited for, so that may be tried again.
      const taken = await retrying(options.retry ?? {}, waiting.signal, async () => {
        return take(waiting, true, undefined)
      }).finally(() => waiting.release())
      if (isLeft(taken)) return taken
      try {
        return right(await work(taken.right, seatOn(taken.right, ms, closing.signal)))
      } finally {
        lines.give(taken.right)
      }
    },
    close: async () => {
      closing.abort()
      await lines.close()
    },
  }
}

/** All calls on one line that somebody else opens and closes. */
export const seatOn = (line: Line, timeoutMs: number, closing: AbortSignal): Seat => ({
  shared: true,
  use: async (caller, need, job) => {
    const bound = limit(caller, timeoutMs, closing)
    try {
      const end = await onLine(line, bound, need, timeoutMs, job)
      return isLeft(end) ? left(end.left.failure) : end
    } finally {
      bound.release()
    }
  },
})

const mostTries = 8
const onLine = async <T>(
  line: Line,
  bound: Limit,
  { writes }: Need,
  ms: number,
  job: Job<T>,
): Promise<Either<Tried, T>> => {
  for (let n = 1; ; n++) {
    const end = await safely(job, line, bound)
    if (!isLeft(end)) return end
    const trouble = end.left
    if (trouble === 'again' && n < mostTries) continue
    if (trouble === 'again') return left({ failure: unlucky, passing: false })
    if (trouble === 'stopped') return left({ failure: stopped(bound, ms, 'running'), passing: false })
    if (trouble === 'stuck') {
      line.destroy(new Error(`PostgreSQL did not stop within ${showMs(graceMs)}`))
      return left({ failure: stopped(bound, ms, writes ? 'unknown' : 'stuck'), passing: false })
    }
    if (trouble.tag !== 'broken') return left({ failure: trouble, passing: false })
    const { error, sent, began } = trouble.lost
    const wrote = writes && trouble.writes && sent
    if (bound.stopped() !== undefined && !wrote) return left({ failure: stopped(bound, ms, 'running'), passing: false })
    return left({
      failure: { ...broken(error), ...(wrote ? { outcome: 'unknown' as const } : {}) },
      passing: !wrote && !began,
    })
  }
}
const safely = async <T>(job: Job<T>, line: Line, bound: Limit): Promise<Outcome<T>> => {
  try {
    return await job(line, bound)
  } catch (e) {
    return left(classifyError(e))
  }
}
/** Whatever ended a connection, what is told is that it ended. */
const broken = (error: unknown): Failure => {
  const failure = classifyError(error)
  return failure.tag === 'Unknown' ? { ...failure, tag: 'Connection' } : failure
}
/** A server that starts, that has no room or cannot be reached may be there in a moment; a wrong password stays wrong. */
const mayPass = ({ tag, original }: Failure): boolean => {
  const code = (original as { readonly code?: unknown } | undefined)?.code
  const lasting = typeof code === 'string' && /^(28|3D)|MODULE_NOT_FOUND|ENOTFOUND/.test(code)
  return tag === 'Connection' && !lasting && !/end on the pool|SASL/.test(messageOf(original))
}
const unlucky: Failure = {
  tag: 'Conflict',
  cause:
    'the statement was stopped again and again by cancellations of its neighbours, or what it selects kept changing',
  remedy: 'run it again',
}
const leftOpen: Failure = {
  tag: 'Refused',
  cause: 'the statement began a transaction and left it open on a connection of the pool; it was rolled back',
  remedy: 'hand in your own client with the transaction begun: postgres({ client })',
}
