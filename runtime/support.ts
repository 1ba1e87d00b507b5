import type { Answer, Call, EffectAttrs } from '../graph/effects.ts'
import { conflict, effects } from '../graph/effects.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { EffectName, RunError } from '../graph/errors.ts'
import { encodeValue } from '../graph/json-value.ts'
import { fromJson } from '../graph/meaning/data.ts'
import { open } from '../graph/meaning/structure.ts'
import { meanings } from '../graph/meaning/table.ts'
import type { Type } from '../graph/types.ts'
import { elementOf, parseType } from '../graph/types.ts'
import type { Column, Json, RecordValue, Value } from '../graph/values.ts'
import { cellsOf, collect, elementAt, filler, lengthOf } from '../graph/values.ts'
import type { BatchPlan } from './driver.ts'

/** Where in the surrounding maps and loops a block runs. */
export type Iteration = readonly number[]
/** A block that cannot wait, and one that can. */
export type Sync = (p: readonly Value[], at: Iteration) => Answer
export type Waiting = (p: readonly Value[], at: Iteration) => Promise<Answer> | Answer

/** Asks the outside; the run's context (drivers, signal, counters) stands behind it. */
export interface Outside {
  readonly perform: (call: Call) => Promise<Answer>
  readonly performMany: (calls: readonly Call[], plan: BatchPlan) => Promise<readonly Answer[]>
  readonly site: (occurrence: number) => { readonly node: string; readonly place: string }
  readonly recall: (
    key: string,
    ttlMs: number,
    occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ) => Promise<Answer>
  readonly kernel: (index: number, args: readonly Value[]) => Answer
}

export interface BatchCode {
  readonly attrs: EffectAttrs['dbQuery']
  readonly types: readonly Type[]
  readonly plan: BatchPlan
  readonly keys: Sync
  readonly after: readonly number[]
}

/** What generated code calls. It holds no state of its own. */
export type Support = ReturnType<typeof support>

