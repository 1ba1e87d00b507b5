import type { NodeId, NodeView, Region } from '../arena.ts'
import { isEffect } from '../effects.ts'
import { mustMake } from '../make.ts'
import type { OpName } from '../ops/index.ts'
import { declOf } from '../ops/index.ts'
import { mayFail, postorder, withParts } from '../walk.ts'
import type { Cells } from './cells.ts'
import type { Cotangent } from './cotangent.ts'
import { changes, each, leaves, plus } from './cotangent.ts'
import type { Sweep } from './rule.ts'
import { decisionOf } from './table.ts'

/** Hears why a node has no derivative. */
export type Refuse = Sweep['refuse']

/**
 * Reverse mode. Each node of the graph is met once, after all that use it, and hands on what flows into it to its
 * operands by the rule of its op. Values of the graph are used as they are: nothing of it is computed twice, except in
 * bodies, whose pure parts the bodies that flow back compute again.
 */
export const sweepOf = (cells: Cells, refuse: Refuse): Sweep => {
  const { arena } = cells
  const inline = new Quiet(cells)
  const sweep: Sweep = {
    cells,
    refuse,
    inline: (root, params) => inline.open(root, params),
    back: (root, seed, ends) => {
      const stops = new Set(ends)
      const order = postorder(arena, root, (id) => (stops.has(id) ? [] : arena.argsOf(id)))
      const acting = new Set<NodeId>()
      for (const id of order) {
        if (stops.has(id)) acting.add(id)
        else if (arena.argsOf(id).some((a) => acting.has(a)) && acts(arena.opOf(id).name, arena.typeOf(id)))
          acting.add(id)
      }
      const flows = new Map<NodeId, Cotangent>([[root, seed]])
      for (const id of order.toReversed()) {
        const g = flows.get(id)
        if (g === undefined || stops.has(id) || !acting.has(id)) continue
        hand(sweep, arena.node(id), g, acting, flows)
        flows.delete(id)
      }
      return ends.map((id) => (acting.has(id) ? flows.get(id) : undefined))
    },
  }
  return sweep
}
/** Text is refused where it could be read back as a number, so what it is made of counts as acting. */
const acts = (name: string, type: Parameters<typeof changes>[0]): boolean => {
  const { by } = decisionOf(name)
  return by === 'refused' || (by === 'rule' && changes(type))
}

const hand = (
  s: Sweep,
  node: NodeView,
  g: Cotangent,
  acting: ReadonlySet<NodeId>,
  flows: Map<NodeId, Cotangent>,
): void => {
  const d = decisionOf(node.op.name)
  if (d.by === 'refused') s.refuse(node, d.why, d.remedy)
  if (d.by !== 'rule') return
  const c = s.cells
  const cut = leaves(g).some(([, x]) => c.isCut(x))
  const wanted = node.args.map((a) => acting.has(a))
  d.rule(s, g, node, wanted).forEach((flow, k) => {
    const made = wanted[k] === true ? flow?.() : undefined
    if (made === undefined) return
    if (cut) each(made, (x) => c.cut(x))
    flows.set(node.args[k]!, plus(c, flows.get(node.args[k]!), made))
  })
}

/**
 * Bodies without what can fail or acts on the world. When the flow back runs, all of the graph has run and nothing has
 * failed, so an assertion is its value; what an effect answered inside of a body is not known any more.
 */
class Quiet {
  readonly #cells: Cells
  readonly #known = new Map<NodeId, NodeId>()
  constructor(cells: Cells) {
    this.#cells = cells
  }
  open(root: NodeId, params: readonly NodeId[]): NodeId {
    const { arena } = this.#cells
    const quiet = this.#region(root)
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, quiet)) {
      const node = arena.node(id)
      const made =
        node.op.name === 'param'
          ? params[(node.op.attrs as { index: number }).index]!
          : withParts(
              arena,
              node,
              node.args.map((a) => done.get(a)!),
              node.regions,
            )
      done.set(id, made)
    }
    return done.get(quiet)!
  }
  #region(root: NodeId): NodeId {
    const known = this.#known.get(root)
    if (known !== undefined) return known
    const { arena } = this.#cells
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, root)) {
      const node = arena.node(id)
      const args = node.args.map((a) => done.get(a)!)
      const { name } = node.op
      if (name === 'assert') done.set(id, args[1]!)
      else if (this.#loud(node)) done.set(id, mustMake(arena, 'absent', { type: node.type }))
      else {
        const regions = node.regions.map((r): Region => ({ params: r.params, root: this.#region(r.root) }))
        done.set(id, withParts(arena, node, args, regions))
      }
    }
    const made = done.get(root)!
    this.#known.set(root, made)
    return made
  }
  #loud({ id, op }: NodeView): boolean {
    if (op.name === 'attempt') return mayFail(this.#cells.arena, id)
    return isEffect(op.name) || declOf(op.name as OpName).fallible === true
  }
}
