import type { NodeId, NodeView, Region } from './arena.ts'
import { Arena } from './arena.ts'
import { isEffect } from './effects.ts'
import type { Either } from './either.ts'
import { left, right } from './either.ts'
import type { CompileError, Problem } from './errors.ts'
import type { Graph } from './graph.ts'
import { siteOf } from './graph.ts'
import { canonicalise } from './listing.ts'
import { make } from './make.ts'
import type { OpName } from './ops/index.ts'
import type { Dim, Type } from './types.ts'
import { isRagged, isSize, isType, largestSize } from './types.ts'
import { mayFail, occurrenceOf, postorder } from './walk.ts'

export type Sizes = Readonly<Record<string, number>>

/**
 * The same graph for one shape: named dimensions of its inputs become literal sizes, in every type. The graph for all
 * sizes stays what it is; this one refuses inputs of other sizes, and its kernels know theirs.
 *
 *     specialise(graph, { n: 1000 })
 */
export const specialise = (g: Graph<'source'>, sizes: Sizes): Either<CompileError, Graph<'source'>> => {
  if (typeof sizes !== 'object' || sizes === null) {
    const remedy = 'give an object of sizes by the names of dimensions: { n: 1000 }'
    return invalid([{ node: 'dims', place: '', cause: `dims is ${String(sizes)}`, remedy }])
  }
  const known = new Set(g.inputs.flatMap(([, t]) => namesIn(t)))
  const problems: Problem[] = []
  for (const [name, size] of Object.entries(sizes)) {
    if (!known.has(name)) {
      const list = [...known].join(', ')
      const remedy = list === '' ? 'leave dims out; no input has a named dimension' : `name one of ${list}`
      problems.push({ node: name, place: '', cause: `no input has the dimension '${name}'`, remedy })
    } else if (!isSize(size)) {
      const cause = `dimension '${name}' cannot have the size ${String(size)}`
      problems.push({ node: name, place: '', cause, remedy: `give a whole number from 0 to ${largestSize}` })
    }
  }
  if (problems.length > 0) return invalid(problems)
  const made = new Specialiser(g, new Map(Object.entries(sizes)))
  const root = made.region(g.root)
  if (made.problem !== undefined) return invalid([made.problem])
  const inputs = g.inputs.map(([n, t]) => [n, made.type(t)] as const)
  return right(canonicalise({ ...g, arena: made.arena, inputs, root }))
}

const invalid = (problems: readonly Problem[]): Either<CompileError, never> =>
  left({
    _tag: 'InvalidGraph',
    stage: 'build',
    place: '',
    problems,
    cause: problems.map((p) => p.cause).join('; '),
    remedy: problems[0]!.remedy,
  })

/** Named dimensions of a type, but for those that vary from element to element. */
const namesIn = (t: Type): readonly string[] => {
  const named = (d: Dim): readonly string[] => (typeof d === 'string' && !isRagged(d) ? [d] : [])
  switch (t.kind) {
    case 'tensor':
      return t.shape.flatMap(named)
    case 'list':
      return [...named(t.dim), ...namesIn(t.of)]
    case 'record':
      return t.fields.flatMap(([, f]) => namesIn(f))
    case 'union':
      return t.cases.flatMap(([, f]) => namesIn(f))
    default:
      return namesIn(t.of)
  }
}

class Specialiser {
  readonly arena = new Arena()
  problem: Problem | undefined
  readonly #graph: Graph
  readonly #sizes: ReadonlyMap<Dim, number>
  readonly #regions = new Map<NodeId, NodeId>()
  readonly #types = new Map<Type, Type>()
  /** Nodes of the graph that came in below which something happens or can fail; parameters may stand for such nodes. */
  readonly #loud = new Map<NodeId, boolean>()
  constructor(graph: Graph, sizes: ReadonlyMap<Dim, number>) {
    this.#graph = graph
    this.#sizes = sizes
  }

