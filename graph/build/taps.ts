import type { Arena, NodeId } from '../arena.ts'
import { postorder } from '../walk.ts'
import { Base, isPlain, node, origin } from './base.ts'
import { current } from './builder.ts'
import type { Ref } from './scope.ts'
import type { Given } from './types.ts'

/**
 * Values that are to be shown, by the body they stand in. They lie beside the graph, as names do: no node says that a
 * value is tapped, so nothing that is generated, and no digest, can depend on it.
 */
export type Taps = ReadonlyMap<NodeId, ReadonlyMap<NodeId, readonly string[]>>

/**
 * Marks a value, to be shown by `quoin run --tap` and `quoin replay --tap`; of an object, each of its fields. Gives back
 * what it was given.
 *
 *     const loss = tap('loss', amount.mul(rate))
 */
export const tap = <X extends Given>(name: string, x: X): X => {
  mark(name, x, 0)
  return x
}
const deepest = 100
const mark = (name: string, x: unknown, depth: number): void => {
  const b = current()
  if (typeof name !== 'string' || name === '')
    return void b.fail('tap', 'a tap has no name', "give it one: tap('loss', x)")
  if (x instanceof Base) return b.tap(x[node], name)
  if (isPlain(x) || typeof x !== 'object' || x === null || depth >= deepest) return
  if (origin in x) return b.tap((x as Record<typeof origin, Ref>)[origin], name)
  for (const [field, part] of Object.entries(x)) mark(`${name}.${field}`, part, depth + 1)
}

/** Taps of a graph under construction, for the same graph in its final arena. */
export const sealTaps = (
  from: { readonly arena: Arena; readonly root: NodeId },
  to: { readonly arena: Arena; readonly root: NodeId },
  open: ReadonlyMap<NodeId, readonly string[]>,
  closed: Taps,
): Taps => {
  const out = new Map<NodeId, Map<NodeId, readonly string[]>>()
  if (open.size === 0) return out
  const seen = new Set<NodeId>([from.root])
  const regions: [NodeId, NodeId][] = [[from.root, to.root]]
  for (let next = regions.pop(); next !== undefined; next = regions.pop()) {
    const [mine, theirs] = next
    const names = mine === from.root ? open : closed.get(mine)
    const ids = postorder(to.arena, theirs)
    const own = new Map<NodeId, readonly string[]>()
    // Sealing keeps the order of the walk, so that the same place is the same node.
    for (const [i, id] of postorder(from.arena, mine).entries()) {
      const found = names?.get(id)
      if (found !== undefined) own.set(ids[i]!, found)
      const bodies = to.arena.regionsOf(ids[i]!)
      for (const [k, r] of from.arena.regionsOf(id).entries())
        if (!seen.has(r.root)) {
          seen.add(r.root)
          regions.push([r.root, bodies[k]!.root])
        }
    }
    if (own.size > 0) out.set(theirs, own)
  }
  return out
}
