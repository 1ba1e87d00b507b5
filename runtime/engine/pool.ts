import { Worker } from 'node:worker_threads'
import type { Answer } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { left } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Sidecar } from '../artifact.ts'
import type { KernelLimits } from '../kernels.ts'
import type { Replayed } from '../replay/playback.ts'
import { cancelled, tooLate } from '../stopped.ts'
import type { Code } from './workshop.ts'

/** What a thread needs once for each piece of work: code, a graph to interpret, or nothing for single operations. */
export type Prepare = OfCode | OfGraph | { readonly meaning: true }
export interface OfCode {
  readonly code: Code
  readonly names: Sidecar
  readonly limits: KernelLimits
}
export interface OfGraph {
  /** The module that makes an interpreter of the document. */
  readonly script: string
  readonly graph: unknown
}
export interface Task {
  readonly key: string
  readonly what: 'run' | 'replay'
  readonly prepare: Prepare | undefined
  /** What this thread need not keep any longer. */
  readonly forget: readonly string[]
  /** Of the graph; or a recording, or an operation with its operands. */
  readonly input: unknown
  readonly options: { readonly deadlineMs?: number; readonly maxSteps?: number; readonly maxBytes?: number }
}
/** What came of it, and how long the run itself took. */
export interface Done {
  readonly answer: Answer | Either<RunError | CompileError, Replayed>
  readonly ms: number
}
export interface PoolOptions {
  /** Most threads; none means that everything runs where the engine is. */
  readonly threads: number
  /** Runs that are expected to take longer than this go to a thread. */
  readonly overMs: number
  readonly idleMs: number
}
interface Waiting {
  /** Ends what it is watched by: its clock, and its caller's signal. */
  unwatched: () => void
  readonly key: string
  readonly what: Task['what']
  readonly prepare: () => Prepare
  readonly input: unknown
  readonly options: Task['options']
  readonly until: number
  readonly signal: AbortSignal
  readonly done: (d: Done) => void
}
/** Most pieces of code that a thread keeps. */
const mostKept = 32
/** How long a run that is late may take to notice by itself, so that its thread can stay. */
const graceMs = 20

class Lane {
  readonly worker: Worker
  readonly known = new Map<string, true>()
  current: Waiting | undefined
  idle: NodeJS.Timeout | undefined
  constructor(script: URL) {
    this.worker = new Worker(script)
    this.worker.unref()
  }
}

