import type { RunError } from '../../graph/errors.ts'
import type { Json } from '../../graph/values.ts'

/** The status that an error is answered with. */
export const statusOf = (e: RunError): number => {
  switch (e._tag) {
    case 'InvalidInput':
      return 400
    case 'AssertionFailed':
    case 'DecodeFailed':
      return 422
    case 'Conflict':
    case 'SerializationFailure':
      return 409
    case 'Cancelled':
      return 503
    case 'Timeout':
      return 504
    case 'ResourceExceeded':
      return e.what === 'time' ? 504 : 503
    case 'Bug':
    case 'LoadFailed':
    case 'DriverMissing':
    case 'ReplayFailed':
      return 500
    default:
      return 502
  }
}
/** An error for whoever asked: not where in the sources it is, nor what a driver said, which may hold what is not theirs. */
export const problemOf = (e: RunError): Json => ({
  error: {
    tag: e._tag,
    node: e.node,
    cause: e.cause,
    remedy: e.remedy,
    ...('occurrence' in e ? { occurrence: e.occurrence, iteration: e.iteration } : {}),
    ...('outcome' in e && e.outcome !== undefined ? { outcome: e.outcome } : {}),
  },
})
export const problem = (tag: string, cause: string, remedy: string): Json => ({
  error: { tag, node: '', cause, remedy },
})
