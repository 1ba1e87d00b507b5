import type { Answer, Call } from '../graph/effects.ts'
import { effects } from '../graph/effects.ts'
import { isLeft, left } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import { bug } from '../graph/errors.ts'
import type { Value } from '../graph/values.ts'
import { answerProblem } from './answer.ts'
import type { Memory } from './cache.ts'
import type { BatchPlan, Driver } from './driver.ts'
import type { Outside } from './support.ts'

/** What a run tells about itself while it goes; ids are occurrences, times milliseconds. */
export type TraceEvent =
  | {
      readonly event: 'effect'
      readonly effect: Call['effect']
      readonly name: string
      readonly occurrence: number
      readonly iteration: readonly number[]
      readonly ms: number
      readonly outcome: string
    }
  | {
      readonly event: 'batch'
      readonly name: string
      readonly occurrence: number
      readonly size: number
      readonly roundTrips: number
      readonly ms: number
    }
  | { readonly event: 'kernel'; readonly index: number; readonly ms: number; readonly outcome: string }

/** Counts of one run. `written` counts queries as the graph words them, one for each element of a map; `run`, statements sent. */
export interface RunStats {
  queries: { written: number; run: number }
  effects: number
  kernels: number
  kernelMs: number
  effectMs: number
}

export interface RunOptions {
  /** Stops the run; what is in flight is cancelled. */
  readonly signal?: AbortSignal
  /** Wall-clock limit for the whole run, in milliseconds. */
  readonly deadlineMs?: number
  readonly trace?: (event: TraceEvent) => void
  readonly stats?: (stats: RunStats) => void
}

/** Everything a run shares with other runs of the same loaded artefact. */
export interface Bound {
  readonly drivers: Readonly<Record<string, Driver>>
  readonly kernel: (index: number, args: readonly Value[]) => Answer
  readonly site: (occurrence: number) => { readonly node: string; readonly place: string }
  readonly memory: Memory
  /** Footprint of each occurrence, for the cache. */
  readonly footprint: (occurrence: number) => ReturnType<(typeof effects)['dbQuery']['footprint']>
  /** Queries of the graph as written that the optimiser removed. */
  readonly removed: number
}

/** One run: asks drivers, keeps to the signal and the deadline, counts, and never throws. */
export class Run implements Outside {
  readonly stats: RunStats
  readonly #bound: Bound
  readonly #options: RunOptions
  readonly #signal: AbortSignal
  readonly #deadline: AbortSignal | undefined

  constructor(bound: Bound, options: RunOptions) {
    this.#bound = bound
    this.#options = options
    this.#deadline = options.deadlineMs === undefined ? undefined : AbortSignal.timeout(Math.max(0, options.deadlineMs))
    const signals = [options.signal, this.#deadline].filter((s) => s !== undefined)
    this.#signal = signals.length === 0 ? new AbortController().signal : AbortSignal.any(signals)
    this.stats = { queries: { written: bound.removed, run: 0 }, effects: 0, kernels: 0, kernelMs: 0, effectMs: 0 }
  }

  /** Why the run must stop now, if it must. */
  stopped(): RunError | undefined {
    if (!this.#signal.aborted) return undefined
    if (this.#deadline?.aborted === true && this.#options.signal?.aborted !== true) {
      return {
        _tag: 'ResourceExceeded',
        stage: 'run',
        what: 'time',
        node: '',
        place: '',
        cause: `the run took longer than its deadline of ${this.#options.deadlineMs} ms`,
        remedy: 'allow more time, or ask for less in one run',
      }
    }
    return {
      _tag: 'Cancelled',
      node: '',
      place: '',
      occurrence: -1,
      iteration: [],
      cause: 'the caller cancelled the run',
      remedy: 'run again when the answer is wanted',
    }
  }

  async perform(call: Call): Promise<Answer> {
    const isQuery = call.effect === 'dbQuery'
    if (isQuery) this.stats.queries.written++
    const driver = this.#driver(call)
    const started = performance.now()
    const answer = await this.#guard(call, async () =>
      checked(call, await driver.perform(call, { signal: this.#signal })),
    )
    const ms = performance.now() - started
    if (isQuery) this.stats.queries.run++
    this.stats.effects++
    this.stats.effectMs += ms
    this.#bound.memory.wrote(call)
    this.#options.trace?.({
      event: 'effect',
      effect: call.effect,
      name: nameOf(call),
      occurrence: call.attrs.occurrence,
      iteration: call.iteration,
      ms,
      outcome: isLeft(answer) ? answer.left._tag : 'ok',
    })
    return answer
  }

  async performMany(calls: readonly Call[], plan: BatchPlan): Promise<readonly Answer[]> {
    const first = calls[0]!
    const driver = this.#driver(first)
    if (driver.performMany === undefined) {
      const answers: Answer[] = []
      for (const c of calls) answers.push(await this.perform(c))
      return answers
    }
    const started = performance.now()
    let roundTrips = 0
    let answers: readonly Answer[] = []
    const outcome = await this.#guard(first, async () => {
      const many = await driver.performMany!({ calls, plan }, { signal: this.#signal })
      if (many.answers.length !== calls.length)
        return left(
          bug(nameOf(first), new Error(`a batch of ${calls.length} was given ${many.answers.length} answers`)),
        )
      answers = many.answers.map((a, i) => checked(calls[i]!, a))
      roundTrips = many.roundTrips
      return { _tag: 'Right', right: null }
    })
    const ms = performance.now() - started
    if (first.effect === 'dbQuery') {
      this.stats.queries.written += calls.length
      this.stats.queries.run += roundTrips
    }
    this.stats.effects++
    this.stats.effectMs += ms
    this.#options.trace?.({
      event: 'batch',
      name: nameOf(first),
      occurrence: first.attrs.occurrence,
      size: calls.length,
      roundTrips,
      ms,
    })
    if (isLeft(outcome)) return calls.map((c) => left(this.#placed(outcome.left, c)))
    return answers.map((a, i) => (isLeft(a) ? left(this.#placed(a.left, calls[i]!)) : a))
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
    const stop = this.stopped()
    if (stop !== undefined) return left(stop)
    const started = performance.now()
    const answer = this.#bound.kernel(index, args)
    const ms = performance.now() - started
    this.stats.kernels++
    this.stats.kernelMs += ms
    this.#options.trace?.({ event: 'kernel', index, ms, outcome: isLeft(answer) ? answer.left._tag : 'ok' })
    return answer
  }

  #driver(call: Call): Driver {
    return this.#bound.drivers[effects[call.effect].driver(call.attrs as never)]!
  }

  async #guard(call: Call, ask: () => Promise<Answer>): Promise<Answer> {
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
      return left(bug(nameOf(call), e))
    }
  }

  /** Puts the user's name and line on an error of a call. */
  #placed(e: RunError, call: Call): RunError {
    const site = this.#bound.site(call.attrs.occurrence)
    if (!('occurrence' in e)) return e
    return { ...e, place: site.place === '' ? e.place : site.place, node: site.node === '' ? e.node : site.node }
  }
}

const nameOf = (call: Call): string => ('name' in call.attrs ? call.attrs.name : call.effect)

/** Lets an answer in only if it is what the call declares; a driver's word is not taken for it. */
const checked = (call: Call, answer: Answer | undefined): Answer => {
  if (answer !== undefined && isLeft(answer)) return answer
  const problem = answerProblem(call, answer?.right)
  return problem === undefined ? answer! : left(problem)
}
