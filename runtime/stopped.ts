import type { RunError } from '../graph/errors.ts'
import type { Value } from '../graph/values.ts'

/** Why a run ends before it is done. */
export const tooLate = (deadlineMs: number | undefined): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what: 'time',
  node: '',
  place: '',
  cause: `the run took longer than its deadline of ${deadlineMs} ms`,
  remedy: 'allow more time, or ask for less in one run',
})
export const cancelled: RunError = {
  _tag: 'Cancelled',
  node: '',
  place: '',
  occurrence: -1,
  iteration: [],
  cause: 'the caller cancelled the run',
  remedy: 'run again when the answer is wanted',
}

/** Ends a run that computes longer than the event loop can wait, and is to begin again elsewhere; no caller sees it. */
export const elsewhere: RunError = { ...tooLate(0), cause: 'the run computes longer than the event loop can wait' }

/** A signal for a deadline; timers take whole milliseconds, and not more than about 24 days of them. */
export const deadline = (ms: number): AbortSignal =>
  AbortSignal.timeout(ms > 0 ? Math.min(2 ** 31 - 1, Math.ceil(ms)) : 0)

/** What a run is thrown out by that has used up what it was given; `why` is its answer. */
export class Halted extends Error {
  readonly why: RunError
  constructor(why: RunError) {
    super(why.cause)
    this.why = why
  }
}

/** Looking at the clock costs as much as a small step. */
const clockEvery = 64

interface Measure {
  readonly deadlineMs?: number
  readonly maxSteps?: number
  readonly maxBytes?: number
  readonly hereMs?: number
}
/** Counts the steps of a run and looks at its clock: a timer does not go off while something computes. */
export class Meter {
  readonly #until: number
  readonly #deadlineMs: number | undefined
  readonly #most: number
  readonly #idle: boolean
  readonly #bytes: number
  readonly #here: number
  #steps = 0
  #why: RunError | undefined

  constructor({ deadlineMs, maxSteps, maxBytes, hereMs }: Measure) {
    this.#deadlineMs = deadlineMs
    const ms = deadlineMs ?? Number.POSITIVE_INFINITY
    this.#until = performance.now() + (ms > 0 ? ms : 0)
    this.#most = maxSteps ?? Number.POSITIVE_INFINITY
    this.#bytes = maxBytes ?? Number.POSITIVE_INFINITY
    this.#here = hereMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + hereMs
    this.#idle = deadlineMs === undefined && maxSteps === undefined && hereMs === undefined
  }
  get late(): boolean {
    return this.#deadlineMs !== undefined && performance.now() >= this.#until
  }
  /** Why the run was thrown out, whatever has become of what was thrown. */
  get halted(): RunError | undefined {
    return this.#why
  }
  /** One step more; throws `Halted` where it is one too many. */
  step(node: string): void {
    if (this.#idle) return
    this.#steps++
    if (this.#steps > this.#most)
      this.halt(tooMuch('steps', node, `computed more than ${this.#most} values`, 'maxSteps'))
    if (this.#steps % clockEvery !== 0) return
    if (this.late) this.halt({ ...tooLate(this.#deadlineMs), node } as RunError)
    this.stay()
  }
  /** Throws `Halted` where the run has computed long enough in the thread in which it began. */
  stay(): void {
    if (this.#here !== Number.POSITIVE_INFINITY && performance.now() >= this.#here) this.halt(elsewhere)
  }
  /** A value that was made; throws where it is too large. */
  made(node: string, value: Value): void {
    if (this.#bytes === Number.POSITIVE_INFINITY) return
    const bytes = bytesIn(value)
    if (bytes > this.#bytes)
      this.halt(tooMuch('memory', node, `a value of ${bytes} bytes, and ${this.#bytes} are allowed`, 'maxBytes'))
  }
  halt(why: RunError): never {
    this.#why = why
    throw new Halted(why)
  }
}
export const tooMuch = (what: 'steps' | 'memory', node: string, did: string, limit: string): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what,
  node,
  place: '',
  cause: `the run has ${did}`,
  remedy: `ask for less in one run, or raise ${limit}`,
})

/** Bytes of the arrays and texts of a value; what is neither is small, or made of such. */
const bytesIn = (value: Value): number => {
  let bytes = 0
  const open: unknown[] = [value]
  for (let v = open.pop(); v !== undefined; v = open.pop()) {
    if (typeof v === 'string') bytes += v.length * 2
    else if (ArrayBuffer.isView(v)) bytes += v.byteLength
    else if (Array.isArray(v)) {
      bytes += v.length * 8
      // A list of values was looked at when its elements were made, and looking again at each step would be quadratic.
      // Texts are counted: that is one look at each, and an operation on arrays makes many at once.
      if (v.length <= 16) open.push(...v)
      else if (typeof v[0] === 'string') for (const s of v as readonly string[]) bytes += s.length * 2
    } else if (typeof v === 'object' && v !== null) for (const x of Object.values(v)) if (x !== undefined) open.push(x)
  }
  return bytes
}
