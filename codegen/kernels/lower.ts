import type { Arena, NodeView, Region } from '../../graph/arena.ts'
import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import type { SliceAttrs } from '../../graph/meaning/shape.ts'
import { postorder } from '../../graph/walk.ts'
import type { Divided, KernelDescriptor } from '../../runtime/kernels.ts'
import { Dims } from './dims.ts'
import { dividedBy, workOver } from './divide.ts'
import type { Finish } from './finish.ts'
import { finishOf } from './finish.ts'
import type { Buffer, Kernel, Step, Stmt } from './ir.ts'
import { mapNest, Names } from './nest.ts'
import { piecePlan, planOf } from './plan.ts'
import { reduceNest } from './reduce.ts'
import { elemOf, finishedProduct, kernelProblem, outputsOf, piecesOf, shapeOf, singlesOf, viewing } from './region.ts'
import { singleNest } from './single.ts'

/** The kernel of a region; on the left, why it has none. */
export const lowerKernel = (arena: Arena, region: Region, name: string): Either<string, Kernel> => {
  const problem = kernelProblem(arena, region)
  if (problem !== undefined) return left(problem)
  const dims = new Dims()
  for (const t of region.params) dims.fromInput(shapeOf(t))
  const nodes = postorder(arena, region.root)
    .map((id) => arena.node(id))
    .filter((n) => n.id !== region.root)
  for (const n of nodes) deriveFrom(arena, n, dims)
  const unknown = nodes.flatMap((n) => shapeOf(n.type)).find((d) => !dims.knows(d))
  if (unknown !== undefined) return left(`has a dimension ${unknown} that no input brings`)
  const { domain, outputs } = outputsOf(arena, region.root)
  const names = new Names()
  const finished = finishedProduct(arena, region)
  const singles = finished === undefined ? singlesOf(arena, region) : [finished.product]
  const finish = finished === undefined ? undefined : finishOf(arena, region, dims, finished)
  const { body, scratch } =
    singles === undefined ? nestOf(arena, region, dims, names) : singlesNest(arena, singles, dims, names, finish)
  const read = buffersRead(body)
  const divided = dividedBy(
    body,
    singles === undefined ? workOver(body, dims.exprs(domain)) : workOf(arena, singles, dims),
  )
  const descriptor: KernelDescriptor = {
    name,
    inputs: region.params.map((t, k) => ({ elem: elemOf(t), shape: shapeOf(t), read: read.has(`in${k}`) })),
    dims: dims.base,
    derived: dims.derived.map((d) => d.size),
    outputs: outputs.map((o) => ({ elem: elemOf(o.type), shape: dims.exprs(shapeOf(o.type)) })),
    scratch,
    domain: dims.exprs(domain),
    ...(divided === undefined ? {} : { divided }),
  }
  return right({ descriptor, body, title: titleOf(nodes) })
}

/** The operations that are more than a look at other cells, in the order of evaluation, each once. */
const titleOf = (nodes: readonly NodeView[]): string => {
  const named = nodes.flatMap(({ op }) => {
    const { how } = op.attrs as { how?: unknown }
    if (viewing.includes(op.name)) return []
    return [typeof how === 'string' ? `${op.name} ${how}` : op.name]
  })
  const all = [...new Set(named)]
  return all.length > mostNamed ? `${all.slice(0, mostNamed).join(', ')} …` : all.join(', ')
}
const mostNamed = 12

/** Products come to a step for each term of each sum, everything else to a few for each cell it reads or writes. */
const workOf = (arena: Arena, singles: readonly NodeView[], dims: Dims): Divided['work'] =>
  singles.flatMap(({ op, args, type }) => {
    const [x, y] = args.map((a) => shapeOf(arena.typeOf(a)))
    if (op.name !== 'contract')
      return [[4, ...dims.exprs(shapeOf(type))], ...(x === undefined ? [] : [[4, ...dims.exprs(x)]])]
    const { batch } = op.attrs as { batch: number }
    return [[1, ...dims.exprs(x!), ...dims.exprs(y!.slice(batch + 1))]]
  })

/** What is worked in is shared by all that want the same: they run one after another. */
const singlesNest = (arena: Arena, singles: readonly NodeView[], dims: Dims, names: Names, finish?: Finish) => {
  const scratch: { elem: Numeric; length: number }[] = []
  const body = singles.flatMap((s, k) => {
    const taken = new Set<number>()
    const buffer = (elem: Numeric, length: number): Buffer => {
      const known = scratch.findIndex((x, i) => !taken.has(i) && x.elem === elem && x.length === length)
      const at = known >= 0 ? known : scratch.push({ elem, length }) - 1
      taken.add(at)
      return `tmp${at}`
    }
    return singleNest(arena, s, k, dims, names, buffer, finish)
  })
  return { body, scratch }
}

const nestOf = (arena: Arena, region: Region, dims: Dims, names: Names) => {
  const pieces = piecesOf(arena, region)
  if (pieces !== undefined) {
    const whole = shapeOf(arena.typeOf(arena.argsOf(region.root)[0]!))
    return { body: pieces.flatMap((p) => mapNest(piecePlan(arena, region, dims, p, whole), names)), scratch: [] }
  }
  const plan = planOf(arena, region, dims)
  return plan.outputs.some((o) => o.how !== undefined)
    ? reduceNest(plan, names)
    : { body: mapNest(plan, names), scratch: [] }
}

const deriveFrom = (arena: Arena, n: NodeView, dims: Dims): void => {
  if (n.op.name === 'slice') {
    const { axis, start, stop, step } = n.op.attrs as SliceAttrs
    dims.derive(shapeOf(n.type)[axis]!, {
      slice: dims.expr(shapeOf(arena.typeOf(n.args[0]!))[axis]!),
      start,
      stop,
      step,
    })
  }
  if (n.op.name === 'concat') {
    const { axis } = n.op.attrs as { axis: number }
    dims.derive(shapeOf(n.type)[axis]!, { sum: n.args.map((a) => dims.expr(shapeOf(arena.typeOf(a))[axis]!)) })
  }
}

const buffersRead = (body: readonly Stmt[]): Set<string> => {
  const found = new Set<string>()
  const step = (s: Step): void => {
    if (s.i === 'load' || s.i === 'fetch') found.add(s.from)
    if (s.i === 'repeat') s.body.forEach(step)
  }
  const walk = (s: Stmt): void => {
    if (s.s === 'lanes') [...s.before, ...s.body].forEach(step)
    if (s.s === 'for' || s.s === 'while') s.body.forEach(walk)
    if (s.s === 'if') [...s.yes, ...s.no].forEach(walk)
  }
  body.forEach(walk)
  return found
}
