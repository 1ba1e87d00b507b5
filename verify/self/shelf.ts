import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evidence } from '../gate/model.ts'
import { root } from './tree.ts'

/** What a run of the deep tier came to for one obligation: of which content, when, and on what. */
export type Entry = {
  /** sha256 of what this obligation rests on, and nothing else does. */
  readonly rests: string
  readonly date: string
  readonly node: string
} & (
  | { readonly outcome: 'holds'; readonly evidence: Exclude<Evidence, { kind: 'missing' }> }
  | { readonly outcome: 'refuted'; readonly why: string }
)

/** Hours of work, by obligation: `verify/self/deep.json` is committed, and each entry counts as long as its own hash holds. */
export type Shelf = Readonly<Record<string, Entry>>

const file = join(root, 'verify/self/deep.json')

export const readShelf = (): Shelf => {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Shelf
    return Object.fromEntries(Object.entries(read).filter(([, e]) => typeof e.rests === 'string'))
  } catch {
    // There is none yet, or it is damaged: nothing in it counts.
    return {}
  }
}
export const writeShelf = (shelf: Shelf): void => {
  const sorted = Object.entries(shelf).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`)
}
