import type { Answer, Call } from '../../graph/effects.ts'
import { effects } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { decodeValue } from '../../graph/json-value.ts'
import type { Transaction } from '../../graph/transaction.ts'
import type { Type } from '../../graph/types.ts'
import type { Json, Value } from '../../graph/values.ts'
import { answerType } from '../answer.ts'
import type { Kept, KeptError, Outcome, RecordedCall, Recording } from './recording.ts'
import { jsonOf, keep, keepValue, keptError, keptText } from './recording.ts'

/** A call of a replayed run, with its recorded answer. */
export interface Step {
  readonly occurrence: number
  readonly iteration: readonly number[]
  readonly effect: Call['effect']
  readonly name: string
  /** The user's line, where names are known. */
  readonly place: string
  readonly args: readonly Json[]
  readonly answer: { readonly ok: Json } | { readonly err: KeptError }
  /** How long the recorded run waited for it. */
  readonly ms: number
  readonly together: boolean
  readonly redacted: boolean
}
export interface ReplayOptions {
  /** Sees each call when it has been answered. */
  readonly step?: (step: Step) => void
  /** Stops after the call of this name, or of `name[2.0]`, its iteration. */
  readonly until?: string
}

/** How a replayed run compares with the recorded one. */
export interface Replayed {
  /**
   * `same`: the same result or error, to the last bit. `differs`: another one. `redacted`: stand-ins have taken the place
   * of what was redacted, so that it is another run, whose result may differ. `stopped`: one of the two has no end to
   * compare, this one because it was told to stop, or the recorded one because a bound or its caller ended it.
   */
  readonly verdict: 'same' | 'differs' | 'redacted' | 'stopped'
  /** What differs, as sentences. */
  readonly differences: readonly string[]
  /** Where it may have gone another way than the recorded run, and why that is no mistake. */
  readonly notes: readonly string[]
  /** The call after which it stopped, as it was told to. */
  readonly stoppedAfter?: string
  readonly outcome: Outcome
  readonly recorded: Outcome
  readonly calls: { readonly recorded: number; readonly answered: number }
}

/**
 * Answers calls from a recording: by occurrence and iteration, which every pass keeps. A call that is not there in its
 * own right takes the answer to the same question, because passes merge equal calls and `cached` shares them.
 */
export class Playback {
  readonly #recording: Recording
  readonly #options: ReplayOptions
  readonly #site: (occurrence: number) => { readonly node: string; readonly place: string }
  readonly #places = new Map<string, number[]>()
  readonly #questions = new Map<string, number[]>()
  readonly #answered = new Set<number>()
  /** What was answered last to each question that was borrowed. */
  readonly #latest = new Map<string, number>()
  readonly #agreed = new Map<string, boolean>()
  readonly #repeated = new Map<string, ReadonlyMap<string, readonly number[]>>()
  #steps = 0
  #stopped: Step | undefined
  #standIn: string | undefined

