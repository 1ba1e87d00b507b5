import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tree } from '../../verify/self/tree.ts'
import type { Result } from './campaign.ts'
import type { Fault } from './fault.ts'

/** How a fault ended, and of which content that is true. Committed, because all of them take an hour. */
export interface Kept {
  readonly rests: string
  readonly date: string
  readonly outcome: 'caught' | 'hung' | 'survived'
  readonly by: string
}
export type Ledger = Readonly<Record<string, Kept>>

const file = fileURLToPath(new URL('../../verify/self/seeded.json', import.meta.url))
export const nameOf = (f: Fault): string => `${f.file}: ${f.about}`

export const readLedger = (): Ledger => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Ledger
  } catch {
    return {}
  }
}
export const writeLedger = (ledger: Ledger): void => {
  const sorted = Object.entries(ledger).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`)
}

/**
 * What it rests on that a fault is caught: the file that it is put into, its tests, what these import, what lies beside
 * them, and the corpus. That a test also reads some other file of the tree is not seen here; the daily share would tell.
 */
export const reachOf = ({
  file: at,
  tests,
}: Fault): { readonly from: readonly string[]; readonly reads: string[] } => ({
  from: [...(at.endsWith('.ts') ? [at] : []), ...tests],
  reads: [...(at.endsWith('.ts') ? [] : [posix.dirname(at)]), ...tests.map((t) => posix.dirname(t)), 'test/corpus'],
})
export const restsOf = (tree: Pick<Tree, 'digest' | 'reached'>, f: Fault): string =>
  createHash('sha256')
    .update(JSON.stringify([tree.digest(tree.reached(reachOf(f))), f.from, f.to]))
    .digest('hex')

/** How a fault ended on this content, if somebody tried. */
export const keptOf = (ledger: Ledger, tree: Pick<Tree, 'digest' | 'reached'>, f: Fault): Kept | undefined => {
  const kept = ledger[nameOf(f)]
  return kept?.rests === restsOf(tree, f) ? kept : undefined
}
/** The ledger with one more result; what was not tried for itself is not kept. */
export const keptWith = (ledger: Ledger, { fault, outcome, by }: Result, rests: string): Ledger =>
  outcome === 'broken' ? ledger : { ...ledger, [nameOf(fault)]: { rests, date: new Date().toISOString(), outcome, by } }
