import { fromValue, toValue } from '../../graph/build/host.ts'
import type { Answer } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { EffectError, EffectErrorTag, RunError } from '../../graph/errors.ts'
import { brokenAssertion } from '../../graph/meaning/assertion.ts'
import { fromJson } from '../../graph/meaning/data.ts'
import type { Type } from '../../graph/types.ts'
import type { Column, Json, RecordValue, Value } from '../../graph/values.ts'
import { collect, elementAt, lengthOf } from '../../graph/values.ts'

/**
 * What ejected modules are made of besides kernels and the meaning of operations. Nothing here is called by Quoin itself:
 * `quoin eject` copies what a graph needs of it into the module that it writes.
 */

/** Where in the surrounding maps and loops something happens: the index of each, outermost first. */
export type At = readonly number[]
/** Where something stood in the graph. */
export interface Spot {
  readonly occurrence: number
  readonly node: string
  readonly place: string
}
/** Why the outside could not do what it was asked; `outcome` where nobody knows whether a write happened. */
export interface Failure {
  readonly _tag: EffectErrorTag
  readonly cause: string
  readonly remedy?: string
  readonly outcome?: 'unknown'
  readonly original?: unknown
}

export const fieldOf = (record: Value, name: string): Value => (record as RecordValue)[name]!

/** Outputs of a kernel as a record, named by their numbers. */
export const computed = (answer: Either<RunError, { readonly values: readonly Value[] }>): Answer =>
  isLeft(answer) ? answer : right(Object.fromEntries(answer.right.values.map((v, i) => [i, v])))

export const checked = (spot: Spot, message: string, args: readonly Value[], at: At): Answer => {
  const cause = brokenAssertion(message, args)
  if (cause === undefined) return right(args[1]!)
  const remedy = 'correct the data, or use the total form of the operation, which never fails'
  return left({ _tag: 'AssertionFailed', ...spot, iteration: at, cause, remedy })
}
export const decoded = (spot: Spot, to: Type, document: Value, at: At): Answer => {
  const r = fromJson(to, document as Json)
  if ('value' in r) return right(r.value)
  const remedy = 'correct the document, or decode it at a type that allows what it holds'
  return left({ _tag: 'DecodeFailed', ...spot, iteration: at, cause: r.problem, remedy })
}
/** An error as data; the run being over is none. */
export const attempted = (answer: Answer): Answer => {
  if (!isLeft(answer)) return right({ _tag: 'Ok', value: answer.right })
  const { left: e } = answer
  return 'occurrence' in e && e._tag !== 'Cancelled'
    ? right({ _tag: 'Err', error: { tag: e._tag, message: e.cause } })
    : answer
}

/** What a list is mapped from and to, and whether all elements run to their end before the first error is the answer. */
export interface Mapping {
  readonly from: Type
  readonly to: Type
  readonly apart: boolean
}
/** The body for every element, in order. */
export const each = (m: Mapping, list: Value, at: At, body: (element: Value, at: At) => Answer): Answer => {
  const items: Value[] = []
  let failed: Answer | undefined
  for (let i = 0; i < lengthOf(list as Column); i++) {
    const r = body(elementAt(m.from, list as Column, i), [...at, i])
    if (!isLeft(r)) items.push(r.right)
    else if (m.apart) failed ??= r
    else return r
  }
  return failed ?? right(collect(m.to, items))
}
/** The same where the body waits: one element after the other. */
export const eachInTurn = async (
  m: Mapping,
  list: Value,
  at: At,
  body: (element: Value, at: At) => Answer | Promise<Answer>,
): Promise<Answer> => {
  const items: Value[] = []
  let failed: Answer | undefined
  for (let i = 0; i < lengthOf(list as Column); i++) {
    const r = await body(elementAt(m.from, list as Column, i), [...at, i])
    if (!isLeft(r)) items.push(r.right)
    else if (m.apart) failed ??= r
    else return r
  }
  return failed ?? right(collect(m.to, items))
}
/** The same for elements that do not depend on one another: all are begun, then the first error is the answer. */
export const eachAtOnce = async (
  m: Mapping,
  list: Value,
  at: At,
  body: (element: Value, at: At) => Answer | Promise<Answer>,
): Promise<Answer> => {
  const elements = Array.from({ length: lengthOf(list as Column) }, (_, i) => elementAt(m.from, list as Column, i))
  const answers = await Promise.all(elements.map((x, i) => body(x, [...at, i])))
  const items: Value[] = []
  for (const r of answers) {
    if (isLeft(r)) return r
    items.push(r.right)
  }
  return right(collect(m.to, items))
}
/** Branches by name: all run, then the leftmost error is the answer. */
export const branches = (fields: readonly string[], answers: readonly Answer[]): Answer => {
  const failed = answers.find(isLeft)
  return failed ?? right(Object.fromEntries(answers.flatMap((r, i) => (isLeft(r) ? [] : [[fields[i]!, r.right]]))))
}

