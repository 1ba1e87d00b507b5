import type { Answer, Call, Footprint } from '../../graph/effects.ts'
import { effects } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { emptyShapes } from '../../graph/empty-shapes.ts'
import type { RunError } from '../../graph/errors.ts'
import { encodeValue } from '../../graph/json-value.ts'
import type { Type } from '../../graph/types.ts'
import type { Json, Value } from '../../graph/values.ts'
import { answerType } from '../answer.ts'
import type { Memory } from '../cache.ts'
import { memory } from '../cache.ts'
import type { Run, RunOptions } from '../run.ts'
import type { Answers, Question } from '../scout.ts'
import type { Level } from '../tree.ts'
import { answered } from '../tree.ts'
import type { Kept, KeptError, Outcome, RecordedBatch, RecordedCall, Recording } from './recording.ts'
import { keep, keptError } from './recording.ts'
import { Redaction } from './redact.ts'
import type { Tried } from './side.ts'
import { Side } from './side.ts'

/** Takes the recording of a run before the run answers; what it returns is not waited for. */
export type RecordTo =
  | ((recording: Recording) => void)
  | { readonly to: (recording: Recording) => void; readonly redact?: readonly string[] }

/** What is known of a graph before it runs. */
export interface Recorded {
  readonly quoin: string
  readonly graph: string
  readonly digest: string
  readonly artifact: string
  readonly input: Type
  readonly output: Type
  /** Names of calls and of the drivers they speak to. */
  readonly names: readonly string[]
  readonly footprint: (occurrence: number) => Footprint
}

interface Entry {
  readonly call: Call
  /** The transaction in which it was asked. */
  readonly within: string | undefined
  readonly atMs: number
  ms: number
  /** Missing while it is in flight. */
  answer?: Answer
  readonly together?: true
  readonly unused?: true
}

interface AskedTogether {
  readonly call: Call
  readonly answer: Answer
  readonly within: string | undefined
  readonly atMs: number
  readonly ms: number
}

/** A recorder for a run, if it wants one. What is to be redacted and is not there ends the run before it begins. */
export const recorderFor = (
  wanted: RecordTo | undefined,
  about: () => Recorded,
): Either<RunError, Recorder | undefined> => {
  if (wanted === undefined) return right(undefined)
  const { to, redact = [] } = typeof wanted === 'function' ? { to: wanted } : wanted
  const a = about()
  const redaction = new Redaction(redact, { names: new Set(a.names) })
  if (redaction.problem === undefined) return right(new Recorder(to, a, redaction))
  return left({
    _tag: 'InvalidInput',
    node: '',
    place: '',
    cause: redaction.problem,
    remedy: "correct the name: 'customer.email' is a field of an answer, 'customer.$1' an argument, 'input.x' an input",
  })
}

/**
 * Writes down what goes by between a program and its run. Nothing is encoded before the run has ended. A recorded run
 * takes nothing from what earlier runs have remembered, because what that rested on was not written down.
 */
export class Recorder {
  readonly #to: (recording: Recording) => void
  readonly #about: Recorded
  readonly #redaction: Redaction
  readonly #began = new Date()
  readonly #start = performance.now()
  readonly #memory: Memory = memory()
  #entries: Entry[] = []
  readonly #batches: RecordedBatch[] = []
  /** Questions that were asked together, with the times of that. */
  #asked: AskedTogether[] = []
  readonly #rounds = new Map<Answer, { readonly atMs: number; readonly ms: number }>()
  /** Transactions that did not end as their bodies did. */
  readonly #undone: { readonly t: Tried; readonly begun: boolean; readonly error: RunError }[] = []
  #input: Value | undefined

  constructor(to: (recording: Recording) => void, about: Recorded, redaction: Redaction) {
    this.#to = to
    this.#about = about
    this.#redaction = redaction
  }
  /** The options of the run, of whose batches the recorder hears as well. */
  options(given: RunOptions): RunOptions {
    return {
      ...given,
      trace: (e) => {
        if (e.event === 'batch') {
          const { occurrence, name, size, roundTrips, ms } = e
          this.#batches.push({ occurrence, name, size, roundTrips, ms })
        }
        given.trace?.(e)
      },
    }
  }
  of(run: Run, input: Value): Side {
    this.#input = input
    return new Side(this, run, undefined)
  }

