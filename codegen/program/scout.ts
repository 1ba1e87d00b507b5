import type { Ahead } from '../../graph/ahead.ts'
import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Type } from '../../graph/types.ts'
import type { Block, Operand, Step } from './types.ts'

/** What lowering gives: numbers for types, the parts of steps, a place for blocks. */
interface Maker {
  readonly type: (t: Type) => number
  readonly leaf: (node: NodeView) => Operand | undefined
  readonly bare: (node: NodeView, args: readonly Operand[]) => Step
  readonly add: (b: Block) => number
}

/** The block that looks ahead into a region: only what leads to a question is in it. */
export const scoutBlock = (arena: Arena, maker: Maker, region: Region, ahead: Ahead): number => {
  const made = new Map<Ahead, Map<boolean, Made>>()
  const block = (r: Region, of: Ahead, wanted: boolean): Made => {
    const known = made.get(of)?.get(wanted)
    if (known !== undefined) return known
    const one = scout(r, of, wanted)
    made.set(of, (made.get(of) ?? new Map<boolean, Made>()).set(wanted, one))
    return one
  }
  /** `wanted` says whether anybody uses the result, beside the questions asked on the way. */
  const scout = (r: Region, { plan, known, bodies }: Ahead, wanted: boolean): Made => {
    const used = new Set<NodeId>(wanted && known.has(r.root) ? [r.root] : [])
    const inner = new Map<NodeId, readonly Made[]>()
    const kept: NodeId[] = []
    for (const id of plan.order.toReversed()) {
      const node = arena.node(id)
      const inside = bodies.get(id)
      const asks = inside === undefined ? isEffect(node.op.name) && known.has(id) : inside.some((b) => b.asks.size > 0)
      if (!asks && !used.has(id)) continue
      kept.push(id)
      const made = inside?.map((b, k) => block(node.regions[k]!, b, used.has(id)))
      if (made !== undefined) inner.set(id, made)
      node.args.forEach((a, k) => {
        if (plan.looks(id, k) && looked(node, k, made)) used.add(a)
      })
    }
    const places = new Map<NodeId, Operand>()
    const steps: Step[] = []
    const absent = (id: NodeId): Operand => ({ at: 'absent', type: maker.type(arena.typeOf(id)) })
    for (const id of kept.toReversed()) {
      const node = arena.node(id)
      const leaf = maker.leaf(node)
      const made = inner.get(id)
      const arg = (a: NodeId, k: number): Operand =>
        plan.looks(id, k) && looked(node, k, made) ? places.get(a)! : absent(a)
      if (leaf === undefined)
        steps.push({ ...maker.bare(node, node.args.map(arg)), blocks: made?.map((m) => m.block) ?? [], node: id })
      places.set(id, leaf ?? { at: 'step', index: steps.length - 1 })
    }
    const params = new Set(
      kept.flatMap((id) => {
        const { name, attrs } = arena.opOf(id)
        return name === 'param' ? [(attrs as { index: number }).index] : []
      }),
    )
    return {
      params,
      block: maker.add({
        params: r.params.map((t) => maker.type(t)),
        steps,
        result: used.has(r.root) ? places.get(r.root)! : absent(r.root),
        resultType: maker.type(arena.typeOf(r.root)),
        waits: false,
        fails: false,
        scout: true,
      }),
    }
  }
  return block(region, ahead, false).block
}
interface Made {
  readonly block: number
  /** The parameters that it uses. */
  readonly params: ReadonlySet<number>
}

/** Whether a kept op uses its operand `k`: captures only where a body does. */
const looked = (node: NodeView, k: number, made: readonly Made[] | undefined): boolean => {
  const inBody = (param: number): boolean => made?.some((m) => m.params.has(param)) === true
  switch (node.op.name) {
    case 'sequence':
      return k === 1
    case 'map':
    case 'forkMap':
    case 'mapBatched':
    case 'match':
      return k === 0 || inBody(k)
    case 'cond':
      return k === 0 || inBody(k - 1)
    case 'fork':
    case 'attempt':
      return inBody(k)
    default:
      return true
  }
}
