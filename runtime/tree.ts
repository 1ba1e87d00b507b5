import type { Answer, Call } from '../graph/effects.ts'
import { isLeft } from '../graph/either.ts'
import type { Type } from '../graph/types.ts'
import type { Column, RecordValue, Value } from '../graph/values.ts'
import { elementAt, lengthOf } from '../graph/values.ts'
import type { BatchPlan } from './driver.ts'
import { keyOf } from './keys.ts'

type Query = Call & { readonly effect: 'dbQuery' }

/** A query that is asked for every row of another one's answers: its arguments are columns of that row. */
export interface Derived {
  readonly attrs: Query['attrs']
  readonly argTypes: readonly Type[]
  readonly plan: BatchPlan
  /** The columns that are its arguments, in order; the authority, where it has one, is that of the other. */
  readonly columns: readonly string[]
  readonly children: readonly Derived[]
}
/** Calls of one query, and the queries that follow from their answers. */
export interface Tree {
  readonly calls: readonly Query[]
  readonly plan: BatchPlan
  readonly children: readonly Derived[]
}
export interface TreeAnswers {
  /** One for each of the calls, in their order. */
  readonly answers: readonly Answer[]
  /** Calls that followed, each once, with their answers. Whoever wanted another one asks it in its turn. */
  readonly derived: readonly { readonly call: Query; readonly answer: Answer }[]
}

/** Goes down a tree level by level, given a way to ask the calls of one query. */
export const followTree = async (
  { calls, plan, children }: Tree,
  ask: (calls: readonly Query[], plan: BatchPlan) => Promise<readonly Answer[]>,
): Promise<TreeAnswers> => {
  const answers = await ask(calls, plan)
  const derived: { readonly call: Query; readonly answer: Answer }[] = []
  for (const child of children) {
    const next = callsOf(child, calls, answers)
    if (next.length === 0) continue
    const below = await followTree({ calls: next, plan: child.plan, children: child.children }, ask)
    for (const [i, call] of next.entries()) derived.push({ call, answer: below.answers[i]! })
    for (const d of below.derived) derived.push(d)
  }
  return { answers, derived }
}

/** The calls that follow from answers, equal ones once. */
export const callsOf = (child: Derived, parents: readonly Query[], answers: readonly Answer[]): readonly Query[] => {
  const calls = new Map<string, Query>()
  parents.forEach((parent, i) => {
    const answer = answers[i]!
    if (isLeft(answer)) return
    for (const row of rowsOf(parent, answer.right)) {
      const columns = child.columns.map((c) => row[c]!)
      const args = child.attrs.authority ? [parent.args[0]!, ...columns] : columns
      const key = keyOf(args)
      if (!calls.has(key))
        calls.set(key, { effect: 'dbQuery', attrs: child.attrs, args, argTypes: child.argTypes, iteration: [] })
    }
  })
  return [...calls.values()]
}
const rowsOf = ({ attrs }: Query, answer: Value): readonly RecordValue[] =>
  attrs.mode === 'many'
    ? Array.from(
        { length: lengthOf(answer as Column) },
        (_, i) => elementAt(attrs.row, answer as Column, i) as RecordValue,
      )
    : [answer as RecordValue]
