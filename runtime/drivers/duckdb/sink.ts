import type { Column, Store } from '../../../graph/values.ts'
import type { Maker, NumericStore } from '../sql/growing.ts'
import { Growing } from '../sql/growing.ts'
import type { Mask } from './vector.ts'

/** The row of the answer to which cell `i` of the current vector belongs. */
export type RowOf = (i: number) => number

/** Collects one column, chunk by chunk. Cells under the mask get the filler, whatever the vector holds there. */
export interface Sink {
  /** Bytes that every cell costs; what depends on the cell is told to the ledger. */
  readonly width: number
  readonly push: (vector: unknown, from: number, n: number, mask: Mask, rowOf: RowOf) => void
  /** Appends `n` fillers without looking at any vector. */
  readonly fill: (n: number) => void
  readonly finish: () => Column
}

type Write<A> = (target: A, at: number, vector: unknown, from: number, n: number, rowOf: RowOf, mask: Mask) => void

/** A column of fixed-width cells. `write` may put anything under the mask; zeros go over it. */
export const cells = <A extends NumericStore>(make: Maker<A>, write: Write<A>): Sink => {
  const grown = new Growing(make)
  return {
    width: make.BYTES_PER_ELEMENT,
    push: (vector, from, n, mask, rowOf) => {
      const { array, at } = grown.extend(n)
      write(array, at, vector, from, n, rowOf, mask)
      if (mask === undefined) return
      const zero = array instanceof BigInt64Array || array instanceof BigUint64Array ? 0n : 0
      for (let i = 0; i < n; i++) if (mask[i] === 1) (array as { [i: number]: number | bigint })[at + i] = zero
    },
    fill: (n) => void grown.extend(n), // what was never written is zero
    finish: () => ({ shape: [grown.length], data: grown.finish() }),
  }
}

/** A column of cells that are not numbers. `open` looks at a vector once and answers how to read its cells. */
export const things = <T extends Store & readonly unknown[]>(
  filler: () => T[number],
  open: (vector: unknown) => (i: number, row: number) => T[number],
): Sink => {
  const data: T[number][] = []
  return {
    width: 0,
    push: (vector, from, n, mask, rowOf) => {
      const read = open(vector)
      for (let i = 0; i < n; i++) data.push(mask?.[i] === 1 ? filler() : read(from + i, rowOf(i)))
    },
    fill: (n) => {
      for (let i = 0; i < n; i++) data.push(filler())
    },
    finish: () => ({ shape: [data.length], data: data as unknown as Store }),
  }
}