  async perform(call: Call, within: string | undefined, ask: () => Promise<Answer>): Promise<Answer> {
    const entry: Entry = { call, within, atMs: this.#now(), ms: 0 }
    this.#entries.push(entry)
    const answer = await ask()
    entry.ms = this.#now() - entry.atMs
    entry.answer = answer
    this.#memory.wrote(call)
    return answer
  }
  async together(
    questions: readonly Question[],
    within: string | undefined,
    ask: () => Promise<Answers>,
  ): Promise<Answers> {
    const atMs = this.#now()
    const given = await ask()
    const all = given.answers.map((answer, i) => ({ call: questions[i]!.call, answer }))
    this.#note([...all, ...given.along], within, atMs)
    return given
  }
  async level(within: string | undefined, ask: () => Promise<Level>): Promise<Level> {
    const atMs = this.#now()
    const level = await ask()
    this.#note(answered(level), within, atMs)
    return level
  }
  #note(all: Answers['along'], within: string | undefined, atMs: number): void {
    const ms = this.#now() - atMs
    for (const { call, answer } of all) {
      this.#asked.push({ call, answer, within, atMs, ms })
      this.#rounds.set(answer, { atMs, ms })
    }
  }
  answered(call: Call, within: string | undefined, answer: Answer, own: Answer): Answer {
    const round = this.#rounds.get(answer) ?? { atMs: this.#now(), ms: 0 }
    if (own !== answer) this.#shared.set(own, answer)
    this.#entries.push({ call, within, answer: own, ...round, together: true })
    return own
  }
  /** Answers that were placed anew for whoever shared them, and what they came from. */
  readonly #shared = new Map<Answer, Answer>()

