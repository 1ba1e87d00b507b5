import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { showType } from '../../graph/types.ts'
import { occurrenceOf, postorder } from '../../graph/walk.ts'

/** Where nodes stand in the text of a graph: `%7`, and `%7.0.%2` for node 2 of the first body of node 7. */
export const placesOf = (g: Graph): ReadonlyMap<NodeId, string> => {
  const found = known.get(g) ?? find(g)
  known.set(g, found)
  return found
}
const known = new WeakMap<Graph, ReadonlyMap<NodeId, string>>()
const find = ({ arena, root }: Graph): ReadonlyMap<NodeId, string> => {
  const places = new Map<NodeId, string>()
  const regions: [NodeId, string][] = [[root, '']]
  const seen = new Set<NodeId>()
  for (const [r, path] of regions) {
    if (seen.has(r)) continue
    seen.add(r)
    for (const [i, id] of postorder(arena, r).entries()) {
      const name = `${path}%${i}`
      if (!places.has(id)) places.set(id, name)
      for (const [k, b] of arena.regionsOf(id).entries()) regions.push([b.root, `${name}.${k}.`])
    }
  }
  return places
}

/** The nodes that a user may mean: by place in the text, or by the name of a call. */
export const named = (g: Graph, name: string): readonly NodeId[] =>
  [...placesOf(g)]
    .filter(([id, place]) => place === name || (callName(g, id) !== '' && callName(g, id) === name))
    .map(([id]) => id)

const callName = (g: Graph, id: NodeId): string => {
  const occurrence = occurrenceOf(g.arena.node(id))
  return occurrence === undefined ? '' : siteOf(g, occurrence).name
}

/** A node in a line: its place, its op, what it takes, its type, and the line of code that asked for it. */
export const lineOf = (g: Graph, id: NodeId, places = placesOf(g)): string => {
  const node = g.arena.node(id)
  const occurrence = occurrenceOf(node)
  const site = occurrence === undefined ? undefined : siteOf(g, occurrence)
  const name = site === undefined || site.name === '' ? '' : ` '${site.name}'`
  const args = node.args.map((a) => ` ${places.get(a) ?? `(${g.arena.opOf(a).name})`}`).join('')
  const at = site === undefined || site.place === '' ? '' : `  ${site.place}`
  return `${places.get(id) ?? ''} ${node.op.name}${name}${args} : ${showType(node.type)}${at}`.trimStart()
}
