import type { Answer } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Aside } from '../../graph/eval.ts'
import { meanings } from '../../graph/meaning/table.ts'
import { prims } from '../../graph/prims.ts'
import type { Value } from '../../graph/values.ts'
import { isTensorValue } from '../../graph/values.ts'
import { elsewhere } from '../stopped.ts'
import type { InSlices } from './workshop.ts'

/**
 * How long something computes on the event loop before others have their turn. Nothing measures less than a whole
 * operation, so this is half of what may not be exceeded.
 */
export const sliceMs = 5

/** Milliseconds that the interpreter is expected to take for one operation on these values; right by the order only. */
export const interpretedMs = (op: string, args: readonly Value[]): number => {
  let cells = 1
  let all = 1
  for (const a of args) {
    const n = cellsIn(a)
    if (n > cells) cells = n
    all *= Math.max(1, n)
  }
  if (op === 'contract') return Math.sqrt(all * cells) * 0.00003
  if (cubic.has(op)) return cells ** 1.5 * 0.00003
  return cells * (op in elementary ? 0.01 : op in prims ? 0.0002 : free.has(op) ? 0 : 0.0015)
}
const cubic: ReadonlySet<string> = new Set(['cholesky', 'solve', 'eigenSymmetric'])
const free: ReadonlySet<string> = new Set(['record', 'field', 'column', 'rows', 'reshape', 'sequence'])
const cellsIn = (v: Value): number =>
  isTensorValue(v) ? v.data.length : Array.isArray(v) ? v.length : typeof v === 'string' ? v.length : 1

/**
 * The event loop's time in one turn of it, shared by all runs of an engine: what many short ones take together is as long
 * as one long one.
 */
export class Turn {
  /** When this turn's first run came. */
  #began: number | undefined
  /** What runs that only compute are expected to take in it; they are let in before they compute. */
  #taken = 0
  #next: Promise<void> | undefined

  /** Whether others have waited long enough. */
  get over(): boolean {
    this.#began ??= this.#open()
    return performance.now() - this.#began > sliceMs
  }
  /** Lets a run in at once, or as soon as there is time for it. */
  take(ms: number): Promise<void> | undefined {
    if (this.#full(ms)) return this.#wait(ms)
    this.#taken += Math.max(ms, leastMs)
    return undefined
  }
  async #wait(ms: number): Promise<void> {
    while (this.#full(ms)) await this.next()
    this.#taken += Math.max(ms, leastMs)
  }
  #full(ms: number): boolean {
    this.#began ??= this.#open()
    return this.#taken > 0 && this.#taken + ms > sliceMs
  }
  #open(): number {
    void this.next()
    return performance.now()
  }
  next(): Promise<void> {
    this.#next ??= new Promise((go) =>
      setImmediate(() => {
        this.#next = undefined
        this.#began = undefined
        this.#taken = 0
        go()
      }),
    )
    return this.#next
  }
}
/** A run costs something, however small. */
const leastMs = 0.002

/**
 * An interpretation that asks the outside: it computes on the event loop, because its drivers are here, and gives way when
 * the turn is over. One operation that is long by itself is computed in a thread.
 */
export const slices = (turn: Turn, away: ((a: Aside) => Promise<Answer>) | undefined): InSlices => ({
  apart: (op, args) => interpretedMs(op, args) > sliceMs || turn.over,
  compute: async (a) => {
    if (away !== undefined && interpretedMs(a.op, a.args) > sliceMs) return away(a)
    while (turn.over) await turn.next()
    return right(meanings[a.op]!(a.attrs as never, a.args, a.types, a.result))
  },
})
/** One that only computes: it ends before an operation that is long by itself, to begin again in a thread. */
export const alone: InSlices = {
  apart: (op, args) => interpretedMs(op, args) > sliceMs,
  compute: () => Promise.resolve(left(elsewhere)),
}