  constructor(
    recording: Recording,
    options: ReplayOptions,
    site: (occurrence: number) => { readonly node: string; readonly place: string },
  ) {
    this.#recording = recording
    this.#options = options
    this.#site = site
    if (recording.input !== null && recording.redacted.some((r) => r === 'input' || r.startsWith('input.')))
      this.#standIn = 'the input'
    for (const [i, c] of recording.calls.entries()) {
      if (c.unused !== true) add(this.#places, placeKey(c.occurrence, c.iteration), i)
      add(this.#questions, questionKey(c.effect, c.name, c.args.map(keptText)), i)
    }
  }

  /** The answer as it was recorded, in the call's own turn. */
  answer(call: Call): Answer {
    if (this.#stopped !== undefined) return left(stop(call, this.#stopped))
    const args = call.args.map((v, i) => keepValue(call.argTypes[i]!, v))
    const found = this.#find(call, args)
    if (typeof found !== 'number') return left(found)
    const { calls } = this.#recording
    const c = calls[found]!
    this.#answered.add(found)
    const answer = this.#decoded(call, this.#ownAnswer(c))
    if (this.#source(c).redacted === 'answer') this.#standIn ??= `the answer to ${told(call)}`
    this.#tell(call, args, c)
    return answer
  }

  /** Why a transaction did not begin, or did not happen though its body went well; nothing when it did. */
  undone({ attrs, iteration }: Omit<Transaction, 'attempt'>, begun: boolean): Answer | undefined {
    const place = placeKey(attrs.occurrence, iteration)
    const end = this.#recording.transactions?.find((t) => placeKey(t.occurrence, t.iteration) === place)
    return end?.begun !== begun
      ? undefined
      : left({ ...(end.err as unknown as RunError), ...this.#site(attrs.occurrence) })
  }

  /** The answer to a question that is asked ahead of its turn; only what follows from it is looked at. */
  ahead(call: Call): Answer {
    const args = call.args.map((v, i) => keepValue(call.argTypes[i]!, v))
    const [own] = this.#places.get(placeKey(call.attrs.occurrence, call.iteration)) ?? []
    const key = questionKey(call.effect, nameOf(call), args.map(keptText))
    const found = own ?? this.#questions.get(key)?.[0]
    return found === undefined
      ? left(this.#failed(call, 'is not in the recording', 'none: it was asked ahead of its turn'))
      : this.#decoded(call, this.#ownAnswer(this.#recording.calls[found]!))
  }

  #find(call: Call, args: readonly Kept[]): number | RunError {
    const { calls, outcome } = this.#recording
    const here = this.#places.get(placeKey(call.attrs.occurrence, call.iteration))
    const question = questionKey(call.effect, nameOf(call), args.map(keptText))
    // A place is asked once; a body that runs again under the same one is given its answers in their order.
    const own = here?.find((i) => !this.#answered.has(i)) ?? here?.at(-1)
    if (own !== undefined) {
      const c = calls[own]!
      if (questionKey(c.effect, c.name, c.args.map(keptText)) === question || this.#standIn !== undefined) {
        this.#latest.set(question, own)
        return own
      }
      const asked = c.effect === call.effect && c.name === nameOf(call) ? '' : `, there of '${c.name}'`
      const was = c.args.map(keptText).join(', ')
      return this.#failed(
        call,
        `asks with (${args.map(keptText).join(', ')}), and the recorded run asked with (${was})${asked}`,
        `replay the graph that was recorded; the version that recorded was ${this.#recording.quoin}`,
      )
    }
    const borrowed = this.#borrowed(question, call)
    if (borrowed !== undefined) return borrowed
    if ('err' in outcome && wasStopped(outcome.err)) return outcome.err as unknown as RunError
    return this.#failed(
      call,
      'is not in the recording',
      this.#standIn === undefined
        ? 'replay the graph that was recorded, with the recording as it was written'
        : `the run takes another way after ${this.#standIn}, which was redacted; record without redacting it`,
    )
  }
  /** Writes and oracles have no equals: each of their calls is recorded in its own right. */
  #borrowed(question: string, call: Call): number | undefined {
    if (!effects[call.effect].traits(call.attrs as never).mergeable) return undefined
    const all = this.#questions.get(question)
    if (all === undefined) return undefined
    if (this.#agree(question, all)) return all[0]
    // Where the answer changed on the way, an equal call stands for this one if it was the last before it.
    const { calls } = this.#recording
    const here = this.#repeated.get(question)?.get(call.iteration.join('.')) ?? []
    const before = here.filter((i) => calls[i]!.occurrence < call.attrs.occurrence)
    const nearest = before.sort((i, j) => calls[j]!.occurrence - calls[i]!.occurrence)[0]
    return nearest ?? this.#latest.get(question) ?? all[0]
  }
  /** Whether a question was always answered alike; where not, its calls are sorted by iteration. */
  #agree(question: string, all: readonly number[]): boolean {
    const known = this.#agreed.get(question)
    if (known !== undefined) return known
    const { calls } = this.#recording
    const text = (i: number): string => JSON.stringify(this.#ownAnswer(calls[i]!))
    const first = text(all[0]!)
    const agreed = all.every((i) => text(i) === first)
    this.#agreed.set(question, agreed)
    if (!agreed) {
      const by = new Map<string, number[]>()
      for (const i of all) add(by, calls[i]!.iteration.join('.'), i)
      this.#repeated.set(question, by)
    }
    return agreed
  }
  /** The call whose answer it shares. */
  #source(c: RecordedCall): RecordedCall {
    return 'as' in c.answer ? this.#recording.calls[c.answer.as]! : c
  }
  #ownAnswer(c: RecordedCall): Outcome {
    return this.#source(c).answer as Outcome
  }
  #decoded(call: Call, answer: Outcome): Answer {
    if ('err' in answer) {
      const e = answer.err as unknown as RunError
      const site = this.#site(call.attrs.occurrence)
      // What a run is stopped by has no place of its own.
      if (!('occurrence' in e) || e.occurrence < 0) return left({ ...e, place: '' } as RunError)
      return left({ ...e, occurrence: call.attrs.occurrence, iteration: call.iteration, place: site.place })
    }
    const value = decodeKept(answerType(call), answer.ok)
    if (!isLeft(value)) return value
    return left(this.#failed(call, `has a recorded answer that does not fit: ${value.left}`, damaged))
  }
  #tell(call: Call, args: readonly Kept[], c: RecordedCall): void {
    this.#steps++
    const answer = this.#ownAnswer(c)
    const { until, step } = this.#options
    if (until === undefined && step === undefined) return
    const s: Step = {
      occurrence: call.attrs.occurrence,
      iteration: call.iteration,
      effect: call.effect,
      name: nameOf(call),
      place: this.#site(call.attrs.occurrence).place,
      args: args.map((k) => jsonOf(k)!.json),
      answer: 'err' in answer ? answer : { ok: jsonOf(answer.ok)!.json },
      ms: c.ms,
      together: c.together === true,
      redacted: (c.redacted ?? this.#source(c).redacted) !== undefined,
    }
    step?.(s)
    if (until !== undefined && (until === s.name || until === labelOf(s))) this.#stopped = s
  }
  #failed(call: Call, cause: string, remedy: string): RunError {
    const site = this.#site(call.attrs.occurrence)
    return { _tag: 'ReplayFailed', node: nameOf(call), place: site.place, cause: `${told(call)} ${cause}`, remedy }
  }

  /** What came of it. Calls that only one of the runs made are an error, unless something explains them. */
  end(end: Answer, output: Type): Replayed | RunError {
    const { outcome: recorded, calls } = this.#recording
    const outcome: Outcome = isLeft(end) ? { err: keptError(end.left) } : { ok: keepValue(output, end.right) }
    const own = calls.filter((c) => c.unused !== true)
    const base = { outcome, recorded, calls: { recorded: own.length, answered: this.#steps }, notes: [] as string[] }
    if (this.#stopped !== undefined)
      return { ...base, verdict: 'stopped', stoppedAfter: labelOf(this.#stopped), differences: [] }
    const differences = [...differencesOf(outcome, recorded)]
    for (const [i, c] of calls.entries()) {
      const lost = c.writes === true && !this.#answered.has(i)
      if (lost && differences.length < 20)
        differences.push(`the recorded run called '${c.name}'${at(c.iteration)}, and this one does not`)
    }
    if (this.#standIn !== undefined) {
      base.notes.push(`${this.#standIn} was redacted: from there on this is not the run that was recorded`)
      return { ...base, verdict: 'redacted', differences }
    }
    if (isLeft(end) && end.left._tag === 'ReplayFailed') return end.left
    if ('err' in recorded && wasStopped(recorded.err) && differences.length > 0) {
      base.notes.push(`the recorded run was stopped while it computed (${recorded.err.cause}), and this one went on`)
      return { ...base, verdict: 'stopped', differences }
    }
    return { ...base, verdict: differences.length === 0 ? 'same' : 'differs', differences }
  }
}

const damaged = 'give the recording as it was written'

/** Ended by its caller or by a bound, which no graph can do: that says nothing about what it computes. */
export const wasStopped = (e: { readonly _tag: string }): boolean =>
  e._tag === 'Cancelled' || e._tag === 'ResourceExceeded'

const differencesOf = (a: Outcome, b: Outcome): readonly string[] => {
  if ('ok' in a && 'ok' in b) return keptText(a.ok) === keptText(b.ok) ? [] : [firstDifference(a.ok, b.ok)]
  if ('ok' in b) return [`it fails with ${told1((a as { err: KeptError }).err)}; the recorded run gave a value`]
  if ('ok' in a) return [`it gives a value; the recorded run failed with ${told1(b.err)}`]
  const keys = ['_tag', 'effect', 'occurrence', 'iteration', 'cause', 'remedy', 'outcome'] as const
  return keys.every((k) => JSON.stringify(a.err[k]) === JSON.stringify(b.err[k]))
    ? []
    : [`it fails with ${told1(a.err)}; the recorded run failed with ${told1(b.err)}`]
}
const told1 = (e: KeptError): string =>
  `${e._tag}${Array.isArray(e.iteration) ? at(e.iteration as readonly number[]) : ''}: ${e.cause}`

type Pair = readonly [path: string, is: Json | undefined, was: Json | undefined]
/** Where two results begin to differ. */
const firstDifference = (is: Kept, was: Kept): string => {
  const text = (j: Json | undefined): string => (j === undefined ? 'nothing' : keptText(keep(j)).slice(0, 60))
  const open: Pair[] = [['result', jsonOf(is)!.json, jsonOf(was)!.json]]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [path, x, y] = next
    if (
      x === undefined ||
      y === undefined ||
      typeof x !== 'object' ||
      typeof y !== 'object' ||
      x === null ||
      y === null
    ) {
      if (text(x) === text(y) && JSON.stringify(x) === JSON.stringify(y)) continue
      return `${path} is ${text(x)}, recorded ${text(y)}`
    }
    const [a, b] = [x as Record<string, Json>, y as Record<string, Json>]
    for (const k of new Set([...Object.keys(b), ...Object.keys(a)]))
      if (
        JSON.stringify(a[k]) !== JSON.stringify(b[k]) ||
        keptText(keep(a[k] ?? null)) !== keptText(keep(b[k] ?? null))
      )
        open.push([Array.isArray(x) ? `${path}[${k}]` : `${path}.${k}`, a[k], b[k]])
  }
  return 'the shapes of empty arrays in the results differ'
}

/** Reads a kept value at a type. */
export const decodeKept = (t: Type, k: unknown): Either<string, Value> => {
  const found = jsonOf(k)
  if (found === undefined) return left('it is damaged')
  const value = decodeValue(t, found.json, (k as Kept).shapes)
  if (!isLeft(value)) return right(value.right)
  return left(
    value.left
      .slice(0, 3)
      .map((m) => `${m.path} ${m.problem}`)
      .join('; '),
  )
}

const add = (m: Map<string, number[]>, key: string, i: number): void => {
  const all = m.get(key)
  if (all === undefined) m.set(key, [i])
  else all.push(i)
}
const placeKey = (occurrence: number, iteration: readonly number[]): string => `${occurrence} ${iteration.join('.')}`
const questionKey = (effect: string, name: string, args: readonly string[]): string =>
  JSON.stringify([effect, name, ...args])
/** `customer[3.0]`: a call and its iteration, as `until` takes them. */
export const labelOf = ({
  name,
  iteration,
}: {
  readonly name: string
  readonly iteration: readonly number[]
}): string => (iteration.length === 0 ? name : `${name}[${iteration.join('.')}]`)
const nameOf = (call: Call): string => ('name' in call.attrs ? call.attrs.name : call.effect)
const at = (iteration: readonly number[]): string =>
  iteration.length === 0 ? '' : ` at element ${iteration.join('.')}`
const told = (call: Call): string => `${call.effect} '${nameOf(call)}'${at(call.iteration)}`

const stop = (call: Call, step: Step): RunError => ({
  _tag: 'ReplayFailed',
  node: nameOf(call),
  place: '',
  cause: `the replay stopped after '${step.name}'${at(step.iteration)}, as asked`,
  remedy: 'leave until out to go to the end',
})
