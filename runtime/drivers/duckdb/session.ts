import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Failure } from '../failure.ts'
import { messageOf } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { limit } from '../limit.ts'
import { stoppedBy } from '../sql/stopped.ts'
import { classifyError, isFatal } from './classify.ts'
import type { DuckDbOptions, Lease, Pool } from './pool.ts'
import { pool } from './pool.ts'

/** What a job answers: a value, a failure, or that it stopped because its limit did. */
export type Outcome<T> = Either<Failure | 'stopped', T>
export type Job<T> = (lease: Lease, bound: Limit) => Promise<Outcome<T>>

export type Use = <T>(caller: AbortSignal, writes: boolean, job: Job<T>) => Promise<Either<Failure, T>>

/** Runs jobs on connections, each under a time limit and the caller's signal. */
export interface Session {
  readonly use: Use
  /**
   * Keeps one connection for several jobs, each under a limit of its own. When `work` has ended and the engine rests,
   * `last` cleans up, whatever the caller's signal says; only then does anybody else get the connection.
   */
  readonly hold: <T>(
    caller: AbortSignal,
    work: (use: Use) => Promise<T>,
    last: (lease: Lease) => Promise<unknown>,
  ) => Promise<Either<Failure, T>>
  readonly close: () => Promise<void>
}

/** How long the engine may take to notice an interrupt before the answer no longer waits for it. */
const graceMs = 2000

export const session = (options: DuckDbOptions): Session => {
  const ms = options.timeoutMs ?? 30_000
  const connections: Pool = pool(options)
  const closing = new AbortController()
  return {
    use: async (caller, writes, job) => {
      const bound = limit(caller, ms, closing.signal)
      try {
        const lease = await connections.acquire(bound)
        if (isLeft(lease)) return left(lease.left === 'stopped' ? stopped(bound, ms, 'waiting') : lease.left)
        const work = safely(job, lease.right, bound, connections.lost)
        connections.release(lease.right, work)
        return outcomeOf(await watch(lease.right, bound, work), bound, writes, ms)
      } finally {
        bound.release()
      }
    },
    hold: async (caller, work, last) => {
      const waiting = limit(caller, ms, closing.signal)
      const lease = await connections.acquire(waiting)
      waiting.release()
      if (isLeft(lease)) return left(lease.left === 'stopped' ? stopped(waiting, ms, 'waiting') : lease.left)
      let engine: Promise<unknown> = Promise.resolve()
      let stuck = false
      const use: Use = async (signal, writes, job) => {
        const bound = limit(signal, ms, closing.signal)
        try {
          if (bound.signal.aborted) return left(stopped(bound, ms, 'waiting'))
          const running = safely(job, lease.right, bound, connections.lost)
          engine = running
          const end = await watch(lease.right, bound, running)
          stuck ||= end === 'stuck'
          return outcomeOf(end, bound, writes, ms)
        } finally {
          bound.release()
        }
      }
      const done = work(use)
      const idle = done
        .catch(() => undefined)
        .then(() => engine)
        .then(() => last(lease.right))
        .catch(() => undefined)
      connections.release(lease.right, idle)
      try {
        return right(await done)
      } finally {
        // An engine that does not stop is not waited for: it cleans up when it has.
        if (!stuck) await idle
      }
    },
    close: async () => {
      closing.abort()
      await connections.close()
    },
  }
}

const outcomeOf = <T>(end: Outcome<T> | 'stuck', bound: Limit, writes: boolean, ms: number): Either<Failure, T> => {
  if (end === 'stuck') return left(stopped(bound, ms, writes ? 'unknown' : 'running'))
  return isLeft(end) ? left(end.left === 'stopped' ? stopped(bound, ms, 'running') : end.left) : end
}

const safely = async <T>(job: Job<T>, lease: Lease, bound: Limit, lost: () => void): Promise<Outcome<T>> => {
  try {
    return await job(lease, bound)
  } catch (e) {
    if (isFatal(e)) lost()
    return left(bound.stopped() !== undefined && /INTERRUPT/.test(messageOf(e)) ? 'stopped' : classifyError(e))
  }
}

/** Waits for the work; when its limit ends, interrupts it until it gives way. */
const watch = <T>(lease: Lease, bound: Limit, work: Promise<Outcome<T>>): Promise<Outcome<T> | 'stuck'> =>
  new Promise((resolve) => {
    let again: NodeJS.Timeout | undefined
    let grace: NodeJS.Timeout | undefined
    const interrupt = (): void => {
      // An interrupt that comes before the engine has begun is lost, so it is repeated.
      lease.connection.interrupt()
      again = setInterval(() => lease.connection.interrupt(), 10)
      grace = setTimeout(() => resolve('stuck'), graceMs)
    }
    if (bound.signal.aborted) interrupt()
    else bound.signal.addEventListener('abort', interrupt, { once: true })
    void work.then((end) => {
      clearInterval(again)
      clearTimeout(grace)
      bound.signal.removeEventListener('abort', interrupt)
      resolve(end)
    })
  })

const stopped = stoppedBy('DuckDB', 'connections', graceMs)
