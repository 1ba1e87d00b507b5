import { bytesOfVector, cellAt } from './vector.ts'

/**
 * Reads strings. DuckDB keeps strings of at most 12 bytes inside the vector, as their length and bytes; columns of codes
 * and names repeat them, so short ones are looked up by their bytes instead of being decoded each time.
 */
export const textReader = (): ((vector: unknown, i: number) => string) => {
  const short = new Map<number, string>()
  return (vector, i) => {
    const view = bytesOfVector(vector)
    const length = view.getUint32(16 * i, true)
    if (length > 4) return cellAt(vector, i) as string
    if (length === 0) return ''
    const key = length * 2 ** 32 + view.getUint32(16 * i + 4, true)
    let s = short.get(key)
    if (s === undefined) {
      s = cellAt(vector, i) as string
      if (short.size < 65_536) short.set(key, s)
    }
    return s
  }
}
