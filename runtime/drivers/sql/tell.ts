import type { QueryMode } from '../../../graph/effects.ts'
import type { Type } from '../../../graph/types.ts'
import { showType } from '../../../graph/types.ts'
import type { Failure } from '../failure.ts'
import type { BadCell } from './ledger.ts'

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
export const tooLargePart = (maxBytes: number): Failure => ({
  ...tooLarge(maxBytes),
  cause: `the rows of one chunk take more than ${many(maxBytes)} bytes, the query's maxBytes`,
  remedy: 'ask for smaller chunks (size), raise maxBytes, or select fewer columns',
})
export const notARead: Failure = {
  tag: 'Refused',
  cause: 'the statement is not a SELECT, and only .exec may run one that changes something',
  remedy: 'use .exec, which is never merged, dropped or sent twice',
}
export const notYours: Failure = {
  tag: 'Refused',
  cause: 'the statement begins or ends a transaction, on a connection that other queries get too',
  remedy: 'mark what belongs together: db.transaction(() => …)',
}
export const notARow = (type: Type): Failure => ({
  tag: 'Decode',
  cause: `a row is declared as ${showType(type)}, which is no record`,
  remedy: 'declare the row with row({ … })',
})
export const missing = (name: string, names: readonly string[]): Failure => {
  const other = names.find((n) => n.toLowerCase() === name.toLowerCase())
  const returned = names.length === 0 ? 'no columns' : names.map((n) => `'${n}'`).join(', ')
  return {
    tag: 'Decode',
    cause: `the row declares column '${name}', and the query returned ${returned}`,
    remedy:
      other === undefined
        ? `select it, or rename another column (… as "${name}"), or remove '${name}' from the row`
        : `names are compared with their case: write "${other}" as "${name}" in the query, or declare '${other}'`,
  }
}
export const twice = (name: string): Failure => ({
  tag: 'Decode',
  cause: `the query returned more than one column '${name}'`,
  remedy: `give each column its own name (… as "${name}_2")`,
})
export const badCell = (b: BadCell): Failure => ({
  tag: 'Decode',
  cause: `row ${b.row + 1} ${b.cause}`,
  remedy: b.remedy,
})
/** What to say of a NULL in a column that has no room for it. */
export const nullCell = (type: Type, path: string): readonly [cause: string, remedy: string] => [
  `has NULL in column '${path}', which the row declares as ${showType(type)}`,
  `declare '${path}' as t.option(…), or keep NULL out in the query`,
]
/** What to say of a list that is longer or shorter than the row declares. */
export const wrongLength = (length: number, size: number, path: string): readonly [cause: string, remedy: string] => [
  `has ${length} elements in column '${path}', which the row declares as exactly ${size}`,
  `select lists of ${size}, or declare the length by name`,
]
export const notJson = (path: string): readonly [cause: string, remedy: string] => [
  `has text in column '${path}' that is not JSON`,
  `store JSON in the column, or declare '${path}' as t.string`,
]
export const infiniteTime = (path: string): readonly [cause: string, remedy: string] => [
  `has an infinite time in column '${path}'`,
  `filter it out in the query (isfinite("${path}")), or declare an option and write NULL for it`,
]
