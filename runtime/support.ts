import type { Answer, Call } from '../graph/effects.ts'
import { conflict, effects } from '../graph/effects.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { EffectName } from '../graph/errors.ts'
import { encodeValue } from '../graph/json-value.ts'
import { assertionRemedy, brokenAssertion } from '../graph/meaning/assertion.ts'
import { fromJson } from '../graph/meaning/data.ts'
import { open } from '../graph/meaning/structure.ts'
import { meanings } from '../graph/meaning/table.ts'
import type { Transaction, TransactionAttrs } from '../graph/transaction.ts'
import type { Type } from '../graph/types.ts'
import { elementOf, parseType } from '../graph/types.ts'
import type { Column, Json, Value } from '../graph/values.ts'
import { collect, elementAt, filler, lengthOf } from '../graph/values.ts'
import type { BatchPlan } from './driver.ts'
import type { Frame } from './kernels.ts'
import type { LevelsCode } from './levels.ts'
import { readyByLevels } from './levels.ts'
import { atMost, inFlight } from './parallel.ts'
import { inProgramOrder, scheduled } from './schedule.ts'
import type { AheadCode, Answers, Question, Ready, Scout } from './scout.ts'
import { questions, readyFor } from './scout.ts'
import type { StaticKernel } from './statics/kernel.ts'
import type { Level, Tree } from './tree.ts'
import { inside } from './tree.ts'

/** Where in the surrounding maps and loops a block runs. */
export type Iteration = readonly number[]
/** A block that cannot wait, and one that can. */
export type Sync = (p: readonly Value[], at: Iteration) => Answer
export type Waiting = (p: readonly Value[], at: Iteration) => Promise<Answer> | Answer

/** Asks the outside; the run's context (drivers, signal, counters) stands behind it. */
export interface Outside {
  readonly perform: (call: Call) => Promise<Answer>
  /** Asks questions that may be asked together: one answer each, in their order, and what came along with them. */
  readonly performAll: (questions: readonly Question[]) => Promise<Answers>
  /** The same of one query, whose calls all differ; with what follows from their answers, where that may come along. */
  readonly performLevel: (calls: Tree['calls'], plan: BatchPlan, children: Tree['children']) => Promise<Level>
  /** An answer that was there already, as this call gets it. */
  readonly answered: (call: Call, answer: Answer) => Answer
  readonly site: (occurrence: number) => { readonly node: string; readonly place: string }
  readonly recall: (
    key: string,
    ttlMs: number,
    occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ) => Promise<Answer>
  /** Does the body inside a transaction; what it is handed asks there. */
  readonly transaction: (
    t: Omit<Transaction, 'attempt'>,
    body: (inside: Outside) => Promise<Answer> | Answer,
  ) => Promise<Answer>
  /** Inside a transaction everything happens in program order, because there is one connection. */
  readonly inOrder: boolean
  /** Whether anything may be asked before its turn. */
  readonly early: boolean
  readonly kernel: (index: number, args: readonly Value[]) => Answer
  /** Hears of each operation of the host before it is done; throws where the run has had its share. */
  readonly step?: (op: string) => void
  /** A hand-written kernel by its name. */
  readonly linked?: (name: string) => StaticKernel | undefined
  /** Sees what an operation of the host has made; throws where it is larger than the run may make. */
  readonly made?: (op: string, value: Value) => void
  /** Frames of the memory plan, and its calls; arguments that lie in the frame are null. */
  readonly enter: (frame: number) => Frame
  readonly leave: (frame: Frame) => void
  readonly call: (frame: Frame, index: number, kernel: number, args: readonly (Value | null)[]) => Answer
}

/** Pure work, of which some may fail; alike for a run and for a look ahead. */
export interface Pure {
  /** The meaning of a pure op, for work that no kernel does. */
  readonly host: (op: string, attrs: object, args: readonly Value[], types: readonly Type[], result: Type) => Value
  readonly kernel: (index: number, args: readonly Value[]) => Answer
  readonly assert: (a: { occurrence: number; message: string }, args: readonly Value[], iteration: Iteration) => Answer
  readonly decode: (a: { occurrence: number }, to: Type, document: Value, iteration: Iteration) => Answer
}

/** What generated code calls. It holds no state of its own. */
export type Support = ReturnType<typeof support>

