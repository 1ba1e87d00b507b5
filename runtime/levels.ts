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
  const paths = new Map<number, Path>()
  const pass = turnstile(inFlight)
  const below = async (ask: LevelAsk, of: Type, rows: readonly (Rows | undefined)[], above: Path): Promise<Below> => {
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
  const follow = async (ask: LevelAsk, found: Below, above: Path): Promise<Below> => {
    const { calls, answers, below: along } = found.level
    const path = [...above, found]
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
  await Promise.all(levels(captured).map((ask) => below(ask, of, [rows], [])))
  return {
    get: (call, text) => {
      const path = paths.get(call.attrs.occurrence)
      if (path === undefined) return outer?.get(call, text)
      return answerIn(path, call, at.length, list !== undefined)
    },
  }
}
/** The levels from the first to the one of a query. */
type Path = readonly Below[]
const nothing: Type = { kind: 'tensor', elem: 'unit', shape: [] }

/** The answer to a call, found by where it stands; only if it is the call that was asked for this place. */
const answerIn = (path: Path, call: Call, depth: number, mapped: boolean): Answer | undefined => {
  let at = depth
  let row = mapped ? call.iteration[at++]! : 0
  const last = path.length - 1
  for (let i = 0; i <= last; i++) {
    const { callOf, level } = path[i]!
    const k = callOf[row]
    const answer = k === undefined ? undefined : level.answers[k]
    if (answer === undefined) return undefined
    const asked = level.calls[k!]!
    if (i === last) return sameArgs(asked.args, call.args) ? answer : undefined
    if (isLeft(answer)) return undefined
    row = startsOf(level)[k!]! + (asked.attrs.mode === 'many' ? call.iteration[at++]! : 0)
  }
  return undefined
}
const sameArgs = (a: readonly Value[], b: readonly Value[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i]) && keyOf([a[i]!]) !== keyOf([b[i]!])) return false
  return true
}

/** Where the rows of each answer begin among those of all answers. */
const startsOf = (level: Level): Int32Array => {
  const known = starts.get(level)
  if (known !== undefined) return known
  const made = new Int32Array(level.calls.length + 1)
  for (const [i, call] of level.calls.entries()) {
    made[i + 1] = made[i]! + lengthOfRows(rowsOf(call, level.answers[i]))
  }
  starts.set(level, made)
  return made
}
const starts = new WeakMap<Level, Int32Array>()
