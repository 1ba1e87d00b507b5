import type { QuoinError } from '../graph/errors.ts'
import { describeError } from '../graph/errors.ts'

/** How the process ends: done, the job failed, the command line was wrong, interrupted (128 + SIGINT). */
export const exit = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exit)[keyof typeof exit]

/** Why a command ends early, as the one message that is shown. Thrown by commands, caught in one place (`app.ts`). */
export class Failure extends Error {
  readonly code: ExitCode
  constructor(code: ExitCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

const told = (what: string, fix: string): string => `${what}${fix === '' ? '' : `\n  fix: ${fix}`}`

/** The job failed: what is wrong with what was given, and how to put it right. */
export const failed = (what: string, fix: string, cause?: unknown): Failure =>
  new Failure(exit.failed, told(what, fix), cause)

/** The command was called wrongly: an option, an argument, a file that is not there. */
export const misused = (what: string, fix: string): Failure => new Failure(exit.usage, told(what, fix))

export const interrupted = (): Failure => new Failure(exit.interrupted, 'interrupted; nothing was left half-written')

/** An error of the library, in its own words; `file` says which graph where the error itself names no place. */
export const failedWith = (e: QuoinError, file: string): Failure => {
  const placed = file === '' || e.place !== '' || describesItself(e) ? '' : `${file}: `
  return new Failure(e._tag === 'Cancelled' ? exit.interrupted : exit.failed, `${placed}${describeError(e)}`, e)
}
/** Problems carry their places one by one. */
const describesItself = (e: QuoinError): boolean => e._tag === 'InvalidGraph' && e.problems.some((p) => p.place !== '')
