/**
 * A module of kernels as the code generator writes it, with the memory it defines turned into one that it imports and that
 * threads may share; nothing else differs. So one artefact serves one thread and many, and what its manifest names is the
 * module as it was built. Undefined where the bytes are not of that form.
 */
export const sharedModule = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined => {
  const pieces: Uint8Array[] = [bytes.subarray(0, 8)]
  let [found, placed] = [false, false]
  for (let at = 8; at < bytes.length; ) {
    const [size, from] = number(bytes, at + 1)
    const id = bytes[at]!
    if (id === section.import || from + size > bytes.length) return undefined
    // Sections come in the order of their numbers; those that are only for tools are 0.
    if (id > section.import && !placed) {
      pieces.push(memoryImport)
      placed = true
    }
    if (id === section.memory) found = true
    else pieces.push(bytes.subarray(at, from + size))
    at = from + size
  }
  if (!found) return undefined
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0))
  let end = 0
  for (const p of pieces) {
    out.set(p, end)
    end += p.length
  }
  return out
}

/** Most pages that a shared memory may have: what 32-bit pointers reach, less one. */
export const sharedPages = 65535
/** Under which names the module imports it. */
export const imported = { module: 'q', memory: 'm' } as const

const section = { import: 2, memory: 5 } as const
/** One import, two names of one letter, a memory (2) that is shared and has a greatest size (3), 1 page to 65535. */
const memoryImport = Uint8Array.of(2, 11, 1, 1, 0x71, 1, 0x6d, 2, 3, 1, 0xff, 0xff, 0x03)

/** A whole number of up to 32 bits, seven to a byte, and where it ends. */
const number = (bytes: Uint8Array, at: number): readonly [value: number, end: number] => {
  let [value, shift, end] = [0, 0, at]
  for (; end < bytes.length; shift += 7) {
    const byte = bytes[end++]!
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  return [value, end]
}
