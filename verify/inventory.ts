import { inventoryMarkdown, inventoryOf } from '../codegen/inventory.ts'
import type { Compiled } from '../compile.ts'
import type { Graph } from '../graph/graph.ts'
import type { Artifact, EffectEntry } from '../runtime/artifact.ts'
import type { Assumption, InventoryEntry } from '../runtime/assumption.ts'
import { ownAssumptions } from './assumptions/own.ts'

/** A graph that has been optimised and for which target, or something compiled. */
export type Subject = Artifact | Compiled | { readonly graph: Graph; readonly target: 'ts' | 'wasm' }

/** What a driver says of itself; without `effects`, it may be behind any call. */
interface Assuming {
  readonly assumptions: readonly Assumption[]
  readonly effects?: readonly EffectEntry['effect'][]
}
/** Drivers by the name that the graph calls them, or just some drivers. */
export type Bound = readonly Assuming[] | Readonly<Record<string, Assuming>>

/**
 * What a compiled graph rests on, most surprising first: every assumption with what it depends on, the properties that
 * rest on it, how it fails, what is done about that, and the nodes that need it. Drivers add their own when they are
 * bound; pass them here. What an entry rests on itself comes last.
 *
 *     const entries = inventory(compiled, { main: duckdb() })
 */
export const inventory = (of: Subject, drivers: Bound = []): readonly InventoryEntry[] => {
  const own = 'graph' in of ? inventoryOf(of.graph, of.target) : of.manifest.inventory
  const all: InventoryEntry[] = [...own]
  for (const { name, driver } of listed(drivers)) {
    const asked = own.filter((a) => isAsked(a, name, driver))
    const used = asked.flatMap((a) => (a.usedBy === 'everything' ? [] : a.usedBy))
    // A driver that was passed without a name may be behind any call; then all of the graph is said to need it.
    for (const a of driver.assumptions)
      if (!all.some((b) => b.id === a.id)) all.push({ ...a, usedBy: used.length === 0 ? 'everything' : used })
    for (const a of asked) {
      const behind = driver.assumptions.map((d) => d.id)
      all[all.findIndex((b) => b.id === a.id)] = { ...a, restsOn: [...new Set([...(a.restsOn ?? []), ...behind])] }
    }
  }
  return closed(all)
}
const listed = (drivers: Bound): readonly { readonly name?: string; readonly driver: Assuming }[] =>
  Array.isArray(drivers)
    ? (drivers as readonly Assuming[]).map((driver) => ({ driver }))
    : Object.entries(drivers as Readonly<Record<string, Assuming>>).map(([name, driver]) => ({ name, driver }))

/** Whether an entry of a graph speaks of the driver that is bound under a name, or of one with its effects. */
const isAsked = ({ id }: Assumption, name: string | undefined, { effects }: Assuming): boolean => {
  const [kind, ...rest] = id.split(':')
  if (kind !== 'sql-driver' && kind !== 'driver') return false
  const effect = kind === 'driver' ? rest[0] : 'dbQuery'
  const called = (kind === 'driver' ? rest.slice(1) : rest).join(':')
  if (name !== undefined && called !== name) return false
  return effects === undefined ? name !== undefined : effects.some((e) => e === effect)
}

/** With everything that entries rest on, from Quoin's own inventory; whatever needs the entry needs that too. */
const closed = (entries: readonly InventoryEntry[]): readonly InventoryEntry[] => {
  const all = new Map(entries.map((a) => [a.id, a]))
  const given = new Set(all.keys())
  for (const a of all.values())
    for (const r of a.restsOn ?? []) {
      // What has a parameter is found in the graph or not needed.
      const own = r.includes(':') ? undefined : ownAssumptions().find((b) => b.id === r)
      if (own === undefined || given.has(r)) continue
      const before = all.get(r)?.usedBy
      const usedBy = before === undefined ? a.usedBy : joined(before, a.usedBy)
      // Taken out and put back, it is visited again, and so is what it rests on itself.
      if (before === undefined || !sameUsers(before, usedBy)) {
        all.delete(r)
        all.set(r, { ...own, usedBy })
      }
    }
  return [...all.values()]
}
const sameUsers = (a: InventoryEntry['usedBy'], b: InventoryEntry['usedBy']): boolean =>
  a === 'everything' || b === 'everything' ? a === b : a.length === b.length
const joined = (a: InventoryEntry['usedBy'], b: InventoryEntry['usedBy']): InventoryEntry['usedBy'] =>
  a === 'everything' || b === 'everything' ? 'everything' : [...new Set([...a, ...b])]

/** The same as a page of Markdown. */
export const inventoryPage = (name: string, entries: readonly Assumption[]): string => inventoryMarkdown(name, entries)

/** The same as JSON text, one array of entries. */
export const inventoryJson = (entries: readonly Assumption[]): string => `${JSON.stringify(entries, null, 2)}\n`
