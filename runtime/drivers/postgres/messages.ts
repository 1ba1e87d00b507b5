/** What the client says to the server: messages of the extended protocol, put one after another and sent together. */
export class Messages {
  #bytes = Buffer.allocUnsafe(4096)
  #at = 0

  get length(): number {
    return this.#at
  }
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at)
    this.#bytes = Buffer.allocUnsafe(4096)
    this.#at = 0
    return taken
  }

  parse(name: string, sql: string, types: readonly number[]): void {
    this.#message('P', () => {
      this.#text(name)
      this.#text(sql)
      this.#int16(types.length)
      for (const t of types) this.#int32(t)
    })
  }
  /** Values travel as text, null being NULL; each column of the answer in its own format, 1 being binary. */
  bind(statement: string, values: readonly (string | null)[], formats: readonly number[]): void {
    this.#message('B', () => {
      this.#text('')
      this.#text(statement)
      this.#int16(0)
      this.#int16(values.length)
      for (const v of values) {
        if (v === null) this.#int32(-1)
        else this.#sized(v)
      }
      this.#int16(formats.length)
      for (const f of formats) this.#int16(f)
    })
  }
  describeStatement(name: string): void {
    this.#message('D', () => this.#text(`S${name}`))
  }
  /** At most `most` rows, 0 being all. */
  execute(most: number): void {
    this.#message('E', () => {
      this.#text('')
      this.#int32(most)
    })
  }
  closeStatement(name: string): void {
    this.#message('C', () => this.#text(`S${name}`))
  }
  copyFail(why: string): void {
    this.#message('f', () => this.#text(why))
  }
  sync(): void {
    this.#message('S', () => undefined)
  }

  #message(code: string, body: () => void): void {
    this.#room(5)
    this.#bytes[this.#at] = code.charCodeAt(0)
    const start = this.#at + 1
    this.#at += 5
    body()
    this.#bytes.writeInt32BE(this.#at - start, start)
  }
  #room(n: number): void {
    if (this.#at + n <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#at + n, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
  #int16(x: number): void {
    this.#room(2)
    this.#at = this.#bytes.writeUInt16BE(x, this.#at)
  }
  #int32(x: number): void {
    this.#room(4)
    this.#at = this.#bytes.writeInt32BE(x | 0, this.#at)
  }
  #text(s: string): void {
    this.#room(sizeOf(s) + 1)
    this.#at += this.#bytes.write(s, this.#at)
    this.#bytes[this.#at++] = 0
  }
  #sized(s: string): void {
    this.#room(sizeOf(s) + 4)
    const n = this.#bytes.write(s, this.#at + 4)
    this.#bytes.writeInt32BE(n, this.#at)
    this.#at += 4 + n
  }
}

/** Room enough for a text as UTF-8; only of long ones it is worth to know how much that is. */
const sizeOf = (s: string): number => (s.length > 4096 ? Buffer.byteLength(s) : 3 * s.length)
