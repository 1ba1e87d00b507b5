import type { Answer, Call } from '../../graph/effects.ts'
import type { Transaction } from '../../graph/transaction.ts'
import { mayRetry } from '../../graph/transaction.ts'
import type { Value } from '../../graph/values.ts'
import type { BatchPlan } from '../driver.ts'
import type { Frame } from '../kernels.ts'
import type { Run } from '../run.ts'
import type { Answers, Question } from '../scout.ts'
import type { StaticKernel } from '../statics/kernel.ts'
import type { Outside } from '../support.ts'
import type { Level, Tree } from '../tree.ts'
import type { Recorder } from './recorder.ts'

/** A transaction, whichever try of it. */
export type Tried = Omit<Transaction, 'attempt'>

/** What a program speaks to while its run is recorded: the run itself, or the part of it inside a transaction. */
export class Side implements Outside {
  readonly #recorder: Recorder
  readonly #run: Run
  readonly #within: string | undefined
  readonly inOrder: boolean
  readonly early: boolean
  constructor(recorder: Recorder, run: Run, within: string | undefined) {
    this.#recorder = recorder
    this.#run = run
    this.#within = within
    this.inOrder = run.inOrder
    this.early = run.early
  }

  step(op: string): void {
    this.#run.step(op)
  }
  linked(name: string): StaticKernel | undefined {
    return this.#run.linked(name)
  }
  made(op: string, value: Value): void {
    this.#run.made(op, value)
  }
  perform(call: Call): Promise<Answer> {
    return this.#recorder.perform(call, this.#within, () => this.#run.perform(call))
  }
  performAll(questions: readonly Question[]): Promise<Answers> {
    return this.#recorder.together(questions, this.#within, () => this.#run.performAll(questions))
  }
  performLevel(calls: Tree['calls'], plan: BatchPlan, children: Tree['children']): Promise<Level> {
    return this.#recorder.level(this.#within, () => this.#run.performLevel(calls, plan, children))
  }
  answered(call: Call, answer: Answer): Answer {
    return this.#recorder.answered(call, this.#within, answer, this.#run.answered(call, answer))
  }
  recall(
    key: string,
    ttlMs: number,
    occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ): Promise<Answer> {
    return this.#within === undefined
      ? this.#recorder.recall(key, ttlMs, occurrences, compute)
      : this.#run.recall(key, ttlMs, occurrences, compute)
  }
  async transaction(t: Tried, body: (inside: Side) => Promise<Answer> | Answer): Promise<Answer> {
    const entered = this.#entering(t, body)
    const end = await this.#run.transaction(t, entered.body)
    this.#recorder.ends(t, entered.last(), end)
    return end
  }
  async within(
    t: Transaction,
    early: boolean,
    body: (inside: Side) => Promise<Answer> | Answer,
  ): ReturnType<Run['within']> {
    const entered = this.#entering(t, body)
    const end = await this.#run.within(t, early, entered.body)
    if (!mayRetry(t, end.answer)) this.#recorder.ends(t, entered.last(), end.answer)
    return end
  }
  #entering(t: Tried, body: (inside: Side) => Promise<Answer> | Answer) {
    const within = `${t.attrs.occurrence} ${t.iteration.join('.')}`
    let last: Answer | undefined
    return {
      body: async (run: Run): Promise<Answer> => {
        this.#recorder.begins(within)
        last = await body(new Side(this.#recorder, run, within))
        return last
      },
      last: () => last,
    }
  }
  site(occurrence: number): { readonly node: string; readonly place: string } {
    return this.#run.site(occurrence)
  }
  kernel(index: number, args: readonly Value[]): Answer {
    return this.#run.kernel(index, args)
  }
  enter(frame: number): Frame {
    return this.#run.enter(frame)
  }
  leave(frame: Frame): void {
    this.#run.leave(frame)
  }
  call(frame: Frame, index: number, kernel: number, args: readonly (Value | null)[]): Answer {
    return this.#run.call(frame, index, kernel, args)
  }
}
