import type { Failure } from '../failure.ts'
import { stoppedBy } from '../sql/stopped.ts'

/** How long the server may take to notice a cancellation before the answer no longer waits for it. */
export const graceMs = 2000

export const resting: Failure = {
  tag: 'Connection',
  cause: 'the server could not be reached several times in a row, so calls do not go out for a while',
  remedy: 'check that it runs; the driver tries again by itself (breaker in its options)',
}

/** Why a call was ended before its answer was there. */
export const stopped = stoppedBy('PostgreSQL', 'max', graceMs)
