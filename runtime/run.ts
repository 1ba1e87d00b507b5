import type { Answer, Call } from '../graph/effects.ts'
import { isLeft, left } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import type { Transaction } from '../graph/transaction.ts'
import { abandoned } from '../graph/transaction.ts'
import type { Value } from '../graph/values.ts'
import type { Asked } from './asked.ts'
import { atOnce, belowChecked, checked, chunks, driverOf, goesOut, nameOf, thrown, together } from './asked.ts'
import type { Bound, RunOptions } from './bound.ts'
import type { Batch, BatchPlan, Context, Driver } from './driver.ts'
import type { Frame } from './kernels.ts'
import { atMost, inFlight } from './parallel.ts'
import type { Answers, Question } from './scout.ts'
import type { StaticKernel } from './statics/kernel.ts'
import { cancelled, deadline, Meter, tooLate } from './stopped.ts'
import type { Outside } from './support.ts'
import type { Heard, RunStats } from './trace.ts'
import { listening } from './trace.ts'
import { memoryInside, outcomeOf, safely, sessionDriver, tried } from './transaction.ts'
import type { Level, Tree } from './tree.ts'
import { answered } from './tree.ts'
import { Trips } from './trips.ts'

export type { Bound, RunOptions } from './bound.ts'
export type { RunStats, TraceEvent } from './trace.ts'

/** A run inside a transaction: the part of another run whose calls of one database go to a session. */
interface Within {
  readonly outer: Run
  readonly db: string
  readonly early: boolean
  /** Something asked early failed, and may have taken the transaction with it. */
  lost: boolean
}

/** One run: asks drivers, keeps to the signal and the deadline, counts, and never throws. */
export class Run implements Outside {
  readonly stats: RunStats
  readonly inOrder: boolean
  readonly early: boolean
  readonly #trips: Trips
  readonly #bound: Bound
  readonly #options: RunOptions
  readonly #signal: AbortSignal
  readonly #deadline: AbortSignal | undefined
  readonly #within: Within | undefined
  readonly #meter: Meter

