import type { Answer, Call } from '../../graph/effects.ts'
import { effectError } from '../../graph/effects.ts'
import { left } from '../../graph/either.ts'
import type { EffectError, RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'

/** What went wrong inside a driver, before it is known which call it answers. */
export interface Failure {
  readonly tag: EffectError['_tag'] | 'Cancelled'
  readonly cause: string
  readonly remedy: string
  readonly original?: unknown
  /** A write was sent and its end is not known. */
  readonly outcome?: 'unknown'
}

/** The error of a call; of a query, with the statement as it was `run`, if one was sent. */
export const errorOf = (call: Call, f: Failure, run?: string): RunError => {
  if (f.tag !== 'Cancelled') {
    return effectError(call, f.tag, f.cause, f.remedy, {
      ...(f.original === undefined ? {} : { original: f.original }),
      ...(f.outcome === undefined ? {} : { outcome: f.outcome }),
      ...(call.effect === 'dbQuery'
        ? { statement: { written: call.attrs.sql, ...(run === undefined ? {} : { run }) } }
        : {}),
    })
  }
  const node = 'name' in call.attrs ? call.attrs.name : call.effect
  const { occurrence } = call.attrs
  return { _tag: 'Cancelled', place: '', node, occurrence, iteration: call.iteration, cause: f.cause, remedy: f.remedy }
}
export const failed = (call: Call, f: Failure, run?: string): Answer => left(errorOf(call, f, run))

/** One answer to several equal calls, for one of them: an error is of each at its own place. */
export const answerOf = (call: Call, a: Answer): Answer => {
  if (a._tag === 'Right' || !('iteration' in a.left)) return a
  return left({ ...a.left, iteration: call.iteration, occurrence: call.attrs.occurrence })
}

/** The answer to a call that this driver does not know; loading checks bindings, so it is our mistake. */
export const notMine = (call: Call, driver: string): Answer =>
  left(bug(call.effect, `the driver '${driver}' was asked for '${call.effect}'`))

/** Text of anything thrown, which need not be an error, nor have a text. */
export const messageOf = (e: unknown): string => {
  try {
    return String(e instanceof Error ? e.message : e)
  } catch {
    return 'something that has no text'
  }
}
/** The system's code of an error (`ENOENT`, `ERR_MODULE_NOT_FOUND`), if it has one. */
export const codeOf = (e: unknown): string => {
  const code = typeof e === 'object' && e !== null && 'code' in e ? e.code : undefined
  return typeof code === 'string' ? code : ''
}
