import type { RunError } from '../graph/errors.ts'

/** Why a run ends before it is done. */
export const tooLate = (deadlineMs: number | undefined): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what: 'time',
  node: '',
  place: '',
  cause: `the run took longer than its deadline of ${deadlineMs} ms`,
  remedy: 'allow more time, or ask for less in one run',
})
export const cancelled: RunError = {
  _tag: 'Cancelled',
  node: '',
  place: '',
  occurrence: -1,
  iteration: [],
  cause: 'the caller cancelled the run',
  remedy: 'run again when the answer is wanted',
}
