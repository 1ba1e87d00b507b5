import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { mustMake } from '../../graph/make.ts'
import type { TensorType } from '../../graph/types.ts'
import { sameType } from '../../graph/types.ts'
import { postorder, withParts } from '../../graph/walk.ts'
import type { Tell } from '../pass.ts'
import type { Group } from './groups.ts'
import { isElementwise, isIndexMap, isReduction, standsAlone } from './members.ts'
import type { Roles } from './roles.ts'

/**
 * Operands of a kernel in the order in which the walk along the program first comes to them (not in which it is done with
 * them): a kernel then makes its operands happen in the order in which they did.
 */
const operandsOf = (r: Roles, group: Group): readonly NodeId[] => {
  const members = new Set(group.members)
  const found = new Set(
    group.members.flatMap((m) => r.inputs.get(m)!.map((i) => i.from)).filter((f) => !members.has(f)),
  )
  return [...found].sort((a, b) => r.entry.get(a)! - r.entry.get(b)!)
}

/**
 * A product whose cells one loop and nothing else takes, each where its own cell lies, comes into the kernel of that loop:
 * what is made of a sum is made before it is stored for good. Then the kernel's operands are those of the product as well.
 */
const withProduct = (
  r: Roles,
  group: Group,
  operands: readonly NodeId[],
  groups: ReadonlyMap<NodeId, Group>,
): readonly NodeId[] => {
  const { arena } = r
  const [output, ...others] = group.outputs
  const members = new Set(group.members)
  if (output === undefined || others.length > 0 || !group.members.every((m) => isElementwise(arena, arena.node(m))))
    return operands
  const to = arena.typeOf(output)
  // What tells a gather where to look is read before any cell is finished.
  const gathered = new Set(
    group.members
      .flatMap((m) => arena.argsOf(m))
      .flatMap((a) => (r.copied.has(a) && arena.opOf(a).name === 'gather' ? [arena.argsOf(a)[1]] : [])),
  )
  const fits = (id: NodeId): boolean => {
    const { op, args, type } = arena.node(id)
    if (op.name !== 'contract' || groups.has(id) || r.left.has(id) || r.outside.has(id) || !sameType(type, to))
      return false
    const { batch } = op.attrs as { batch: number }
    const [x, y] = args.map((a) => (arena.typeOf(a) as TensorType).shape.length) as [number, number]
    return (
      batch <= 1 &&
      x === batch + 2 &&
      y <= batch + 2 &&
      r.time.get(id) === r.time.get(output) &&
      r.uses.get(id)!.every((u) => u.direct && members.has(u.by)) &&
      !gathered.has(id)
    )
  }
  const products = operands.filter(fits)
  if (products.length !== 1) return operands
  const [product] = products
  const found = new Set(operands.flatMap((o) => (o === product ? arena.argsOf(o) : [o])))
  return [...found].sort((a, b) => r.entry.get(a)! - r.entry.get(b)!)
}

/** The body of a kernel: its members over parameters, with copies of the literals and index maps between them. */
const bodyOf = (r: Roles, group: Group, operands: readonly NodeId[]): Region => {
  const { arena } = r
  const done = new Map(operands.map((o, index) => [o, mustMake(arena, 'param', { index, type: arena.typeOf(o) })]))
  // Members come in order, so this only goes as deep as a chain of index maps.
  const place = (id: NodeId): NodeId => {
    const known = done.get(id)
    if (known !== undefined) return known
    const node = arena.node(id)
    const made = withParts(arena, node, node.args.map(place), [])
    done.set(id, made)
    return made
  }
  for (const m of group.members) place(m)
  return bodyWith(
    arena,
    operands,
    group.outputs.map((o) => done.get(o)!),
  )
}
const bodyWith = (arena: Arena, operands: readonly NodeId[], outputs: readonly NodeId[]): Region => ({
  params: operands.map((o) => arena.typeOf(o)),
  root: mustMake(arena, 'record', { fields: outputs.map((_, i) => String(i)) }, outputs),
})
const output = (arena: Arena, kernel: NodeId, i: number): NodeId =>
  mustMake(arena, 'field', { name: String(i) }, [kernel])

/** A kernel of one operation; what `absorbs` allows among its operands comes into its body. */
const alone = (arena: Arena, node: NodeView, args: readonly NodeId[], absorbs: (k: number) => boolean): NodeId => {
  const parts = args.map((a, k) => (absorbs(k) ? kernelOutput(arena, a) : undefined))
  const operands = [...new Set(args.flatMap((a, k) => parts[k]?.kernel.args ?? [a]))]
  const params = operands.map((o, index) => mustMake(arena, 'param', { index, type: arena.typeOf(o) }))
  const param = (o: NodeId): NodeId => params[operands.indexOf(o)]!
  const inner = withParts(
    arena,
    node,
    args.map((a, k) => {
      const part = parts[k]
      return part === undefined ? param(a) : copied(arena, part.value, part.kernel.args.map(param))
    }),
    [],
  )
  return output(arena, mustMake(arena, 'kernel', {}, operands, [bodyWith(arena, operands, [inner])]), 0)
}

