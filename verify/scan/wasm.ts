/** What a WebAssembly module takes from its host: `env.now (function)`. Nothing where the bytes are no module. */
export const wasmImports = (bytes: Uint8Array): readonly string[] | undefined => {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  if (magic.some((b, i) => bytes[i] !== b)) return undefined
  const r = new Reader(bytes, 8)
  while (!r.done) {
    const section = r.byte()
    const size = r.number()
    if (section === 2) return importsIn(r)
    r.skip(size)
  }
  return r.ok ? [] : undefined
}

const kinds = ['function', 'table', 'memory', 'global', 'tag']
const importsIn = (r: Reader): readonly string[] | undefined => {
  const found: string[] = []
  for (let n = r.number(); n > 0 && r.ok; n--) {
    const name = `${r.text()}.${r.text()}`
    const kind = r.byte()
    if (kind === 0) r.number()
    else if (kind === 1 || kind === 2) {
      if (kind === 1) r.byte()
      if ((r.byte() & 1) === 1) r.number()
      r.number()
    } else if (kind === 3 || kind === 4) {
      r.byte()
      r.byte()
    } else return undefined
    found.push(`${name} (${kinds[kind]})`)
  }
  return r.ok ? found : undefined
}

/** Reads on, and says at the end whether there was anything to read: bytes that are cut off are no module. */
class Reader {
  readonly #bytes: Uint8Array
  #at: number
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  get done(): boolean {
    return this.#at >= this.#bytes.length
  }
  get ok(): boolean {
    return this.#at <= this.#bytes.length
  }
  byte(): number {
    return this.#bytes[this.#at++] ?? 0
  }
  skip(n: number): void {
    this.#at += n
  }
  /** An unsigned LEB128 of at most 64 bits. */
  number(): number {
    let n = 0
    for (let k = 0; k < 10; k++) {
      const b = this.byte()
      n += (b & 0x7f) * 2 ** (7 * k)
      if (b < 0x80) break
    }
    return n
  }
  text(): string {
    const size = this.number()
    const from = this.#at
    this.#at += size
    return new TextDecoder().decode(this.#bytes.subarray(from, this.#at))
  }
}
