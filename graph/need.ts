import type { Arena, NodeId, NodeView } from './arena.ts'
import type { Type } from './types.ts'
import { elementOf } from './types.ts'
import { postorder, writes } from './walk.ts'

/**
 * How much of a value is needed: all of it, or some fields of a record (through lists, of every record). An empty map
 * means that nothing is looked at, but that the node happens because it writes.
 */
export type Need = true | ReadonlyMap<string, Need>
export const nothing: Need = new Map()

export const join = (a: Need | undefined, b: Need): Need => {
  if (a === undefined || b === true || a === b) return b
  if (a === true) return true
  const both = new Map(a)
  for (const [k, n] of b) both.set(k, join(both.get(k), n))
  return both
}
const isNothing = (n: Need): boolean => n !== true && n.size === 0
export const needKey = (n: Need): string =>
  n === true
    ? '*'
    : `{${[...n]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => `${JSON.stringify(k)}:${needKey(v)}`)
        .join()}}`

/**
 * Where nothing of a list is looked at, its size still is. Whatever makes the list elsewhere (an arm, the element of
 * another list) is then needed whole.
 */
const sized = (t: Type, n: Need): Need => (isNothing(n) && elementOf(t) !== undefined ? true : n)

/** How much of the result of body `k` is looked at when so much of its owner is. */
export const needOfBody = ({ op, type }: NodeView, k: number, need: Need): Need => {
  switch (op.name) {
    case 'map':
    case 'forkMap':
    case 'mapBatched':
      return need
    case 'cond':
    case 'match':
      return sized(type, need)
    case 'fork':
      return need === true ? true : (need.get((op.attrs as { fields: readonly string[] }).fields[k]!) ?? nothing)
    default:
      return true
  }
}

/** What is needed inside one region: every node that must be computed, in program order, with how much of it. */
export interface Plan {
  readonly order: readonly NodeId[]
  readonly need: ReadonlyMap<NodeId, Need>
  /** Whether a node looks at its operand in this position. */
  readonly looks: (id: NodeId, operand: number) => boolean
}

/**
 * Works out, backwards from the root of a region, what must be computed when `rootNeed` of its result is looked at.
 * Writes always happen; both parts of a sequence do; a node that nothing needs is not in the plan, and neither it nor
 * an error it might have ends up in the result.
 */
export const planOf = (arena: Arena, root: NodeId, rootNeed: Need): Plan => {
  const memo = plans.get(arena) ?? new Map<string, Plan>()
  plans.set(arena, memo)
  const key = `${root} ${needKey(rootNeed)}`
  const known = memo.get(key)
  if (known !== undefined) return known
  const plan = workOut(arena, root, rootNeed)
  memo.set(key, plan)
  return plan
}
const plans = new WeakMap<Arena, Map<string, Plan>>()

/**
 * Program order follows what is asked: an operand that nobody looks at is not gone into, unless something below it
 * writes. So leaving out what is not needed never changes the order of the rest.
 */
const workOut = (arena: Arena, root: NodeId, rootNeed: Need): Plan => {
  const all = postorder(arena, root)
  const need = new Map<NodeId, Need>()
  const carries = new Set<NodeId>()
  const ask = (id: NodeId, n: Need): void => {
    need.set(id, join(need.get(id), n))
  }
  for (const id of all) {
    const itself = writes(arena, id)
    if (itself) ask(id, nothing)
    if (itself || arena.argsOf(id).some((a) => carries.has(a))) carries.add(id)
  }
  if (!isNothing(rootNeed) || need.has(root)) ask(root, rootNeed)
  /** Positions looked at, for nodes that look at some of their operands only. */
  const partly = new Map<NodeId, ReadonlySet<number>>()
  for (let i = all.length - 1; i >= 0; i--) {
    const node = arena.node(all[i]!)
    const n = need.get(node.id)
    const asked = new Set<number>()
    if (n !== undefined) {
      demand(arena, node, n, (k, m) => {
        asked.add(k)
        ask(node.args[k]!, m)
      })
    }
    if (asked.size < node.args.length) partly.set(node.id, asked)
  }
  const looks = (id: NodeId, k: number): boolean => need.has(id) && partly.get(id)?.has(k) !== false
  if (!need.has(root) && !carries.has(root)) return { order: [], need, looks }
  const order = postorder(arena, root, (id) => {
    const asked = partly.get(id)
    const args = arena.argsOf(id)
    return asked === undefined ? args : args.filter((a, k) => asked.has(k) || carries.has(a))
  })
  return { order: order.filter((id) => need.has(id)), need, looks }
}

/** Which operands, by position, a node looks at when so much of it is needed. */
const demand = (arena: Arena, node: NodeView, n: Need, ask: (operand: number, n: Need) => void): void => {
  const { args, op, regions } = node
  const inside = (k: number, back: (param: number, n: Need) => void): void =>
    captures(arena, planOf(arena, regions[k]!.root, needOfBody(node, k, n)), back)
  switch (op.name) {
    case 'record':
    case 'rows': {
      const { fields } = op.attrs as { fields: readonly string[] }
      fields.forEach((f, i) => {
        const part = n === true ? true : n.get(f)
        if (part !== undefined) ask(i, part)
      })
      // The length of a list of records is that of its first column.
      if (op.name === 'rows') ask(0, nothing)
      return
    }
    case 'field':
    case 'column':
      ask(0, new Map([[(op.attrs as { name: string }).name, n]]))
      return
    case 'sequence':
    case 'assert':
      ask(0, true)
      ask(1, n)
      for (let i = 2; i < args.length; i++) ask(i, true)
      return
    case 'filter':
      ask(0, n)
      ask(1, true)
      return
    case 'flatten':
      ask(0, sized(node.type, n))
      return
    case 'map':
    case 'forkMap':
    case 'mapBatched':
      inside(0, (k, m) => ask(k, k === 0 ? sized(regions[0]!.params[0]!, m) : m))
      // The list is always needed for its length; how much of its elements, the body says.
      ask(0, nothing)
      return
    case 'fork':
      regions.forEach((_, b) => {
        inside(b, ask)
      })
      return
    case 'cond':
    case 'match':
      ask(0, true)
      regions.forEach((_, b) => {
        inside(b, (i, m) => {
          const k = op.name === 'cond' ? i + 1 : i
          if (k > 0) ask(k, m)
        })
      })
      return
    default:
      for (let i = 0; i < args.length; i++) ask(i, true)
  }
}
/** Calls back for each parameter of a region that its plan needs. */
const captures = (arena: Arena, plan: Plan, back: (index: number, n: Need) => void): void => {
  for (const [id, n] of plan.need) {
    const op = arena.opOf(id)
    if (op.name === 'param') back((op.attrs as { index: number }).index, n)
  }
}