/** The kernel behind one of its outputs, and that output in its body. */
const kernelOutput = (arena: Arena, field: NodeId): { kernel: NodeView; value: NodeId } | undefined => {
  const { op, args } = arena.node(field)
  const kernel = op.name === 'field' ? arena.node(args[0]!) : undefined
  if (kernel?.op.name !== 'kernel') return undefined
  return { kernel, value: arena.argsOf(kernel.regions[0]!.root)[Number((op.attrs as { name: string }).name)]! }
}
/** A value of a body over other parameters. */
const copied = (arena: Arena, value: NodeId, params: readonly NodeId[]): NodeId => {
  const done = new Map<NodeId, NodeId>()
  for (const id of postorder(arena, value)) {
    const node = arena.node(id)
    done.set(
      id,
      node.op.name === 'param'
        ? params[(node.op.attrs as { index: number }).index]!
        : withParts(
            arena,
            node,
            node.args.map((a) => done.get(a)!),
            [],
          ),
    )
  }
  return done.get(value)!
}

/** Pieces that one kernel joins at most. */
const mostPieces = 16
/**
 * What a join takes into its kernel: values that nothing else uses and that are joins themselves, mere parts of what is
 * there already, or all that their own kernel computes. Each piece is then written where it belongs.
 */
const joins = (r: Roles, groups: ReadonlyMap<NodeId, Group>): ((node: NodeView) => (k: number) => boolean) => {
  const { arena } = r
  const users = new Map<NodeId, number>()
  for (const n of r.nodes) for (const a of n.args) users.set(a, (users.get(a) ?? 0) + 1)
  const pieces = new Map<NodeId, number>()
  const count = (id: NodeId): number => pieces.get(id) ?? 1
  const fits = (id: NodeId): boolean => {
    if (users.get(id) !== 1) return false
    if (pieces.has(id)) return true
    const group = groups.get(id)
    if (group === undefined) return false
    return (
      group.members.every((m) => !isReduction(arena, arena.node(m)) && arena.opOf(m).name !== 'contract') &&
      (group.outputs.length === 1 || group.members.every((m) => isIndexMap(arena, arena.node(m))))
    )
  }
  return (node) => {
    if (node.op.name !== 'concat') return () => false
    const taken = node.args.map(fits)
    const total = node.args.reduce((n, a, k) => n + (taken[k]! ? count(a) : 1), 0)
    if (total > mostPieces) return () => false
    pieces.set(node.id, total)
    return (k) => taken[k]!
  }
}

/** Rebuilds a region around its groups; `bodies` are the fused bodies of its nodes. */
export const emit = (
  r: Roles,
  root: NodeId,
  groups: readonly Group[],
  bodies: (node: NodeView) => readonly Region[],
  tell?: Tell,
): NodeId => {
  const { arena } = r
  const groupOf = new Map(groups.flatMap((g) => g.outputs.map((o) => [o, g] as const)))
  const operands = new Map(groups.map((g) => [g, withProduct(r, g, operandsOf(r, g), groupOf)]))
  const absorbs = joins(r, groupOf)
  const done = new Map<NodeId, NodeId>()
  const finish = (id: NodeId): void => {
    const group = groupOf.get(id)
    if (group === undefined) {
      const node = arena.node(id)
      const args = node.args.map((a) => done.get(a)!)
      const lone = standsAlone(arena, node) && !r.left.has(id)
      const made = lone ? alone(arena, node, args, absorbs(node)) : withParts(arena, node, args, bodies(node))
      if (made !== id) tell?.(made, id, lone ? 'a loop of its own' : '')
      done.set(id, made)
      return
    }
    const own = operands.get(group)!
    const kernel = mustMake(
      arena,
      'kernel',
      {},
      own.map((o) => done.get(o)!),
      [bodyOf(r, group, own)],
    )
    for (const m of group.members) tell?.(kernel, m, 'one loop')
    for (const [i, o] of group.outputs.entries()) {
      done.set(o, output(arena, kernel, i))
      tell?.(done.get(o)!, o, 'what comes out of a loop')
    }
  }
  const waiting = new Set<NodeId>()
  const stack = [root]
  while (stack.length > 0) {
    const id = stack.at(-1)!
    const group = done.has(id) ? undefined : groupOf.get(id)
    const open = done.has(id)
      ? []
      : (group === undefined ? arena.argsOf(id) : operands.get(group)!).filter((a) => !done.has(a))
    if (open.length > 0) {
      // Groups are made so that this cannot happen; should it, the pass is dropped instead of running for ever.
      if (waiting.has(id)) throw new Error(`kernels wait for each other around ${arena.opOf(id).name} %${id}`)
      waiting.add(id)
      for (const a of open) stack.push(a)
      continue
    }
    stack.pop()
    if (!done.has(id)) finish(id)
  }
  return done.get(root)!
}
