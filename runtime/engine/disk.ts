import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Either } from '../../graph/either.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import type { Listener } from './events.ts'
import { storeFormat } from './key.ts'
import type { Found } from './store.ts'
import type { Code } from './workshop.ts'

type Answer = Either<CompileError | RunError, Found>
export interface DiskOptions {
  readonly directory: string
  /** Most bytes of all entries; those used longest ago go first. */
  readonly maxBytes: number
  /** How long a process may take to compile before others no longer wait for it. */
  readonly patienceMs: number
}
/** A temporary file that is older was left behind by a process that died. */
const abandonedMs = 3_600_000
const pollMs = 20

const sha256 = (x: string | Uint8Array): string => createHash('sha256').update(x).digest('hex')

/**
 * Code in a directory that outlives processes and is shared by them. An entry is one file, written beside its place and
 * moved there, so that nobody ever sees half of one; its hash is checked when it is read, and whatever is wrong with it
 * counts as not there. Whoever compiles a key holds a lock file; others wait for the entry. Trouble with the disk costs
 * speed: the code is then compiled. Whoever may write the directory decides what runs, so it is made for its owner alone.
 */
export class Disk {
  readonly #options: DiskOptions
  readonly #tell: Listener | undefined
  #ready: Promise<void> | undefined
  #closed = false

  constructor(options: DiskOptions, tell: Listener | undefined) {
    this.#options = options
    this.#tell = tell
  }

  async codeFor(key: string, make: () => Promise<Answer>): Promise<Answer> {
    this.#ready ??= this.#open()
    await this.#ready
    const found = await this.#read(key)
    if (found !== undefined) return right({ code: found, from: 'disk' })
    const unlock = await this.#lock(key)
    try {
      // Somebody else may have written it before this process had the lock.
      const since = await this.#read(key)
      if (since !== undefined) return right({ code: since, from: 'disk' })
      const made = await make()
      if (!isLeft(made)) await this.#write(key, made.right.code)
      return made
    } finally {
      await unlock()
    }
  }
  /** Waits for nobody any more. */
  close(): void {
    this.#closed = true
  }
  async forget(key: string): Promise<void> {
    await this.#attempt(key, () => rm(this.#path(key), { force: true }))
  }

  #path(key: string): string {
    return join(this.#options.directory, `${key}.quoin`)
  }
  async #attempt<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (e) {
      const where = e instanceof Error ? e.message : String(e)
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') this.#tell?.({ event: 'cache', what: 'trouble', key, where })
      return undefined
    }
  }

  /** Makes the directory, and takes away what processes that died have left. */
  async #open(): Promise<void> {
    const { directory } = this.#options
    await this.#attempt('', () => mkdir(directory, { recursive: true, mode: 0o700 }))
    for (const name of (await this.#attempt('', () => readdir(directory))) ?? []) {
      const at = join(directory, name)
      if (name.endsWith('.lock') && (await this.#stale(at))) await this.#attempt('', () => rm(at, { force: true }))
      if (!name.endsWith('.tmp')) continue
      const s = await this.#attempt('', () => stat(at))
      if (s !== undefined && Date.now() - s.mtimeMs > abandonedMs)
        await this.#attempt('', () => rm(at, { force: true }))
    }
  }

  async #read(key: string): Promise<Code | undefined> {
    const at = this.#path(key)
    const bytes = await this.#attempt(key, () => readFile(at))
    if (bytes === undefined) return undefined
    const code = decode(key, bytes)
    if (code === undefined) {
      this.#tell?.({ event: 'cache', what: 'damaged', key, where: at })
      await this.#attempt(key, () => rm(at, { force: true }))
      return undefined
    }
    const now = new Date()
    await this.#attempt(key, () => utimes(at, now, now))
    return code
  }
  async #write(key: string, code: Code): Promise<void> {
    const at = this.#path(key)
    const temporary = `${at}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
    const done = await this.#attempt(key, async () => {
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(encode(key, code))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, at)
      return true
    })
    if (done !== true) await this.#attempt(key, () => rm(temporary, { force: true }))
    else await this.#attempt(key, () => this.#sweep())
  }
  async #sweep(): Promise<void> {
    const { directory, maxBytes } = this.#options
    const entries: { readonly at: string; readonly size: number; readonly used: number }[] = []
    for (const name of await readdir(directory)) {
      if (!name.endsWith('.quoin')) continue
      const at = join(directory, name)
      const s = await this.#attempt('', () => stat(at))
      if (s !== undefined) entries.push({ at, size: s.size, used: s.mtimeMs })
    }
    let total = entries.reduce((n, e) => n + e.size, 0)
    for (const e of entries.sort((a, b) => a.used - b.used)) {
      if (total <= maxBytes) return
      await this.#attempt('', () => rm(e.at, { force: true }))
      total -= e.size
    }
  }

  /** Waits until nobody else compiles the key, as long as that is alive and within its time. */
  async #lock(key: string): Promise<() => Promise<void>> {
    const at = `${this.#path(key)}.lock`
    const until = Date.now() + this.#options.patienceMs
    for (;;) {
      const mine = await taken(at)
      if (mine === 'mine') return async () => void (await this.#attempt(key, () => rm(at, { force: true })))
      // Without a lock it is compiled twice, which is a waste and no mistake.
      if (mine === 'impossible' || this.#closed || Date.now() > until) return () => Promise.resolve()
      if (await this.#stale(at)) await this.#attempt(key, () => rm(at, { force: true }))
      else await sleep(pollMs)
    }
  }
  async #stale(at: string): Promise<boolean> {
    const s = await this.#attempt('', () => stat(at))
    if (s === undefined) return false
    if (Date.now() - s.mtimeMs > this.#options.patienceMs) return true
    const pid = Number((await this.#attempt('', () => readFile(at, 'utf8'))) ?? '')
    // An empty file is one that is being written just now, or was when its process died.
    if (!Number.isSafeInteger(pid) || pid <= 0) return Date.now() - s.mtimeMs > 1000
    return !alive(pid)
  }
}

const taken = async (at: string): Promise<'mine' | 'theirs' | 'impossible'> => {
  try {
    const file = await open(at, 'wx', 0o600)
    try {
      await file.writeFile(String(process.pid))
    } finally {
      await file.close()
    }
    return 'mine'
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EEXIST' ? 'theirs' : 'impossible'
  }
}
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A line that says what follows, then the module, then the WebAssembly. */
const encode = (key: string, { module, wasm = new Uint8Array() }: Code): Buffer => {
  const text = Buffer.from(module)
  const body = Buffer.concat([text, wasm])
  const head = { format: storeFormat, key, module: text.length, wasm: wasm.length, sha256: sha256(body) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body])
}
const decode = (key: string, bytes: Buffer): Code | undefined => {
  try {
    const end = bytes.indexOf(10)
    const head = JSON.parse(bytes.subarray(0, end).toString()) as Record<string, unknown>
    const body = bytes.subarray(end + 1)
    const { format, module, wasm, sha256: hash } = head
    if (end < 0 || format !== storeFormat || head.key !== key || hash !== sha256(body)) return undefined
    if (typeof module !== 'number' || typeof wasm !== 'number' || module + wasm !== body.length) return undefined
    const text = body.subarray(0, module).toString()
    return wasm === 0 ? { module: text } : { module: text, wasm: new Uint8Array(body.subarray(module)) }
  } catch {
    return undefined
  }
}
