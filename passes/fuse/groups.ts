import type { NodeId } from '../../graph/arena.ts'
import { axesOf, domainOf, isSmall, weightOf } from './members.ts'
import type { Numbering } from './numbering.ts'
import { numbering } from './numbering.ts'
import type { Roles } from './roles.ts'

export const limits = { weight: 96, outputs: 16 } as const

/** One kernel to be: its members, and those of them that something outside uses; both in program order. */
export interface Group {
  readonly members: readonly NodeId[]
  readonly outputs: readonly NodeId[]
}

/**
 * Decides which members of a region share a loop.
 *
 * A member's domain is the shape it loops over. Its level counts the edges above it at which a value leaves its domain
 * (out of a reduction, through an index map, through anything that is not fused): members of one domain and level never
 * wait for each other from outside, so any set of them can be one kernel without a cycle. Small ones are, even where they
 * have no data in common: a call of a kernel costs more than they do. Others are together when they share operands. A member that only later
 * levels use sinks to the first of them, where it need not be stored.
 *
 * A kernel waits for all its operands at once, which could move a call ahead of another. It does not, as long as all its
 * outputs have the same time: take the output that is reached first; every call up to its time has happened by then or
 * is below it, and no other member waits for a later one. So members whose users belong to different times are apart.
 */
export const groupsOf = (r: Roles): readonly Group[] => {
  const { arena, inputs, uses, outside, time } = r
  const isReduce = (id: NodeId): boolean => arena.opOf(id).name === 'reduce'
  const domains = new Map([...inputs.keys()].map((id) => [id, domainOf(arena, arena.node(id))]))
  const stays = (from: NodeId, by: NodeId, direct: boolean): boolean =>
    direct && domains.get(from) === domains.get(by) && !isReduce(from)
  const levels = levelsOf(r, stays)
  const within = (from: NodeId, by: NodeId, direct: boolean): boolean =>
    stays(from, by, direct) && levels.get(from) === levels.get(by)
  const strata = numbering(arena, r.nodes.length)
  for (const id of [...inputs.keys()].reverse()) {
    const own = (uses.get(id) ?? []).map((u) => (within(id, u.by, u.direct) ? strata.get(u.by)! : -1))
    const inner = own.length > 0 && !outside.has(id) && own.every((s) => s === own[0] && s >= 0)
    strata.set(id, inner ? own[0]! : time.get(id)!)
  }
  const outputsOf = (members: readonly NodeId[]): readonly NodeId[] => {
    const set = new Set(members)
    return members.filter((m) => outside.has(m) || (uses.get(m) ?? []).some((u) => !set.has(u.by) || isReduce(m)))
  }
  const groups: Group[] = []
  /** `settled`: all members wait for the same last call, which is enough whatever the outputs are. */
  const close = (members: readonly NodeId[], settled: boolean): void => {
    const outputs = outputsOf(members)
    if (outputs.length === 0) return
    if (outputs.length > limits.outputs) for (const half of halves(members)) close(half, settled)
    else if (!settled && new Set(outputs.map((o) => time.get(o))).size > 1)
      for (const part of byKey(members, (m) => r.latest.get(m)!)) close(part, true)
    else if (members.length > 1 || arena.opOf(members[0]!).name !== 'contract') groups.push({ members, outputs })
  }
  const numbers = new Map<string, number>()
  const keys = numbering(arena, r.nodes.length)
  for (const id of inputs.keys()) {
    const text = `${domains.get(id)} ${levels.get(id)} ${strata.get(id)}`
    const known = numbers.get(text) ?? numbers.size
    numbers.set(text, known)
    keys.set(id, known)
  }
  const key = (id: NodeId): number => keys.get(id)!
  for (const component of components(r, key, within)) {
    for (const part of byAxes(r, component, isReduce)) for (const chunk of chunks(r, part)) close(chunk, false)
  }
  return groups
}

