import { createHash } from 'node:crypto'
import type { Mode } from '../../../passes/index.ts'
import type { Shown } from '../judge.ts'
import type { Item, Obligation, Place, Tier } from '../model.ts'

/** An obligation of a user's project with what shows it. */
export interface Owed {
  readonly obligation: Obligation
  readonly shown: () => Promise<Looked> | Looked
  /** All that decides how it ends; only there where that takes long enough to be kept. */
  readonly key?: string
}
/** What was found; `partly` where less was looked at than the tier asks for, so that it is not kept as the whole. */
export type Looked = Shown & { readonly partly?: boolean }

export interface Looking {
  readonly tier: Tier
  /** Modes of relaxed laws that are allowed, and with which graphs without an artefact are compiled; an artefact says itself how it was built. */
  readonly relax: readonly Mode[]
  readonly signal?: AbortSignal
  /** sha256 of what stands in a file, for what rests on it. */
  readonly hashOf: (file: string) => string
}

export const owed = (
  id: string,
  claim: string,
  fix: string,
  checklist: readonly Item[],
  place: Place | undefined,
  shown: Owed['shown'],
): Owed => ({
  obligation: { id, claim, fix, checklist, rows: [], tier: 'fast', ...(place === undefined ? {} : { place }) },
  shown,
})

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
