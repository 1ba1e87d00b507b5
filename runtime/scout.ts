import type { Answer, Call } from '../graph/effects.ts'
import { questionOf } from '../graph/effects.ts'
import { right } from '../graph/either.ts'
import type { EffectName } from '../graph/errors.ts'
import { open } from '../graph/meaning/structure.ts'
import type { Type } from '../graph/types.ts'
import { elementOf, showType } from '../graph/types.ts'
import type { Column, RecordValue, Value } from '../graph/values.ts'
import { collect, elementAt, lengthOf } from '../graph/values.ts'
import type { Cell } from './cells.ts'
import { Cells, heldBy, isSettled } from './cells.ts'
import type { BatchPlan } from './driver.ts'
import type { Key } from './keys.ts'
import { keyIn } from './keys.ts'
import type { Iteration, Outside, Pure } from './support.ts'
import type { Derived } from './tree.ts'

/** A call that may be asked together with others, with the facts that its driver needs for that. */
export interface Question {
  readonly call: Call
  readonly plan: BatchPlan
  /** Equal calls that may share a statement have equal ones. */
  readonly query: string
  /** Queries that may be answered in the same exchange, from the rows of this one. */
  readonly children: readonly Derived[]
}
/** Answers that came before the body ran, for the occurrences that were looked ahead for. */
export interface Ready {
  readonly get: (call: Call, text: (call: Call) => QuestionText) => Answer | undefined
}
/** Answers to several questions, one each in their order, and what came along with them. */
export interface Answers {
  readonly answers: readonly Answer[]
  readonly along: readonly { readonly call: Call; readonly answer: Answer }[]
}
export interface AheadCode {
  readonly scout: (s: Scout, p: readonly Cell[], at: Iteration) => Cell
  readonly queries: ReadonlyMap<number, AheadQueryCode>
}

export interface AheadQueryCode {
  readonly level: number
  readonly plan: BatchPlan
  readonly derived?: {
    readonly parent: number
    readonly columns: readonly string[]
    readonly attrs: object
    readonly types: readonly Type[]
  }
}

/** What is asked (`query`: which effect, in which words) and with which arguments, authority among them. */
export interface QuestionText {
  readonly query: string
  /** One bigint stands for itself: making a text of each id costs more than looking it up. */
  readonly key: Key
}

/** Tells which calls are equal: all that differs is where they stand. One for each run. */
export const questions = (): ((call: Call) => QuestionText) => {
  const known = new WeakMap<object, string>()
  const numbers = new Map<string, string>()
  const queryOf = (call: Call): string => {
    const text = JSON.stringify([call.effect, questionOf(call.attrs), ...call.argTypes.map(showType)])
    const number = numbers.get(text) ?? `${call.effect}${numbers.size}`
    numbers.set(text, number)
    known.set(call.attrs, number)
    return number
  }
  return (call) => ({ query: known.get(call.attrs) ?? queryOf(call), key: keyIn(call.args) })
}

/**
 * Runs a scout to its end, round after round, and gives the answers it was given. In each round all calls go out that
 * are known by then; those whose level has not come wait for others of their kind, unless nothing else is left to do.
 */
export const readyFor = async (
  { queries }: AheadCode,
  outer: Ready | undefined,
  textOf: (call: Call) => QuestionText,
  out: Outside,
  pure: Pure,
  start: (s: Scout) => void,
): Promise<Ready> => {
  const answers = new ByQuestion<Answer>()
  const ready: Ready = {
    get: (call, text) => {
      const own = queries.has(call.attrs.occurrence) ? answers.get(text(call)) : undefined
      return own === undefined ? outer?.get(call, text) : own
    },
  }
  const cells = new Cells()
  const asked = new ByQuestion<Asked>()
  const families = new Map<number, readonly Derived[]>()
  let pending: Asked[] = []
  start(
    scoutFor(cells, pure, (call, cell) => {
      const text = textOf(call)
      const before = ready.get(call, () => text)
      if (before !== undefined) return void cells.settle(cell, before)
      const same = asked.get(text)
      if (same !== undefined) {
        same.cell.waiting.push(() => cells.settle(cell, answers.get(text)!))
        return
      }
      const { occurrence } = call.attrs
      const { level, plan } = queries.get(occurrence)!
      const children = families.get(occurrence) ?? childrenOf(queries, occurrence)
      families.set(occurrence, children)
      const own = { question: { call, plan, query: text.query, children }, text, cell, level }
      asked.set(text, own)
      pending.push(own)
    }),
  )
  cells.drain()
  for (let round = 0; pending.length > 0; round++) {
    const due = pending.reduce((least, a) => Math.min(least, a.level), Number.POSITIVE_INFINITY)
    const now = pending.filter((a) => a.level <= Math.max(round, due))
    pending = pending.filter((a) => a.level > Math.max(round, due))
    const { answers: given, along } = await out.performAll(now.map((a) => a.question))
    for (const { call, answer } of along) answers.set(textOf(call), answer)
    for (const [i, { text, cell }] of now.entries()) {
      answers.set(text, given[i]!)
      cells.settle(cell, given[i]!)
    }
    cells.drain()
  }
  return ready
}

