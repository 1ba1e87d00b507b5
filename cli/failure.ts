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

/** Who has more problems than this has one, and the others follow from it. */
const mostProblems = 8

/** An error of the library, in its own words; `file` says which graph where the error itself names no place. */
export const failedWith = (e: QuoinError, file: string): Failure => {
  const document = e._tag === 'InvalidGraph' && e.stage === 'decode'
  const placed = file === '' || (e.place !== '' && !document) || describesItself(e) ? '' : `${file}: `
  const more = e._tag === 'InvalidGraph' ? e.problems.length - mostProblems : 0
  const shown = e._tag === 'InvalidGraph' && more > 0 ? { ...e, problems: e.problems.slice(0, mostProblems) } : e
  const text = `${placed}${describeError(shown)}${more > 0 ? `\n  … and ${more} more` : ''}${about(e)}`
  return new Failure(e._tag === 'Cancelled' ? exit.interrupted : exit.failed, text, e)
}
const mostLines = 12
/** The part of the graph that an error of compiling speaks of. */
const about = (e: QuoinError): string => {
  if (!('subgraph' in e) || e.subgraph === '' || e._tag === 'ResourceExceeded') return ''
  const lines = e.subgraph.trimEnd().split('\n')
  const cut = lines.length > mostLines ? ['… quoin explain shows the rest, --format mermaid draws it'] : []
  return ['\n  in:', ...lines.slice(0, mostLines), ...cut].join('\n    ')
}
/** Problems of a module carry their lines one by one; those of a document only paths inside it. */
const describesItself = (e: QuoinError): boolean =>
  e._tag === 'InvalidGraph' && e.stage !== 'decode' && e.problems.some((p) => p.place !== '')
