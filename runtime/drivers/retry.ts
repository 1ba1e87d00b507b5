import type { Either } from '../../graph/either.ts'
import { isLeft, left } from '../../graph/either.ts'
import type { Failure } from './failure.ts'

/**
 * Trying again, and not trying for a while: the one place where drivers take both from. Only what may happen twice goes
 * through here; a write that is not declared idempotent is sent once.
 */
export interface RetryOptions {
  /** How often in all (3). */
  readonly attempts?: number
  /** The longest wait before the second try (100); it doubles with each, up to `maxMs` (2,000). Waits are drawn below. */
  readonly baseMs?: number
  readonly maxMs?: number
  /** From 0 to 1, for the draw. */
  readonly random?: () => number
}
export interface Tried {
  readonly failure: Failure
  /** Whether it may pass by itself. */
  readonly passing: boolean
  /** How long the other side asks to wait. */
  readonly afterMs?: number
}

/** Tries until it works, the failure is one that stays, or the attempts or the time are used up. */
export const retrying = async <T>(
  { attempts = 3, baseMs = 100, maxMs = 2000, random = draw }: RetryOptions,
  signal: AbortSignal,
  attempt: () => Promise<Either<Tried, T>>,
): Promise<Either<Failure, T>> => {
  let unknown = false
  for (let n = 1; ; n++) {
    const end = await attempt()
    if (!isLeft(end)) return end
    const { failure, passing, afterMs } = end.left
    // What an earlier attempt may have done, no later one that failed has undone.
    unknown ||= failure.outcome === 'unknown'
    const again = passing && n < attempts
    const most = Math.min(maxMs, baseMs * 2 ** (n - 1))
    if (again) await pause(Math.max(afterMs ?? 0, Math.floor(random() * most)), signal)
    // Nobody waits any more, perhaps since this wait began: then nothing is sent again.
    if (!again || signal.aborted) {
      const after = n > 1 ? ` (tried ${n} times)` : ''
      return left({ ...failure, cause: failure.cause + after, ...(unknown ? { outcome: 'unknown' as const } : {}) })
    }
  }
}

/** From 0 to 1; how long to wait changes no answer. */
const draw = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32

/** Waits, or until the signal says that nobody waits any more. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })

export interface BreakerOptions {
  /** So many failures in a row open it (5). */
  readonly failures?: number
  /** How long it stays open before one call may try (10,000). */
  readonly openMs?: number
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}
/** Keeps calls away from a service that has failed again and again, so that it can recover and nobody waits for it. */
export interface Breaker {
  /** Whether a call may go; after a while one may, as a trial. */
  readonly admits: () => boolean
  readonly tell: (worked: boolean) => void
}
export const breaker = ({
  failures = 5,
  openMs = 10_000,
  now = () => performance.now(),
}: BreakerOptions = {}): Breaker => {
  let inRow = 0
  let until = 0
  return {
    admits: () => {
      if (inRow < failures) return true
      if (now() < until) return false
      // The one that is let in pushes the end of the wait, so that no second one follows before it has answered.
      until = now() + openMs
      return true
    },
    tell: (worked) => {
      inRow = worked ? 0 : inRow + 1
      if (inRow >= failures) until = now() + openMs
    },
  }
}
