import type { Arena, NodeId, NodeView } from './arena.ts'
import { isEffect } from './effects.ts'
import type { Need, Plan } from './need.ts'
import { needKey, needOfBody, planOf } from './need.ts'
import type { OpName } from './ops/index.ts'
import { declOf } from './ops/index.ts'
import { occurrenceOf } from './walk.ts'

/**
 * What can be worked out of a region before it runs, when some of its queries may be asked ahead of their turn: the
 * values that need nothing but pure work and the answers of those queries. Bodies of maps, branches and forks are looked
 * into; whether a body is entered, and how often, must itself be known. Writes, clocks and other calls are not known.
 */
export interface Ahead {
  readonly plan: Plan
  readonly known: ReadonlySet<NodeId>
  /** The bodies that are looked into, by their owner. */
  readonly bodies: ReadonlyMap<NodeId, readonly Ahead[]>
  /** Occurrences that can be asked, in this region or further inside. */
  readonly asks: ReadonlySet<number>
  readonly given: readonly boolean[]
}

/** Looks ahead into regions, with one set of queries (by occurrence) that may be asked early. */
export const lookAhead = (
  arena: Arena,
  early: ReadonlySet<number>,
): ((root: NodeId, need: Need, given: readonly boolean[]) => Ahead) => {
  const memo = new Map<string, Ahead>()
  const region = (root: NodeId, need: Need, given: readonly boolean[]): Ahead => {
    const key = `${root} ${given.map(Number).join('')} ${needKey(need)}`
    const found = memo.get(key) ?? look(root, need, given)
    memo.set(key, found)
    return found
  }
  const look = (root: NodeId, need: Need, given: readonly boolean[]): Ahead => {
    const plan = planOf(arena, root, need)
    const known = new Set<NodeId>()
    const bodies = new Map<NodeId, readonly Ahead[]>()
    const asks = new Set<number>()
    for (const id of plan.order) {
      const node = arena.node(id)
      const has = node.args.map((a, k) => !plan.looks(id, k) || known.has(a))
      const passed = entered(node, has)
      if (passed !== undefined) {
        const inner = node.regions.map((r, k) => region(r.root, needOfBody(node, k, plan.need.get(id)!), passed))
        bodies.set(id, inner)
        for (const b of inner) for (const o of b.asks) asks.add(o)
        if (node.regions.every((r, k) => inner[k]!.known.has(r.root))) known.add(id)
      } else if (isKnown(node, has, given)) known.add(id)
      if (isEffect(node.op.name) && known.has(id)) asks.add(occurrenceOf(node)!)
    }
    return { plan, known, bodies, asks, given }
  }
  const isKnown = (node: NodeView, has: readonly boolean[], given: readonly boolean[]): boolean => {
    const name = node.op.name as OpName
    if (name === 'param') return given[(node.op.attrs as { index: number }).index] === true
    if (name === 'input' || name === 'absent') return true
    if (name === 'sequence') return has[1]!
    if (isEffect(name) && !early.has(occurrenceOf(node)!)) return false
    const pure = declOf(name).meaning !== undefined || name === 'assert' || name === 'decodeJson' || name === 'kernel'
    return (pure || isEffect(name)) && has.every(Boolean)
  }
  return region
}

/** Which parameters of its bodies an op gives a known value, when the look may enter them. */
const entered = (node: NodeView, has: readonly boolean[]): readonly boolean[] | undefined => {
  switch (node.op.name) {
    case 'map':
    case 'forkMap':
    case 'mapBatched':
    case 'match':
      return has[0]! ? [true, ...has.slice(1)] : undefined
    case 'cond':
      return has[0]! ? has.slice(1) : undefined
    case 'fork':
    case 'attempt':
      return has
    default:
      return undefined
  }
}
