import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import { postorder, withParts } from '../../graph/walk.ts'
import type { FuseCertificate } from '../certificate.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/** Puts a kernel's body in its place, and gives what its outputs are. */
const inline = (arena: Arena, kernel: NodeView, args: readonly NodeId[]): ReadonlyMap<string, NodeId> | string => {
  const [body] = kernel.regions
  const done = new Map<NodeId, NodeId>()
  for (const id of postorder(arena, body!.root)) {
    const node = arena.node(id)
    if (id === body!.root) break
    if (node.op.name === 'param') done.set(id, args[(node.op.attrs as { index: number }).index]!)
    else if (declOf(node.op.name as OpName).meaning === undefined) return `a kernel holds ${node.op.name}`
    else
      done.set(
        id,
        withParts(
          arena,
          node,
          node.args.map((a) => done.get(a)!),
          [],
        ),
      )
  }
  const root = arena.node(body!.root)
  if (root.op.name !== 'record') return 'the body of a kernel does not end in a record'
  const { fields } = root.op.attrs as { fields: readonly string[] }
  return new Map(fields.map((f, i) => [f, done.get(root.args[i]!)!]))
}

/**
 * Forgetting every kernel gives back the graph that came in. Both lie in one arena, where equal graphs are equal
 * numbers. Kernels of the graph that came in stay, so that fusing twice is checked like fusing once.
 */
export const checkFuse: Checker<FuseCertificate> = (before, after) => {
  const old = kernelsOf(before)
  const outputs = new Map<NodeId, ReadonlyMap<string, NodeId>>()
  let wrong: string | undefined
  const forgotten = replay(after.arena, after.root, (node, args, bodies) => {
    if (node.op.name === 'kernel' && !old.has(node.id)) {
      const parts = inline(after.arena, node, args)
      if (typeof parts === 'string') wrong ??= parts
      else outputs.set(node.id, parts)
      return node.id
    }
    const parts = node.op.name === 'field' ? outputs.get(node.args[0]!) : undefined
    const output = parts?.get((node.op.attrs as { name: string }).name)
    if (output !== undefined) return output
    if (node.args.some((a) => outputs.has(a))) wrong ??= `${node.op.name} uses a kernel as a whole`
    return withParts(after.arena, node, args, bodies)
  })
  if (wrong !== undefined) return refuse('graph', wrong)
  if (forgotten !== before.root) return refuse('graph', 'inlining the kernels does not give back the graph')
  return sameOrder(before, after)
}
const kernelsOf = (g: Graph): ReadonlySet<NodeId> => {
  const found = new Set<NodeId>()
  replay(g.arena, g.root, (node) => {
    if (node.op.name === 'kernel') found.add(node.id)
    return node.id
  })
  return found
}
