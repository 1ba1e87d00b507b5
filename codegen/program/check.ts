import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonical } from '../../graph/make.ts'
import type { Need } from '../../graph/need.ts'
import { needOfBody, planOf } from '../../graph/need.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { StepFacts } from '../../graph/ordering.ts'
import { orderProblem } from '../../graph/ordering.ts'
import { showType } from '../../graph/types.ts'
import { mayFail, ownFootprint } from '../../graph/walk.ts'
import { scoutProblem } from './check-scout.ts'
import type { AheadStep, Block, Operand, Program, Step } from './types.ts'
import { waitsFor } from './types.ts'

/**
 * Checks that an effect program is its graph put in order: each needed node has exactly one step, in program order,
 * with the same op, attributes, types and operands, and each body likewise; and that what a step waits for keeps every
 * order that shows (`graph/ordering.ts`). Shares nothing with `lower.ts` but the meaning of need. The answer is the first
 * difference, or undefined.
 */
export const programProblem = (p: Program, g: Graph): string | undefined => {
  const done = new Set<string>()
  const block = (index: number, r: Region, need: Need, path: string): string | undefined => {
    const key = `${index} ${r.root}`
    if (done.has(key)) return undefined
    done.add(key)
    const b = p.blocks[index]
    if (b === undefined) return `${path}: there is no block ${index}`
    return new BlockCheck(p, g.arena, b, path, block).run(r, need)
  }
  const top = { params: [], root: g.root }
  const early =
    p.ahead === undefined ? undefined : aheadProblem(p, g.arena, g.arena.node(g.root), top, p.ahead, true, 'main')
  return early ?? block(p.main, top, true, 'main')
}

/** A look ahead asks only what its owner allows, each as its plan says. */
const aheadProblem = (
  p: Program,
  arena: Arena,
  owner: NodeView,
  r: Region,
  { scout, queries }: AheadStep,
  need: Need,
  path: string,
): string | undefined => {
  const { plans = [] } = owner.op.attrs as { plans?: readonly { occurrence: number; derived: readonly object[] }[] }
  const stray = queries.find((q) => {
    const plan = plans.find((x) => x.occurrence === q.occurrence && canonical(x) === canonical(q.plan))
    if (plan === undefined || q.derived === undefined) return plan === undefined
    const { parent, columns } = q.derived
    return canonical(plan.derived) !== canonical([{ parent, columns }])
  })
  if (stray !== undefined) return `${path}: occurrence ${stray.occurrence} is asked ahead without a plan`
  const early = new Set(queries.map((q) => q.occurrence))
  const given = r.params.map(() => true)
  return scoutProblem(p, arena, early, scout, r, need, given, `${path}/ahead`)
}

type CheckBlock = (index: number, r: Region, need: Need, path: string) => string | undefined

class BlockCheck {
  readonly #program: Program
  readonly #arena: Arena
  readonly #block: Block
  readonly #path: string
  readonly #inner: CheckBlock
  readonly #places = new Map<NodeId, Operand>()
  constructor(program: Program, arena: Arena, block: Block, path: string, inner: CheckBlock) {
    this.#program = program
    this.#arena = arena
    this.#block = block
    this.#path = path
    this.#inner = inner
  }

  run(r: Region, need: Need): string | undefined {
    const plan = planOf(this.#arena, r.root, need)
    const facts: StepFacts[] = []
    let at = 0
    for (const id of plan.order) {
      const op = this.#arena.opOf(id)
      if (op.name === 'param') this.#places.set(id, { at: 'param', index: (op.attrs as { index: number }).index })
      else if (op.name === 'input') this.#places.set(id, { at: 'input', name: (op.attrs as { name: string }).name })
      else if (op.name === 'ahead') this.#places.set(id, this.#places.get(this.#arena.argsOf(id)[0]!)!)
      else if (op.name !== 'absent') {
        const step = this.#block.steps[at]
        const wrong = step === undefined ? `${op.name} has no step` : this.#step(id, step, plan.need.get(id)!)
        if (wrong !== undefined) return `${this.#path}, step ${at}: ${wrong}`
        this.#places.set(id, { at: 'step', index: at++ })
        facts.push({
          footprint: ownFootprint(this.#arena, id),
          fails: op.name === 'kernel' || mayFail(this.#arena, id),
        })
      }
    }
    if (at !== this.#block.steps.length) return `${this.#path}: has ${this.#block.steps.length - at} steps too many`
    if (!this.#same(r.root, this.#block.result)) return `${this.#path}: gives another result`
    const late = orderProblem(this.#block.steps.map(waitsFor), facts)
    return late === undefined
      ? undefined
      : `${this.#path}, step ${late.step}: ${this.#block.steps[late.step]!.op} ${late.problem}`
  }

  #same(id: NodeId, o: Operand): boolean {
    const place = this.#places.get(id)
    if (place === undefined)
      return o.at === 'absent' && showType(this.#program.types[o.type]!) === showType(this.#arena.typeOf(id))
    return canonical(place) === canonical(o)
  }

  #step(id: NodeId, s: Step, need: Need): string | undefined {
    const node = this.#arena.node(id)
    if (s.op !== node.op.name) return `is ${s.op}, the graph has ${node.op.name}`
    if (canonical(s.attrs) !== canonical(declOf(node.op.name as OpName).attrs.encode(node.op.attrs as never)))
      return `${s.op} has other attributes`
    if (showType(this.#program.types[s.type]!) !== showType(node.type)) return `${s.op} has another type`
    if (s.args.length !== node.args.length || !node.args.every((a, i) => this.#same(a, s.args[i]!)))
      return `${s.op} has other operands`
    if (s.kind === 'kernel') return undefined
    const writes = ownFootprint(this.#arena, id).writes.some((w) => w.kind !== 'log')
    if (s.kind === 'map' && writes && s.inOrder !== true) return `${s.op} writes, but its elements may overlap`
    if (s.blocks.length !== node.regions.length) return `${s.op} has other bodies`
    const early =
      s.ahead === undefined
        ? undefined
        : aheadProblem(this.#program, this.#arena, node, node.regions[0]!, s.ahead, need, this.#path)
    if (early !== undefined) return early
    for (const [i, r] of node.regions.entries()) {
      const wrong = this.#inner(s.blocks[i]!, r, needOfBody(node, i, need), `${this.#path}/${s.op}.${i}`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}
