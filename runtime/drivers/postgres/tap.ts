import type { Socket } from 'node:net'

/** Whoever reads a connection while it is ours. */
export interface Reader {
  /** A whole message: its code, and where its body lies. */
  readonly message: (code: number, bytes: Buffer, at: number, end: number) => void
  /** Whether a message so long shall be let go by unread. */
  readonly skips: (code: number, length: number) => boolean
}

const async = new Set([0x4e, 0x41, 0x53]) // notices, notifications, changed settings

/**
 * Stands between a socket and the client library that reads it: `pg` turns every cell into a string, which loses bytes
 * and costs an object a row. While somebody reads, messages go to the reader; all others go on to the library byte by
 * byte, so that it is never in the middle of a message when the reading begins.
 */
export class Tap {
  readonly #theirs: readonly ((chunk: Buffer) => void)[]
  #reader: Reader | undefined
  /** Bytes of the message under way that go on to the library, or nowhere. */
  #passing = 0
  #dropping = 0
  #held: Buffer[] = []
  #bytes = 0
  /** How many bytes are needed before there is anything to do. */
  #needed = 5

  private constructor(socket: Socket) {
    this.#theirs = socket.listeners('data') as ((chunk: Buffer) => void)[]
    socket.removeAllListeners('data')
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#push(chunk)
      } catch (e) {
        // What came is no answer to what was asked, and nobody knows where the next message begins.
        this.#held = []
        this.#bytes = 0
        socket.destroy(new Error('the server sent what it was not asked for', { cause: e }))
      }
    })
  }

  static readonly #taps = new WeakMap<Socket, Tap>()
  static on(socket: Socket): Tap {
    const known = Tap.#taps.get(socket)
    if (known !== undefined) return known
    const tap = new Tap(socket)
    Tap.#taps.set(socket, tap)
    return tap
  }

  read(reader: Reader | undefined): void {
    this.#reader = reader
  }
  /** Gives the library a message as if the server had sent it. */
  pass(bytes: Buffer): void {
    for (const listener of this.#theirs) listener(bytes)
  }

  #push(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held)
    const at = this.#walk(bytes)
    this.#bytes = bytes.length - at
    this.#held = this.#bytes === 0 ? [] : [bytes.subarray(at)]
  }

  /** Goes as far as whole messages reach, and answers how far that is. */
  #walk(bytes: Buffer): number {
    let at = 0
    for (;;) {
      if (this.#passing > 0 || this.#dropping > 0) {
        const n = Math.min(this.#passing + this.#dropping, bytes.length - at)
        if (n === 0) return this.#need(1, at)
        if (this.#passing > 0) {
          this.#passing -= n
          this.pass(bytes.subarray(at, at + n))
        } else this.#dropping -= n
        at += n
        continue
      }
      if (bytes.length - at < 5) return this.#need(5, at)
      const code = bytes[at]!
      const length = bytes.readInt32BE(at + 1) + 1
      if (length < 5) throw new RangeError(`a message of ${length - 5} bytes`)
      const reader = this.#reader
      if (reader === undefined || async.has(code)) this.#passing = length
      else if (reader.skips(code, length)) this.#dropping = length
      else if (bytes.length - at < length) return this.#need(length, at)
      else {
        reader.message(code, bytes, at + 5, at + length)
        at += length
      }
    }
  }
  #need(n: number, at: number): number {
    this.#needed = n
    return at
  }
}
