import type { Arena, NodeId } from '../../graph/arena.ts'
import { effects, isEffect } from '../../graph/effects.ts'
import { bytesOfType, workIn } from '../../graph/estimate.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { planOf } from '../../graph/need.ts'
import { Schedule } from '../../graph/schedule.ts'
import type { Topology } from '../../graph/topology.ts'
import { arrivalOf, crossingCost, workCost } from '../../graph/topology.ts'
import { mayFail, occurrenceOf, ownFootprint, postorder } from '../../graph/walk.ts'

/** What has to be placed: a needed node at the top of the graph. */
export interface StepView {
  readonly node: NodeId
  /** For people: the op, and the calls in it. */
  readonly label: string
  /** Names of the calls in it, by which a pin finds it. */
  readonly names: ReadonlySet<string>
  readonly drivers: readonly string[]
  readonly kernels: boolean
  readonly after: readonly number[]
  /** Sites it may be at, by number, and why the others are out. */
  readonly allowed: readonly number[]
  readonly barred: readonly string[]
}

/** What crosses from a step to the sites of those that need it: its value, or the news that it has succeeded. */
export interface Flowing {
  readonly kind: 'value' | 'signal'
  readonly tail: number
  /** Steps, or the number after the last for whoever wants the result. */
  readonly heads: readonly number[]
  /** From site, to site. */
  readonly cost: readonly (readonly number[])[]
}

export interface Model {
  readonly topology: Topology
  readonly target: string
  readonly steps: readonly StepView[]
  /** Work of each step at each site, infinite where it may not be; the last row is whoever wants the result. */
  readonly work: readonly (readonly number[])[]
  readonly flowing: readonly Flowing[]
}

/** Literals travel with the code, and what nothing looks at is nowhere. */
const nowhere: ReadonlySet<string> = new Set(['const', 'absent'])

export const modelOf = (g: Graph, topology: Topology, target: string): Model => {
  const { arena } = g
  const order = planOf(arena, g.root, true).order.filter((id) => !nowhere.has(arena.opOf(id).name))
  const index = new Map(order.map((id, i) => [id, i]))
  const work = workIn(arena, topology.sizes ?? {})
  const schedule = new Schedule()
  const users: number[][] = order.map(() => [])
  const steps: StepView[] = []
  for (const [j, node] of order.entries()) {
    // An operand that nothing looks at may come later, or not at all.
    const operands = arena.argsOf(node).flatMap((a) => ((index.get(a) ?? j) < j ? [index.get(a)!] : []))
    for (const i of new Set(operands)) users[i]!.push(j)
    const fails = arena.opOf(node).name === 'kernel' || mayFail(arena, node)
    const after = schedule.place(operands, ownFootprint(arena, node), fails)
    steps.push({ node, after, ...describe(g, node, j, topology, target) })
  }
  const root = index.get(g.root)
  if (root !== undefined) users[root]!.push(order.length)
  const followers: number[][] = order.map(() => [])
  for (const [j, s] of steps.entries()) for (const i of s.after) followers[i]!.push(j)
  const costs = (bytes: number): readonly (readonly number[])[] =>
    topology.sites.map((a) => topology.sites.map((b) => crossingCost(topology, a.name, b.name, bytes)))
  return {
    topology,
    target,
    steps,
    work: [
      ...steps.map((s) => {
        const n = work(s.node)
        return topology.sites.map((site, k) => (s.allowed.includes(k) ? workCost(site, n) : Infinity))
      }),
      topology.sites.map((s) => (s.name === topology.result ? 0 : Infinity)),
    ],
    flowing: steps.flatMap((s, tail): readonly Flowing[] => [
      ...(users[tail]!.length === 0
        ? []
        : [
            {
              kind: 'value' as const,
              tail,
              heads: users[tail]!,
              cost: costs(bytesOfType(arena.typeOf(s.node), topology.sizes ?? {})),
            },
          ]),
      ...(followers[tail]!.length === 0
        ? []
        : [{ kind: 'signal' as const, tail, heads: followers[tail]!, cost: costs(0) }]),
    ]),
  }
}

type Described = Pick<StepView, 'label' | 'names' | 'drivers' | 'kernels' | 'allowed' | 'barred'>
const describe = (g: Graph, node: NodeId, at: number, t: Topology, target: string): Described => {
  const { op } = g.arena.node(node)
  const names = new Set<string>()
  const drivers = new Set<string>()
  let kernels = false
  for (const id of everyNode(g.arena, node)) {
    const inner = g.arena.node(id)
    const occurrence = occurrenceOf(inner)
    if (inner.op.name === 'kernel') kernels = true
    if (occurrence === undefined) continue
    const own = [siteOf(g, occurrence).name, (inner.op.attrs as { name?: string }).name ?? '']
    for (const n of own) if (n !== '') names.add(n)
    if (isEffect(inner.op.name)) drivers.add(effects[inner.op.name].driver(inner.op.attrs as never))
  }
  const input = op.name === 'input' ? (op.attrs as { name: string }).name : undefined
  const wanted = [...pinsOf(t, names, at), ...(input === undefined ? [] : [arrivalOf(t, input) ?? ''])]
  const barred: string[] = []
  const allowed = t.sites.flatMap((s, k) => {
    const missing = [...drivers].filter((d) => !s.reaches.includes('*') && !s.reaches.includes(d))
    const why =
      missing.length > 0
        ? `${s.name} does not reach ${missing.map((d) => `'${d}'`).join(', ')}`
        : kernels && s.targets?.includes(target) === false
          ? `${s.name} does not run ${target} kernels`
          : wanted.some((w) => w !== s.name)
            ? `it is pinned to ${[...new Set(wanted)].join(' and to ')}`
            : undefined
    if (why === undefined) return [k]
    barred.push(why)
    return []
  })
  const label = [op.name, ...(input === undefined ? [...names] : [input])].join(' ')
  return { label, names, drivers: [...drivers], kernels, allowed, barred: [...new Set(barred)] }
}

/** Sites to which pins bind a step: by the name of a call in it, or by its number. */
export const pinsOf = (t: Topology, names: ReadonlySet<string>, at: number): readonly string[] =>
  Object.entries(t.pins ?? {}).flatMap(([name, site]) => (names.has(name) || name === `%${at}` ? [site] : []))

const everyNode = (arena: Arena, top: NodeId): ReadonlySet<NodeId> => {
  const all = new Set([top])
  for (const id of all) for (const r of arena.regionsOf(id)) for (const n of postorder(arena, r.root)) all.add(n)
  return all
}

/** A site for each step, by number; the last is that of whoever wants the result. */
export type Assignment = readonly number[]

/** What a placement costs in all: work where it is done, and each crossing once. */
export const costOf = (m: Model, at: Assignment): number => {
  const work = m.work.reduce((n, w, v) => n + w[at[v]!]!, 0)
  return m.flowing.reduce((n, f) => n + crossed(f, at).reduce((c, to) => c + f.cost[at[f.tail]!]![to]!, 0), work)
}
/** The other sites at which something is needed. */
export const crossed = (f: Flowing, at: Assignment): readonly number[] => {
  const from = at[f.tail]!
  return [...new Set(f.heads.map((h) => at[h]!))].filter((s) => s !== from).sort((a, b) => a - b)
}