/**
 * Threads for long runs that ask nothing of the outside, so that the event loop goes on and a kernel can be stopped: by
 * ending its thread. One run a thread at a time.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #script = new URL(import.meta.url.endsWith('.ts') ? './run-thread.ts' : './run-thread.js', import.meta.url)
  readonly #lanes = new Set<Lane>()
  #queue: Waiting[] = []
  #runs = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }
  get threads(): number {
    return this.#lanes.size
  }
  /** Runs that ended in a thread. */
  get runs(): number {
    return this.#runs
  }
  wants(expectedMs: number): boolean {
    return this.#options.threads > 0 && expectedMs > this.#options.overMs
  }

  run(
    key: string,
    prepare: () => Prepare,
    input: unknown,
    { signal, ...options }: Task['options'] & { readonly signal: AbortSignal },
    what: Task['what'] = 'run',
  ): Promise<Done> {
    if (this.#closed || signal.aborted) return Promise.resolve({ answer: left(cancelled), ms: 0 })
    const until = performance.now() + (options.deadlineMs ?? Number.POSITIVE_INFINITY)
    return new Promise((done) => {
      const w: Waiting = { key, what, prepare, input, options, until, signal, done, unwatched: () => {} }
      this.#watch(w)
      this.#queue.push(w)
      this.#next()
    })
  }
  /** A run is stopped wherever it is: one that waits leaves the queue, one that computes ends with its thread. */
  #watch(w: Waiting): void {
    const end = (answer: Answer): void => {
      const lane = [...this.#lanes].find((l) => l.current === w)
      if (lane !== undefined) return this.#end(lane, answer)
      this.#queue = this.#queue.filter((q) => q !== w)
      this.#answer(w, answer)
    }
    const stop = (): void => end(left(cancelled))
    const ms = w.options.deadlineMs ?? Number.POSITIVE_INFINITY
    const late = (): void => end(left(tooLate(ms)))
    const clock = Number.isFinite(ms) ? setTimeout(late, Math.min(2 ** 31 - 1, Math.max(0, ms) + graceMs)) : undefined
    w.signal.addEventListener('abort', stop, { once: true })
    w.unwatched = () => {
      clearTimeout(clock)
      w.signal.removeEventListener('abort', stop)
    }
  }
  #answer(w: Waiting, answer: Done['answer'], ms = 0): void {
    w.unwatched()
    w.done({ answer, ms })
  }
  /** Ends every run; those that come later are answered that they are cancelled. */
  async close(): Promise<void> {
    this.#closed = true
    const lanes = [...this.#lanes]
    this.#lanes.clear()
    for (const lane of lanes) {
      clearTimeout(lane.idle)
      if (lane.current !== undefined) this.#answer(lane.current, left(cancelled))
    }
    for (const w of this.#queue.splice(0)) this.#answer(w, left(cancelled))
    for (const lane of lanes) await lane.worker.terminate()
  }

  #next(): void {
    let first = this.#queue[0]
    // One caller may have cancelled many: none of them is worth a thread.
    for (; first?.signal.aborted === true; first = this.#queue[0]) this.#answer(this.#queue.shift()!, left(cancelled))
    if (first === undefined) return
    // The thread that knows the code already, else any that is free, else a new one.
    const free = [...this.#lanes].filter((l) => l.current === undefined)
    const lane = free.find((l) => l.known.has(first.key)) ?? free[0] ?? this.#open()
    if (lane === undefined) return
    this.#queue.shift()
    this.#start(lane, first)
    this.#next()
  }
  #open(): Lane | undefined {
    if (this.#lanes.size >= this.#options.threads) return undefined
    let lane: Lane
    try {
      lane = new Lane(this.#script)
    } catch (e) {
      // A system that gives no thread now may give one later: those that wait for one are told, and nobody hangs.
      if (this.#lanes.size === 0) for (const w of this.#queue.splice(0)) this.#answer(w, left(noThread(e)))
      return undefined
    }
    this.#lanes.add(lane)
    lane.worker.on('message', (d: Done) => this.#settle(lane, d.answer, d.ms))
    lane.worker.on('error', (e) => this.#end(lane, left(brokenBy(e))))
    lane.worker.on('exit', () => this.#end(lane, left(bug('', new Error('a thread for runs ended by itself')))))
    return lane
  }
  #start(lane: Lane, w: Waiting): void {
    clearTimeout(lane.idle)
    lane.current = w
    lane.worker.ref()
    const known = lane.known.delete(w.key)
    lane.known.set(w.key, true)
    const forget = [...lane.known.keys()].slice(0, Math.max(0, lane.known.size - mostKept))
    const rest = Math.max(0, w.until - performance.now())
    const options = Number.isFinite(rest) ? { ...w.options, deadlineMs: rest } : w.options
    try {
      const task: Task = {
        key: w.key,
        what: w.what,
        prepare: known ? undefined : w.prepare(),
        forget,
        input: w.what === 'replay' ? w.input : owned(w.input),
        options,
      }
      lane.worker.postMessage(task)
      for (const k of forget) lane.known.delete(k)
    } catch (e) {
      lane.known.delete(w.key)
      this.#settle(lane, left(bug('', e)))
    }
  }
  #settle(lane: Lane, answer: Done['answer'], ms = 0): void {
    const w = lane.current
    lane.current = undefined
    lane.worker.unref()
    if (this.#lanes.has(lane))
      lane.idle = setTimeout(() => {
        this.#lanes.delete(lane)
        void lane.worker.terminate()
      }, this.#options.idleMs).unref()
    if (w !== undefined) {
      this.#runs++
      this.#answer(w, answer, ms)
    }
    this.#next()
  }
  /** Ends a thread together with the run in it. */
  #end(lane: Lane, a: Answer): void {
    if (!this.#lanes.delete(lane)) return
    clearTimeout(lane.idle)
    void lane.worker.terminate()
    this.#settle(lane, a)
  }
}

const brokenBy = (e: unknown): RunError =>
  (e as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? noMemory('the run needed more memory than its thread has', 'ask for less in one run')
    : bug('', e)
const noThread = (e: unknown): RunError =>
  noMemory(
    `no thread could be started: ${e instanceof Error ? e.message : String(e)}`,
    'look at the limits of the system',
  )
const noMemory = (cause: string, remedy: string): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what: 'memory',
  node: '',
  place: '',
  cause,
  remedy,
})

/** An array that is part of a larger one would take all of that along. */
const owned = (v: unknown): unknown => {
  if (ArrayBuffer.isView(v)) {
    const a = v as Uint8Array
    return a.byteLength < a.buffer.byteLength ? a.slice() : a
  }
  if (Array.isArray(v)) return v.map(owned)
  if (typeof v !== 'object' || v === null) return v
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, owned(x)]))
}
