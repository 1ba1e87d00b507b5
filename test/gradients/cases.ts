import type { Built, Dims, Expr, Scalar, Shape, Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { graph, t } from '../../graph/index.ts'
import { record } from '../../graph/types.ts'
import { Draft } from '../targets/draft.ts'

/** A graph with a scalar output `y`, inputs for it, and those to differentiate by. */
export interface Case {
  readonly built: Built
  readonly wrt: readonly string[]
  readonly given: Readonly<Record<string, unknown>>
  /** How near differences come, where the graph itself rounds. */
  readonly bound?: number
}
type F = Tensor<'f64', Dims>
/** Any tensor as one number, so that something different flows into each of its cells. */
export const probe = (x: Tensor<'f64', Dims>): Scalar<'f64'> =>
  (q.sin(x) as Tensor<'f64', readonly ['n']>).sum() as unknown as Scalar<'f64'>

const a = [0.3, -1.2, 0.8, 2.1]
const b = [1.7, 0.6, -0.9, 0.4]
const m = [
  [2.1, 0.4, -0.3],
  [0.7, 1.9, 0.5],
  [-0.2, 0.6, 2.4],
]
const wide = [
  [0.2, 1.1, -0.4, 0.9],
  [1.3, -0.8, 0.6, 0.1],
]
const codecs: Readonly<Record<string, unknown>> = {
  x: t.tensor(t.f64, 'n'),
  y: t.tensor(t.f64, 'n'),
  four: t.tensor(t.f64, 4),
  s: t.f64,
  r: t.f64,
  m: t.tensor(t.f64, 3, 3),
  p: t.tensor(t.f64, 'i', 'j'),
  z: t.tensor(t.f64, 2, 4),
  v: t.tensor(t.f64, 3),
  i: t.tensor(t.i32, 'k'),
  go: t.bool,
  maybe: t.option(t.f64),
  h: t.tensor(t.f32, 'n'),
}
const values: Readonly<Record<string, unknown>> = {
  x: a,
  y: b,
  four: [0.4, 0.7, -0.6, 1.3],
  s: 0.7,
  r: 1.3,
  m,
  p: wide,
  z: wide,
  v: [0.5, -0.7, 1.1],
  i: [2, 0, 2, 3, 9],
  go: true,
  maybe: 0.4,
  h: a,
}
/** By all inputs of floats, unless those to differentiate by are named. */
const by = (
  name: string,
  inputs: string,
  body: (x: Readonly<Record<string, never>>) => unknown,
  given: Readonly<Record<string, unknown>> = {},
): Case => {
  const names = inputs.split(' ')
  const shape = Object.fromEntries(names.map((n) => [n, codecs[n]])) as unknown as Shape
  const built = graph(name, shape, (x) => ({ y: body(x as never) as Expr }))
  const floats = names.filter((n) => n !== 'i' && n !== 'go' && n !== 'maybe' && n !== 'h')
  return { built, wrt: floats, given: { ...Object.fromEntries(names.map((n) => [n, values[n]])), ...given } }
}
const f1 = (name: string, f: (x: F) => F, x: readonly number[] = a): Case =>
  by(name, 'x', (o) => probe(f((o as unknown as { x: F }).x)), { x })
type In = {
  readonly x: Tensor<'f64', ['n']>
  readonly y: Tensor<'f64', ['n']>
  readonly four: Tensor<'f64', [4]>
  readonly s: Scalar<'f64'>
  readonly r: Scalar<'f64'>
  readonly m: Tensor<'f64', [3, 3]>
  readonly p: Tensor<'f64', ['i', 'j']>
  readonly z: Tensor<'f64', [2, 4]>
  readonly v: Tensor<'f64', [3]>
  readonly i: Tensor<'i32', ['k']>
  readonly go: Scalar<'bool'>
  readonly maybe: q.Opt<Scalar<'f64'>>
  readonly h: Tensor<'f32', ['n']>
}
const of = (name: string, inputs: string, body: (x: In) => F, given = {}): Case =>
  by(name, inputs, (x) => probe(body(x as unknown as In)), given)
const within = [0.3, -0.7, 0.5, 0.95]
const above = [0.3, 1.2, 0.8, 2.1]

/** A list of tensors and back, which only passes and gradients make. */
const lists = (): Case => {
  const d = new Draft()
  const x = d.in('f64[n,3]')
  const turned = d.add('unstack', {}, [x])
  const y = d.add('reduce', { how: 'sum', axes: [0, 1] }, [d.add('sin', {}, [d.add('stack', {}, [turned])])])
  const g = d.graph(d.add('record', { fields: ['y'] }, [y]))
  const built: Built = {
    name: 'stack and unstack',
    sealed: { _tag: 'Right', right: g },
    inputType: record(g.inputs),
    outputType: g.arena.typeOf(g.root),
  }
  return { built, wrt: ['i0'], given: { i0: m } }
}

export const cases: readonly Case[] = [
  lists(),
  of('arithmetic', 'x y s', ({ x, y, s }) => x.add(y).sub(x.mul(s)).mul(y.neg()).div(y.mul(y).add(s))),
  f1('abs', (x) => q.abs(x)),
  of('extremes', 'x y s', ({ x, y, s }) => q.minimum(x, y).add(q.maximum(x, s))),
  f1('sqrt', (x) => q.sqrt(x), above),
  f1('exp', q.exp),
  f1('expm1', q.expm1),
  f1('exp2', q.exp2),
  f1('log', q.log, above),
  f1('log1p', q.log1p, above),
  f1('log2', q.log2, above),
  f1('log10', q.log10, above),
  f1('sin', q.sin),
  f1('cos', q.cos),
  f1('tan', q.tan, within),
  f1('asin', q.asin, within),
  f1('acos', q.acos, within),
  f1('atan', q.atan),
  of('atan2', 'x y', ({ x, y }) => q.atan2(x, y)),
  f1('sinh', q.sinh),
  f1('cosh', q.cosh),
  f1('tanh', q.tanh),
  f1('erf', q.erf),
  f1('erfc', q.erfc),
  f1('cbrt', q.cbrt, above),
  of('hypot', 'x y', ({ x, y }) => q.hypot(x, y)),
  of('pow', 'x y', ({ x, y }) => q.pow(x, y), { x: above }),
  f1('sigmoid', q.sigmoid),
  of('select', 'x y s', ({ x, y, s }) => q.select(x.gt(y), x.mul(s), y.mul(y))),
  { ...of('f32 on the way', 'x', ({ x }) => x.to(t.f32).to(t.f64).mul(x)), bound: 1e-3 },
  { ...of('an input of f32', 'h', ({ h }) => h.to(t.f64).mul(h.mul(h).to(t.f64))), wrt: ['h'], bound: 1e-3 },
  of('spread', 's v m', ({ s, v, m }) => v.along(3, 3).mul(m).add(s)),
  of('transpose', 'p', ({ p }) =>
    q
      .transpose(p, 'j', 'i')
      .mul(q.transpose(p, 'j', 'i'))
      .sum('i'),
  ),
  of('reshape', 'z', ({ z }) => z.reshape(8).mul(z.reshape(8))),
  of('slice of literal size', 'z', ({ z }) => q.slice(z, 1, 3, { axis: 4 }).mul(2)),
  of('slice in steps', 'z', ({ z }) => q.slice(z, 0, 4, { axis: 4, step: 2 })),
  of('slice of nothing', 'x four', ({ x, four }) => x.add(q.slice(four, 2, 2).sum())),
  of('slice of a name', 'x', ({ x }) => q.slice(x, 1, -1).mul(q.slice(x, 1, -1))),
  of('slice of a name, in steps, from the end', 'p', ({ p }) => q.slice(p, -3, undefined, { axis: 'j', step: 2 })),
  of('concat', 'four v', ({ four, v }) => {
    const both = q.concat(four, v, four) as unknown as Tensor<'f64', readonly [11]>
    return both.mul(both)
  }),
  of('concat of names', 'x y v', ({ x, y, v }) => q.concat(x, v, y)),
  of('gather', 'x i', ({ x, i }) => q.gatherClamped(x, i)),
  of('gather of rows', 'p', ({ p }) => q.gather(p, q.constant(t.tensor(t.i64, 3), [1n, 0n, 1n]))),
  of('one row', 'p x', ({ p, x }) => p.at(1).sum().mul(x.at(2))),
  of('one row, the nearest', 'x', ({ x }) => x.mul(q.gatherClamped(x, q.constant(t.u32, 77)))),
  of('sum', 'p', ({ p }) => p.mul(p).sum('i')),
  of('mean', 'p', ({ p }) => p.mul(p).mean('j')),
  of('max', 'p', ({ p }) => p.max('j').add(p.min('i').sum())),
  of('prod', 'p x', ({ p, x }) => q.prod(p, 'i').sum().mul(q.prod(x)).add(q.prod(p))),
  of('prod with zeros', 'four', ({ four }) => q.prod(four), { four: [0.4, 0, 2, 3] }),
  of('variance', 'p', ({ p }) => q.variance(p, 'j')),
  of('softmax', 'p', ({ p }) => q.softmax(p)),
  of('layerNorm', 'z four', ({ z, four }) => q.layerNorm(z, four, four)),
  of('cumsum', 'p', ({ p }) => q.cumsum(p, 'j').mul(p)),
  of('cumprod', 'x', ({ x }) => q.cumprod(x)),
  of('cumprod with zeros', 'x', ({ x }) => q.cumprod(x), { x: [0.4, 0, 2, 0, 3] }),
  of('cumprod along an axis of literal size', 'z', ({ z }) => q.cumprod(z, 4).mul(z)),
  of('cumprod of rows', 'p', ({ p }) => q.cumprod(p, 'i').mul(q.cumprod(p, 'j')), { p: [...wide, wide[0]] }),
  of('dot', 'x y', ({ x, y }) => q.dot(x, y)),
  of('matvec', 'm v', ({ m, v }) => q.matvec(m, v)),
  of('matmul', 'm', ({ m }) => q.matmul(m, q.matmul(m, m))),
  of('batchMatmul', 'm', ({ m }) => q.batchMatmul(m.reshape(3, 3, 1), m.reshape(3, 1, 3))),
  of('scatterAdd', 'x y i', ({ x, y, i }) => q.scatterAddClamped(x, i, q.gatherClamped(y, i))),
  of('scatterMax', 'x i', ({ x, i }) =>
    q.scatterMax(x.mul(0.3), q.minimum(i, 3), q.gatherClamped(x, i).mul(q.iota('k').to(t.f64).add(0.5))),
  ),
  of('sort', 'x y', ({ x, y }) => q.sort(x).mul(y)),
  of('fft', 'x', ({ x }) => {
    const { re, im } = q.fft(x)
    return re.mul(im).add(re)
  }),
  of('ifft', 'x y', ({ x, y }) => q.ifft({ re: x, im: y }).re),
  of('solve', 'm v', ({ m, v }) => q.solve(m, v)),
  of('inverse', 'm', ({ m }) => q.inverse(m)),
  of('leastSquares', 'p x', ({ p, x }) => q.leastSquares(q.transpose(p, 'j', 'i'), q.sameDim(x, p.at(0)))),
  of('cholesky', 'm', ({ m }) => q.cholesky(m), {
    m: [
      [4, 0.5, 0.2],
      [0.5, 3, 0.4],
      [0.2, 0.4, 5],
    ],
  }),
  of('eigenvalues', 'm', ({ m }) => q.eigenSymmetric(m).values),
  of('records', 's r', ({ s, r }) => {
    const at = q.cond(
      s.gt(0),
      () => ({ a: s.mul(r), b: r, c: 1 }),
      () => ({ a: s, b: s, c: 2 }),
    )
    return at.a.mul(at.b)
  }),
  of('map', 'x y s', ({ x, y, s }) =>
    q
      .zip({ x, y })
      .map(({ x, y }) => ({ a: x.mul(y).mul(s), b: q.exp(x), k: 1 }))
      .columns()
      .a.mul(s),
  ),
  of('map over scalars, with a tensor from outside', 'x v', ({ x, v }) =>
    q.each(x).map((c) => v.mul(c).sum().add(v.at(0))),
  ),
  of('forkMap', 'x s', ({ x, s }) => q.each(x).forkMap((c) => q.sin(c).mul(s))),
  of('map with conditions', 'x s', ({ x, s }) =>
    q.each(x).map((c) =>
      q.cond(
        c.gt(0),
        () => c.mul(s),
        () => s,
      ),
    ),
  ),
  of('map of tensors', 'x v', ({ x, v }) => {
    const rows = q.each(x).map((c) => ({ w: v.mul(c) }))
    return rows.map(({ w }) => w.mul(w).sum())
  }),
  of('map in a map', 'x four s', ({ x, four, s }) =>
    q.each(x).map((c) =>
      q
        .each(four)
        .map((d) => d.mul(c).mul(s))
        .sum(),
    ),
  ),
  of('filter', 'x y', ({ x, y }) => q.filter(x.mul(y), x.gt(0))),
  of('filter of rows', 'x y', ({ x, y }) => {
    const { x: u, y: w } = q
      .zip({ x, y })
      .filter((r) => r.x.gt(0.5), 'kept')
      .columns()
    return u.mul(w)
  }),
  of('options', 'x s maybe', ({ x, s, maybe }) => {
    const one = q.zip({ x }).at(1)
    const taken = q.match(one, { none: () => s, some: (r) => r.x.mul(s).mul(r.x) })
    const lacking = q.match(q.zip({ x }).at(77), { none: () => s, some: (r) => r.x.mul(s) })
    return taken
      .add(lacking)
      .add(q.some(s.mul(s)).orElse(0.5))
      .add(maybe.orElse(s))
      .add(q.match(maybe, { none: () => s, some: (v) => v.mul(s) }))
  }),
  of('cond', 's r go', ({ s, r, go }) =>
    q
      .cond(
        go,
        () => s.mul(r),
        () => r,
      )
      .add(
        q.cond(
          go.not(),
          () => s,
          () => r.mul(r),
        ),
      ),
  ),
  of('what arises in an arm', 'x y go', ({ x, y, go }) =>
    q.cond(
      go,
      () => {
        const kept = q.filter(x.mul(y), x.gt(0))
        return q
          .slice(kept.mul(kept.mean()), 1)
          .sum()
          .add(
            q
              .each(kept)
              .map((c) => c.mul(kept.at(0)))
              .sum(),
          )
      },
      () => y.sum(),
    ),
  ),
  of('fork', 's r', ({ s, r }) => {
    const both = q.fork({ a: () => s.mul(r), b: () => q.exp(s), unused: () => r })
    return both.a.mul(both.b)
  }),
  of('sequence and cached', 's r', ({ s, r }) =>
    q.sequence(
      r,
      q.cached('key', 1000, () => s.mul(r).mul(s)),
    ),
  ),
  of('assert', 's', ({ s }) => q.assert(s.gt(0), 'it is positive', s.mul(s))),
]
