import type { Arena, NodeId, NodeView, Region } from './arena.ts'
import type { Footprint } from './effects.ts'
import { effects, emptyFootprint, isEffect, joinFootprints } from './effects.ts'
import { make } from './make.ts'
import type { OpName } from './ops/index.ts'
import { declOf } from './ops/index.ts'

const stamps = new WeakMap<Arena, { marks: Int32Array; generation: number }>()

/**
 * Every node a region's root depends on, operands before their users: depth first from the root, operands left to
 * right. This is program order. Bodies of region ops are not entered. Uses an explicit stack, so depth costs nothing.
 * `operands` may leave some out, and what only they reach is then not visited.
 */
export const postorder = (arena: Arena, root: NodeId, operands?: (id: NodeId) => readonly NodeId[]): NodeId[] => {
  let s = stamps.get(arena)
  if (s === undefined || s.marks.length < arena.size) {
    s = { marks: new Int32Array(arena.size * 2), generation: 0 }
    stamps.set(arena, s)
  }
  const { marks } = s
  const seen = ++s.generation
  return operands === undefined ? walkAll(arena, root, marks, seen) : walkSome(root, marks, seen, operands)
}
/** All operands: they are read where they lie, so that a step makes nothing for the garbage collector. */
const walkAll = (arena: Arena, root: NodeId, marks: Int32Array, seen: number): NodeId[] => {
  const out: NodeId[] = []
  const stack: NodeId[] = [root]
  const next: number[] = [0]
  const counts: number[] = [arena.argCount(root)]
  marks[root] = seen
  while (stack.length > 0) {
    const top = stack.length - 1
    const i = next[top]!
    if (i === counts[top]!) {
      out.push(stack.pop()!)
      counts.pop()
      next.pop()
      continue
    }
    next[top] = i + 1
    const arg = arena.argAt(stack[top]!, i)
    if (marks[arg] === seen) continue
    marks[arg] = seen
    stack.push(arg)
    counts.push(arena.argCount(arg))
    next.push(0)
  }
  return out
}
const walkSome = (
  root: NodeId,
  marks: Int32Array,
  seen: number,
  operands: (id: NodeId) => readonly NodeId[],
): NodeId[] => {
  const out: NodeId[] = []
  const stack: NodeId[] = [root]
  const pending: (readonly NodeId[])[] = []
  const next: number[] = []
  // `pending` and `next` run beside the stack once a node is entered.
  marks[root] = seen
  pending.push(operands(root))
  next.push(0)
  while (stack.length > 0) {
    const top = stack.length - 1
    const args = pending[top]!
    const i = next[top]!
    if (i === args.length) {
      out.push(stack.pop()!)
      pending.pop()
      next.pop()
      continue
    }
    next[top] = i + 1
    const arg = args[i]!
    if (marks[arg] !== seen) {
      marks[arg] = seen
      stack.push(arg)
      pending.push(operands(arg))
      next.push(0)
    }
  }
  return out
}

/**
 * Rebuilds everything below a root, bottom up, bodies first; `f` gets each node with operands and regions already
 * rebuilt. Equal regions are rebuilt once.
 */
export const rebuild = (
  arena: Arena,
  root: NodeId,
  f: (node: NodeView, args: readonly NodeId[], regions: readonly Region[]) => NodeId,
): NodeId => {
  const done = new Map<NodeId, NodeId>()
  const inside = (r: NodeId): NodeId => {
    for (const id of postorder(arena, r)) {
      if (done.has(id)) continue
      const node = arena.node(id)
      const regions = node.regions.map((x) => ({ params: x.params, root: done.get(x.root) ?? inside(x.root) }))
      done.set(
        id,
        f(
          node,
          node.args.map((a) => done.get(a)!),
          regions,
        ),
      )
    }
    return done.get(r)!
  }
  return inside(root)
}
/** Adds a node like another one, with other operands or regions of the same types. */
export const withParts = (
  arena: Arena,
  node: NodeView,
  args: readonly NodeId[],
  regions: readonly Region[],
): NodeId => {
  if (args.every((a, i) => a === node.args[i]) && regions.every((r, i) => r.root === node.regions[i]!.root))
    return node.id
  return remake(arena, node, node.op.attrs, args, regions)
}
/** Adds a node of the same op with other attributes; types are inferred afresh. */
export const remake = (
  arena: Arena,
  node: NodeView,
  attrs: object,
  args: readonly NodeId[],
  regions: readonly Region[],
): NodeId => {
  const made = makeAny(arena, node.op.name as OpName, attrs, args, regions)
  if (made._tag === 'Left') throw new Error(`bug: ${node.op.name} ${made.left}`)
  return made.right
}
const makeAny = make as (
  arena: Arena,
  name: OpName,
  attrs: object,
  args: readonly NodeId[],
  regions: readonly Region[],
) => ReturnType<typeof make>

/** The occurrence of a node that has one: effects, asserts and decoders. */
export const occurrenceOf = (node: NodeView): number | undefined =>
  (node.op.attrs as { occurrence?: number }).occurrence

/** Whether a node can end a run with an error of its own (not its operands'), bodies included. */
export const mayFail = (arena: Arena, id: NodeId): boolean =>
  declOf(arena.opOf(id).name as OpName).fallible === true ||
  arena.regionsOf(id).some((r) => postorder(arena, r.root).some((n) => mayFail(arena, n)))

/** What a node itself reads and writes, bodies included, operands not. */
export const ownFootprint = (arena: Arena, id: NodeId): Footprint => {
  const op = arena.opOf(id)
  if (isEffect(op.name)) return effects[op.name].footprint(op.attrs as never)
  if (!arena.hasRegions(id)) return emptyFootprint
  return joinFootprints(arena.regionsOf(id).map((r) => regionFootprint(arena, r.root)))
}
const footprints = new WeakMap<Arena, Map<NodeId, Footprint>>()
/** What a region reads and writes, all nesting included. */
export const regionFootprint = (arena: Arena, root: NodeId): Footprint => {
  const memo = footprints.get(arena) ?? new Map<NodeId, Footprint>()
  footprints.set(arena, memo)
  const known = memo.get(root)
  if (known !== undefined) return known
  const all = joinFootprints(
    postorder(arena, root)
      .map((n) => ownFootprint(arena, n))
      .filter((f) => f !== emptyFootprint),
  )
  memo.set(root, all)
  return all
}
/** Nodes that happen even when nobody looks at their value. */
export const writes = (arena: Arena, id: NodeId): boolean => ownFootprint(arena, id).writes.length > 0
