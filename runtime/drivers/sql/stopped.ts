import type { Failure } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { showMs } from '../limit.ts'

/** How far a call had come; `stuck`: the engine did not stop, `unknown`: nor is it known whether a write happened. */
type When = 'waiting' | 'running' | 'stuck' | 'unknown'
/** Why a call was ended before its answer was there, in the words of an engine and its option for more connections. */
export const stoppedBy =
  (engine: string, option: string, graceMs: number) =>
  (bound: Limit, ms: number, when: When): Failure => {
    const sent = bound.stopped() === 'Timeout' ? 'while the query waited for a connection' : 'before the query was sent'
    const where = when === 'waiting' ? sent : 'while the query ran'
    const end = when === 'unknown' || when === 'stuck' ? `, and ${engine} did not stop within ${showMs(graceMs)}` : ''
    const outcome = when === 'unknown' ? { outcome: 'unknown' as const } : {}
    switch (bound.stopped()) {
      case 'Timeout':
        return {
          tag: 'Timeout',
          cause: `the time limit of ${showMs(ms)} ended ${where}${end}`,
          remedy:
            when === 'waiting'
              ? `allow more connections (${option}), or a longer timeoutMs, in the driver's options`
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
