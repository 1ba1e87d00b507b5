import { fromValue, toValue } from '../../../graph/build/host.ts'
import type { Answer, Call } from '../../../graph/effects.ts'
import { effects } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug, effectErrors } from '../../../graph/errors.ts'
import { encodeValue } from '../../../graph/json-value.ts'
import type { Value } from '../../../graph/values.ts'
import type { Assumption } from '../../assumption.ts'
import type { Batch, Context, Driver } from '../../driver.ts'
import { authorityOf } from '../../request.ts'
import { part } from '../depends.ts'
import type { Failure } from '../failure.ts'
import { answerOf, failed, messageOf, notMine } from '../failure.ts'
import type { RetryOptions } from '../retry.ts'
import { retrying } from '../retry.ts'
import { answering, isWrite, within } from '../within.ts'

export type { Loader } from './dataloader.ts'
export { fromDataLoader } from './dataloader.ts'

/** What your function is told besides its argument. */
export interface ForeignContext {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  readonly authority: string | undefined
}
export type ForeignTag = (typeof effectErrors.foreign)[number]
/** What an error of your function means to graphs; what is not classified is Unknown, with the original kept. */
export interface Classified {
  readonly tag: ForeignTag
  readonly cause?: string
  readonly remedy?: string
  /**
   * Of a write that is not idempotent: whether it may have happened all the same. Where it is not said, nothing was done
   * after NotFound, Conflict, Permission and Refused, and nobody knows after all others.
   */
  readonly outcome?: 'unknown' | 'none'
}
export interface ForeignOptions<A = never, X = unknown> {
  /** The answer to one argument. What it throws or rejects with becomes an error of the call. */
  readonly one: (argument: A, context: ForeignContext) => Promise<X> | X
  /** One answer an argument, in their order; an Error stands for an argument that failed. */
  readonly many?: (
    args: readonly A[],
    context: ForeignContext,
  ) => Promise<readonly (X | Error)[]> | readonly (X | Error)[]
  /** The most arguments of one call of `many` (1,000). */
  readonly maxBatch?: number
  /** The time limit of one call (30,000). */
  readonly timeoutMs?: number
  readonly classify?: (e: unknown) => Classified | undefined
  /**
   * How a function that is declared idempotent is tried again when it failed with what `classify` calls Connection or
   * Unavailable (3 times, within the time limit); false for never.
   */
  readonly retry?: RetryOptions | false
  /** What else your function rests on, for the inventory. */
  readonly assumptions?: readonly Assumption[]
}

