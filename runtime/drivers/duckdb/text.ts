import { bytesOfVector, cellAt } from './vector.ts'

/**
 * Reads strings. DuckDB keeps strings of at most 12 bytes inside the vector, as their length and bytes; columns of
 * codes
 * and names repeat them, so short ones are looked up by their bytes instead of being decoded each time.
 */
export const textReader = (): ((vector: unknown) => (i: number) => string) => {
  const short = new Map<number, string>()
  return (vector) => {
    const { buffer, byteOffset, byteLength } = bytesOfVector(vector)
    if (byteOffset % 4 !== 0) return (i) => cellAt(vector, i) as string
    const words = new Uint32Array(buffer, byteOffset, byteLength / 4)
    return (i) => {
      const length = words[4 * i]!
      if (length > 4) return cellAt(vector, i) as string
      const key = length * 2 ** 32 + words[4 * i + 1]!
      let s = short.get(key)
      if (s === undefined) {
        s = cellAt(vector, i) as string
        if (short.size < 65_536) short.set(key, s)
      }
      return s
    }
  }
}
