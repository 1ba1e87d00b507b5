import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import type { Type } from '../../graph/types.ts'
import { elementOf } from '../../graph/types.ts'
import { postorder, writes } from '../../graph/walk.ts'
import type { NeedJson } from '../certificate.ts'

/**
 * The rules of demand, stated a second time: what a node looks at, given how much of it is looked at. `graph/need.ts`
 * is what the interpreter runs; neither file uses the other, so that a slip in one is caught by the other.
 */
export const none: NeedJson = {}
export const of = (need: NeedJson, field: string): NeedJson | undefined =>
  need === true ? true : Object.hasOwn(need, field) ? need[field] : undefined
const only = (field: string, need: NeedJson): NeedJson => Object.fromEntries([[field, need]])

/** Whether `a` asks for everything that `b` does. */
export const covers = (a: NeedJson | undefined, b: NeedJson): boolean => {
  if (a === true || a === undefined) return a === true
  return b !== true && Object.keys(b).every((f) => covers(of(a, f), b[f]!))
}
export const both = (a: NeedJson | undefined, b: NeedJson): NeedJson => {
  if (a === undefined || b === true) return b
  if (a === true) return true
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(fields.map((f) => [f, of(b, f) === undefined ? of(a, f)! : both(of(a, f), of(b, f)!)]))
}

/** A list of which nothing is looked at still has a size: what makes it out of sight is looked at as a whole. */
const withSize = (t: Type, need: NeedJson): NeedJson =>
  need !== true && Object.keys(need).length === 0 && elementOf(t) !== undefined ? true : need

const fieldsOf = (node: NodeView): readonly string[] => (node.op.attrs as { fields: readonly string[] }).fields

/** How much of body `k` is looked at. */
export const bodyNeed = (node: NodeView, k: number, need: NeedJson): NeedJson => {
  switch (node.op.name) {
    case 'map':
    case 'forkMap':
    case 'mapBatched':
      return need
    case 'match':
    case 'cond':
      return withSize(node.type, need)
    case 'fork':
      return of(need, fieldsOf(node)[k]!) ?? none
    default:
      return true
  }
}

/** What bodies ask of their parameters: for body `k`, pairs of a parameter and how much of it. */
export type BodyAsks = (k: number) => Iterable<readonly [param: number, need: NeedJson]>

/** Everything a node asks of its operands, as pairs of a position and how much. */
export const asks = (node: NodeView, need: NeedJson, body: BodyAsks): (readonly [number, NeedJson])[] => {
  switch (node.op.name) {
    case 'rows':
    case 'record': {
      const parts = fieldsOf(node).flatMap((f, i) => {
        const part = of(need, f)
        return part === undefined ? [] : [[i, part] as const]
      })
      return node.op.name === 'rows' ? [[0, none], ...parts] : parts
    }
    case 'field':
    case 'column':
      return [[0, only((node.op.attrs as { name: string }).name, need)]]
    case 'assert':
    case 'sequence':
      return node.args.map((_, i) => [i, i === 1 ? need : true])
    case 'filter':
      return [
        [0, need],
        [1, true],
      ]
    case 'flatten':
      return [[0, withSize(node.type, need)]]
    case 'map':
    case 'forkMap':
    case 'mapBatched': {
      const element = node.regions[0]!.params[0]!
      return [[0, none], ...[...body(0)].map(([k, n]) => [k, k === 0 ? withSize(element, n) : n] as const)]
    }
    case 'fork':
      return node.regions.flatMap((_, k) => [...body(k)])
    case 'cond':
      return [[0, true], ...node.regions.flatMap((_, k) => [...body(k)].map(([p, n]) => [p + 1, n] as const))]
    case 'match':
      return [[0, true], ...node.regions.flatMap((_, k) => [...body(k)].filter(([p]) => p > 0))]
    default:
      return node.args.map((_, i) => [i, true])
  }
}

/** Nodes of a region that write, or that have a write below them: a path to what happens in any case. */
export const carriersOf = (arena: Arena, order: readonly NodeId[]): ReadonlySet<NodeId> => {
  const carriers = new Set<NodeId>()
  for (const id of order) {
    if (writes(arena, id) || arena.argsOf(id).some((a) => carriers.has(a))) carriers.add(id)
  }
  return carriers
}

/** What runs in a region, in order, and what it asks of its parameters. */
export interface Live {
  readonly order: readonly NodeId[]
  readonly needs: ReadonlyMap<NodeId, NeedJson>
  readonly params: readonly (readonly [number, NeedJson])[]
}

/** Works out the demand of regions; one value serves a whole graph. */
export const demandOf = (arena: Arena): ((root: NodeId, need: NeedJson) => Live) => {
  const known = new Map<string, Live>()
  const live = (root: NodeId, need: NeedJson): Live => {
    const key = `${root} ${keyOf(need)}`
    const found = known.get(key) ?? work(root, need)
    known.set(key, found)
    return found
  }
  const work = (root: NodeId, need: NeedJson): Live => {
    const order = postorder(arena, root)
    const carriers = carriersOf(arena, order)
    const needs = new Map<NodeId, NeedJson>()
    const looked = new Map<NodeId, readonly NodeId[]>()
    if (need === true || Object.keys(need).length > 0) needs.set(root, need)
    for (const id of order.toReversed()) {
      if (writes(arena, id)) needs.set(id, both(needs.get(id), none))
      const n = needs.get(id)
      const node = arena.node(id)
      const positions = new Set<number>()
      if (n !== undefined) {
        for (const [i, part] of asks(node, n, (k) => live(node.regions[k]!.root, bodyNeed(node, k, n)).params)) {
          positions.add(i)
          needs.set(node.args[i]!, both(needs.get(node.args[i]!), part))
        }
      }
      looked.set(
        id,
        node.args.filter((a, i) => positions.has(i) || carriers.has(a)),
      )
    }
    const reached = needs.has(root) || carriers.has(root) ? postorder(arena, root, (id) => looked.get(id)!) : []
    const kept = reached.filter((id) => needs.has(id))
    const params = kept.flatMap((id) => {
      const { name, attrs } = arena.opOf(id)
      return name === 'param' ? [[(attrs as { index: number }).index, needs.get(id)!] as const] : []
    })
    return { order: kept, needs, params }
  }
  return live
}
/** Equal texts are equal needs. */
export const keyOf = (n: NeedJson): string =>
  n === true
    ? '*'
    : `{${Object.keys(n)
        .sort()
        .map((f) => `${JSON.stringify(f)}:${keyOf(n[f]!)}`)
        .join()}}`
