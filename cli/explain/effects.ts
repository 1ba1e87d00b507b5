import type { NodeId } from '../../graph/arena.ts'
import type { Footprint } from '../../graph/effects.ts'
import { effects, isEffect } from '../../graph/effects.ts'
import type { EffectName } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { postorder } from '../../graph/walk.ts'

/** A call to the outside that the optimised graph makes, and what it may touch. */
export interface EffectView {
  readonly occurrence: number
  readonly effect: EffectName
  readonly driver: string
  readonly name: string
  readonly place: string
  readonly footprint: Footprint
  /** Whether it is asked together with other calls like it. */
  readonly batched: boolean
}

export const effectsOf = (g: Graph): readonly EffectView[] => {
  const found = new Map<number, Omit<EffectView, 'batched'>>()
  const planned = new Set<number>()
  const seen = new Set<NodeId>()
  const enter = (root: NodeId): void => {
    if (seen.has(root)) return
    seen.add(root)
    for (const id of postorder(g.arena, root)) {
      const { name, attrs } = g.arena.opOf(id)
      for (const r of g.arena.regionsOf(id)) enter(r.root)
      const { plans = [] } = attrs as { plans?: readonly { readonly occurrence: number }[] }
      for (const p of plans) planned.add(p.occurrence)
      if (!isEffect(name)) continue
      const { occurrence, name: own } = attrs as { occurrence: number; name?: string }
      const site = siteOf(g, occurrence)
      found.set(occurrence, {
        occurrence,
        effect: name,
        driver: effects[name].driver(attrs as never),
        name: own ?? (site.name === '' ? name : site.name),
        place: site.place,
        footprint: effects[name].footprint(attrs as never),
      })
    }
  }
  enter(g.root)
  return [...found.values()]
    .sort((a, b) => a.occurrence - b.occurrence)
    .map((e) => ({ ...e, batched: planned.has(e.occurrence) }))
}