export const support = (out: Outside) => {
  const textOf = questions()
  const callOf = (
    effect: EffectName,
    attrs: object,
    args: readonly Value[],
    argTypes: readonly Type[],
    iteration: Iteration,
  ): Call => ({ effect, attrs, args, argTypes, iteration }) as Call
  const perform = (
    effect: EffectName,
    attrs: object,
    args: readonly Value[],
    argTypes: readonly Type[],
    iteration: Iteration,
  ): Promise<Answer> => out.perform(callOf(effect, attrs, args, argTypes, iteration))

  const pure: Pure = {
    host: (op, attrs, args, types, result) => {
      out.step?.(op)
      const value = meanings[op]!(attrs as never, args, types, result)
      out.made?.(op, value)
      return value
    },
    kernel: (index, args) => out.kernel(index, args),
    assert: (a, args, iteration) => {
      const cause = brokenAssertion(a.message, args)
      if (cause === undefined) return right(args[1]!)
      return left({
        _tag: 'AssertionFailed',
        ...out.site(a.occurrence),
        occurrence: a.occurrence,
        iteration,
        cause,
        remedy: assertionRemedy(a.message),
      })
    },
    decode: (a, to, document, iteration) => {
      const r = fromJson(to, document as Json)
      if ('value' in r) return right(r.value)
      return left({
        _tag: 'DecodeFailed',
        ...out.site(a.occurrence),
        occurrence: a.occurrence,
        iteration,
        cause: r.problem,
        remedy: 'correct the document, or decode it at a type that allows what it holds',
      })
    },
  }

  /** An operation that is left to a hand-written kernel, or done by its meaning where there is none or it declines. */
  const linked = (
    name: string,
    op: string,
    attrs: object,
    args: readonly Value[],
    types: readonly Type[],
    result: Type,
  ): Value => {
    const kernel = out.linked?.(name)
    if (kernel === undefined) return pure.host(op, attrs, args, types, result)
    out.step?.(name)
    const value = kernel.run({ attrs, args, types, result })
    if (value === undefined) return pure.host(op, attrs, args, types, result)
    out.made?.(name, value)
    return value
  }

  return {
    ...pure,
    linked,
    type: (text: string): Type => {
      const t = parseType(text)
      if (typeof t === 'string') throw new Error(`bug: ${t}`)
      return t
    },
    absent: (t: Type): Value => filler(t),
    /** Begins a turn of a loop: its body may hold nothing that counts. */
    turn: (): void => out.step?.('loop'),
    enter: (frame: number): Frame => out.enter(frame),
    /** Ends a frame, if there is one. */
    leave: (frame: Frame | undefined): undefined => {
      if (frame !== undefined) out.leave(frame)
    },
    call: (frame: Frame | undefined, index: number, kernel: number, args: readonly (Value | null)[]): Answer =>
      out.call(frame!, index, kernel, args),
    perform,

    /** A body that never waits, for every element in order. */
    map: (body: Sync, apart: boolean, of: Type, result: Type, args: readonly Value[], at: Iteration): Answer => {
      const list = args[0] as Column
      const captures = args.slice(1)
      const items: Value[] = []
      let failed: Answer | undefined
      for (let i = 0; i < lengthOf(list); i++) {
        out.step?.('map')
        const r = body([elementAt(of, list, i), ...captures], inside(at, i))
        if (!isLeft(r)) items.push(r.right)
        else if (!apart) return r
        else failed ??= r
      }
      return failed ?? right(collect(result, items))
    },
    /** The answer to a call that a look ahead has asked already, as if it had just come. */
    known: (
      ready: Ready | undefined,
      effect: EffectName,
      attrs: object,
      args: readonly Value[],
      argTypes: readonly Type[],
      iteration: Iteration,
    ): Answer | undefined => {
      if (ready === undefined) return undefined
      const call = callOf(effect, attrs, args, argTypes, iteration)
      const answer = ready.get(call, textOf)
      return answer === undefined ? undefined : out.answered(call, answer)
    },
    /** A body that may wait. What may be asked ahead is asked first, for all elements together. */
    mapWaiting: (
      body: Waiter,
      ahead: AheadCode | LevelsCode | undefined,
      apart: boolean,
      inOrder: boolean,
      of: Type,
      result: Type,
      args: readonly Value[],
      at: Iteration,
      outer: Ready | undefined,
    ): Promise<Answer> | Answer => {
      const list = args[0] as Column
      const captures = args.slice(1)
      const each = (ready: Ready | undefined): Promise<Answer> | Answer => {
        const one = (i: number): Promise<Answer> | Answer => {
          const element = elementAt(of, list, i)
          return body(captures.length === 0 ? [element] : [element, ...captures], inside(at, i), ready)
        }
        const together = apart && !inOrder && !out.inOrder
        return (together ? allAtOnce : inTurn)(lengthOf(list), one, apart, (items) => right(collect(result, items)))
      }
      if (ahead === undefined || !out.early) return each(outer)
      if ('levels' in ahead) return readyByLevels(ahead, args, { of, rows: list }, at, outer, out).then(each)
      return readyFor(ahead, outer, textOf, out, pure, (s: Scout) => {
        const given = captures.map((c) => s.value(c))
        for (let i = 0; i < lengthOf(list); i++) ahead.scout(s, [s.value(elementAt(of, list, i)), ...given], [...at, i])
      }).then(each)
    },
    /** What follows an answer, at once where it is there. */
    after: (r: Promise<Answer> | Answer, go: (a: Answer) => Promise<Answer> | Answer): Promise<Answer> | Answer =>
      r instanceof Promise ? r.then(go) : go(r),

    /** Asks what may be asked when the program begins, and runs it. */
    start: async (
      main: (p: readonly Value[], at: Iteration, ready?: Ready) => Promise<Answer> | Answer,
      ahead: AheadCode | LevelsCode,
    ): Promise<Answer> => {
      const ready =
        'levels' in ahead
          ? readyByLevels(ahead, [], undefined, [], undefined, out)
          : readyFor(ahead, undefined, textOf, out, pure, (s: Scout) => void ahead.scout(s, [], []))
      return main([], [], await ready)
    },

    scheduled: out.inOrder ? inProgramOrder : scheduled,
    open: (t: Type, v: Value) => open(t, v),
    /** All branches to their end, then the leftmost error. */
    fork: async (fields: readonly string[], branches: readonly (() => Promise<Answer> | Answer)[]): Promise<Answer> =>
      together(fields, await atMost(out.inOrder ? 1 : branches.length, branches.length, (i) => branches[i]!())),
    forkSync: (fields: readonly string[], branches: readonly (() => Answer)[]): Answer =>
      together(
        fields,
        branches.map((b) => b()),
      ),

    transaction: (
      attrs: TransactionAttrs,
      args: readonly Value[],
      iteration: Iteration,
      /** Given the support of a session, the body that asks there. */
      body: (q: never) => Waiting,
    ): Promise<Answer> => {
      const [authority, given] = attrs.authority ? [args[0], args.slice(1)] : [undefined, args]
      return out.transaction({ attrs, authority, iteration }, (inside) =>
        body(support(inside) as never)(given, iteration),
      )
    },
    attempted: (r: Answer): Answer => {
      if (!isLeft(r)) return right({ _tag: 'Ok', value: r.right })
      const e = r.left
      return 'occurrence' in e && e._tag !== 'Cancelled'
        ? right({ _tag: 'Err', error: { tag: e._tag, message: e.cause } })
        : r
    },
    /** Remembers a body under key, its own digest and what it was given. */
    cached: (
      digest: string,
      ttlMs: number,
      occurrences: readonly number[],
      types: readonly Type[],
      args: readonly Value[],
      compute: () => Promise<Answer> | Answer,
    ): Promise<Answer> =>
      out.recall(
        `${digest} ${JSON.stringify(args.map((a, i) => encodeValue(types[i]!, a)))}`,
        ttlMs,
        occurrences,
        compute,
      ),
    left,
    right,
    elementOf,
  }
}

