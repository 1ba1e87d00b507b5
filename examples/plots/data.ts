import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Either, QuoinError } from 'quoin'
import { describeError } from 'quoin'

/** A file of the package vega-datasets (BSD-3-Clause), which exports its code only; its data lies beside that. */
export const dataFile = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets'))), 'utf8')

/** What was computed, or an error for whoever runs the example. */
export const orThrow = <A>(e: Either<QuoinError, A>): A => {
  if (e._tag === 'Left') throw new Error(describeError(e.left))
  return e.right
}
/** The greatest difference between two columns, relative to the greatest cell. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [off, size] = [0, 0]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    off = Math.max(off, Math.abs(a[i]! - b[i]!))
    size = Math.max(size, Math.abs(b[i]!))
    if (Number.isNaN(a[i]! - b[i]!)) return Number.NaN
  }
  return size === 0 ? off : off / size
}
/** A check that failed, or how far two results are apart; printed line by line, and the exit code of the process. */
export interface Check {
  readonly what: string
  readonly off: number
  readonly allowed: number
}
export const report = (checks: readonly Check[], picture: string): void => {
  for (const { what, off, allowed } of checks) {
    const good = off <= allowed
    console.log(`${good ? 'ok  ' : 'WRONG'} ${what}: ${off.toExponential(1)} apart, ${allowed} allowed`)
    if (!good) process.exitCode = 1
  }
  console.log(`picture: ${picture}`)
}
