import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import type { Disk } from './disk.ts'
import type { Listener } from './events.ts'
import type { Code } from './workshop.ts'
import { bytesOf } from './workshop.ts'

export interface Found {
  readonly code: Code
  readonly from: 'memory' | 'disk' | 'compiler'
}
type Answer = Either<CompileError | RunError, Found>
interface Failure {
  readonly error: CompileError | RunError
  readonly times: number
  readonly until: number
}

/** The first wait after a failure; each further one doubles it. */
const firstWaitMs = 1000
const longestWaitMs = 300_000

/**
 * Code by its key: in memory by bytes, the one used longest ago goes first; on disk, if there is a directory. However
 * many ask for one key at once, it is made once. Failures are not kept, but are answered again for a while.
 */
export class Store {
  readonly #limit: number
  readonly #disk: Disk | undefined
  readonly #now: () => number
  readonly #tell: Listener | undefined
  readonly #kept = new Map<string, Code>()
  readonly #making = new Map<string, Promise<Answer>>()
  readonly #failed = new Map<string, Failure>()
  #bytes = 0

  constructor(limit: number, disk: Disk | undefined, now: () => number, tell: Listener | undefined) {
    this.#limit = limit
    this.#disk = disk
    this.#now = now
    this.#tell = tell
  }
  get bytes(): number {
    return this.#bytes
  }
  get entries(): number {
    return this.#kept.size
  }
  get making(): number {
    return this.#making.size
  }

  /** Milliseconds until a key that failed may be tried again. */
  waitMs(key: string): number {
    return Math.max(0, (this.#failed.get(key)?.until ?? 0) - this.#now())
  }

  codeFor(key: string, make: () => Promise<Either<CompileError, Code>>): Promise<Answer> {
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      this.#keep(key, kept)
      this.#tell?.({ event: 'cache', what: 'hit', key, where: 'memory' })
      return Promise.resolve(right({ code: kept, from: 'memory' }))
    }
    const failed = this.#failed.get(key)
    if (failed !== undefined && failed.until > this.#now()) return Promise.resolve(left(failed.error))
    const making = this.#making.get(key) ?? this.#make(key, make)
    this.#making.set(key, making)
    return making
  }
  async #make(key: string, make: () => Promise<Either<CompileError, Code>>): Promise<Answer> {
    try {
      const answer = await (this.#disk === undefined
        ? this.#made(make)
        : this.#disk.codeFor(key, () => this.#made(make)))
      if (isLeft(answer)) this.fail(key, answer.left)
      else {
        this.#failed.delete(key)
        this.#keep(key, answer.right.code)
        const what = answer.right.from === 'disk' ? 'hit' : 'miss'
        this.#tell?.({ event: 'cache', what, key, where: this.#disk === undefined ? 'memory' : 'disk' })
      }
      return answer
    } finally {
      this.#making.delete(key)
    }
  }
  async #made(make: () => Promise<Either<CompileError, Code>>): Promise<Answer> {
    const made = await make()
    return isLeft(made) ? made : right({ code: made.right, from: 'compiler' })
  }
  /** Notes that what a key stands for cannot be had, so that it is not asked for again at once. */
  fail(key: string, error: CompileError | RunError): void {
    const times = (this.#failed.get(key)?.times ?? 0) + 1
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(20, times - 1))
    this.#failed.delete(key)
    this.#failed.set(key, { error, times, until: this.#now() + wait })
    if (this.#failed.size > 1000) this.#failed.delete(this.#failed.keys().next().value!)
  }
  #keep(key: string, code: Code): void {
    this.#drop(key)
    const bytes = bytesOf(code)
    if (bytes > this.#limit) return
    this.#kept.set(key, code)
    this.#bytes += bytes
    for (const first of this.#kept.keys()) {
      if (this.#bytes <= this.#limit) break
      this.#drop(first)
    }
  }
  #drop(key: string): void {
    const known = this.#kept.get(key)
    if (known === undefined) return
    this.#kept.delete(key)
    this.#bytes -= bytesOf(known)
  }
  /** Forgets code that was found wrong. */
  async forget(key: string): Promise<void> {
    this.#drop(key)
    await this.#disk?.forget(key)
  }
  /** Waits for no other process any more; what is being made ends as it does. */
  close(): void {
    this.#disk?.close()
  }
  clear(): void {
    this.#kept.clear()
    this.#failed.clear()
    this.#bytes = 0
  }
}
