import type { Build } from './build.ts'

interface Waiting {
  readonly build: Build
  readonly bytes: number
  readonly admit: (granted: boolean) => void
}

/**
 * Room for loaded code, by bytes. Who needs some waits in line; for the first in line, builds leave that were used
 * longest ago. One that is in use is handed out no more from the moment on at which somebody waits for its room: without
 * that, runs that overlap would keep it for ever. What leaves is only code; its graph goes on in a lower tier.
 */
export class Room {
  readonly #limit: number
  /** In the order of their use. */
  readonly #holders = new Map<Build, number>()
  #waiting: Waiting[] = []
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }
  get used(): number {
    return this.#used
  }
  get held(): number {
    return this.#holders.size
  }
  get waiting(): number {
    return this.#waiting.length
  }

  /** Answers false where it can never fit, or is wanted no more. */
  enter(build: Build, bytes: number): Promise<boolean> {
    if (bytes > this.#limit) return Promise.resolve(false)
    return new Promise((admit) => {
      this.#waiting.push({ build, bytes, admit })
      this.#pump()
    })
  }
  touch(build: Build): void {
    const bytes = this.#holders.get(build)
    if (bytes === undefined) return
    this.#holders.delete(build)
    this.#holders.set(build, bytes)
  }
  /** What was admitted is installed: from now on it can be asked to leave. */
  installed(): void {
    this.#pump()
  }
  leave(build: Build): void {
    const bytes = this.#holders.get(build)
    if (bytes !== undefined) {
      this.#holders.delete(build)
      this.#used -= bytes
    }
    const gone = this.#waiting.filter((w) => w.build === build)
    this.#waiting = this.#waiting.filter((w) => w.build !== build)
    for (const w of gone) w.admit(false)
    this.#pump()
  }

  #pumping = false
  /** Eviction calls `leave`, which comes back here. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { bytes } = first
      if (this.#used + bytes > this.#limit) this.#makeRoom(bytes)
      if (this.#used + bytes > this.#limit) break
      this.#waiting.shift()
      this.#used += bytes
      this.#holders.set(first.build, bytes)
      first.admit(true)
    }
    this.#pumping = false
  }
  #makeRoom(bytes: number): void {
    let coming = this.#limit - this.#used
    for (const [b, n] of this.#holders) if (b.leaving) coming += n
    for (const [b, n] of [...this.#holders]) {
      if (coming >= bytes) return
      if (b.leaving) continue
      // Admitted and not yet installed: it is somebody's turn, and has had none.
      if (b.state === 'Compiling') continue
      coming += n
      b.evict()
    }
  }
}