interface Asked {
  readonly question: Question
  readonly text: QuestionText
  readonly cell: Cell
  readonly level: number
}
/** What belongs to questions, by query and arguments. */
class ByQuestion<V> {
  readonly #queries = new Map<string, Map<Key, V>>()
  get({ query, key }: QuestionText): V | undefined {
    return this.#queries.get(query)?.get(key)
  }
  set({ query, key }: QuestionText, v: V): void {
    const known = this.#queries.get(query)
    if (known !== undefined) known.set(key, v)
    else this.#queries.set(query, new Map([[key, v]]))
  }
}

/** Derivations form a forest, because each query comes after the one whose rows it needs. */
export const childrenOf = (queries: AheadCode['queries'], parent: number): readonly Derived[] =>
  [...queries].flatMap(([occurrence, { plan, derived }]) =>
    derived?.parent === parent && occurrence !== parent
      ? [
          {
            attrs: derived.attrs as Derived['attrs'],
            argTypes: derived.types,
            plan,
            columns: derived.columns,
            children: childrenOf(queries, occurrence),
          },
        ]
      : [],
  )

/** What the code of a scout says: the same steps as a body, on cells. Nothing here waits and nothing is written. */
export type Scout = ReturnType<typeof scoutFor>
type Body = (s: never, p: readonly Cell[], at: Iteration) => Cell
const scoutFor = (cells: Cells, pure: Pure, ask: (call: Call, cell: Cell) => void) => {
  const lift = (args: readonly Cell[], f: (values: readonly Value[]) => Answer): Cell => cells.lift(args, f)
  const self = {
    value: (v: Value): Cell => cells.value(v),
    host: (op: string, attrs: object, args: readonly Cell[], types: readonly Type[], result: Type): Cell =>
      lift(args, (vs) => right(pure.host(op, attrs, vs, types, result))),
    kernel: (index: number, args: readonly Cell[]): Cell => lift(args, (vs) => pure.kernel(index, vs)),
    assert: (a: { occurrence: number; message: string }, args: readonly Cell[], at: Iteration): Cell =>
      lift(args, (vs) => pure.assert(a, vs, at)),
    decode: (a: { occurrence: number }, to: Type, document: Cell, at: Iteration): Cell =>
      lift([document], ([v]) => pure.decode(a, to, v!, at)),
    ask: (effect: EffectName, attrs: object, args: readonly Cell[], argTypes: readonly Type[], at: Iteration): Cell => {
      const cell = cells.source()
      if (args.every(isSettled)) {
        ask({ effect, attrs, args: args.map(heldBy), argTypes, iteration: at } as Call, cell)
        return cell
      }
      const sent = lift(args, (vs) => {
        ask({ effect, attrs, args: vs, argTypes, iteration: at } as Call, cell)
        return right(null)
      })
      return cells.follow(sent, () => cell)
    },
    map: (body: Body, list: Type, result: Type | undefined, args: readonly Cell[], at: Iteration): Cell =>
      cells.follow(args[0]!, (v) => {
        const items: Cell[] = []
        const { of } = elementOf(list)!
        for (let i = 0; i < lengthOf(v as Column); i++)
          items.push(body(self as never, [cells.value(elementAt(of, v as Column, i)), ...args.slice(1)], [...at, i]))
        return result === undefined ? cells.value(null) : lift(items, (vs) => right(collect(result, vs)))
      }),
    cond: (claim: Cell, arms: readonly (() => Cell)[]): Cell =>
      cells.follow(claim, (v) => (v === true ? arms[0]!() : arms[1]!())),
    match: (of: Type, value: Cell, cases: readonly ((o: Cell) => Cell)[]): Cell =>
      cells.follow(value, (v) => {
        const found = open(of, v)
        return cases[found.index]!(cells.value(found.value))
      }),
    fork: (fields: readonly string[], branches: readonly Cell[]): Cell =>
      lift(branches, (vs) => right(Object.fromEntries(fields.map((f, i) => [f, vs[i]!])) as RecordValue)),
    attempt: (body: Cell): Cell => lift([body], ([v]) => right({ _tag: 'Ok', value: v! })),
  }
  return self
}
