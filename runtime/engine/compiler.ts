import { Worker } from 'node:worker_threads'
import type { Either } from '../../graph/either.ts'
import { left } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Smallest } from './cross-check.ts'
import type { Code, Job, Stage } from './workshop.ts'

export interface CompilerLimits {
  /** Most milliseconds for one graph. */
  readonly timeMs: number
  /** Most megabytes of JavaScript memory. */
  readonly memoryMb: number
  /** After so long without work the thread is given back. */
  readonly idleMs: number
}
/** What the thread sends: where it is, and last of all what came of it. */
export type FromThread = { readonly stage: Stage } | { readonly end: Either<CompileError, Made> }
/** Code; or, where a difference was to be made smaller, what came of it. */
export type Made = Code | Smallest | null
export type Ask = Job | { readonly minimise: object }

interface Waiting {
  readonly job: Ask
  readonly stage: (s: Stage) => void
  readonly done: (r: Either<CompileError, Made>) => void
}

/**
 * Compiles in a thread, one graph at a time. The thread starts with the first graph. One that hangs, crashes or needs too
 * much memory is ended, its graph is answered with an error, and the next graph gets a new thread.
 */
export class Compiler {
  readonly #script: URL
  readonly #limits: CompilerLimits
  #thread: Worker | undefined
  #queue: Waiting[] = []
  #current: Waiting | undefined
  #at: Stage | undefined
  #clock: NodeJS.Timeout | undefined
  #closed = false
  /** Graphs that the thread has compiled. */
  #done = 0

  constructor(script: URL, limits: CompilerLimits) {
    this.#script = script
    this.#limits = limits
  }
  get threads(): number {
    return this.#thread === undefined ? 0 : 1
  }

  compile(job: Job, stage: (s: Stage) => void): Promise<Either<CompileError, Code>> {
    return this.#ask(job, stage) as Promise<Either<CompileError, Code>>
  }
  minimise(minimise: object): Promise<Either<CompileError, Smallest | null>> {
    return this.#ask({ minimise }, () => {}) as Promise<Either<CompileError, Smallest | null>>
  }
  #ask(job: Ask, stage: (s: Stage) => void): Promise<Either<CompileError, Made>> {
    return new Promise((done) => {
      this.#queue.push({ job, stage, done })
      this.#next()
    })
  }
  async close(): Promise<void> {
    this.#closed = true
    const thread = this.#lose()
    const all = [...(this.#current === undefined ? [] : [this.#current]), ...this.#queue]
    this.#current = undefined
    this.#queue = []
    for (const w of all)
      w.done(left(this.#failed('the engine was closed', 'submit the graph to an engine that is open')))
    await thread?.terminate()
  }

  #next(): void {
    if (this.#current !== undefined) return
    const next = this.#queue.shift()
    clearTimeout(this.#clock)
    if (next === undefined) {
      // Nobody waits: neither the thread nor the clock keeps the process alive.
      this.#thread?.unref()
      this.#clock = setTimeout(() => void this.#lose()?.terminate(), this.#limits.idleMs).unref()
      return
    }
    if (this.#closed) {
      next.done(left(this.#failed('the engine was closed', 'submit the graph to an engine that is open')))
      return
    }
    this.#current = next
    this.#at = undefined
    const { timeMs } = this.#limits
    this.#clock = setTimeout(() => this.#give(left(this.#exceeded('time', `it took longer than ${timeMs} ms`))), timeMs)
    // What a thread has tried out stays in it for ever, so a busy one is given up now and then.
    if (this.#done++ >= mostJobs) void this.#lose(false)?.terminate()
    try {
      this.#thread ??= this.#start()
      this.#thread.ref()
      this.#thread.postMessage(next.job)
    } catch (e) {
      this.#give(left(this.#failed(`no thread could be started: ${message(e)}`, 'look at the limits of the system')))
    }
  }
  #start(): Worker {
    const { memoryMb } = this.#limits
    const thread = new Worker(this.#script, { resourceLimits: { maxOldGenerationSizeMb: memoryMb }, stdout: true })
    // What belongs to a thread that was given up is not looked at.
    const mine = (work: () => void) => () => {
      if (this.#thread === thread) work()
    }
    thread.on('message', (m: FromThread) =>
      mine(() => {
        if ('end' in m) this.#settle(m.end)
        else {
          this.#at = m.stage
          this.#current?.stage(m.stage)
        }
      })(),
    )
    thread.on('error', (e) =>
      mine(() => {
        const memory = (e as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
        this.#give(
          left(
            memory
              ? this.#exceeded('memory', `it needed more than ${memoryMb} MB`)
              : this.#failed(`its thread crashed: ${message(e)}`, 'please report it with the graph'),
          ),
        )
      })(),
    )
    thread.on('exit', (code) =>
      mine(() =>
        this.#give(left(this.#failed(`its thread ended with code ${code}`, 'please report it with the graph'))),
      )(),
    )
    return thread
  }
  /** Ends the thread together with the job. */
  #give(r: Either<CompileError, Made>): void {
    void this.#lose()?.terminate()
    this.#settle(r)
  }
  #lose(clock = true): Worker | undefined {
    if (clock) clearTimeout(this.#clock)
    this.#done = 0
    const thread = this.#thread
    this.#thread = undefined
    return thread
  }
  #settle(r: Either<CompileError, Made>): void {
    clearTimeout(this.#clock)
    const done = this.#current
    this.#current = undefined
    done?.done(r)
    this.#next()
  }
  #exceeded(what: 'time' | 'memory', cause: string): CompileError {
    const stage = this.#at ?? 'load'
    const remedy = `the graph runs in a lower tier; raise the limit of ${what} of the compiler, or make the graph smaller`
    return {
      _tag: 'ResourceExceeded',
      stage,
      what,
      node: '',
      place: '',
      subgraph: '',
      picture: '',
      cause: `compiling was ended: ${cause}`,
      remedy,
    }
  }
  #failed(cause: string, remedy: string): CompileError {
    return {
      _tag: 'BackendCompileError',
      stage: 'assemble',
      place: '',
      subgraph: '',
      picture: '',
      cause: `compiling: ${cause}`,
      remedy,
    }
  }
}
const mostJobs = 500
const message = (e: unknown): string => (e instanceof Error ? e.message : String(e))
