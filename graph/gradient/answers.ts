import type { Arena, NodeId, Region } from '../arena.ts'
import { isEffect } from '../effects.ts'
import { mustMake } from '../make.ts'
import type { Type } from '../types.ts'
import { postorder, withParts } from '../walk.ts'

/** For a map that keeps what effects in its body answered: those calls, in the order of its fields `k0`, `k1` … */
export type Kept = ReadonlyMap<NodeId, readonly NodeId[]>
export const keptField = (k: number): string => `k${k}`

/**
 * What effects answer inside of a map would be gone when the flow back runs, and asking again would be a second call. So a
 * map on which an input acts gives what its calls answered beside its value. The calls stay the same nodes.
 */
export const keepAnswers = (
  arena: Arena,
  root: NodeId,
  inputs: readonly NodeId[],
): { readonly root: NodeId; readonly kept: Kept } => {
  const kept = new Map<NodeId, readonly NodeId[]>()
  const depends = new Set<NodeId>(inputs)
  const done = new Map<NodeId, NodeId>()
  for (const id of postorder(arena, root)) {
    const node = arena.node(id)
    const args = node.args.map((a) => done.get(a)!)
    const reached = node.args.some((a) => depends.has(a))
    if (reached) depends.add(id)
    const repeats = node.op.name === 'map' || node.op.name === 'forkMap'
    const calls = reached && repeats ? callsIn(arena, node.regions[0]!.root) : []
    if (calls.length === 0) {
      done.set(id, withParts(arena, node, args, node.regions))
      continue
    }
    const [body] = node.regions as [Region]
    const fields = ['value', ...calls.map((_, k) => keptField(k))]
    const both = { params: body.params, root: mustMake(arena, 'record', { fields }, [body.root, ...calls]) }
    const made = mustMake(arena, node.op.name as 'map', {}, args, [both])
    kept.set(made, calls)
    done.set(id, mustMake(arena, 'column', { name: 'value' }, [made]))
  }
  return { root: done.get(root)!, kept }
}
/** Calls that stand in a body itself and answer anything. */
const callsIn = (arena: Arena, root: NodeId): readonly NodeId[] =>
  postorder(arena, root).filter((id) => {
    const { name } = arena.opOf(id)
    return (isEffect(name) || name === 'decodeJson') && !isUnit(arena.typeOf(id))
  })
const isUnit = (t: Type): boolean => t.kind === 'tensor' && t.elem === 'unit'
