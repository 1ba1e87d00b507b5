import type { Answer } from '../graph/effects.ts'
import { isLeft, left, right } from '../graph/either.ts'
import { caught } from '../graph/errors.ts'
import type { Value } from '../graph/values.ts'
import { inFlight } from './parallel.ts'
import type { Ready } from './scout.ts'

/** One step of a block: what it waits for, and what it does once the values of all earlier steps it uses are there. */
export interface Task {
  readonly after: readonly number[]
  /** Asks the outside, so others may run meanwhile. */
  readonly waits?: true
  /** Computes for long: what asks the outside goes first. */
  readonly heavy?: true
  readonly run: (
    p: readonly Value[],
    at: readonly number[],
    v: readonly Value[],
    ready: Ready | undefined,
  ) => Promise<Answer> | Answer
}

/**
 * A block whose steps start as soon as what they wait for has succeeded. Its answer is that of program order: of the
 * steps that fail, the first one's error. After an error no later step starts, earlier ones go on to their end, and the
 * block answers when nothing of it is in flight any more; at once, where nothing waits.
 */
export const scheduled = (
  tasks: readonly Task[],
  result: (p: readonly Value[], v: readonly Value[]) => Value,
): ((p: readonly Value[], at: readonly number[], ready?: Ready) => Promise<Answer> | Answer) => {
  const users: number[][] = tasks.map(() => [])
  for (const [k, t] of tasks.entries()) for (const i of t.after) users[i]!.push(k)

  /** The steps that are left when the first of them waits, or may let another go first. */
  const rest = (
    values: Value[],
    from: number,
    first: Promise<Answer> | undefined,
    p: readonly Value[],
    at: readonly number[],
    ready: Ready | undefined,
  ): Promise<Answer> =>
    new Promise((resolve) => {
      const missing = tasks.map((t) => t.after.filter((i) => i >= from).length)
      const soon = new Queue()
      const later = new Queue()
      let running = 0
      let failed = tasks.length
      let answer: Answer = right(null)

      const enable = (k: number): void => (tasks[k]!.heavy === true ? later : soon).add(k)
      const settle = (k: number, a: Answer): void => {
        if (isLeft(a)) {
          if (k < failed) [failed, answer] = [k, a]
          return
        }
        values[k] = a.right
        for (const u of users[k]!) if (--missing[u]! === 0) enable(u)
      }
      const next = (): number | undefined => {
        const k = soon.first()
        const full = running >= inFlight && k !== undefined && tasks[k]!.waits === true
        return full ? later.take() : (soon.take() ?? later.take())
      }
      const wait = (k: number, started: Promise<Answer>): void => {
        running++
        const done = (a: Answer): void => {
          running--
          settle(k, a)
          advance()
        }
        started.then(done, (e: unknown) => done(left(caught('', e))))
      }
      const advance = (): void => {
        for (let k = next(); k !== undefined; k = next()) {
          if (k > failed) continue
          const started = attempt(tasks[k]!, p, at, values, ready)
          if (started instanceof Promise) wait(k, started)
          else settle(k, started)
        }
        if (running === 0) resolve(failed < tasks.length ? answer : right(result(p, values)))
      }
      if (first !== undefined) wait(from, first)
      for (let k = first === undefined ? from : from + 1; k < tasks.length; k++) if (missing[k] === 0) enable(k)
      advance()
    })

  return (p, at, ready) => {
    const values = new Array<Value>(tasks.length).fill(null)
    // As long as nothing waits, the first step that may start is the next one.
    for (let k = 0; k < tasks.length; k++) {
      if (tasks[k]!.heavy === true) return rest(values, k, undefined, p, at, ready)
      const a = attempt(tasks[k]!, p, at, values, ready)
      if (a instanceof Promise) return rest(values, k, a, p, at, ready)
      if (isLeft(a)) return a
      values[k] = a.right
    }
    return right(result(p, values))
  }
}

/** The same block with one step after the other. */
export const inProgramOrder: typeof scheduled = (tasks, result) => async (p, at, ready) => {
  const values: Value[] = []
  for (const t of tasks) {
    const answer = await t.run(p, at, values, ready)
    if (isLeft(answer)) return answer
    values.push(answer.right)
  }
  return right(result(p, values))
}

const attempt = (
  task: Task,
  p: readonly Value[],
  at: readonly number[],
  values: readonly Value[],
  ready: Ready | undefined,
): Promise<Answer> | Answer => {
  try {
    return task.run(p, at, values, ready)
  } catch (e) {
    return left(caught('', e))
  }
}

/** Numbers, smallest first: a binary heap. */
class Queue {
  readonly #heap: number[] = []
  first(): number | undefined {
    return this.#heap[0]
  }
  add(x: number): void {
    const h = this.#heap
    let i = h.push(x) - 1
    for (let up = (i - 1) >> 1; i > 0 && h[up]! > x; i = up, up = (i - 1) >> 1) h[i] = h[up]!
    h[i] = x
  }
  take(): number | undefined {
    const h = this.#heap
    const top = h[0]
    const x = h.pop()
    if (x === undefined || h.length === 0) return top
    let i = 0
    for (;;) {
      let c = 2 * i + 1
      if (c + 1 < h.length && h[c + 1]! < h[c]!) c++
      if (c >= h.length || h[c]! >= x) break
      h[i] = h[c]!
      i = c
    }
    h[i] = x
    return top
  }
}