/** One question to the outside: where it stood, and what goes out and comes back. */
export interface Question extends Spot {
  readonly effect: EffectError['effect']
  readonly args: readonly Type[]
  readonly answer: Type
  /** The answer has to be there: no row is an error. */
  readonly required?: true
  readonly maxRows?: number
}
const failure = (q: Spot & Pick<Question, 'effect'>, at: At, f: Failure): EffectError => ({
  remedy: '',
  ...f,
  effect: q.effect,
  node: q.node,
  place: q.place,
  occurrence: q.occurrence,
  iteration: at,
})
const threw = (original: unknown): Failure => ({
  _tag: 'Unknown',
  cause: `it threw: ${original instanceof Error ? original.message : String(original)}`,
  original,
})
/** Asks, and holds the answer to its type. */
export const ask = async (
  q: Question,
  args: readonly Value[],
  at: At,
  perform: (args: never) => Promise<Either<Failure, unknown>>,
): Promise<Answer> => {
  const given = args.map((a, i) => fromValue(q.args[i]!, a))
  const answer = await perform(given as never).catch((e: unknown) => left(threw(e)))
  if (isLeft(answer)) return left(failure(q, at, answer.left))
  if (q.required === true && (answer.right === null || answer.right === undefined))
    return left(
      failure(q, at, { _tag: 'NoRow', cause: 'found no row', remedy: 'answer null only where a row may be missing' }),
    )
  const value = toValue(q.answer, answer.right)
  if (isLeft(value)) {
    const [odd] = value.left
    return left(
      failure(q, at, { _tag: 'Decode', cause: `answered something else than declared: ${odd!.path} ${odd!.problem}` }),
    )
  }
  const rows = q.maxRows === undefined ? 0 : lengthOf(value.right as Column)
  return q.maxRows === undefined || rows <= q.maxRows
    ? value
    : left(failure(q, at, { _tag: 'TooManyRows', cause: `answered ${rows} rows, and maxRows is ${q.maxRows}` }))
}

/** One try of a transaction, as the outside is told of it; `attempt` is 0 for the first one. */
export interface Transaction {
  /** Which one of the graph, and for which elements of surrounding maps. */
  readonly occurrence: number
  readonly at: At
  readonly db: string
  readonly isolation: 'read committed' | 'repeatable read' | 'serializable'
  readonly authority: unknown
  readonly attempt: number
}
/**
 * The body inside a transaction. `begin` is to call what it is given once, with an outside whose calls go to that transaction:
 * to commit when it answers `true`, else to roll back.
 */
export const transact = async <Outside>(
  t: Spot & Omit<Transaction, 'attempt' | 'at'> & { readonly retries: number },
  at: At,
  begin: (t: Transaction, body: (inside: Outside) => Promise<boolean>) => Promise<Either<Failure, unknown>>,
  body: (inside: Outside) => Answer | Promise<Answer>,
): Promise<Answer> => {
  const { occurrence, db, isolation, authority } = t
  for (let attempt = 0; ; attempt++) {
    let value: Answer | undefined
    const end = await begin({ occurrence, at, db, isolation, authority, attempt }, async (inside) => {
      value = await body(inside)
      return !isLeft(value)
    }).catch((e: unknown) => left(threw(e)))
    const ended: Answer = isLeft(end) ? left(failure({ ...t, effect: 'transaction' }, at, end.left)) : right(null)
    const answer = (value as Answer | undefined) === undefined || (!isLeft(value!) && isLeft(ended)) ? ended : value!
    if (value === undefined && !isLeft(ended))
      return left(failure({ ...t, effect: 'transaction' }, at, { _tag: 'Unknown', cause: 'its body was never begun' }))
    const again = isLeft(answer) && answer.left._tag === 'SerializationFailure' && answer.left.outcome === undefined
    if (!again || attempt >= t.retries) return answer
  }
}

/** What the caller gave, as values; errors say which input is wrong. */
export const given = (type: Type, input: unknown): Either<RunError, RecordValue> => {
  const value = toValue(type, input)
  if (!isLeft(value)) return right(value.right as RecordValue)
  const cause = value.left.slice(0, 5).map((m) => `input ${m.path} ${m.problem}`)
  return left({ _tag: 'InvalidInput', node: '', place: '', cause: cause.join('; '), remedy: 'pass what Input says' })
}
