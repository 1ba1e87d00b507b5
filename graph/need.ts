import type { Arena, NodeId, NodeView } from './arena.ts'
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
  n === true ? '*' : `{${[...n].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${JSON.stringify(k)}:${needKey(v)}`).join()}}`

/** What is needed inside one region: every node that must be computed, in program order, with how much of it. */
export interface Plan { readonly order: readonly NodeId[]; readonly need: ReadonlyMap<NodeId, Need> }

/**
 * Works out, backwards from the root of a region, what must be computed when `rootNeed` of its result is looked at.
 * Writes always happen; both parts of a sequence do; a node that nothing needs is not in the plan, and neither it nor
 * an error it might have ends up in the result.
 */
export const planOf = (arena: Arena, root: NodeId, rootNeed: Need): Plan => {
  let memo = plans.get(arena)
  if (memo === undefined) plans.set(arena, (memo = new Map()))
  const key = `${root} ${needKey(rootNeed)}`
  const known = memo.get(key)
  if (known !== undefined) return known
  const plan = workOut(arena, root, rootNeed)
  memo.set(key, plan)
  return plan
}
const plans = new WeakMap<Arena, Map<string, Plan>>()

const workOut = (arena: Arena, root: NodeId, rootNeed: Need): Plan => {
  const order = postorder(arena, root)
  const need = new Map<NodeId, Need>()
  const ask = (id: NodeId, n: Need): void => { need.set(id, join(need.get(id), n)) }
  for (const id of order) if (writes(arena, id)) ask(id, nothing)
  if (!isNothing(rootNeed) || need.has(root)) ask(root, rootNeed)
  for (let i = order.length - 1; i >= 0; i--) {
    const node = arena.node(order[i]!)
    const n = need.get(node.id)
    if (n !== undefined) demand(arena, node, n, ask)
  }
  return { order: order.filter((id) => need.has(id)), need }
}

const demand = (arena: Arena, node: NodeView, n: Need, ask: (id: NodeId, n: Need) => void): void => {
  const { args, op, regions } = node
  const all = (from = 0): void => { for (let i = from; i < args.length; i++) ask(args[i]!, true) }
  switch (op.name) {
    case 'record': case 'rows': {
      const { fields } = op.attrs as { fields: readonly string[] }
      fields.forEach((f, i) => {
        const part = n === true ? true : n.get(f)
        if (part !== undefined) ask(args[i]!, part)
      })
      // The length of a list of records is that of its columns: one of them is kept.
      if (op.name === 'rows' && n !== true && !fields.some((f) => n.has(f))) ask(args[0]!, true)
      return
    }
    case 'field': case 'column':
      ask(args[0]!, new Map([[(op.attrs as { name: string }).name, n]]))
      return
    case 'sequence':
      ask(args[0]!, true)
      ask(args[1]!, n)
      return
    case 'filter':
      ask(args[0]!, n)
      ask(args[1]!, true)
      return
    case 'flatten':
      ask(args[0]!, n)
      return
    case 'assert':
      ask(args[0]!, true)
      ask(args[1]!, n)
      return
    case 'map': case 'forkMap': case 'mapBatched': {
      const inner = planOf(arena, regions[0]!.root, n)
      captures(arena, inner, (i, m) => { ask(args[i]!, m) })
      // The list is always needed for its length; how much of its elements, the body says.
      ask(args[0]!, nothing)
      return
    }
    case 'fork': {
      const { fields } = op.attrs as { fields: readonly string[] }
      regions.forEach((r, b) => {
        const part = n === true ? true : n.get(fields[b]!)
        captures(arena, planOf(arena, r.root, part ?? nothing), (i, m) => { ask(args[i]!, m) })
      })
      return
    }
    case 'cond': case 'match':
      ask(args[0]!, true)
      for (const r of regions) {
        captures(arena, planOf(arena, r.root, n), (i, m) => {
          const arg = op.name === 'cond' ? i + 1 : i
          if (arg > 0 && args[arg] !== undefined) ask(args[arg], m)
        })
      }
      return
    default:
      all()
  }
}
/** Calls back for each parameter of a region that its plan needs. */
const captures = (arena: Arena, plan: Plan, back: (index: number, n: Need) => void): void => {
  for (const [id, n] of plan.need) {
    const op = arena.opOf(id)
    if (op.name === 'param') back((op.attrs as { index: number }).index, n)
  }
}
