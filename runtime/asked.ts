import type { Answer, Call } from '../graph/effects.ts'
import { effectError, effects } from '../graph/effects.ts'
import { isLeft, left } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import type { Boundary } from '../graph/transaction.ts'
import { transactionError } from '../graph/transaction.ts'
import { answerProblem } from './answer.ts'
import { messageOf } from './drivers/failure.ts'
import { keyOf } from './keys.ts'
import type { Question } from './scout.ts'
import type { Below } from './tree.ts'

/** What is asked of a driver. */
export type Asked = Call | Pick<Boundary, 'effect' | 'attrs' | 'iteration'>
export const driverOf = (call: Call): string => effects[call.effect].driver(call.attrs as never)
export const goesOut = (call: Call): boolean => !['nowMs', 'randomBytes', 'logLine'].includes(call.effect)
export const nameOf = (call: Asked): string => ('name' in call.attrs ? call.attrs.name : call.effect)

/** What a driver throws is its own failure: no mistake of the graph, nor of the code that was made of it. */
export const thrown = (call: Asked, e: unknown): RunError => {
  const cause = `failed, because its driver threw: ${messageOf(e)}`
  const remedy = 'correct the driver, which is to answer with an error'
  if (call.effect === 'transaction')
    return transactionError(call, 'Unknown', cause, remedy, { original: e, outcome: 'unknown' })
  const writes = effects[call.effect].footprint(call.attrs as never).writes.length > 0
  return effectError(call, 'Unknown', cause, remedy, { original: e, ...(writes ? { outcome: 'unknown' } : {}) })
}

/** Lets an answer in only if it is what the call declares; a driver's word is not taken for it. */
export const checked = (call: Call, answer: Answer | undefined): Answer => {
  if (answer !== undefined && isLeft(answer)) return answer
  const problem = answerProblem(call, answer?.right)
  return problem === undefined ? answer! : left(problem)
}

/** A call below the first level that failed is asked again in its turn, by the element that needs it. */
export const belowChecked = ({ level, ...b }: Below): Below => {
  const answers = level.answers.map((a, i) => {
    const c = a === undefined ? undefined : checked(level.calls[i]!, a)
    return c === undefined || isLeft(c) ? undefined : c
  })
  return { ...b, level: { ...level, answers, below: level.below.map(belowChecked) } }
}

/** Under which authority a call acts, as a text that equal ones share. */
export const authorityOf = (call: Call): string =>
  'authority' in call.attrs && call.attrs.authority ? keyOf(call.args.slice(0, 1)) : ''

/** How many keys one request may ask for: what the driver says, or the graph if that is less. */
export const atOnce = (call: Call, driver: number): number => {
  const most = Math.floor(call.effect === 'httpRequest' ? Math.min(driver, call.attrs.many?.most ?? 1) : driver)
  return most >= 1 ? most : 1
}

export const chunks = <T>(all: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most))

/** Which questions may share a statement or request, by their places: of one query or store, and under one authority. */
export const together = (questions: readonly Question[]): readonly (readonly number[])[] => {
  const groups = new Map<string, number[]>()
  questions.forEach(({ call, query }, i) => {
    const alike = call.effect === 'kvGet' ? `store ${call.attrs.store}` : query
    const key = `${alike} ${authorityOf(call)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [i])
    else group.push(i)
  })
  return [...groups.values()]
}