  type(t: Type): Type {
    const known = this.#types.get(t)
    if (known !== undefined) return known
    const made = this.#typed(t)
    this.#types.set(t, made)
    return made
  }
  #typed(t: Type): Type {
    const fields = (fs: readonly (readonly [string, Type])[]) => fs.map(([n, f]) => [n, this.type(f)] as const)
    switch (t.kind) {
      case 'tensor':
        return { ...t, shape: t.shape.map((d) => this.#dim(d)) }
      case 'list':
        return { ...t, of: this.type(t.of), dim: this.#dim(t.dim) }
      case 'record':
        return { ...t, fields: fields(t.fields) }
      case 'union':
        return { ...t, cases: fields(t.cases) }
      default:
        return { ...t, of: this.type(t.of) }
    }
  }
  #dim(d: Dim): Dim {
    return this.#sizes.get(d) ?? d
  }

  region(root: NodeId): NodeId {
    const known = this.#regions.get(root)
    if (known !== undefined) return known
    const source = this.#graph.arena
    const done = new Map<NodeId, NodeId>()
    for (const id of postorder(source, root)) {
      const node = source.node(id)
      const bodies = node.regions.map((b): Region => {
        return { params: b.params.map((t) => this.type(t)), root: this.region(b.root) }
      })
      if (this.problem !== undefined) return 0
      this.#loud.set(id, this.#isLoud(node))
      const args = node.args.map((a) => done.get(a)!)
      done.set(id, this.#node(node, args, bodies))
    }
    this.#regions.set(root, done.get(root)!)
    return done.get(root)!
  }
  #isLoud({ id, op, args, regions }: NodeView): boolean {
    return (
      op.name === 'param' ||
      isEffect(op.name) ||
      regions.length > 0 ||
      mayFail(this.#graph.arena, id) ||
      args.some((a) => this.#loud.get(a) === true)
    )
  }

  #node(node: NodeView, args: readonly NodeId[], bodies: readonly Region[]): NodeId {
    const attrs = this.#attrs(node)
    // A literal size needs no operand to tell it; what happens in that operand still has to.
    const told = node.op.name === 'iota' && typeof (attrs as { dim: Dim }).dim === 'number' ? args[0] : undefined
    const made = this.#make(node, attrs, told === undefined ? args : [], bodies)
    return told !== undefined && this.#loud.get(node.args[0]!) === true
      ? this.#make({ ...node, op: { name: 'sequence', attrs: {} } }, {}, [told, made], [])
      : made
  }
  #make(node: NodeView, attrs: object, args: readonly NodeId[], bodies: readonly Region[]): NodeId {
    if (this.problem !== undefined) return 0
    const made = make(this.arena, node.op.name as OpName, attrs as never, args, bodies)
    if (made._tag === 'Right') return made.right
    const site = siteOf(this.#graph, occurrenceOf(node) ?? -1)
    const sizes = [...this.#sizes].map(([d, n]) => `${d} = ${n}`).join(', ')
    this.problem = {
      node: site.name === '' ? `${node.op.name} %${node.id}` : site.name,
      place: site.place,
      cause: `with ${sizes}, ${node.op.name} ${made.left}`,
      remedy: 'choose sizes that fit together, or leave some of them open',
    }
    return 0
  }
  #attrs({ op }: NodeView): object {
    const out: Record<string, unknown> = {}
    for (const [k, v] of Object.entries(op.attrs)) {
      if (k === 'shape') out[k] = (v as readonly Dim[]).map((d) => this.#dim(d))
      else if (k === 'dim' && this.#sizes.has(v)) out[k] = this.#named(op.name, v)
      else out[k] = k !== 'value' && isType(v) ? this.type(v) : v
    }
    return out
  }
  /** Slices and joins compute a size when none is named; it has to be the one that is wanted then. */
  #named(op: string, d: Dim): Dim {
    if (op === 'slice' || op === 'concat') return ''
    // How many rows a query finds is not known before it runs.
    return op === 'dbQuery' ? d : this.#dim(d)
  }
}