type Waiter = (p: readonly Value[], at: Iteration, ready?: Ready) => Promise<Answer> | Answer
type Each = (
  n: number,
  one: (i: number) => Promise<Answer> | Answer,
  apart: boolean,
  end: (items: readonly Value[]) => Answer,
) => Promise<Answer> | Answer

const allAtOnce: Each = async (n, one, _, end) => {
  const answers = await atMost(inFlight, n, async (i) => one(i))
  return answers.find(isLeft) ?? end(answers.map((a) => (a as { readonly right: Value }).right))
}
/** One element after the other; waits for nothing that is there. Where elements stand apart, an error ends none but its own. */
const inTurn: Each = (n, one, apart, end) => {
  const items: Value[] = []
  let failed: Answer | undefined
  const goesOn = (r: Answer): boolean => {
    if (isLeft(r)) failed ??= r
    else items.push(r.right)
    return apart || failed === undefined
  }
  const done = (): Answer => failed ?? end(items)
  const rest = async (first: Promise<Answer>, from: number): Promise<Answer> => {
    if (!goesOn(await first)) return done()
    for (let i = from; i < n; i++) {
      const r = one(i)
      if (!goesOn(r instanceof Promise ? await r : r)) break
    }
    return done()
  }
  for (let i = 0; i < n; i++) {
    const r = one(i)
    if (r instanceof Promise) return rest(r, i + 1)
    if (!goesOn(r)) break
  }
  return done()
}

const together = (fields: readonly string[], answers: readonly Answer[]): Answer => {
  const failed = answers.find(isLeft)
  if (failed !== undefined) return failed
  return right(Object.fromEntries(fields.map((f, i) => [f, (answers[i] as { right: Value }).right])))
}

/** Whether a call writes what an earlier answer was read from. */
export const invalidates = (call: Call, reads: ReturnType<(typeof effects)['dbQuery']['footprint']>): boolean =>
  conflict(
    { reads: [], writes: effects[call.effect].footprint(call.attrs as never).writes },
    { reads: reads.reads, writes: [] },
  )