  recall(
    key: string,
    ttlMs: number,
    occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const { footprint } = this.#about
    return this.#memory.recall(
      key,
      ttlMs,
      occurrences.map((o) => footprint(o)),
      compute,
    )
  }
  /** A transaction begins, perhaps once more: what an earlier try was told has been undone, and so never was. */
  begins(within: string): void {
    this.#entries = this.#entries.filter((e) => e.within !== within)
    this.#asked = this.#asked.filter((a) => a.within !== within)
  }
  ends(t: Tried, body: Answer | undefined, end: Answer): void {
    if (isLeft(end) && (body === undefined || !isLeft(body)))
      this.#undone.push({ t, begun: body !== undefined, error: end.left })
  }
  #now(): number {
    return performance.now() - this.#start
  }

  /** Hands the recording over. What goes wrong here is told as a warning and takes nobody's answer away. */
  finish(outcome: Answer): void {
    try {
      this.#to(this.#recording(outcome))
    } catch (e) {
      process.emitWarning(`the recording of a run was lost: ${e instanceof Error ? e.message : String(e)}`, 'Quoin')
    }
  }

  #recording(end: Answer): Recording {
    const used = new Set(this.#entries.map((e) => this.#shared.get(e.answer!) ?? e.answer))
    for (const { answer, ...asked } of this.#asked)
      if (!used.has(answer)) this.#entries.push({ ...asked, answer, together: true, unused: true })
    const r = this.#redaction
    const { input, output } = this.#about
    // Secrets are met everywhere first; only then is everything searched for them.
    const given = this.#input === undefined ? undefined : r.value(['input'], input, encodeValue(input, this.#input))
    const result = isLeft(end) ? undefined : r.value(['result'], output, encodeValue(output, end.right))
    const firsts = new Map<Answer, number>()
    const parts = this.#entries.map((e, i) => {
      const answer = e.answer ?? left(unanswered(e.call))
      const first = firsts.get(answer)
      if (first === undefined) firsts.set(answer, i)
      return { e, answer, first, ...this.#encoded(e.call, first === undefined ? answer : undefined) }
    })
    const calls = parts.map(({ e, answer, first, args, ok, plain }): RecordedCall => {
      const types = e.call.argTypes
      const shown = args.map((x, k) => r.scrub(types[k]!, x))
      const last = ok === undefined ? undefined : r.scrub(answerType(e.call), ok)
      const error = isLeft(answer) ? this.#error(answer.left) : undefined
      const redacted = r.idle
        ? undefined
        : plain.answer !== JSON.stringify(isLeft(answer) ? error : last)
          ? 'answer'
          : plain.args !== JSON.stringify(shown)
            ? 'arguments'
            : undefined
      return {
        occurrence: e.call.attrs.occurrence,
        iteration: e.call.iteration,
        effect: e.call.effect,
        name: nameOf(e.call),
        args: shown.map((x, k) => keep(x, emptyShapes(types[k]!, e.call.args[k]!))),
        answer:
          first !== undefined
            ? { as: first }
            : error === undefined
              ? { ok: keep(last!, shapesOf(e.call, answer)) }
              : { err: error },
        atMs: e.atMs,
        ms: e.ms,
        ...(writes(e.call) ? { writes: true as const } : {}),
        ...(e.together === undefined ? {} : { together: true as const }),
        ...(e.unused === undefined ? {} : { unused: true as const }),
        ...(redacted === undefined ? {} : { redacted }),
      }
    })
    const outcome: Outcome = isLeft(end)
      ? { err: this.#error(end.left) }
      : { ok: keep(r.scrub(output, result!), emptyShapes(output, end.right)) }
    const { quoin, graph, digest, artifact } = this.#about
    return {
      format: 'quoin-recording-1',
      quoin,
      graph,
      digest,
      artifact,
      began: this.#began.toISOString(),
      ms: this.#now(),
      input: given === undefined ? null : keep(r.scrub(input, given), emptyShapes(input, this.#input!)),
      calls,
      batches: this.#batches,
      ...(this.#undone.length === 0
        ? {}
        : {
            transactions: this.#undone.map(({ t, begun, error }) => ({
              occurrence: t.attrs.occurrence,
              iteration: t.iteration,
              begun,
              err: this.#error(error),
            })),
          }),
      outcome,
      redacted: r.rules,
    }
  }
  /** A call as JSON with what the rules hide hidden, and how it was before. */
  #encoded(
    call: Call,
    answer: Answer | undefined,
  ): {
    readonly args: readonly Json[]
    readonly ok: Json | undefined
    readonly plain: { readonly args: string; readonly answer: string | undefined }
  } {
    const r = this.#redaction
    const names = namesOf(call)
    const args = call.args.map((v, i) => encodeValue(call.argTypes[i]!, v))
    const skip = 'authority' in call.attrs && call.attrs.authority ? 1 : 0
    const ok = answer === undefined || isLeft(answer) ? undefined : encodeValue(answerType(call), answer.right)
    return {
      args: r.idle ? args : r.args(names, call.argTypes, args, skip),
      ok: ok === undefined || r.idle ? ok : r.value(names, answerType(call), ok),
      plain: r.idle
        ? { args: '', answer: '' }
        : {
            args: JSON.stringify(args),
            answer: JSON.stringify(answer !== undefined && isLeft(answer) ? keptError(answer.left) : ok),
          },
    }
  }
  #error(e: RunError): KeptError {
    const kept = keptError(e)
    const r = this.#redaction
    if (r.idle) return kept
    return { ...kept, cause: r.text(kept.cause), ...('remedy' in kept ? { remedy: r.text(String(kept.remedy)) } : {}) }
  }
}

const writes = (call: Call): boolean => effects[call.effect].footprint(call.attrs as never).writes.length > 0
const shapesOf = (call: Call, a: Answer): Kept['shapes'] => (isLeft(a) ? [] : emptyShapes(answerType(call), a.right))
const nameOf = (call: Call): string => ('name' in call.attrs ? call.attrs.name : call.effect)
const namesOf = (call: Call): readonly string[] => {
  const { db, root, service, store } = call.attrs as { db?: string; root?: string; service?: string; store?: string }
  return [nameOf(call), ...[db, root, service, store].filter((n) => n !== undefined)]
}
/** What a call in flight is given when the run ends before it: that cannot be, because runs await their calls. */
const unanswered = (call: Call): RunError => ({
  _tag: 'Cancelled',
  node: nameOf(call),
  place: '',
  occurrence: call.attrs.occurrence,
  iteration: call.iteration,
  cause: 'the run ended before the answer came',
  remedy: 'run again when the answer is wanted',
})
