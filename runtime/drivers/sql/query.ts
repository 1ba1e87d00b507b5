import type { Call, QueryMode } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { RecordType, Type } from '../../../graph/types.ts'
import { showType } from '../../../graph/types.ts'
import type { ListValue, Value } from '../../../graph/values.ts'
import { elementAt } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import { noRow } from './tell.ts'

export type Query = Call & { readonly effect: 'dbQuery' }

/** The parameters of a call: its arguments without the authority. */
export const paramsOf = (call: Query): { readonly values: readonly Value[]; readonly types: Query['argTypes'] } => {
  const skip = call.attrs.authority ? 1 : 0
  return { values: call.args.slice(skip), types: call.argTypes.slice(skip) }
}

/** The answer of `.one` and `.maybe` from at most one row, which lies at `at`. */
export const answerOne = (
  mode: QueryMode,
  row: RecordType,
  rows: ListValue,
  at: number | undefined,
): Either<Failure, Value> => {
  if (at === undefined) return mode === 'one' ? left(noRow) : right({ _tag: 'None' })
  const value = elementAt(row, rows, at)
  return right(mode === 'one' ? value : { _tag: 'Some', value })
}

/** A value that the declared type has and the database's has not; the message is a whole sentence's end. */
export class Unbindable extends Error {
  readonly remedy: string
  constructor(message: string, remedy = 'pass a smaller number, or an f64') {
    super(message)
    this.remedy = remedy
  }
}
export const unbound = (position: number, e: Unbindable): Failure => ({
  tag: 'Refused',
  cause: `parameter $${position} ${e.message}`,
  remedy: e.remedy,
})
export const cannotBind = (position: number, type: Type): Failure => ({
  tag: 'Refused',
  cause: `parameter $${position} is ${showType(type)}, which has no SQL form`,
  remedy: 'pass its fields one by one, as numbers, strings, options or lists of those',
})