export const support = (out: Outside) => {
  const perform = (
    effect: EffectName,
    attrs: object,
    args: readonly Value[],
    argTypes: readonly Type[],
    iteration: Iteration,
  ): Promise<Answer> => out.perform({ effect, attrs, args, argTypes, iteration } as Call)

  /** Answers of batched queries, by occurrence and element, that the body of a map takes instead of asking. */
  const prefetch = async (
    batches: readonly BatchCode[],
    of: Type,
    list: Column,
    captures: readonly Value[],
    at: Iteration,
  ): Promise<readonly (readonly (Answer | undefined)[])[]> => {
    const n = lengthOf(list)
    const answers: (Answer | undefined)[][] = []
    for (const b of batches) {
      const column: (Answer | undefined)[] = new Array<Answer | undefined>(n).fill(undefined)
      const calls: (Call & { effect: 'dbQuery' })[] = []
      const rows: number[] = []
      for (let i = 0; i < n; i++) {
        const earlier = b.after.map((k) => answers[k]![i])
        // An element whose earlier query failed ends there when its turn comes; it asks nothing more.
        if (earlier.some((a) => a === undefined || isLeft(a))) continue
        const params = [elementAt(of, list, i), ...captures, ...earlier.map((a) => (a as { right: Value }).right)]
        const key = b.keys(params, [...at, i])
        if (isLeft(key)) continue
        calls.push({
          effect: 'dbQuery',
          attrs: b.attrs,
          argTypes: b.types,
          args: b.types.map((_, k) => (key.right as RecordValue)[k]!),
          iteration: [...at, i],
        })
        rows.push(i)
      }
      if (calls.length > 0)
        (await out.performMany(calls, b.plan)).forEach((a, k) => {
          column[rows[k]!] = a
        })
      answers.push(column)
    }
    return answers
  }

  return {
    type: (text: string): Type => {
      const t = parseType(text)
      if (typeof t === 'string') throw new Error(`bug: ${t}`)
      return t
    },
    /** The meaning of a pure op, for work that no kernel does. */
    host: (op: string, attrs: object, args: readonly Value[], types: readonly Type[], result: Type): Value =>
      meanings[op]!(attrs as never, args, types, result),
    absent: (t: Type): Value => filler(t),
    kernel: (index: number, args: readonly Value[]): Answer => out.kernel(index, args),
    perform,

    assert: (a: { occurrence: number; message: string }, args: readonly Value[], iteration: Iteration): Answer => {
      const claim = cellsOf('bool', args[0]!)
      const n = claim.shape.reduce((x, y) => x * y, 1)
      for (let i = 0; i < n; i++) {
        if (claim.at(i) === true) continue
        const e: RunError = {
          _tag: 'AssertionFailed',
          ...out.site(a.occurrence),
          occurrence: a.occurrence,
          iteration,
          cause: a.message,
          remedy: 'correct the data, or use the total form of the operation, which never fails',
        }
        return left(e)
      }
      return right(args[1]!)
    },
    decode: (a: { occurrence: number }, to: Type, document: Value, iteration: Iteration): Answer => {
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

    /** A body that never waits, for every element in order. */
    map: (body: Sync, apart: boolean, of: Type, result: Type, args: readonly Value[], at: Iteration): Answer => {
      const list = args[0] as Column
      const captures = args.slice(1)
      const items: Value[] = []
      let failed: Answer | undefined
      for (let i = 0; i < lengthOf(list); i++) {
        const r = body([elementAt(of, list, i), ...captures], [...at, i])
        if (!isLeft(r)) items.push(r.right)
        else if (!apart) return r
        else failed ??= r
      }
      return failed ?? right(collect(result, items))
    },
    /** A body that may wait; batched queries are answered first, for all elements together. */
    mapWaiting: async (
      body: (p: readonly Value[], at: Iteration, ready: readonly (Answer | undefined)[]) => Promise<Answer> | Answer,
      batches: readonly BatchCode[],
      apart: boolean,
      inOrder: boolean,
      of: Type,
      result: Type,
      args: readonly Value[],
      at: Iteration,
    ): Promise<Answer> => {
      const list = args[0] as Column
      const captures = args.slice(1)
      const ready = await prefetch(batches, of, list, captures, at)
      const one = (i: number): Promise<Answer> | Answer =>
        body(
          [elementAt(of, list, i), ...captures],
          [...at, i],
          ready.map((column) => column[i]),
        )
      const items: Value[] = []
      let failed: Answer | undefined
      const take = (r: Answer): boolean => {
        if (isLeft(r)) failed ??= r
        else items.push(r.right)
        return isLeft(r)
      }
      if (apart && !inOrder) for (const r of await inParallel(lengthOf(list), one)) take(r)
      else for (let i = 0; i < lengthOf(list); i++) if (take(await one(i)) && !apart) break
      return failed ?? right(collect(result, items))
    },

    open: (t: Type, v: Value) => open(t, v),
    /** All branches to their end, then the leftmost error. */
    fork: async (fields: readonly string[], branches: readonly (() => Promise<Answer> | Answer)[]): Promise<Answer> =>
      together(fields, await Promise.all(branches.map((b) => b()))),
    forkSync: (fields: readonly string[], branches: readonly (() => Answer)[]): Answer =>
      together(
        fields,
        branches.map((b) => b()),
      ),

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

const together = (fields: readonly string[], answers: readonly Answer[]): Answer => {
  const failed = answers.find(isLeft)
  if (failed !== undefined) return failed
  return right(Object.fromEntries(fields.map((f, i) => [f, (answers[i] as { right: Value }).right])))
}

/** At most this many bodies of a forkMap are in flight at once: bounded memory, and drivers keep their own limits. */
const inFlight = 64
const inParallel = async (n: number, one: (i: number) => Promise<Answer> | Answer): Promise<readonly Answer[]> => {
  const out = new Array<Answer>(n)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < n; i = next++) out[i] = await one(i)
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, n) }, worker))
  return out
}

/** Whether a call writes what an earlier answer was read from. */
export const invalidates = (call: Call, reads: ReturnType<(typeof effects)['dbQuery']['footprint']>): boolean =>
  conflict(
    { reads: [], writes: effects[call.effect].footprint(call.attrs as never).writes },
    { reads: reads.reads, writes: [] },
  )
