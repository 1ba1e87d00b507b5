import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Need } from '../../graph/need.ts'
import { needKey, nothing, planOf } from '../../graph/need.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import { Schedule } from '../../graph/schedule.ts'
import { digest } from '../../graph/text.ts'
import type { Type } from '../../graph/types.ts'
import { record, showType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import { mayFail, occurrenceOf, ownFootprint, postorder } from '../../graph/walk.ts'
import { lowerKernel } from '../kernels/index.ts'
import type { Kernel } from '../kernels/ir.ts'
import type { BatchStep, Block, Operand, Program, Step, StepKind } from './types.ts'

export interface Lowered {
  readonly program: Program
  readonly kernels: readonly Kernel[]
  /** Digest of every block that is the body of a `cached`, by block number. */
  readonly digests: readonly string[]
}

/** Puts a graph in program order, leaving out what is not needed, and lowers its kernels. */
export const lower = (g: Graph): Either<CompileError, Lowered> => {
  const l = new Lowering(g)
  const main = l.block({ params: [], root: g.root }, true)
  if (l.problem !== undefined) return left(l.problem)
  return right({
    program: {
      name: g.name,
      types: l.types,
      inputs: g.inputs.map(([n, t]) => [n, l.type(t)] as const),
      blocks: l.blocks,
      main,
    },
    kernels: l.kernels,
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
  readonly #kernelIds = new Map<NodeId, number>()
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
  #add(params: readonly Type[], steps: readonly Step[], result: Operand, resultType: Type): number {
    const inner = steps.flatMap((s) => s.blocks.map((b) => this.blocks[b]!))
    return (
      this.blocks.push({
        params: params.map((t) => this.type(t)),
        steps,
        result,
        resultType: this.type(resultType),
        waits: steps.some((s) => s.kind === 'effect') || inner.some((b) => b.waits),
        fails:
          steps.some((s) => s.kind === 'effect' || s.kind === 'assert' || s.kind === 'decode' || s.kind === 'kernel') ||
          inner.some((b) => b.fails),
      }) - 1
    )
  }

  #steps(order: readonly NodeId[], need: (id: NodeId) => Need, given: ReadonlyMap<NodeId, Operand> = new Map()) {
    const places = new Map<NodeId, Operand>(given)
    const steps: Step[] = []
    const schedule = new Schedule()
    const place = (id: NodeId): Operand => places.get(id) ?? { at: 'absent', type: this.type(this.#arena.typeOf(id)) }
    for (const id of order) {
      if (places.has(id)) continue
      const node = this.#arena.node(id)
      const leaf = this.#leaf(node)
      if (leaf !== undefined) {
        places.set(id, leaf)
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
  #leaf(node: NodeView): Operand | undefined {
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

  #step(node: NodeView, args: readonly Operand[], need: Need): Omit<Step, 'after'> {
    const name = node.op.name as OpName
    const kind: StepKind = controls[name] ?? (isEffect(name) ? 'effect' : 'host')
    const base = {
      kind,
      op: name,
      attrs: declOf(name).attrs.encode(node.op.attrs as never),
      args,
      argTypes: node.args.map((a) => this.type(this.#arena.typeOf(a))),
      type: this.type(node.type),
      blocks: [] as number[],
    }
    switch (kind) {
      case 'kernel':
        return { ...base, kernel: this.#kernel(node) }
      case 'map':
        return {
          ...base,
          blocks: [this.block(node.regions[0]!, need)],
          batches: this.#batches(node, need),
          ...(ordered(this.#arena, node) ? { inOrder: true as const } : {}),
        }
      case 'cond':
      case 'match':
        return { ...base, blocks: node.regions.map((r) => this.block(r, need)) }
      case 'fork': {
        const { fields } = node.op.attrs as { fields: readonly string[] }
        return {
          ...base,
          blocks: node.regions.map((r, i) => this.block(r, need === true ? true : (need.get(fields[i]!) ?? nothing))),
        }
      }
      case 'cached': {
        const body = this.block(node.regions[0]!, true)
        this.digests[body] = digest({ ...this.#graph, inputs: [], root: node.regions[0]!.root })
        return { ...base, blocks: [body] }
      }
      default:
        return { ...base, blocks: node.regions.map((r) => this.block(r, true)) }
    }
  }

  #kernel(node: NodeView): number {
    const body = node.regions[0]!
    const known = this.#kernelIds.get(body.root)
    if (known !== undefined) return known
    const index = this.kernels.length
    const k = lowerKernel(this.#arena, body, `k${index}`)
    if (k._tag === 'Left') {
      this.problem ??= {
        _tag: 'CodegenFailed',
        stage: 'generate',
        place: '',
        subgraph: postorder(this.#arena, body.root)
          .map((n) => this.#arena.opOf(n).name)
          .join(' '),
        cause: `a kernel ${k.left}`,
        remedy: "leave the pass out (off: ['fuse']) and report the graph",
      }
      return 0
    }
    this.kernels.push(k.right)
    this.#kernelIds.set(body.root, index)
    return index
  }

  /**
   * The batches of a map, in program order. A query whose arguments need something that only the body's run can give
   * (another effect, an assertion) keeps its place in the body and is asked there, one element at a time.
   */
  #batches(node: NodeView, need: Need): readonly BatchStep[] {
    const { plans } = node.op.attrs as { plans?: readonly (Record<string, Json> & { occurrence: number })[] }
    if (plans === undefined) return []
    const body = node.regions[0]!
    const planned = planOf(this.#arena, body.root, need).order.filter((id) =>
      plans.some((p) => p.occurrence === occurrenceOf(this.#arena.node(id))),
    )
    const out: BatchStep[] = []
    const answers = new Map<NodeId, number>()
    for (const id of planned) {
      const query = this.#arena.node(id)
      const keys = this.#keys(query, body, answers)
      if (keys === undefined) continue
      const plan = plans.find((p) => p.occurrence === occurrenceOf(query))!
      answers.set(id, out.length)
      out.push({
        occurrence: plan.occurrence,
        attrs: declOf('dbQuery').attrs.encode(query.op.attrs as never) as Json,
        plan,
        argTypes: query.args.map((a) => this.type(this.#arena.typeOf(a))),
        keys: keys.block,
        after: keys.after,
      })
    }
    return out
  }
  #keys(
    query: NodeView,
    body: Region,
    answers: ReadonlyMap<NodeId, number>,
  ): { block: number; after: readonly number[] } | undefined {
    const slice: NodeId[] = []
    const seen = new Set<NodeId>()
    const used: NodeId[] = []
    const visit = (id: NodeId): boolean => {
      // Depth is that of the argument expressions of one query; the operands come from postorder below.
      if (seen.has(id)) return true
      seen.add(id)
      if (answers.has(id)) return used.push(id) > 0
      if (mayFail(this.#arena, id) || ownFootprint(this.#arena, id).reads.length > 0) return false
      if (!this.#arena.argsOf(id).every(visit)) return false
      slice.push(id)
      return true
    }
    if (!query.args.every(visit)) return undefined
    const given = new Map<NodeId, Operand>(used.map((id, k) => [id, { at: 'param', index: body.params.length + k }]))
    const made = this.#steps(slice, () => true, given)
    const type = record(query.args.map((a, i) => [String(i), this.#arena.typeOf(a)]))
    const fields = query.args.map((_, i) => String(i))
    const steps: Step[] = [
      ...made.steps,
      {
        kind: 'host',
        op: 'record',
        attrs: { fields },
        args: query.args.map(made.place),
        argTypes: query.args.map((a) => this.type(this.#arena.typeOf(a))),
        type: this.type(type),
        blocks: [],
        after: [],
      },
    ]
    const params = [...body.params, ...used.map((id) => this.#arena.typeOf(id))]
    return {
      block: this.#add(params, steps, { at: 'step', index: steps.length - 1 }, type),
      after: used.map((id) => answers.get(id)!),
    }
  }
}

/**
 * Elements of a forkMap are independent on the word of the user, and footprints know tables, not rows: where a body
 * writes, running its elements in order costs time but never an answer. Log lines are told apart and may interleave.
 */
const ordered = (arena: Arena, node: NodeView): boolean =>
  ownFootprint(arena, node.id).writes.some((w) => w.kind !== 'log')
