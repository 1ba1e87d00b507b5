import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { showMs } from '../limit.ts'

/** How long the server may take to notice a cancellation before the answer no longer waits for it. */
export const graceMs = 2000

export const resting: Failure = {
  tag: 'Connection',
  cause: 'the server could not be reached several times in a row, so calls do not go out for a while',
  remedy: 'check that it runs; the driver tries again by itself (breaker in its options)',
}

/** Why a call was ended before its answer was there. */
export const stopped = (bound: Limit, ms: number, when: 'waiting' | 'running' | 'stuck' | 'unknown'): Failure => {
  const sent = bound.stopped() === 'Timeout' ? 'while the query waited for a connection' : 'before the query was sent'
  const where = when === 'waiting' ? sent : 'while the query ran'
  const end = when === 'unknown' || when === 'stuck' ? `, and PostgreSQL did not stop within ${showMs(graceMs)}` : ''
  const outcome = when === 'unknown' ? { outcome: 'unknown' as const } : {}
  switch (bound.stopped()) {
    case 'Timeout':
      return {
        tag: 'Timeout',
        cause: `the time limit of ${showMs(ms)} ended ${where}${end}`,
        remedy:
          when === 'waiting'
            ? "allow more connections (max), or a longer timeoutMs, in the driver's options"
            : "make the query cheaper, or set a longer timeoutMs in the driver's options",
        ...outcome,
      }
    case 'Closed':
      return {
        tag: when === 'unknown' ? 'Unknown' : 'Connection',
        cause: `the driver was closed ${where}${end}`,
        remedy: 'close the driver after the last run has ended',
        ...outcome,
      }
    default:
      return {
        // A cancelled write that may still happen must say so, and only an effect's error can.
        tag: when === 'unknown' ? 'Unknown' : 'Cancelled',
        cause: `the run was cancelled ${where}${end}`,
        remedy: "nothing is wrong with the query: the caller's signal was aborted",
        ...outcome,
      }
  }
}
