import type { Worker } from 'node:worker_threads'
import type { HelperData, Program, ToHelper } from './helper.ts'
import { cells, controlBytes, helper, mostHelpers, mostParams, wakeAt } from './helper.ts'
import { imported } from './shared-module.ts'

/** How often who waits looks before it sleeps: some tens of microseconds, about what waking takes. */
const spins = 5000
/**
 * How long a helper may take: much longer than any part does, because who is only slow must not count as lost. Time in
 * which the whole process stands still does not count.
 */
const patience = { ms: 10_000, nsPerStep: 1_000 }

/** A call that helpers and its caller do together. */
export interface SharedCall {
  readonly program: Program
  readonly kernel: number
  readonly params: readonly number[]
  readonly parts: number
  /** Most helpers that may take part. */
  readonly helpers: number
  /** Steps of all parts together, by which it is told how long one may take. */
  readonly steps: number
  /** Does a part here. */
  readonly own: (part: number) => void
}
/** Why a shared call did not come to its end. What its thread may still write makes the memory useless. */
export class HelperLost extends Error {}

/** What calls of kernels are divided with; tests divide them otherwise. */
export interface Helping {
  readonly size: number
  readonly add: (program: Program) => void
  /** Answers how many programs are left. */
  readonly remove: (id: number) => number
  readonly run: (call: SharedCall) => void
  readonly close: () => Promise<void>
}

/** Threads that help with kernels, through one small memory. One call at a time: kernels run to their end where they begin. */
export class Helpers implements Helping {
  readonly #control = new Int32Array(new SharedArrayBuffer(controlBytes))
  readonly #threads: { readonly worker: Worker; readonly tell: (m: ToHelper) => void }[] = []
  readonly #programs = new Map<number, Program>()
  readonly #patienceMs: number
  #growing: Promise<void> = Promise.resolve()
  #closed = false

  constructor(patienceMs: number = patience.ms) {
    this.#patienceMs = patienceMs
  }

  get closed(): boolean {
    return this.#closed
  }
  get size(): number {
    return this.#closed ? 0 : this.#threads.length
  }
  /** Starts threads until there are so many, or no more can be had; one after the other, because each has its number. */
  grow(to: number): Promise<void> {
    this.#growing = this.#growing.catch(() => undefined).then(() => this.#grow(to))
    return this.#growing
  }
  async #grow(to: number): Promise<void> {
    const { Worker, MessageChannel } = await import('node:worker_threads')
    while (this.#threads.length < Math.min(to, mostHelpers) && !this.#closed) {
      const { port1, port2 } = new MessageChannel()
      port1.unref()
      const number = this.#threads.length
      const data: HelperData = { control: this.#control, port: port2, number, at: cells, wakeAt, imported, spins }
      const worker = new Worker(`(${helper})(require('node:worker_threads'))`, {
        eval: true,
        execArgv: [],
        workerData: data,
        transferList: [port2],
      })
      const started = await new Promise<boolean>((done) => {
        worker.once('message', () => done(true))
        worker.on('error', () => done(false))
        worker.once('exit', () => done(false))
      })
      worker.unref()
      if (!started) return
      if (this.#closed) return void (await worker.terminate())
      // None ends by itself; where one did, what is run from now on is run here.
      worker.once('exit', () => void this.close())
      this.#threads.push({ worker, tell: (m) => port1.postMessage(m) })
      for (const program of this.#programs.values()) port1.postMessage({ program } satisfies ToHelper)
    }
  }
  add(program: Program): void {
    this.#programs.set(program.id, program)
    for (const t of this.#threads) t.tell({ program })
  }
  remove(id: number): number {
    if (this.#programs.delete(id))
      for (const [h, t] of this.#threads.entries()) {
        t.tell({ forget: id })
        this.#wake(h)
      }
    return this.#programs.size
  }
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.splice(0).map((t) => t.worker.terminate()))
  }

  run({ program, kernel, params, parts, helpers, steps, own }: SharedCall): void {
    const c = this.#control
    c[cells.done] = 0
    c[cells.failed] = 0
    c[cells.program] = program.id
    c[cells.kernel] = kernel
    c[cells.parts] = parts
    c[cells.count] = params.length
    for (let k = 0; k < params.length; k++) c[cells.params + k] = params[k]!
    Atomics.store(c, cells.left, (helpers << 16) | parts)
    for (let h = 0; h < helpers; h++) this.#wake(h)
    try {
      for (;;) {
        const seen = Atomics.load(c, cells.left)
        const left = seen & 0xffff
        if (left === 0) break
        if (Atomics.compareExchange(c, cells.left, seen, seen - 1) !== seen) continue
        own(left - 1)
        Atomics.add(c, cells.done, 1)
      }
    } catch (e) {
      // What nobody has taken counts as done, and so does this part: the others are still waited for.
      Atomics.add(c, cells.done, 1 + (Atomics.exchange(c, cells.left, 0) & 0xffff))
      this.#wait(parts, steps)
      throw e
    }
    this.#wait(parts, steps)
    if (Atomics.load(c, cells.failed) !== 0) throw new HelperLost('a part of a kernel failed in a helping thread')
  }
  #wake(helper: number): void {
    Atomics.add(this.#control, wakeAt + helper, 1)
    Atomics.notify(this.#control, wakeAt + helper)
  }
  #wait(parts: number, steps: number): void {
    const c = this.#control
    for (let k = 0; k < spins; k++) if (Atomics.load(c, cells.done) >= parts) return
    const turnMs = Math.min(1000, this.#patienceMs)
    // Turns are counted and no clock is read: who was stopped as a whole has waited for one turn, however long it was.
    let turns = Math.ceil((this.#patienceMs + (steps * patience.nsPerStep) / 1e6) / turnMs)
    for (let done = Atomics.load(c, cells.done); done < parts; done = Atomics.load(c, cells.done)) {
      if (Atomics.wait(c, cells.done, done, turnMs) !== 'timed-out' || --turns > 0) continue
      void this.close()
      throw new HelperLost('a helping thread did not come to the end of its part')
    }
  }
}
export const fits = (params: number): boolean => params <= mostParams

let current: Helpers | undefined
let programs = 0
export const nextProgram = (): number => ++programs

/** The helpers of this thread, so many of them if they can be had; undefined where there are no threads. */
export const helpersFor = async (threads: number): Promise<Helpers | undefined> => {
  if (!Number.isSafeInteger(threads) || threads <= 1 || typeof SharedArrayBuffer === 'undefined') return undefined
  try {
    for (;;) {
      if (current === undefined || current.closed) current = new Helpers()
      const pool = current
      await pool.grow(threads - 1)
      // Whoever closed the last program meanwhile ended its threads; one that lost a helper was ended as well.
      if (!pool.closed) return pool.size > 0 ? pool : undefined
    }
  } catch {
    // No threads here, as in browsers, or none to be had now: the caller does everything.
    return undefined
  }
}
/** The threads end where no program came to use them. */
export const unused = async (helpers: Helping | undefined): Promise<void> => {
  if (helpers !== undefined) await released(helpers, 0)
}
/** A program is not run any more; the threads end with the last one. */
export const released = async (helpers: Helping, id: number): Promise<void> => {
  if (helpers.remove(id) > 0) return
  if (current === helpers) current = undefined
  await helpers.close()
}
