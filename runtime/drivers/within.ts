import type { Answer, Call } from '../../graph/effects.ts'
import { effects } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import type { Value } from '../../graph/values.ts'
import type { Context } from '../driver.ts'
import type { Failure } from './failure.ts'
import { failed } from './failure.ts'
import type { Stop } from './limit.ts'
import { limit, showMs } from './limit.ts'

/** What a piece of work tells while it goes: a write that was sent may have happened, whatever comes after. */
export interface Progress {
  sent: boolean
}
export type Work<T> = (
  signal: AbortSignal,
  progress: Progress,
  stopped: () => Stop | undefined,
) => Promise<Either<Failure, T>>

export interface Limits {
  readonly timeoutMs: number
  readonly closing: AbortSignal
  /** What is being done, as it stands in messages: "reading 'k' of 'cache'". */
  readonly what: string
  readonly writes: boolean
}

/**
 * Work under a time limit, the caller's signal and the life of the driver. It ends when one of them does, whether the
 * work notices or not, so that nothing that hangs can hang a run.
 */
export const within = async <T>(
  { signal }: Context,
  { timeoutMs, closing, what, writes }: Limits,
  work: Work<T>,
): Promise<Either<Failure, T>> => {
  const bound = limit(signal, timeoutMs, closing)
  const progress: Progress = { sent: false }
  const stopped = (): Failure => {
    const unknown = writes && progress.sent ? ({ outcome: 'unknown' } as const) : {}
    if (bound.stopped() === 'Timeout') {
      const cause = `${what} did not end within its time limit of ${showMs(timeoutMs)}`
      return {
        tag: 'Timeout',
        cause,
        remedy: "check the other side, or set a longer timeoutMs in the driver's options",
        ...unknown,
      }
    }
    const how = bound.stopped() === 'Closed' ? 'ended because the driver was closed' : 'cancelled'
    const tag = writes && progress.sent ? 'Unknown' : 'Cancelled'
    return { tag, cause: `${what} was ${how}`, remedy: 'run again when the answer is wanted', ...unknown }
  }
  try {
    if (bound.stopped() !== undefined) return left(stopped())
    const ended = new Promise<Either<Failure, T>>((resolve) => {
      bound.signal.addEventListener('abort', () => resolve(left(stopped())), { once: true })
    })
    const end = await Promise.race([work(bound.signal, progress, bound.stopped), ended])
    return isLeft(end) && bound.stopped() !== undefined ? left(stopped()) : end
  } finally {
    bound.release()
  }
}

/** Whether a call writes, so that its end matters. */
export const isWrite = (call: Call): boolean => effects[call.effect].footprint(call.attrs as never).writes.length > 0

/** The end of some work as the answer to a call; what is thrown is our own mistake. */
export const answering = async (call: Call, work: () => Promise<Either<Failure, Value>>): Promise<Answer> => {
  try {
    const end = await work()
    return isLeft(end) ? failed(call, end.left) : right(end.right)
  } catch (e) {
    return left(bug('name' in call.attrs ? call.attrs.name : call.effect, e))
  }
}
