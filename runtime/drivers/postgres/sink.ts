import type { Column, Store } from '../../../graph/values.ts'
import type { Maker, NumericStore } from '../sql/growing.ts'
import { Growing } from '../sql/growing.ts'

/** Collects one column, cell by cell, from the bytes of the protocol. */
export interface Sink {
  /** Bytes that every cell costs; what depends on the cell is told to the ledger. */
  readonly width: number
  /** A cell of `length` bytes; -1 is NULL. */
  readonly push: (b: Buffer, at: number, length: number, row: number) => void
  /** Appends a filler: what stands where there is nothing. */
  readonly fill: () => void
  readonly finish: () => Column
}

/** A column of fixed-width cells. */
export const cells = <A extends NumericStore>(
  make: Maker<A>,
  write: (grown: Growing<A>, i: number, b: Buffer, at: number, length: number, row: number) => void,
): Sink => {
  const grown = new Growing(make)
  return {
    width: make.BYTES_PER_ELEMENT,
    push: (b, at, length, row) => write(grown, grown.room(1), b, at, length, row),
    fill: () => void grown.room(1), // what was never written is zero
    finish: () => ({ shape: [grown.length], data: grown.finish() }),
  }
}
/** A column of cells that are not numbers. */
export const things = <T extends Store & readonly unknown[]>(
  filler: () => T[number],
  read: (b: Buffer, at: number, length: number, row: number) => T[number],
): Sink => {
  const data: T[number][] = []
  return {
    width: 0,
    push: (b, at, length, row) => void data.push(read(b, at, length, row)),
    fill: () => void data.push(filler()),
    finish: () => ({ shape: [data.length], data: data as unknown as Store }),
  }
}

/** 64-bit cells as pairs of halves, so that no BigInt is made. */
export const halves = (
  make: typeof BigInt64Array | typeof BigUint64Array,
  write: (target: Int32Array, i: number, b: Buffer, at: number, length: number, row: number) => void,
): Sink => {
  let seen: ArrayBuffer | undefined
  let view = new Int32Array(0)
  return cells<BigInt64Array | BigUint64Array>(make, (grown, i, b, at, length, row) => {
    const buffer = grown.array.buffer as ArrayBuffer
    if (buffer !== seen) {
      seen = buffer
      view = new Int32Array(seen)
    }
    write(view, 2 * i, b, at, length, row)
  })
}
/** Puts a whole number that a float holds exactly. */
export const putNumber = (target: Int32Array, i: number, x: number): void => {
  const high = Math.floor(x / 2 ** 32)
  target[i] = x - high * 2 ** 32
  target[i + 1] = high
}
export const putBigInt = (target: Int32Array, i: number, x: bigint): void => {
  target[i] = Number(BigInt.asIntN(32, x))
  target[i + 1] = Number(BigInt.asIntN(32, x >> 32n))
}
