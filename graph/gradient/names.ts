import type { Arena, NodeId, Region } from '../arena.ts'
import type { Dim, Type } from '../types.ts'
import { freeDims, isRagged, renameDims } from '../types.ts'
import { postorder, remake } from '../walk.ts'

/**
 * The same expression with other names for the dimensions that arise in it: it stands beside the one it was copied from,
 * and a name has one origin. `known` are the dimensions that come from outside.
 */
export const renamed = (arena: Arena, root: NodeId, known: readonly Type[], mark: string): NodeId => {
  const outside = new Set(known.flatMap((t) => freeDims(t)))
  const names = new Map<Dim, Dim>()
  for (const d of arising(arena, root)) if (!outside.has(d)) names.set(d, `${d}${mark}`)
  return names.size === 0 ? root : copied(arena, root, names)
}
/** Ragged names in a body that repeats are of its elements, whatever they are called around it. */
const repeats: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'loop'])
/** Names in an expression and in the bodies in it, which bring in names where they stand. */
const arising = (arena: Arena, root: NodeId, seen: Map<NodeId, Set<string>> = new Map()): ReadonlySet<string> => {
  const known = seen.get(root)
  if (known !== undefined) return known
  const found = new Set<string>()
  for (const id of postorder(arena, root)) {
    for (const d of freeDims(arena.typeOf(id))) found.add(d)
    const turns = repeats.has(arena.opOf(id).name)
    for (const r of arena.regionsOf(id))
      for (const d of arising(arena, r.root, seen)) if (!turns || !isRagged(d)) found.add(d)
  }
  seen.set(root, found)
  return found
}
const copied = (arena: Arena, root: NodeId, names: ReadonlyMap<Dim, Dim>): NodeId => {
  const done = new Map<NodeId, NodeId>()
  for (const id of postorder(arena, root)) {
    const node = arena.node(id)
    const turns = repeats.has(node.op.name)
    const regions = node.regions.map((r): Region => {
      const inner = turns ? new Map([...names].filter(([d]) => !isRagged(d))) : names
      return { params: r.params.map((t) => renameDims(t, inner)), root: copied(arena, r.root, inner) }
    })
    const args = node.args.map((a) => done.get(a)!)
    done.set(id, remake(arena, node, attrsWith(node.op.attrs, names), args, regions))
  }
  return done.get(root)!
}
const attrsWith = (attrs: object, names: ReadonlyMap<Dim, Dim>): object => {
  const name = (d: Dim): Dim => names.get(d) ?? d
  const out = Object.entries(attrs).map(([k, v]): readonly [string, unknown] => {
    if (k === 'shape' || k === 'dims') return [k, (v as readonly Dim[]).map(name)]
    if (k === 'dim') return [k, name(v as Dim)]
    return [k, k === 'type' || k === 'of' ? renameDims(v as Type, names) : v]
  })
  return Object.fromEntries(out)
}
