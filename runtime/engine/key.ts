import { createHash } from 'node:crypto'
import type { CompiledTier } from './tiers.ts'
import { recipe } from './tiers.ts'
import type { Choices } from './workshop.ts'

/** The form in which code is kept; another number means that what was kept is not read. */
export const storeFormat = 1

/**
 * Everything that decides what code is made. Names, places, drivers and limits are not among it; nor is the processor,
 * because the code is JavaScript and WebAssembly.
 */
export interface KeyParts {
  /** sha256 of the graph as written. */
  readonly graph: string
  readonly tier: CompiledTier
  readonly recipe: (typeof recipe)[CompiledTier]
  readonly choices: Choices
  /** Version of the compiler and of the meaning of numbers. */
  readonly facts: Readonly<Record<string, string | number>>
  readonly format: typeof storeFormat
}
export const keyOf = (
  graph: string,
  tier: CompiledTier,
  choices: Choices,
  facts: Readonly<Record<string, string | number>>,
): string => {
  const parts: KeyParts = { graph, tier, recipe: recipe[tier], choices, facts, format: storeFormat }
  return createHash('sha256').update(sorted(parts)).digest('hex')
}
/** JSON with the fields in the order of their names, so that nobody's spelling order makes another key. */
const sorted = (x: unknown): string =>
  JSON.stringify(x, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )
