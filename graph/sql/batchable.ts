import type { Type } from '../types.ts'
import { elementOf, isScalar, showType } from '../types.ts'
import type { SqlFacts } from './facts.ts'

const names = (list: readonly string[]): string =>
  list.map((n) => (n === 'tablesample' ? 'TABLESAMPLE' : `${n}()`)).join(', ')
const numbers = (list: readonly number[]): string => list.map((n) => `$${n}`).join(', ')
const plural = (list: readonly unknown[], one: string, several: string): string => (list.length === 1 ? one : several)

/** Why a query must be asked in its turn, as a sentence; nothing when asking it early, or once for twice, tells the same. */
export const whyNotEarly = (facts: SqlFacts): string | undefined => {
  if (facts.statements > 1) return `it holds ${facts.statements} statements; write one a query`
  if (!facts.readOnly) return 'it changes data; only queries that read are batched'
  if (facts.locking) return 'it locks rows (FOR UPDATE or FOR SHARE), and a batch would lock them in another order'
  if (facts.volatile) {
    const list = facts.volatileFunctions
    return `it uses ${names(list)}, which ${plural(list, 'answers', 'answer')} anew each time`
  }
  if (facts.unknownFunctions.length > 0) {
    const list = facts.unknownFunctions
    return `it calls ${names(list)}, and it is not known whether ${plural(list, 'that function is', 'those functions are')} pure`
  }
  return undefined
}

/** Why a query must run once for each key, as a sentence; nothing when one statement may answer all keys. */
export const whyNotBatchable = (facts: SqlFacts, paramTypes: readonly Type[] = []): string | undefined => {
  const early = whyNotEarly(facts)
  if (early !== undefined) return early
  if (facts.params.length === 0) return 'it has no parameters; equal calls are merged instead'
  if (facts.limitParams.length > 0) {
    return `${plural(facts.limitParams, 'parameter', 'parameters')} ${numbers(facts.limitParams)} ${plural(facts.limitParams, 'stands', 'stand')} in LIMIT or OFFSET, which cannot differ from key to key`
  }
  if (facts.fileParams.length > 0) {
    return `${plural(facts.fileParams, 'parameter', 'parameters')} ${numbers(facts.fileParams)} ${plural(facts.fileParams, 'names', 'name')} a file, which cannot differ from key to key`
  }
  return whyNotType(paramTypes)
}

const whyNotType = (types: readonly Type[]): string | undefined => {
  const at = types.findIndex((t) => !isKey(t))
  if (at < 0) return undefined
  const type = types[at]!
  const list = elementOf(type) !== undefined
  return `parameter $${at + 1} is ${showType(type)}${list ? ', a list of its own' : ''}; only scalars travel as keys`
}
const isKey = (t: Type): boolean => isScalar(t) || (t.kind === 'option' && isScalar(t.of))