const assumptions: readonly Assumption[] = [
  {
    id: 'foreign.footprint',
    kind: 'unsafe',
    statement:
      'The function reads and writes what its declaration says, and equal calls between writes have equal answers.',
    dependsOn: [part('the function that is bound')],
    supports: ['FootprintsCover', 'MergedReadsAgree'],
    failureMode: 'A call may be moved, merged or left out although that can be seen.',
    mitigation: 'Declare every resource; what writes nothing and reads * is kept behind all writes of such functions.',
    probe: { by: 'none', reason: 'what a function touches cannot be seen from outside' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'foreign.many-is-one',
    kind: 'driver',
    statement: 'many answers each argument as one would, in the order of the arguments.',
    dependsOn: [part('the function that is bound')],
    supports: ['BatchAnswersAsMembers'],
    failureMode: 'Some arguments get the answer of another, without an error.',
    mitigation: 'The number and type of answers are checked; batch: false keeps a function out of batches.',
    probe: { by: 'test', file: 'test/drivers/foreign.test.ts' },
    expiry: { after: '2027-12-31' },
  },
]

type ForeignCall = Call & { readonly effect: 'foreign' }

/** Binds a function of your own to a name of the graph: `{ price: bindForeign({ one, many }) }`. */
export const bindForeign = <A, X>(options: ForeignOptions<A, X>): Driver => {
  const { timeoutMs = 30_000, one, many } = options
  const given = Math.floor(options.maxBatch ?? 1000)
  const maxBatch = given >= 1 ? given : 1
  const closing = new AbortController()
  const classified = (call: ForeignCall, e: unknown): Failure => {
    let known: Classified | undefined
    try {
      const told: unknown = options.classify?.(e)
      if (isClassified(told)) known = told
      // A promise is no classification, and what it ends with is nobody's.
      else if (told instanceof Promise) told.catch(() => undefined)
    } catch {
      // The error of the function matters more than one in telling what it means.
    }
    const tag = known?.tag ?? 'Unknown'
    const outcome = known?.outcome ?? (nothingDone.has(tag) ? 'none' : 'unknown')
    const unknown = isWrite(call) && !call.attrs.idempotent && outcome === 'unknown'
    return {
      tag,
      cause: known?.cause ?? `'${call.attrs.name}' failed: ${messageOf(e)}`,
      remedy: known?.remedy ?? 'see the original error',
      original: e,
      ...(unknown ? { outcome: 'unknown' as const } : {}),
    }
  }
  const argumentOf = (call: ForeignCall): A => fromValue(call.argTypes.at(-1)!, call.args.at(-1)!) as A
  const decoded = (call: ForeignCall, given: unknown): Either<Failure, Value> => {
    if (given instanceof Error) return left(classified(call, given))
    const unfit = (why: string): Either<Failure, never> =>
      left({
        tag: 'Decode',
        cause: `what '${call.attrs.name}' gave does not fit its codec: ${why}`,
        remedy: 'correct the function, or its codec',
      })
    try {
      const value = toValue(call.attrs.answer, given)
      if (!isLeft(value)) return value
      const m = value.left[0]!
      return unfit(`${m.path} ${m.problem}`)
    } catch (e) {
      // What a getter of the user's throws while his answer is read.
      return unfit(messageOf(e))
    }
  }
  const ask = <T>(call: ForeignCall, context: Context, f: (c: ForeignContext) => Promise<T> | T) => {
    const limits = { timeoutMs, closing: closing.signal, what: `running '${call.attrs.name}'`, writes: isWrite(call) }
    const once = options.retry === false || !effects.foreign.traits(call.attrs).retriable
    return within<T>(context, limits, async (signal, progress) =>
      retrying(once ? { attempts: 1 } : (options.retry ?? {}), signal, async () => {
        try {
          progress.sent = true
          return right(await f({ signal, authority: authorityOf(call) }))
        } catch (e) {
          const failure = classified(call, e)
          return left({ failure, passing: passing.has(failure.tag) })
        }
      }),
    )
  }
  const single = async (call: ForeignCall, context: Context): Promise<Either<Failure, Value>> => {
    const given = await ask(call, context, (c) => one(argumentOf(call), c))
    return isLeft(given) ? given : decoded(call, given.right)
  }
  const perform = async (call: Call, context: Context): Promise<Answer> =>
    call.effect === 'foreign' ? answering(call, () => single(call, context)) : notMine(call, 'foreign')

  const inBulk = async (calls: readonly ForeignCall[], context: Context): Promise<Many> => {
    const distinct = [...new Map(calls.map((c) => [identity(c), c])).values()]
    const answers = new Map<string, Answer>()
    let roundTrips = 0
    for (let at = 0; at < distinct.length; at += maxBatch) {
      const part = distinct.slice(at, at + maxBatch)
      const first = part[0]!
      roundTrips++
      const given = await ask(first, context, (c) => many!(part.map(argumentOf), c))
      // JavaScript may have given anything.
      const whole = isLeft(given) ? undefined : Array.isArray(given.right) ? given.right : []
      if (whole !== undefined && whole.length !== part.length) {
        const cause = `many of '${first.attrs.name}' gave ${whole.length} answers to ${part.length} arguments`
        const failure: Failure = { tag: 'Decode', cause, remedy: 'give one answer an argument, in their order' }
        for (const call of part) answers.set(identity(call), failed(call, failure))
        continue
      }
      for (const [i, call] of part.entries()) {
        if (whole !== undefined) {
          const value = decoded(call, whole[i])
          answers.set(identity(call), isLeft(value) ? failed(call, value.left) : value)
        } else if (isLeft(given) && final.has(given.left.tag)) answers.set(identity(call), failed(call, given.left))
        else {
          roundTrips++
          answers.set(identity(call), await perform(call, context))
        }
      }
    }
    return { answers: calls.map((c) => answerOf(c, answers.get(identity(c))!)), roundTrips }
  }
  return {
    kind: 'foreign',
    effects: ['foreign'],
    maxBatch,
    assumptions: [...assumptions, ...(options.assumptions ?? [])],
    perform,
    ...(many === undefined
      ? {}
      : {
          performMany: async ({ calls }: Batch, context: Context): Promise<Many> => {
            const own = calls.filter((c) => c.effect === 'foreign')
            if (own.length < calls.length) return { answers: calls.map((c) => notMine(c, 'foreign')), roundTrips: 0 }
            const first = own[0]
            try {
              const together = first?.attrs.batch === true && own.every((c) => authorityOf(c) === authorityOf(first))
              if (together) return await inBulk(own, context)
              const answers: Answer[] = []
              for (const call of own) answers.push(await perform(call, context))
              return { answers, roundTrips: own.length }
            } catch (e) {
              return { answers: own.map((c) => left(bug(c.attrs.name, e))), roundTrips: 1 }
            }
          },
        }),
    close: async () => closing.abort(),
  }
}
interface Many {
  readonly answers: readonly Answer[]
  readonly roundTrips: number
}
const isClassified = (x: unknown): x is Classified =>
  typeof x === 'object' && x !== null && 'tag' in x && effectErrors.foreign.includes(x.tag as ForeignTag)
/** Failures that say that nothing was done. */
const nothingDone: ReadonlySet<ForeignTag> = new Set(['NotFound', 'Conflict', 'Permission', 'Refused'])
/** What may be over in a moment. */
const passing: ReadonlySet<string> = new Set(['Connection', 'Unavailable'])
/** Failures after which asking again one by one would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection', 'Unavailable'])

const identity = (call: ForeignCall): string => JSON.stringify(encodeValue(call.argTypes.at(-1)!, call.args.at(-1)!))