const levelsOf = (r: Roles, stays: (from: NodeId, by: NodeId, direct: boolean) => boolean): Numbering => {
  const levels = numbering(r.arena, r.nodes.length)
  const after = (from: NodeId, by: NodeId, direct: boolean): number =>
    (levels.get(from) ?? 0) + (r.inputs.has(from) && !stays(from, by, direct) ? 1 : 0)
  for (const n of r.nodes) {
    let level = 0
    for (const i of r.inputs.get(n.id) ?? n.args.map((from) => ({ from, direct: false })))
      level = Math.max(level, after(i.from, n.id, i.direct))
    levels.set(n.id, level)
  }
  for (const id of [...r.inputs.keys()].reverse()) {
    const users = r.uses.get(id) ?? []
    if (users.length === 0 || r.outside.has(id) || !users.every((u) => stays(id, u.by, u.direct))) continue
    levels.set(
      id,
      users.reduce((least, u) => Math.min(least, levels.get(u.by)!), Number.POSITIVE_INFINITY),
    )
  }
  return levels
}

/** Members of one key that are connected, by an edge or by taking from the same node; or small, and waiting for the same call. */
const components = (
  r: Roles,
  key: (id: NodeId) => number,
  within: (from: NodeId, by: NodeId, direct: boolean) => boolean,
): readonly (readonly NodeId[])[] => {
  const parent = numbering(r.arena, r.nodes.length)
  const find = (id: NodeId): NodeId => {
    let top = id
    while (parent.get(top) !== top) {
      parent.set(top, parent.get(parent.get(top)!)!)
      top = parent.get(top)!
    }
    return top
  }
  const first = new Map<number, NodeId>()
  const firstSmall = new Map<string, NodeId>()
  for (const [id, own] of r.inputs) {
    parent.set(id, id)
    const k = key(id)
    if (isSmall(r.arena, r.arena.node(id))) {
      const place = `${k} ${r.latest.get(id)}`
      const mate = firstSmall.get(place) ?? id
      firstSmall.set(place, mate)
      parent.set(id, find(mate))
    }
    for (const { from, direct } of own) {
      const inner = r.inputs.has(from) && key(from) === k && within(from, id, direct)
      const place = k * r.arena.size + from
      const mate = inner ? from : (first.get(place) ?? id)
      first.set(place, mate)
      parent.set(find(id), find(mate))
    }
  }
  return byKey([...r.inputs.keys()], find)
}

/** All reductions of a kernel reduce the same axes: what feeds one kind only goes with it, the rest with the first. */
const byAxes = (
  r: Roles,
  component: readonly NodeId[],
  isReduce: (id: NodeId) => boolean,
): readonly (readonly NodeId[])[] => {
  const reduces = component.filter(isReduce)
  const axes = (id: NodeId): string => axesOf(r.arena.node(id))
  if (new Set(reduces.map(axes)).size <= 1) return [component]
  const main = axes(reduces[0]!)
  const inside = new Set(component)
  const part = new Map<NodeId, string>()
  for (const id of component.toReversed()) {
    const users = r.uses.get(id) ?? []
    const wanted = new Set(users.map((u) => (inside.has(u.by) ? part.get(u.by)! : main)))
    part.set(id, isReduce(id) ? axes(id) : r.outside.has(id) || wanted.size !== 1 ? main : [...wanted][0]!)
  }
  return byKey(component, (id) => part.get(id)!)
}

/** Cuts a component along program order, so that pieces only wait for pieces before them. */
const chunks = (r: Roles, members: readonly NodeId[]): readonly (readonly NodeId[])[] => {
  const out: NodeId[][] = [[]]
  let weight = 0
  for (const m of members) {
    const own = weightOf(r.arena.node(m)) + r.arena.argsOf(m).filter((a) => r.copied.has(a)).length
    if (weight > 0 && weight + own > limits.weight) {
      out.push([])
      weight = 0
    }
    out.at(-1)!.push(m)
    weight += own
  }
  return out
}
const halves = (members: readonly NodeId[]): readonly (readonly NodeId[])[] => {
  const middle = members.length >> 1
  return [members.slice(0, middle), members.slice(middle)]
}
const byKey = <K>(members: readonly NodeId[], key: (id: NodeId) => K): readonly (readonly NodeId[])[] => {
  const parts = new Map<K, NodeId[]>()
  for (const m of members) {
    const k = key(m)
    if (!parts.has(k)) parts.set(k, [])
    parts.get(k)!.push(m)
  }
  return [...parts.values()]
}
