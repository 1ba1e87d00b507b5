import { existsSync, readFileSync } from 'node:fs'
import type { NodeId } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import type { Type } from '../../graph/types.ts'
import { postorder } from '../../graph/walk.ts'

export interface QueryOf {
  readonly attrs: DbQueryAttrs
  readonly params: readonly Type[]
  readonly place: string
}

/** The queries of a graph as written, bodies included, each call site once. */
export const queriesIn = (g: Graph): readonly QueryOf[] => {
  const found = new Map<number, QueryOf>()
  const entered = new Set<NodeId>()
  const roots: NodeId[] = [g.root]
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    if (entered.has(root)) continue
    entered.add(root)
    for (const id of postorder(g.arena, root)) {
      const { op, args, regions } = g.arena.node(id)
      for (const r of regions) roots.push(r.root)
      if (op.name !== 'dbQuery') continue
      const attrs = op.attrs as DbQueryAttrs
      const params = args.slice(attrs.authority ? 1 : 0).map((a) => g.arena.typeOf(a))
      found.set(attrs.occurrence, { attrs, params, place: siteOf(g, attrs.occurrence).place })
    }
  }
  return [...found.values()].sort((a, b) => a.attrs.occurrence - b.attrs.occurrence)
}

/** The line of a place inside a query's text: where the text is found in the user's file, else the line of the call. */
export const placeWithin = ({ attrs, place }: QueryOf, at: number | undefined): string => {
  const m = /^(.*):(\d+)$/.exec(place)
  if (at === undefined || m === null) return place
  const [file, line] = [m[1]!, Number(m[2])]
  const before = attrs.sql.slice(0, at).split('\n')
  const lines = linesOf(file)
  const first = attrs.sql.split('\n')[0]!.split('$')[0]!.trim()
  const from = first === '' ? -1 : lines.findIndex((l, i) => i >= line - 1 && l.includes(first))
  return from < 0 || from > line + 50 ? place : `${file}:${from + before.length}`
}
const linesOf = (file: string): readonly string[] => {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  } catch {
    return []
  }
}
