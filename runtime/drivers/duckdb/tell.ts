import type { QueryMode } from '../../../graph/effects.ts'
import type { Type } from '../../../graph/types.ts'
import { showType } from '../../../graph/types.ts'
import type { Failure } from '../failure.ts'

const many = (n: number): string => n.toLocaleString('en-US')

export const noRow: Failure = {
  tag: 'NoRow',
  cause: 'the query answered no row, and .one takes exactly one',
  remedy: 'use .maybe where a row may be missing, or check the key',
}
export const tooManyRows = (mode: QueryMode, maxRows: number): Failure =>
  mode === 'many'
    ? {
        tag: 'TooManyRows',
        cause: `the query answered more than ${many(maxRows)} rows, its maxRows`,
        remedy: 'raise maxRows, or add a condition or a limit to the query',
      }
    : {
        tag: 'TooManyRows',
        cause: `the query answered more than one row, and .${mode} takes ${mode === 'one' ? 'exactly' : 'at most'} one`,
        remedy: 'make the condition select one row (a key, or limit 1), or use .many',
      }
export const tooLarge = (maxBytes: number): Failure => ({
  tag: 'TooLarge',
  cause: `the rows take more than ${many(maxBytes)} bytes, the query's maxBytes`,
  remedy: 'raise maxBytes, select fewer columns, or add a condition to the query',
})
export const notARead: Failure = {
  tag: 'Refused',
  cause: 'the statement is not a SELECT, and only .exec may run one that changes something',
  remedy: 'use .exec, which is never merged, dropped or sent twice',
}
export const notARow = (type: Type): Failure => ({
  tag: 'Decode',
  cause: `a row is declared as ${showType(type)}, which is no record`,
  remedy: 'declare the row with row({ … })',
})
export const unbound = (position: number, e: Error): Failure => ({
  tag: 'Refused',
  cause: `parameter $${position} ${e.message}`,
  remedy: 'pass a smaller number, or an f64',
})
export const notYours: Failure = {
  tag: 'Refused',
  cause: 'the statement begins or ends a transaction, on a connection that other queries get too',
  remedy: 'mark what belongs together: db.transaction(() => …)',
}
