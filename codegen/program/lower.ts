import type { Ahead } from '../../graph/ahead.ts'
import { lookAhead } from '../../graph/ahead.ts'
import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import { excerpt } from '../../graph/excerpt.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Need } from '../../graph/need.ts'
import { needKey, needOfBody, planOf } from '../../graph/need.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import { Schedule } from '../../graph/schedule.ts'
import { staticFor } from '../../graph/statics.ts'
import { digest } from '../../graph/text.ts'
import type { Type } from '../../graph/types.ts'
import { showType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import { mayFail, occurrenceOf, ownFootprint } from '../../graph/walk.ts'
import { lowerKernel } from '../kernels/index.ts'
import type { Kernel } from '../kernels/ir.ts'
import { levelsOf } from './levels.ts'
import { scoutBlock } from './scout.ts'
import type { AheadQuery, AheadStep, Block, Operand, Program, Step, StepKind } from './types.ts'
import { asksOutside } from './types.ts'

export interface Lowered {
  readonly program: Program
  readonly kernels: readonly Kernel[]
  /** The bodies that they were made of. */
  readonly bodies: readonly NodeId[]
  /** Digest of every block that is the body of a `cached`, by block number. */
  readonly digests: readonly string[]
}

/** Puts a graph in program order, leaving out what is not needed, and lowers its kernels. */
export const lower = (g: Graph): Either<CompileError, Lowered> => {
  const l = new Lowering(g)
  const main = l.block({ params: [], root: g.root }, true)
  const ahead = l.ahead(g.arena.node(g.root), { params: [], root: g.root }, true)
  if (l.problem !== undefined) return left(l.problem)
  return right({
    program: {
      name: g.name,
      types: l.types,
      inputs: g.inputs.map(([n, t]) => [n, l.type(t)] as const),
      blocks: l.blocks,
      main,
      ...ahead,
    },
    kernels: l.kernels,
    bodies: [...l.kernelIds.keys()],
    digests: l.digests,
  })
}

const controls: Partial<Record<OpName, StepKind>> = {
  map: 'map',
  forkMap: 'map',
  mapBatched: 'map',
  cond: 'cond',
  match: 'match',
  loop: 'loop',
  fork: 'fork',
  cached: 'cached',
  attempt: 'attempt',
  transaction: 'transaction',
  sequence: 'sequence',
  kernel: 'kernel',
  assert: 'assert',
  decodeJson: 'decode',
}

class Lowering {
  readonly types: Type[] = []
  readonly blocks: Block[] = []
  readonly kernels: Kernel[] = []
  readonly digests: string[] = []
  problem: CompileError | undefined
  readonly #graph: Graph
  readonly #arena: Arena
  readonly #typeIds = new Map<string, number>()
  readonly #blockIds = new Map<string, number>()
  readonly kernelIds = new Map<NodeId, number>()
  constructor(g: Graph) {
    this.#graph = g
    this.#arena = g.arena
  }

  type(t: Type): number {
    const key = showType(t)
    const known = this.#typeIds.get(key)
    if (known !== undefined) return known
    const id = this.types.push(t) - 1
    this.#typeIds.set(key, id)
    return id
  }

  block(r: Region, need: Need): number {
    const key = `${r.root} ${r.params.map(showType).join(';')} ${needKey(need)}`
    const known = this.#blockIds.get(key)
    if (known !== undefined) return known
    const plan = planOf(this.#arena, r.root, need)
    const made = this.#steps(plan.order, (id) => plan.need.get(id)!)
    const id = this.#add(r.params, made.steps, made.place(r.root), this.#arena.typeOf(r.root))
    this.#blockIds.set(key, id)
    return id
  }
  /** The look ahead into a region, when the plans of its owner let it ask anything. */
  ahead(owner: NodeView, region: Region, need: Need): { readonly ahead?: AheadStep } {
    const { plans } = owner.op.attrs as { plans?: readonly PlanAttrs[] }
    if (plans === undefined) return {}
    const look = lookAhead(this.#arena, new Set(plans.map((p) => p.occurrence)))
    const ahead = look(
      region.root,
      need,
      region.params.map(() => true),
    )
    if (ahead.asks.size === 0) return {}
    const scout = scoutBlock(this.#arena, this, region, ahead)
    const levels = levelsOf(this.blocks, scout)
    const queries = plans
      .filter((p) => ahead.asks.has(p.occurrence))
      .map((plan) => ({
        occurrence: plan.occurrence,
        level: levels.get(plan.occurrence)!,
        plan,
        ...this.#derived(plan, ahead),
      }))
    return { ahead: { scout, queries } }
  }
  #derived({ occurrence, derived: [from] }: PlanAttrs, ahead: Ahead): Pick<AheadQuery, 'derived'> {
    const query = from === undefined ? undefined : find(this.#arena, ahead, occurrence)
    if (query === undefined) return {}
    const { attrs, argTypes } = this.bare(query, [])
    return { derived: { ...from!, attrs, argTypes } }
  }

  add(block: Block): number {
    return this.blocks.push(block) - 1
  }
  #add(params: readonly Type[], steps: readonly Step[], result: Operand, resultType: Type): number {
    const inner = steps.flatMap((s) => s.blocks.map((b) => this.blocks[b]!))
    return (
      this.blocks.push({
        params: params.map((t) => this.type(t)),
        steps,
        result,
        resultType: this.type(resultType),
        waits: steps.some(asksOutside) || inner.some((b) => b.waits),
        fails:
          steps.some((s) => asksOutside(s) || s.kind === 'assert' || s.kind === 'decode' || s.kind === 'kernel') ||
          inner.some((b) => b.fails),
      }) - 1
    )
  }

  #steps(order: readonly NodeId[], need: (id: NodeId) => Need) {
    const places = new Map<NodeId, Operand>()
    const steps: Step[] = []
    const schedule = new Schedule()
    const place = (id: NodeId): Operand => places.get(id) ?? { at: 'absent', type: this.type(this.#arena.typeOf(id)) }
    for (const id of order) {
      const node = this.#arena.node(id)
      const leaf = this.leaf(node)
      if (leaf !== undefined) {
        places.set(id, leaf)
        continue
      }
      if (node.op.name === 'ahead') {
        places.set(id, place(node.args[0]!))
        continue
      }
      const args = node.args.map(place)
      const operands = args.flatMap((a) => (a.at === 'step' ? [a.index] : []))
      // A kernel may run out of memory, and then nothing after it in program order may have been written.
      const fails = node.op.name === 'kernel' || mayFail(this.#arena, id)
      const after = schedule.place(operands, ownFootprint(this.#arena, id), fails)
      steps.push({ ...this.#step(node, args, need(id)), after })
      places.set(id, { at: 'step', index: steps.length - 1 })
    }
    return { steps, place }
  }
  leaf(node: NodeView): Operand | undefined {
    switch (node.op.name) {
      case 'param':
        return { at: 'param', index: (node.op.attrs as { index: number }).index }
      case 'input':
        return { at: 'input', name: (node.op.attrs as { name: string }).name }
      case 'absent':
        return { at: 'absent', type: this.type(node.type) }
      default:
        return undefined
    }
  }

  /** A step without its bodies. */
  bare(node: NodeView, args: readonly Operand[]): Step {
    const name = node.op.name as OpName
    const kind: StepKind = controls[name] ?? (isEffect(name) ? 'effect' : 'host')
    return {
      kind,
      op: name,
      attrs: declOf(name).attrs.encode(node.op.attrs as never),
      args,
      argTypes: node.args.map((a) => this.type(this.#arena.typeOf(a))),
      type: this.type(node.type),
      blocks: [],
      after: [],
      ...(kind === 'kernel' ? { kernel: this.#kernel(node) } : {}),
      ...this.#static(node),
    }
  }
  #static(node: NodeView): Pick<Step, 'static'> {
    const choice = staticFor(this.#arena, node, this.#graph.statics)
    return choice === undefined ? {} : { static: choice.name }
  }
  #step(node: NodeView, args: readonly Operand[], need: Need): Step {
    const base = this.bare(node, args)
    const { kind } = base
    switch (kind) {
      case 'kernel':
        return base
      case 'map':
        return {
          ...base,
          blocks: [this.block(node.regions[0]!, need)],
          ...this.ahead(node, node.regions[0]!, need),
          ...(ordered(this.#arena, node) ? { inOrder: true as const } : {}),
        }
      case 'cached': {
        const body = this.block(node.regions[0]!, true)
        this.digests[body] = digest({ ...this.#graph, inputs: [], root: node.regions[0]!.root })
        return { ...base, blocks: [body] }
      }
      default:
        return { ...base, blocks: node.regions.map((r, k) => this.block(r, needOfBody(node, k, need))) }
    }
  }

  #kernel(node: NodeView): number {
    const body = node.regions[0]!
    const known = this.kernelIds.get(body.root)
    if (known !== undefined) return known
    const index = this.kernels.length
    const k = lowerKernel(this.#arena, body, `k${index}`)
    if (k._tag === 'Left') {
      this.problem ??= {
        _tag: 'CodegenFailed',
        stage: 'generate',
        place: '',
        ...excerpt(this.#graph, body.root),
        cause: `a kernel ${k.left}`,
        remedy: "leave the pass out (off: ['fuse']) and report the graph",
      }
      return 0
    }
    this.kernels.push(k.right)
    this.kernelIds.set(body.root, index)
    return index
  }
}

interface PlanAttrs {
  readonly [key: string]: Json
  readonly occurrence: number
  readonly derived: readonly { readonly parent: number; readonly columns: readonly string[] }[]
}
const find = (arena: Arena, { plan, bodies }: Ahead, occurrence: number): NodeView | undefined => {
  for (const id of plan.order) {
    const node = arena.node(id)
    if (node.op.name === 'dbQuery' && occurrenceOf(node) === occurrence) return node
    for (const b of bodies.get(id) ?? []) {
      const inside = find(arena, b, occurrence)
      if (inside !== undefined) return inside
    }
  }
  return undefined
}

/**
 * Elements of a forkMap are independent on the word of the user, and footprints know tables, not rows: where a body
 * writes, running its elements in order costs time but never an answer. Log lines are told apart and may interleave.
 */
const ordered = (arena: Arena, node: NodeView): boolean =>
  ownFootprint(arena, node.id).writes.some((w) => w.kind !== 'log')
