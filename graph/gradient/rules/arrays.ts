import type { NodeId, NodeView } from '../../arena.ts'
import type { columnOps } from '../../ops/columns.ts'
import type { AttrsOf } from '../../ops/index.ts'
import type { linearOps } from '../../ops/linear.ts'
import type { Cells } from '../cells.ts'
import { lit } from '../cells.ts'
import type { Decision, Rule } from '../rule.ts'
import { cells, flat, refused, rule } from '../rule.ts'
import { runningProduct } from './running.ts'

const places = flat('places and pairs of rows are integers')

/** What scattering gave a cell flows to what was given: to all that are the extreme, in equal parts; NaN where it is NaN. */
const scatter = cells((c, g, node) => {
  const [base, index, values] = node.args as [NodeId, NodeId, NodeId]
  const { how } = node.op.attrs as AttrsOf<'scatterReduce'>
  const taken = (x: NodeId): NodeId => c.make('gather', {}, x, index)
  if (how === 'sum') return [() => g, undefined, () => taken(g)]
  const { elem } = c.tensor(base)
  const count = (x: NodeId): NodeId => c.make('convert', { to: elem as 'f64' }, x)
  const mine = c.prim('eq', base, node.id)
  const theirs = c.prim('eq', values, taken(node.id))
  const share = c.div(lit(1), c.make('scatterReduce', { how: 'sum' }, count(mine), index, count(theirs)))
  const none = c.nowhere(node.id)
  return [
    () => c.cut(c.scale(g, c.select(mine, share, none, elem))),
    undefined,
    () => c.cut(c.scale(c.cutLike(g, taken(g)), c.select(theirs, taken(share), taken(none), elem))),
  ]
})

export const columnRules: Readonly<Record<keyof typeof columnOps, Decision>> = {
  cumulate: rule((s, g, node) => {
    const { how } = node.op.attrs as AttrsOf<'cumulate'>
    if (how !== 'prod') {
      s.refuse(node, `running ${how === 'min' ? 'minima' : 'maxima'} have no derivative here`, 'reduce to one extreme')
      return []
    }
    return runningProduct(s.cells, g as NodeId, node)
  }),
  scatterReduce: rule((s, g, node, wanted) => {
    if ((node.op.attrs as AttrsOf<'scatterReduce'>).how !== 'prod')
      return scatter.by === 'rule' ? scatter.rule(s, g, node, wanted) : []
    s.refuse(node, 'products by groups have no derivative here', 'add logarithms by groups, and take exp of the sums')
    return []
  }),
  argSort: places,
  firstEqual: places,
  join: places,
}

/** The last two axes exchanged. */
const turned = (c: Cells, x: NodeId): NodeId => {
  const rank = c.shape(x).length
  return c.transpose(x, [...Array.from({ length: rank - 2 }, (_, k) => k), rank - 1, rank - 2])
}
const product = (c: Cells, a: NodeId, b: NodeId): NodeId => c.make('contract', { batch: c.shape(a).length - 2 }, a, b)
const solved = (c: Cells, a: NodeId, b: NodeId): NodeId => c.make('solve', { how: 'square' }, a, b)

const solve: Rule = (s, flow, node) => {
  const c = s.cells
  const g = flow as NodeId
  const [a, b] = node.args as [NodeId, NodeId]
  if ((node.op.attrs as AttrsOf<'solve'>).how === 'square') {
    const z = solved(c, turned(c, a), g)
    return [() => c.neg(product(c, z, turned(c, node.id))), () => z]
  }
  // By the normal equations aᵀa, for a of full rank; what is left over has a part as well.
  const z = solved(c, product(c, turned(c, a), a), g)
  const byB = product(c, a, z)
  const rest = c.sub(b, product(c, a, node.id))
  return [() => c.sub(product(c, rest, turned(c, z)), product(c, byB, turned(c, node.id))), () => byB]
}

/** 1 below the diagonal of the last two axes and `diagonal` on it, as a factor. */
const lower = (c: Cells, x: NodeId, diagonal: number): NodeId => {
  const rank = c.shape(x).length
  const { elem } = c.tensor(x)
  const [i, j] = [rank - 2, rank - 1].map((axis) => c.along(c.places(x, axis), x, axis)) as [NodeId, NodeId]
  const on = c.select(c.prim('eq', i, j), lit(diagonal), lit(0), elem)
  return c.mul(x, c.select(c.prim('gt', i, j), lit(1), on, elem))
}
/** Only the lower triangle is read, and a cell of it stands for both. */
const folded = (c: Cells, x: NodeId): NodeId => lower(c, c.add(x, turned(c, x)), 0.5)

const cholesky: Rule = (s, flow, { id }) => {
  const c = s.cells
  return [
    () => {
      const inner = lower(c, product(c, turned(c, id), flow as NodeId), 0.5)
      const left = solved(c, turned(c, id), inner)
      const both = turned(c, solved(c, turned(c, id), turned(c, left)))
      return folded(c, both)
    },
  ]
}

/** The transform back, but for its scale. */
const fft: Rule = (s, flow, node) => {
  const c = s.cells
  const { axis, inverse } = node.op.attrs as AttrsOf<'fft'>
  const g = flow as ReadonlyMap<string, NodeId>
  const [x, imaginary] = node.args
  const { elem } = c.tensor(x!)
  const part = (name: string): NodeId => g.get(name) ?? c.zeros(x!)
  const n = c.make('convert', { to: elem as 'f64' }, c.size(x!, axis))
  const back = c.make('fft', { axis, inverse: !inverse }, part('re'), part('im'))
  const scaled = (name: string) => () => {
    const y = c.make('field', { name }, back)
    return inverse ? c.div(y, n) : c.mul(y, n)
  }
  return imaginary === undefined ? [scaled('re')] : [scaled('re'), scaled('im')]
}

const eigen: Rule = (s, flow, node: NodeView) => {
  const c = s.cells
  const g = flow as ReadonlyMap<string, NodeId>
  if (g.has('vectors'))
    s.refuse(node, 'eigenvectors have no derivative here', 'use the eigenvalues only, or solve and cholesky')
  const values = g.get('values')
  if (values === undefined) return []
  return [
    () => {
      const v = c.make('field', { name: 'vectors' }, node.id)
      const rank = c.shape(v).length
      const scaled = c.mul(v, c.spread(values, v, c.rest(v, [rank - 2])))
      return folded(c, product(c, scaled, turned(c, v)))
    },
  ]
}

export const linearRules: Readonly<Record<keyof typeof linearOps, Decision>> = {
  fft: rule(fft),
  cholesky: rule(cholesky),
  solve: rule(solve),
  eigenSymmetric: rule(eigen),
}
const text = refused('text and documents have no derivative', 'use the number itself, not its text')
export const dataRules = {
  const: flat('it never changes'),
  concatText: text,
  textLength: flat('a length is an integer'),
  encodeText: text,
  showNumber: text,
  toJson: text,
  jsonText: text,
  decodeJson: text,
} satisfies Readonly<Record<string, Decision>>
