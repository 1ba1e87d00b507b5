import type { Ledger } from '../sql/ledger.ts'
import { infiniteTime } from '../sql/tell.ts'
import type { Sink } from './sink.ts'
import { cells } from './sink.ts'
import { itemsOf } from './vector.ts'

const DATE = 13
const NANOSECONDS = 22
/** Microseconds in one unit of each DuckDB time type that is not in microseconds already. */
const scale: Readonly<Record<number, bigint>> = { 13: 86_400_000_000n, 20: 1_000_000n, 21: 1000n }
const most = 2n ** 63n - 1n

const cast = (path: string): string => `write cast("${path}" as TIMESTAMP) in the query, or filter such rows out`

/** Columns of microseconds since 1970-01-01T00:00Z from any of DuckDB's dates and timestamps. */
export const timestamps = (id: number, path: string, ledger: Ledger): Sink =>
  cells(BigInt64Array, (target, at, vector, from, n, rowOf, mask) => {
    const items = itemsOf(vector)
    // What a NULL leaves in the vector is not data, so nothing is said about it.
    const problem = (i: number, cause: string, remedy: string): void => {
      if (mask?.[i] !== 1) ledger.problem(rowOf(i), cause, remedy)
    }
    const infinite = (i: number): void => problem(i, ...infiniteTime(path))
    if (id === DATE) {
      for (let i = 0; i < n; i++) {
        const days = Number(items[from + i])
        if (days === 2147483647 || days === -2147483647) infinite(i)
        target[at + i] = BigInt(days) * scale[DATE]!
      }
      return
    }
    // DuckDB writes ±infinity as ±(2^63 - 1); halves are compared so that finite cells make no BigInt.
    const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2)
    for (let i = 0; i < n; i++) {
      const low = halves[2 * (from + i)]!
      const high = halves[2 * (from + i) + 1]!
      if ((high === 0x7fffffff && low === -1) || (high === -0x80000000 && low === 1)) infinite(i)
    }
    const wide = items as BigInt64Array
    if (id === NANOSECONDS) {
      for (let i = 0; i < n; i++) {
        const nanos = wide[from + i]!
        if (nanos % 1000n !== 0n) {
          problem(i, `has ${nanos} ns in column '${path}', which is no whole number of microseconds`, cast(path))
        }
        target[at + i] = nanos / 1000n
      }
      return
    }
    const factor = scale[id]
    if (factor === undefined) {
      target.set(wide.subarray(from, from + n), at)
      return
    }
    for (let i = 0; i < n; i++) {
      const micros = wide[from + i]! * factor
      if (micros > most || micros < -most) {
        problem(i, `has a time in column '${path}' beyond the range of microseconds`, cast(path))
      }
      target[at + i] = micros
    }
  })
