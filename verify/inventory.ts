import { inventoryMarkdown, inventoryOf } from '../codegen/inventory.ts'
import type { Compiled } from '../compile.ts'
import type { Graph } from '../graph/graph.ts'
import type { Artifact } from '../runtime/artifact.ts'
import type { Assumption } from '../runtime/assumption.ts'

/** A graph that has been optimised and for which target, or something compiled. */
export type Subject = Artifact | Compiled | { readonly graph: Graph; readonly target: 'ts' | 'wasm' }

/**
 * What a compiled graph rests on, most surprising first: every assumption with what it depends on, the property that
 * rests on it, how it fails and what is done about that. Drivers add their own when they are bound; pass them here.
 *
 *     const entries = inventory(compiled)
 */
export const inventory = (
  of: Subject,
  drivers: readonly { readonly assumptions: readonly Assumption[] }[] = [],
): readonly Assumption[] => {
  const own = 'graph' in of ? inventoryOf(of.graph, of.target) : of.manifest.inventory
  const all = [...own, ...drivers.flatMap((d) => d.assumptions)]
  return all.filter((a, i) => all.findIndex((b) => b.id === a.id) === i)
}

/** The same as a page of Markdown. */
export const inventoryPage = (name: string, entries: readonly Assumption[]): string => inventoryMarkdown(name, entries)

/** The same as JSON text, one array of entries. */
export const inventoryJson = (entries: readonly Assumption[]): string => `${JSON.stringify(entries, null, 2)}\n`