  constructor(bound: Bound, options: RunOptions, within?: Within) {
    this.#bound = bound
    this.#options = within === undefined ? listening(options) : options
    this.#within = within
    this.inOrder = within !== undefined
    this.early = within?.early ?? true
    this.#trips = within === undefined ? new Trips() : within.outer.#trips
    if (within !== undefined) {
      this.stats = within.outer.stats
      this.#deadline = within.outer.#deadline
      this.#signal = within.outer.#signal
      this.#meter = within.outer.#meter
      return
    }
    this.#deadline = options.deadlineMs === undefined ? undefined : deadline(options.deadlineMs)
    this.#meter = new Meter(options)
    const signals = [options.signal, this.#deadline].filter((s) => s !== undefined)
    const { stop } = options
    // Joining signals costs more than a small run; a signal of the user's is listened to by nobody but us.
    if (signals.length === 0) this.#signal = stop ?? new AbortController().signal
    else this.#signal = AbortSignal.any(stop === undefined ? signals : [...signals, stop])
    const trips = this.#trips
    this.stats = {
      queries: { written: bound.removed, run: 0 },
      get roundTrips() {
        return trips.latest
      },
      effects: 0,
      kernels: 0,
      kernelMs: 0,
      effectMs: 0,
    }
  }

  /** Why the run must stop now, if it must. */
  stopped(): RunError | undefined {
    const over = this.#meter.late
    if (!this.#signal.aborted && !over) return undefined
    const late = (over || this.#deadline?.aborted === true) && this.#options.signal?.aborted !== true
    return late ? tooLate(this.#options.deadlineMs) : cancelled
  }

  /** It has ended. */
  told(): void {
    this.#options.stats?.(this.stats)
  }
  step(op: string): void {
    this.#meter.step(op)
  }
  linked(name: string): StaticKernel | undefined {
    return this.#bound.statics?.get(name)
  }
  made(op: string, value: Value): void {
    this.#meter.made(op, value)
  }
  /** Why it was thrown out, if it was. */
  get halted(): RunError | undefined {
    return this.#meter.halted
  }

  perform(call: Call): Promise<Answer> {
    if (call.effect === 'dbQuery') this.stats.queries.written++
    return this.#perform(call)
  }

  async #perform(call: Call, early = false): Promise<Answer> {
    const isQuery = call.effect === 'dbQuery'
    const driver = this.#driver(call)
    const started = performance.now()
    const trip = goesOut(call) ? this.#trips.leave() : 0
    const heard: Heard = {}
    const context: Context = early ? { ...this.#context(heard), early } : this.#context(heard)
    const answer = await this.#guard(call, async () => checked(call, await driver.perform(call, context)))
    const ms = performance.now() - started
    if (goesOut(call)) this.#trips.back(trip, 1)
    if (isQuery) this.stats.queries.run++
    this.stats.effects++
    this.stats.effectMs += ms
    this.#bound.memory.wrote(call)
    this.#options.trace?.({
      event: 'effect',
      iteration: call.iteration,
      ...this.#asked(call, driver, heard, started, ms, answer),
    })
    return answer
  }

  answered(call: Call, answer: Answer): Answer {
    if (call.effect === 'dbQuery') this.stats.queries.written++
    if (!isLeft(answer) || !('iteration' in answer.left) || answer.left.occurrence < 0) return answer
    const { occurrence } = call.attrs
    return left(
      this.#placed({ ...answer.left, occurrence, iteration: call.iteration, node: nameOf(call), place: '' }, call),
    )
  }

  /**
   * Calls of one query under one authority go together, the others apart, all at the same time; so do all that read one
   * store. Which calls may share a statement or request is decided here, whatever asked for them.
   */
  async performAll(questions: readonly Question[]): Promise<Answers> {
    const answers = new Array<Answer>(questions.length)
    const along: Answers['along'][number][] = []
    const batches = together(questions).flatMap((all) => chunks(all, this.#most(questions[all[0]!]!.call)))
    await atMost(inFlight, batches.length, async (at) => {
      const members = batches[at]!
      const calls = members.map((i) => questions[i]!.call)
      const { plan, children } = questions[members[0]!]!
      const alike = calls.every((c) => c.attrs === calls[0]!.attrs)
      const tree = children.length > 0 && alike ? await this.#tree(calls as Tree['calls'], plan, children) : undefined
      const given = tree?.answers ?? (await this.#together(calls, plan))
      for (const [k, i] of members.entries()) answers[i] = given[k]!
      for (const b of tree?.below ?? []) for (const d of answered(b.level)) along.push(d)
      this.#failedEarly(calls[0]!, given)
    })
    return { answers, along }
  }
  async performLevel(calls: Tree['calls'], plan: BatchPlan, children: Tree['children']): Promise<Level> {
    const parts = chunks(calls, this.#most(calls[0]!))
    const tree = children.length > 0 && parts.length === 1 ? await this.#tree(calls, plan, children) : undefined
    if (tree !== undefined) return tree
    const answers = (await atMost(inFlight, parts.length, (i) => this.#together(parts[i]!, plan))).flat()
    this.#failedEarly(calls[0]!, answers)
    return { calls, answers, below: [] }
  }
  /** What fails before its turn may have ended the transaction in which it was asked. */
  #failedEarly(call: Call, answers: readonly (Answer | undefined)[]): void {
    const within = this.#within
    if (within?.db === driverOf(call) && answers.some((a) => a !== undefined && isLeft(a))) within.lost = true
  }

  /** Calls and what follows from them in one exchange; nothing where the driver cannot, or it failed as a whole. */
  async #tree(calls: Tree['calls'], plan: BatchPlan, children: Tree['children']): Promise<Level | undefined> {
    const first = calls[0]!
    const driver = this.#driver(first)
    if (driver.performTree === undefined) return undefined
    const started = performance.now()
    const trip = this.#trips.leave()
    let done: Awaited<ReturnType<NonNullable<Driver['performTree']>>> = {
      found: undefined,
      roundTrips: 0,
      statements: 0,
    }
    const heard: Heard = {}
    const outcome = await this.#guard(first, async () => {
      done = await driver.performTree!({ calls, plan, children }, this.#context(heard))
      return { _tag: 'Right', right: null }
    })
    const { found, roundTrips, statements } = done
    this.#trips.back(trip, roundTrips)
    this.stats.queries.run += statements
    this.stats.effects++
    const ms = performance.now() - started
    this.stats.effectMs += ms
    this.#options.trace?.({
      event: 'batch',
      size: found === undefined ? calls.length : answered(found).length,
      roundTrips,
      ...this.#asked(first, driver, heard, started, ms, outcome),
    })
    if (found === undefined || found.answers.length !== calls.length) return undefined
    return {
      ...found,
      answers: found.answers.map((a, i) => this.#arrived(calls[i]!, a)),
      below: found.below.map(belowChecked),
    }
  }
  #arrived(call: Call, answer: Answer | undefined): Answer {
    const a = checked(call, answer)
    return isLeft(a) ? left(this.#placed(a.left, call)) : a
  }

  async #together(calls: readonly Call[], plan: BatchPlan): Promise<readonly Answer[]> {
    const first = calls[0]!
    const driver = this.#driver(first)
    if (driver.performMany === undefined || calls.length === 1)
      return atMost(inFlight, calls.length, (i) => this.#perform(calls[i]!, true))
    const started = performance.now()
    const trip = this.#trips.leave()
    let roundTrips = 0
    let answers: readonly Answer[] = []
    const heard: Heard = {}
    const outcome = await this.#guard(first, async () => {
      const many = await driver.performMany!({ calls: calls as Batch['calls'], plan }, this.#context(heard))
      if (many.answers.length !== calls.length)
        throw new Error(`a batch of ${calls.length} was given ${many.answers.length} answers`)
      answers = many.answers.map((a, i) => checked(calls[i]!, a))
      roundTrips = many.roundTrips
      return { _tag: 'Right', right: null }
    })
    const ms = performance.now() - started
    this.#trips.back(trip, roundTrips)
    if (first.effect === 'dbQuery') this.stats.queries.run += roundTrips
    this.stats.effects++
    this.stats.effectMs += ms
    this.#options.trace?.({
      event: 'batch',
      size: calls.length,
      roundTrips,
      ...this.#asked(first, driver, heard, started, ms, isLeft(outcome) ? outcome : (answers.find(isLeft) ?? outcome)),
    })
    if (isLeft(outcome)) return calls.map((c) => left(this.#placed(outcome.left, c)))
    return answers.map((a, i) => (isLeft(a) ? left(this.#placed(a.left, calls[i]!)) : a))
  }

  transaction(t: Omit<Transaction, 'attempt'>, body: (inside: Run) => Promise<Answer> | Answer): Promise<Answer> {
    return tried(t, this.#signal, (now, early) => this.within(now, early, body))
  }
  /** One try of a transaction. */
  async within(
    t: Transaction,
    early: boolean,
    body: (inside: Run) => Promise<Answer> | Answer,
  ): Promise<{ readonly answer: Answer; readonly lost: boolean }> {
    const { db, occurrence } = t.attrs
    const driver = this.#bound.drivers[db]!
    const { run, savepoints } = driver.transactions!
    const within: Within = { outer: this, db, early, lost: false }
    const lost = (): boolean => within.lost && savepoints !== true
    const { memory, ended } = memoryInside(this.#bound.memory)
    const started = performance.now()
    let trip = this.#trips.leave()
    let value: Answer | undefined
    const end = await this.#guard({ effect: 'transaction', attrs: t.attrs, iteration: t.iteration }, () =>
      run(t, this.#context({}), async (session) => {
        this.#trips.back(trip, 1)
        const drivers = { ...this.#bound.drivers, [db]: sessionDriver(driver, session) }
        const inside = new Run({ ...this.#bound, drivers, memory }, this.#options, within)
        value = await safely('', () => body(inside))
        trip = this.#trips.leave()
        return lost() ? left(this.stopped() ?? abandoned(t)) : value
      }),
    )
    const answer = lost() ? end : outcomeOf(db, value, end)
    this.#trips.back(trip, 1)
    ended()
    this.#options.trace?.({
      event: 'transaction',
      name: db,
      occurrence,
      iteration: t.iteration,
      attempt: t.attempt,
      ms: performance.now() - started,
      outcome: isLeft(answer) ? answer.left._tag : 'ok',
    })
    return { answer, lost: lost() }
  }

  site(occurrence: number): { readonly node: string; readonly place: string } {
    return this.#bound.site(occurrence)
  }

  recall(
    key: string,
    ttlMs: number,
    occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ): Promise<Answer> {
    return this.#bound.memory.recall(
      key,
      ttlMs,
      occurrences.map((o) => this.#bound.footprint(o)),
      compute,
    )
  }

  kernel(index: number, args: readonly Value[]): Answer {
    return this.#timed(index, () => this.#bound.kernels.run(index, args))
  }
  enter(frame: number): Frame {
    return this.#bound.kernels.enter(frame)
  }
  leave(frame: Frame): void {
    this.#bound.kernels.leave(frame)
  }
  call(frame: Frame, index: number, kernel: number, args: readonly (Value | null)[]): Answer {
    return this.#timed(kernel, () => this.#bound.kernels.call(frame, index, args))
  }
  /** Looks at the clock only if somebody wants to know: it takes longer than a small kernel. */
  #timed(index: number, work: () => Answer): Answer {
    const stop = this.stopped()
    if (stop !== undefined) return left(stop)
    this.#meter.stay()
    this.stats.kernels++
    if (this.#options.trace === undefined && this.#options.stats === undefined) return work()
    const started = performance.now()
    const answer = work()
    const ms = performance.now() - started
    this.stats.kernelMs += ms
    this.#options.trace?.({ event: 'kernel', index, ms, outcome: isLeft(answer) ? answer.left._tag : 'ok' })
    return answer
  }

  #context(heard: Heard): Context {
    const context: Context = { signal: this.#signal, graph: this.#bound.graph ?? '' }
    if (this.#options.trace === undefined) return context
    const sent = (statement: string): void => {
      heard.statement = statement
    }
    const status = (code: number): void => {
      heard.status = code
    }
    return { ...context, sent, status }
  }
  #asked(call: Call, { system }: Driver, heard: Heard, started: number, ms: number, answer: Answer) {
    const { effect, attrs } = call
    const outcome = isLeft(answer) ? answer.left._tag : 'ok'
    const { occurrence } = attrs
    const which = { effect, name: nameOf(call), occurrence, ...this.#bound.site(occurrence) }
    return { ...which, outcome, ms, started, attrs, ...heard, ...(system !== undefined && { system }) }
  }
  #most(call: Call): number {
    return atOnce(call, this.#driver(call).maxBatch ?? 10_000)
  }
  #driver(call: Call): Driver {
    return this.#bound.drivers[driverOf(call)]!
  }

  async #guard(call: Asked, ask: () => Promise<Answer>): Promise<Answer> {
    const stop = this.stopped()
    if (stop !== undefined) return left(stop)
    try {
      const answer = await ask()
      if (!isLeft(answer)) return answer
      // A driver that was stopped reports it in its own words; the run knows better why.
      const why = this.stopped()
      if (why !== undefined && (answer.left._tag === 'Cancelled' || answer.left._tag === 'Timeout'))
        return left({ ...why, ...('outcome' in answer.left ? { outcome: answer.left.outcome } : {}) })
      return left(this.#placed(answer.left, call))
    } catch (e) {
      return left(thrown(call, e))
    }
  }

  /** Puts the user's name and line on an error of a call. */
  #placed(e: RunError, call: Asked): RunError {
    // An error out of the body of a transaction has its place.
    if (!('occurrence' in e) || (call.effect === 'transaction' && e.occurrence !== call.attrs.occurrence)) return e
    const site = this.#bound.site(call.attrs.occurrence)
    return { ...e, place: site.place === '' ? e.place : site.place, node: site.node === '' ? e.node : site.node }
  }
}
