import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { StaticChoice } from '../../graph/statics.ts'
import { staticFor } from '../../graph/statics.ts'
import { isScalar } from '../../graph/types.ts'
import { mayFail, postorder, writes } from '../../graph/walk.ts'
import type { RegionPlan } from '../needs.ts'
import {
  domainOf,
  isCell,
  isElementwise,
  isIndexMap,
  isReading,
  isReduction,
  isScalarLiteral,
  isSmallProduct,
  sameDomain,
} from './members.ts'
import type { Numbering } from './numbering.ts'
import { numbering } from './numbering.ts'

/** What a member takes from a node that is not copied into its kernel: cell by cell, or in some other way. */
export interface Input {
  readonly from: NodeId
  /** At the member's own index, so that a value computed in the same loop will do. */
  readonly direct: boolean
}

/** How the nodes of a region take part in fusion. */
export interface Roles {
  readonly arena: Arena
  /** Every node in program order, and its place there. */
  readonly nodes: readonly NodeView[]
  readonly place: Pick<Numbering, 'get'>
  /** When the walk along the program first comes to a node, which is before it comes to what the node waits for. */
  readonly entry: Pick<Numbering, 'get'>
  /** Nodes that become part of exactly one kernel, with what they take. */
  readonly inputs: ReadonlyMap<NodeId, readonly Input[]>
  /** Members that take from a node. */
  readonly uses: ReadonlyMap<NodeId, readonly { readonly by: NodeId; readonly direct: boolean }[]>
  /** Nodes that something other than a kernel member looks at. */
  readonly outside: ReadonlySet<NodeId>
  /** Literals and index maps, of which each kernel holds its own copy. */
  readonly copied: ReadonlySet<NodeId>
  /** Left to hand-written kernels. */
  readonly left: ReadonlySet<NodeId>
  /** Calls that have happened when a node is reached, and the last call that a node waits for. */
  readonly time: Pick<Numbering, 'get'>
  readonly latest: Pick<Numbering, 'get'>
}

/** Longer chains of index maps are stored in between, so that kernels stay small. */
const longestChain = 8

export const rolesOf = (
  arena: Arena,
  root: NodeId,
  { plan, always }: RegionPlan,
  statics: readonly StaticChoice[] = [],
): Roles => {
  const nodes = postorder(arena, root).map((id) => arena.node(id))
  const { time, latest } = clockOf(arena, plan.order)
  const chain = new Map<NodeId, number>()
  const copied = new Set<NodeId>()
  const readers = readersOf(nodes)
  for (const n of nodes) {
    if (isScalarLiteral(n)) copied.add(n.id)
    if (isReading(arena, n) && !copied.has(n.args[0]!) && cheapToRead(arena, n, readers)) copied.add(n.id)
    if (!isIndexMap(arena, n)) continue
    const length = 1 + n.args.reduce((most, a) => Math.max(most, chain.get(a) ?? 0), 0)
    chain.set(n.id, length % longestChain)
    if (length < longestChain) copied.add(n.id)
  }
  const runs = (n: NodeView): boolean => always(n.id) && time.has(n.id)
  const left = new Set(nodes.filter((n) => staticFor(arena, n, statics) !== undefined).map((n) => n.id))
  const members = new Set(
    nodes
      .filter((n) => runs(n) && !left.has(n.id) && (isElementwise(arena, n) || isReduction(arena, n)))
      .map((n) => n.id),
  )
  const outside = new Set<NodeId>([root])
  for (const n of nodes.toReversed()) {
    // What is looked at as a whole is made once, by a loop of its own.
    if (outside.has(n.id) && isReading(arena, n)) copied.delete(n.id)
    // An index map is stored when something that is no member looks at all of it; a single cell is read without a loop.
    const stored = isIndexMap(arena, n) && (outside.has(n.id) || !copied.has(n.id))
    if (stored && !isCell(n) && runs(n)) members.add(n.id)
    if (!members.has(n.id) && (!copied.has(n.id) || stored)) for (const a of n.args) outside.add(a)
  }
  const inputs = new Map<NodeId, readonly Input[]>()
  const uses = new Map<NodeId, { by: NodeId; direct: boolean }[]>()
  for (const n of nodes) {
    const product = runs(n) && !left.has(n.id) && isSmallProduct(arena, n)
    if (!members.has(n.id) && !product) continue
    // A product reads its operands again and again, so they lie in memory.
    const own = product ? [...new Set(n.args)].map((from) => ({ from, direct: false })) : inputsOf(arena, n, copied)
    inputs.set(n.id, own)
    for (const { from, direct } of own) {
      if (!uses.has(from)) uses.set(from, [])
      uses.get(from)!.push({ by: n.id, direct })
    }
  }
  const place = numbering(arena, nodes.length)
  for (const [i, n] of nodes.entries()) place.set(n.id, i)
  return {
    arena,
    nodes,
    place,
    entry: entries(arena, root, nodes, plan.looks),
    inputs,
    uses,
    outside,
    copied,
    left,
    time,
    latest,
  }
}

