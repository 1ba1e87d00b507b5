import type { Answer, Call } from '../graph/effects.ts'
import { isLeft } from '../graph/either.ts'
import type { Type } from '../graph/types.ts'
import type { Column, Value } from '../graph/values.ts'
import { keyOf } from './keys.ts'
import { inFlight, turnstile } from './parallel.ts'
import type { AheadQueryCode, Ready } from './scout.ts'
import { childrenOf } from './scout.ts'
import type { Outside } from './support.ts'
import type { Below, Derived, From, Level, Rows } from './tree.ts'
import { distinctCalls, lengthOfRows, rowsOf } from './tree.ts'

/** A query that is asked for each row of a list or of another one's answers, and those that are asked for each of its own. */
export interface LevelAsk {
  readonly attrs: Derived['attrs']
  readonly types: readonly Type[]
  readonly from: readonly From[]
  readonly below: readonly LevelAsk[]
}
/** A look ahead in which nothing is computed but arguments picked from rows: it needs no cells, only columns. */
export interface LevelsCode {
  readonly levels: (captured: readonly Value[]) => readonly LevelAsk[]
  readonly queries: ReadonlyMap<number, AheadQueryCode>
}

/** Asks level by level for all rows, those of a list or just once; levels that do not need one another at the same time. */
export const readyByLevels = async (
  { levels, queries }: LevelsCode,
  captured: readonly Value[],
  list: { readonly of: Type; readonly rows: Column } | undefined,
  /** The maps and loops that are around. */
  at: readonly number[],
  outer: Ready | undefined,
  out: Outside,
): Promise<Ready> => {
  const paths = new Map<number, Step>()
  const pass = turnstile(inFlight)
  const below = async (
    ask: LevelAsk,
    of: Type,
    rows: readonly (Rows | undefined)[],
    above: Step | undefined,
  ): Promise<Below> => {
    const { occurrence } = ask.attrs
    const { calls, callOf } = distinctCalls({ attrs: ask.attrs, argTypes: ask.types }, [], ask.from, of, rows)
    const { plan } = queries.get(occurrence)!
    const level =
      calls.length === 0
        ? { calls, answers: [], below: [] }
        : await pass(() => out.performLevel(calls, plan, childrenOf(queries, occurrence)))
    return follow(ask, { occurrence, callOf, level }, above)
  }
  /** What is asked below a level, as far as it did not come along. */
  const follow = async (ask: LevelAsk, found: Below, above: Step | undefined): Promise<Below> => {
    const { calls, answers, below: along } = found.level
    const path: Step = { above, callOf: found.callOf, level: found.level, starts: undefined }
    paths.set(found.occurrence, path)
    if (ask.below.length === 0) return found
    const rows = answers.map((a, i) => rowsOf(calls[i]!, a))
    await Promise.all(
      ask.below.map((next) => {
        const there = along.find((b) => b.occurrence === next.attrs.occurrence)
        return there === undefined ? below(next, ask.attrs.row, rows, path) : follow(next, there, path)
      }),
    )
    return found
  }
  const rows: Rows = list === undefined ? { one: null, at } : { many: list.rows, at }
  const of: Type = list?.of ?? nothing
  await Promise.all(levels(captured).map((ask) => below(ask, of, [rows], undefined)))
  return {
    get: (call, text) => {
      const path = paths.get(call.attrs.occurrence)
      if (path === undefined) return outer?.get(call, text)
      return answerIn(path, call, at.length, list !== undefined)
    },
  }
}
/** The level of a query, and the one above it. */
interface Step {
  readonly above: Step | undefined
  readonly callOf: Int32Array
  readonly level: Level
  /** Where the rows of each answer begin among those of all answers, once somebody asked. */
  starts: Int32Array | undefined
}
const nothing: Type = { kind: 'tensor', elem: 'unit', shape: [] }

/** The answer to a call, found by where it stands; only if it is the call that was asked for this place. */
const answerIn = (step: Step, call: Call, from: number, mapped: boolean): Answer | undefined => {
  const place: Place = { at: from, row: 0 }
  if (mapped) place.row = call.iteration[place.at++]!
  const k = callAt(step, call.iteration, place)
  const asked = k === undefined ? undefined : step.level.calls[k]!
  return asked !== undefined && sameArgs(asked.args, call.args) ? step.level.answers[k!] : undefined
}
interface Place {
  at: number
  row: number
}
/** Which call of a level stands at a place: that of the row there, which is counted among all rows of the level above. */
const callAt = (step: Step, iteration: readonly number[], place: Place): number | undefined => {
  const { above } = step
  if (above !== undefined) {
    const k = callAt(above, iteration, place)
    const answer = k === undefined ? undefined : above.level.answers[k]
    if (answer === undefined || isLeft(answer)) return undefined
    above.starts ??= startsOf(above.level)
    place.row = above.starts[k!]! + (above.level.calls[k!]!.attrs.mode === 'many' ? iteration[place.at++]! : 0)
  }
  return step.callOf[place.row]
}
const sameArgs = (a: readonly Value[], b: readonly Value[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    // Of numbers, 0 and -0 are two.
    if (x === y && typeof x !== 'number') continue
    if (!Object.is(x, y) && keyOf([x]) !== keyOf([y])) return false
  }
  return true
}
const startsOf = ({ calls, answers }: Level): Int32Array => {
  const starts = new Int32Array(calls.length + 1)
  for (let i = 0; i < calls.length; i++) starts[i + 1] = starts[i]! + lengthOfRows(rowsOf(calls[i]!, answers[i]))
  return starts
}
