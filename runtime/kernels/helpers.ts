import type { Worker } from 'node:worker_threads'
import type { HelperData, Program, ToHelper } from './helper.ts'
import { cells, controlBytes, helper, mostHelpers, mostParams, wakeAt } from './helper.ts'
import { imported } from './shared-module.ts'

/** How often who waits looks before it sleeps: some tens of microseconds, about what waking takes. */
const spins = 5000
/** How long a helper may take longer than its caller did for a part, before it counts as lost. */
const patience = { ms: 10_000, times: 100 }

/** A call that helpers and its caller do together. */
export interface SharedCall {
  readonly program: Program
  readonly kernel: number
  readonly params: readonly number[]
  readonly parts: number
  /** Most helpers that may take part. */
  readonly helpers: number
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

  get size(): number {
    return this.#closed ? 0 : this.#threads.length
  }
  /** Starts threads until there are so many, or no more can be had; one after the other, because each has its number. */
  grow(to: number): Promise<void> {
    this.#growing = this.#growing.then(() => this.#grow(to))
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
        worker.once('exit', () => {
          done(false)
          // One that ends by itself takes none of the others' work along; what is run from now on is run here.
          if (!this.#closed) void this.close()
        })
      })
      worker.unref()
      if (!started) return
      this.#threads.push({ worker, tell: (m) => port1.postMessage(m) })
      for (const program of this.#programs.values()) port1.postMessage({ program } satisfies ToHelper)
    }
  }
  add(program: Program): void {
    this.#programs.set(program.id, program)
    for (const t of this.#threads) t.tell({ program })
  }
  remove(id: number): number {
    if (this.#programs.delete(id)) for (const t of this.#threads) t.tell({ forget: id })
    return this.#programs.size
  }
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.splice(0).map((t) => t.worker.terminate()))
  }

  run({ program, kernel, params, parts, helpers, own }: SharedCall): void {
    const c = this.#control
    c[cells.done] = 0
    c[cells.failed] = 0
    c[cells.program] = program.id
    c[cells.kernel] = kernel
    c[cells.parts] = parts
    c[cells.count] = params.length
    for (let k = 0; k < params.length; k++) c[cells.params + k] = params[k]!
    Atomics.store(c, cells.left, (helpers << 16) | parts)
    for (let h = 0; h < helpers; h++) {
      Atomics.add(c, wakeAt + h, 1)
      Atomics.notify(c, wakeAt + h)
    }
    let slowest = 0
    try {
      for (;;) {
        const seen = Atomics.load(c, cells.left)
        const left = seen & 0xffff
        if (left === 0) break
        if (Atomics.compareExchange(c, cells.left, seen, seen - 1) !== seen) continue
        const start = performance.now()
        own(left - 1)
        slowest = Math.max(slowest, performance.now() - start)
        Atomics.add(c, cells.done, 1)
      }
    } catch (e) {
      // What nobody has taken counts as done, and so does this part: the others are still waited for.
      Atomics.add(c, cells.done, 1 + (Atomics.exchange(c, cells.left, 0) & 0xffff))
      this.#wait(parts, slowest)
      throw e
    }
    this.#wait(parts, slowest)
    if (Atomics.load(c, cells.failed) !== 0) throw new HelperLost('a part of a kernel failed in a helping thread')
  }
  #wait(parts: number, slowest: number): void {
    const c = this.#control
    for (let k = 0; k < spins; k++) if (Atomics.load(c, cells.done) >= parts) return
    const until = performance.now() + this.#patienceMs + patience.times * slowest
    for (let done = Atomics.load(c, cells.done); done < parts; done = Atomics.load(c, cells.done)) {
      if (performance.now() > until) {
        void this.close()
        throw new HelperLost('a helping thread did not come to the end of its part')
      }
      Atomics.wait(c, cells.done, done, 1000)
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
    current ??= new Helpers()
    await current.grow(threads - 1)
    return current.size > 0 ? current : undefined
  } catch {
    // No threads here, as in browsers, or none to be had now: the caller does everything.
    return undefined
  }
}
/** A program is not run any more; the threads end with the last one. */
export const released = async (helpers: Helping, id: number): Promise<void> => {
  if (helpers.remove(id) > 0) return
  if (current === helpers) current = undefined
  await helpers.close()
}