/** The nodes that take from each node, with one entry a time that they do. */
const readersOf = (nodes: readonly NodeView[]): ReadonlyMap<NodeId, readonly NodeView[]> => {
  const readers = new Map<NodeId, NodeView[]>()
  for (const n of nodes) {
    for (const a of n.args) {
      if (!readers.has(a)) readers.set(a, [])
      readers.get(a)!.push(n)
    }
  }
  return readers
}
/**
 * A reshape costs nothing, nor does one cell; a gather of many jumps about in memory, so it is done once, for the one
 * member that wants it.
 */
const cheapToRead = (arena: Arena, n: NodeView, readers: ReadonlyMap<NodeId, readonly NodeView[]>): boolean => {
  if (n.op.name === 'reshape' || isScalar(n.type)) return true
  const own = readers.get(n.id) ?? []
  return own.length === 1 && (isElementwise(arena, own[0]!) || isReduction(arena, own[0]!))
}

/** Everything a member takes, seen through the index maps it holds copies of. */
const inputsOf = (arena: Arena, member: NodeView, copied: ReadonlySet<NodeId>): readonly Input[] => {
  if (!isIndexMap(arena, member) && !member.args.some((a) => copied.has(a)))
    return [...new Set(member.args)].map((from) => ({ from, direct: true }))
  const found = new Map<NodeId, boolean>()
  const seen = new Set<string>()
  const domain = domainOf(arena, member)
  const look = (id: NodeId, direct: boolean): void => {
    const key = `${id} ${direct}`
    if (seen.has(key)) return
    seen.add(key)
    if (copied.has(id)) through(arena.node(id))
    else found.set(id, (found.get(id) ?? true) && direct)
  }
  // The operand of an index map is read elsewhere; one that only tells a shape, or where to gather, is at hand where the
  // shapes agree: a gather is copied only straight below a member.
  const through = (n: NodeView): void => {
    const beside = n.op.name === 'broadcast' || n.op.name === 'gather'
    for (const [k, a] of n.args.entries()) look(a, k === 1 && beside && sameDomain(arena, a, domain))
  }
  if (isIndexMap(arena, member)) through(member)
  else for (const a of member.args) look(a, true)
  return [...found].map(([from, direct]) => ({ from, direct }))
}

/** Counts calls, and everything else whose order matters, along the order in which a region runs. */
const clockOf = (arena: Arena, order: readonly NodeId[]): { time: Numbering; latest: Numbering } => {
  const time = numbering(arena, order.length)
  const latest = numbering(arena, order.length)
  let now = 0
  for (const id of order) {
    const bodies = arena.regionsOf(id)
    const counts =
      isEffect(arena.opOf(id).name) ||
      mayFail(arena, id) ||
      bodies.some((b) =>
        postorder(arena, b.root).some((x) => isEffect(arena.opOf(x).name) || arena.regionsOf(x).length > 0),
      )
    if (counts) now++
    time.set(id, now)
    latest.set(id, counts ? now : arena.argsOf(id).reduce((most, a) => Math.max(most, latest.get(a) ?? 0), 0))
  }
  return { time, latest }
}

/** Follows what is looked at, and what leads to a write, as the program does; what is left over comes after it all. */
const entries = (
  arena: Arena,
  root: NodeId,
  nodes: readonly NodeView[],
  looks: (id: NodeId, operand: number) => boolean,
): Numbering => {
  const carries = new Set<NodeId>()
  for (const n of nodes) if (writes(arena, n.id) || n.args.some((a) => carries.has(a))) carries.add(n.id)
  const operands = (id: NodeId): readonly NodeId[] => arena.argsOf(id).filter((a, k) => looks(id, k) || carries.has(a))
  const entry = numbering(arena, nodes.length)
  let entered = 0
  const enter = (from: NodeId, below: (id: NodeId) => readonly NodeId[]): void => {
    if (entry.has(from)) return
    entry.set(from, entered++)
    const stack: { readonly args: readonly NodeId[]; next: number }[] = [{ args: below(from), next: 0 }]
    while (stack.length > 0) {
      const top = stack.at(-1)!
      const arg = top.args[top.next++]
      if (arg === undefined) stack.pop()
      else if (!entry.has(arg)) {
        entry.set(arg, entered++)
        stack.push({ args: below(arg), next: 0 })
      }
    }
  }
  enter(root, operands)
  for (const n of nodes.toReversed()) enter(n.id, (id) => arena.argsOf(id))
  return entry
}
