import type { Arena, NodeId, NodeView, Region } from '../arena.ts'
import { isEffect } from '../effects.ts'
import { isInt } from '../elem.ts'
import { mustMake } from '../make.ts'
import type { OpName } from '../ops/index.ts'
import { declOf } from '../ops/index.ts'
import { mayFail, postorder, withParts } from '../walk.ts'
import type { Kept } from './answers.ts'
import type { Cells } from './cells.ts'
import type { Cotangent } from './cotangent.ts'
import { changes, each, leaves, plus } from './cotangent.ts'
import type { Decision, Sweep } from './rule.ts'
import { decisionOf } from './table.ts'

/** Hears why a node has no derivative. */
export type Refuse = Sweep['refuse']

/**
 * Reverse mode. Each node of the graph is met once, after all that use it, and hands on what flows into it to its
 * operands by the rule of its op. Values of the graph are used as they are: nothing of it is computed twice, except in
 * bodies, whose pure parts the bodies that flow back compute again.
 */
export const sweepOf = (cells: Cells, kept: Kept, refuse: Refuse): Sweep => {
  const { arena } = cells
  const inline = new Quiet(cells)
  const sweep: Sweep = {
    cells,
    refuse,
    kept,
    inline: (root, params, answers) => inline.open(root, params, answers),
    back: (root, seed, ends) => {
      const stops = new Set(ends)
      const order = postorder(arena, root, (id) => (stops.has(id) ? [] : arena.argsOf(id)))
      const reach = reachOf(arena, order, stops)
      const flows = new Map<NodeId, Cotangent>([[root, seed]])
      for (const id of order.toReversed()) {
        const g = flows.get(id)
        if (g === undefined || stops.has(id) || !reach.acting.has(id)) continue
        hand(sweep, arena.node(id), g, reach, flows)
        flows.delete(id)
      }
      return ends.map((id) => flows.get(id))
    },
  }
  return sweep
}
/** What acts on what, found forwards. */
interface Reach {
  /** Nodes through which a derivative goes. */
  readonly acting: ReadonlySet<NodeId>
  /** Integers made of the bits of floats that act, with the node that took the bits. */
  readonly bits: ReadonlyMap<NodeId, NodeId>
}
/**
 * Bits and texts of numbers do not change a little, and yet numbers can be read back from them. Whoever does so is told,
 * instead of given zeros: text is refused where it is read, bits where they are used.
 */
const reachOf = (arena: Arena, order: readonly NodeId[], ends: ReadonlySet<NodeId>): Reach => {
  const acting = new Set<NodeId>(ends)
  const bits = new Map<NodeId, NodeId>()
  const depends = new Set<NodeId>(ends)
  for (const id of order) {
    if (ends.has(id)) continue
    const { name } = arena.opOf(id)
    const args = arena.argsOf(id)
    if (isEffect(name) || !args.some((a) => depends.has(a))) continue
    depends.add(id)
    const type = arena.typeOf(id)
    const { by } = decisionOf(name)
    const read = args.find((a) => bits.has(a))
    if (name === 'bitcast' && !changes(type)) bits.set(id, read === undefined ? id : bits.get(read)!)
    else if (read !== undefined && type.kind === 'tensor' && isInt(type.elem)) bits.set(id, bits.get(read)!)
    const reached = by === 'refused' || read !== undefined || args.some((a) => acting.has(a))
    if (reached && by !== 'flat' && changes(type)) acting.add(id)
  }
  return { acting, bits }
}

const hand = (s: Sweep, node: NodeView, g: Cotangent, { acting, bits }: Reach, flows: Map<NodeId, Cotangent>): void => {
  const d = decisionOf(node.op.name)
  const read = node.op.name === 'record' || node.op.name === 'rows' ? undefined : node.args.find((a) => bits.has(a))
  if (read !== undefined) {
    const { why, remedy } = decisionOf('bitcast') as Extract<Decision, { by: 'refused' }>
    s.refuse(s.cells.arena.node(bits.get(read)!), why, remedy)
  } else if (d.by === 'refused') s.refuse(node, d.why, d.remedy)
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
  open(root: NodeId, params: readonly NodeId[], answers: ReadonlyMap<NodeId, NodeId> = new Map()): NodeId {
    const { arena } = this.#cells
    // What stands for an answer comes from outside of the body, and is left as it is.
    const outside = new Set(answers.values())
    const quiet = answers.size === 0 ? this.#region(root) : this.#made(root, answers)
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, quiet, (x) => (outside.has(x) ? [] : arena.argsOf(x)))) {
      const node = arena.node(id)
      const made = outside.has(id)
        ? id
        : node.op.name === 'param'
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
    const made = this.#made(root, new Map())
    this.#known.set(root, made)
    return made
  }
  #made(root: NodeId, answers: ReadonlyMap<NodeId, NodeId>): NodeId {
    const { arena } = this.#cells
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(arena, root)) {
      const node = arena.node(id)
      const args = node.args.map((a) => done.get(a)!)
      const { name } = node.op
      const answer = answers.get(id)
      if (answer !== undefined) done.set(id, answer)
      else if (name === 'assert') done.set(id, args[1]!)
      else if (this.#loud(node)) done.set(id, mustMake(arena, 'absent', { type: node.type }))
      else {
        const regions = node.regions.map((r): Region => ({ params: r.params, root: this.#region(r.root) }))
        done.set(id, withParts(arena, node, args, regions))
      }
    }
    return done.get(root)!
  }
  #loud({ id, op }: NodeView): boolean {
    if (op.name === 'attempt') return mayFail(this.#cells.arena, id)
    return isEffect(op.name) || declOf(op.name as OpName).fallible === true
  }
}
