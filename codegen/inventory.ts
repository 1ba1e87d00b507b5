import type { NodeId, NodeView } from '../graph/arena.ts'
import { effects, isEffect } from '../graph/effects.ts'
import type { Graph } from '../graph/graph.ts'
import type { TransactionAttrs } from '../graph/transaction.ts'
import { occurrenceOf, postorder } from '../graph/walk.ts'
import type { Assumption, InventoryEntry } from '../runtime/assumption.ts'
import { templates } from './templates.ts'

/** Every node of a graph, bodies included, each once, with the place that `print` gives it: `%4.0.%2`. */
const everyNode = (g: Graph): readonly (readonly [place: string, node: NodeView])[] => {
  const out: (readonly [string, NodeView])[] = []
  const seen = new Set<NodeId>()
  const regions: [NodeId, string][] = [[g.root, '']]
  const entered = new Set<NodeId>()
  for (const [root, path] of regions) {
    if (entered.has(root)) continue
    entered.add(root)
    for (const [i, id] of postorder(g.arena, root).entries()) {
      const place = `${path}%${i}`
      const node = g.arena.node(id)
      for (const [k, r] of node.regions.entries()) regions.push([r.root, `${place}.${k}.`])
      if (seen.has(id)) continue
      seen.add(id)
      out.push([place, node])
    }
  }
  return out
}

interface Planned {
  readonly occurrence: number
  readonly derived: readonly unknown[]
}
/**
 * What a compiled graph rests on, most surprising first, with the nodes that need it. Each entry is there because
 * something in this graph needs it; drivers add their own when they are bound.
 */
export const inventoryOf = (g: Graph, target: 'ts' | 'wasm'): readonly InventoryEntry[] => {
  const found = new Map<string, { readonly of: Assumption; readonly usedBy: 'everything' | string[] }>()
  const everywhere = (a: Assumption): void => void found.set(a.id, { of: a, usedBy: 'everything' })
  const add = (a: Assumption, place: string): void => {
    const known = found.get(a.id)
    if (known === undefined) found.set(a.id, { of: a, usedBy: [place] })
    else if (known.usedBy !== 'everything') known.usedBy.push(place)
  }
  const nodes = everyNode(g)
  const plans = nodes.flatMap(([, n]) => (n.op.attrs as { plans?: readonly Planned[] }).plans ?? [])
  const inBatches = new Set(plans.map((p) => p.occurrence))
  const derived = new Set(plans.filter((p) => p.derived.length > 0).map((p) => p.occurrence))
  const batched = nodes.filter(([, n]) => isEffect(n.op.name) && inBatches.has(occurrenceOf(n)!))
  for (const [at, n] of batched) if (n.op.name === 'dbQuery') add(templates.batching, at)
  for (const [at, n] of batched) if (n.op.name !== 'dbQuery') add(templates.bulk, at)
  for (const [at, n] of batched) if (derived.has(occurrenceOf(n)!)) add(templates.oneMoment, at)
  for (const mode of g.relaxed ?? []) everywhere(templates.relaxed(mode))
  for (const [at, n] of nodes) {
    if (n.op.name === 'cached') add(templates.staleness((n.op.attrs as { ttlMs: number }).ttlMs), at)
    if (n.op.name === 'transaction') {
      const a = n.op.attrs as TransactionAttrs
      add(templates.transaction(a.db, a.isolation), at)
    }
    if (!isEffect(n.op.name)) continue
    const driver = effects[n.op.name].driver(n.op.attrs as never)
    add(n.op.name === 'dbQuery' ? templates.sqlDriver(driver) : templates.driver(n.op.name, driver), at)
  }
  if (target === 'wasm') everywhere(templates.wasm)
  everywhere(templates.floats)
  everywhere(templates.toolchain(target))
  everywhere(templates.hardware)
  return [...found.values()].map(({ of, usedBy }) => ({ ...of, usedBy }))
}

/** The inventory as a page. */
export const inventoryMarkdown = (name: string, entries: readonly (Assumption | InventoryEntry)[]): string => {
  const lines = [
    `# What ${name} rests on`,
    '',
    `${entries.length} assumptions. Nothing here is proved; everything else about the artefact is checked when it is compiled or decoded when it runs.`,
    '',
  ]
  for (const [i, a] of entries.entries()) lines.push(`## ${i + 1}. ${a.id} (${a.kind})`, '', ...assumptionLines(a), '')
  return lines.join('\n')
}
/** The fields of an assumption, a line of Markdown each. */
export const assumptionLines = (a: Assumption | InventoryEntry): readonly string[] => [
  `- **Assumption**: ${a.statement}`,
  `- **Depends on**: ${a.dependsOn.map((d) => (d.on === 'part' ? d.name : `${d.name} ${d.range}`)).join('; ')}`,
  ...(a.restsOn === undefined ? [] : [`- **Rests on**: ${a.restsOn.join(', ')}`]),
  `- **Property**: ${a.supports.join(', ')}`,
  `- **Failure mode**: ${a.failureMode}`,
  `- **Mitigation**: ${a.mitigation}`,
  `- **Probe**: ${probeText(a.probe)}`,
  `- **Look again**: ${'after' in a.expiry ? `after ${a.expiry.after}` : `from ${a.expiry.of} ${a.expiry.from} on`}`,
  ...('usedBy' in a ? [`- **Used by**: ${typeof a.usedBy === 'string' ? a.usedBy : placesText(a.usedBy)}`] : []),
]
/** The same in words. */
export const probeText = (p: Assumption['probe']): string =>
  p.by === 'driver'
    ? 'the driver looks, where it is bound (quoin inventory --probe)'
    : p.by === 'quoin'
      ? `${p.name} (quoin inventory --probe)`
      : p.by === 'test'
        ? p.file
        : `none: ${p.reason}`
const most = 20
const placesText = (places: readonly string[]): string =>
  [...places.slice(0, most), ...(places.length > most ? [`and ${places.length - most} more`] : [])].join(', ')
