import type { Scalar, Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { graph, t } from '../../graph/index.ts'
import { Tape } from '../arbitraries/scope.ts'

type V = Tensor<'f64', ['n']>
type S = Scalar<'f64'>
const vectors: readonly ((x: V, y: V, s: S) => V)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y.mul(0.5)),
  (x, y) => x.mul(y),
  (x, y) => x.div(y.mul(y).add(1)),
  (x) => q.sin(x),
  (x) => q.tanh(x),
  (x) => q.sigmoid(x),
  (x) => q.exp(x.mul(-0.3)),
  (x) => q.sqrt(x.mul(x).add(0.5)),
  (x) => q.log(x.mul(x).add(0.7)),
  (x) => q.atan(x),
  (x) => q.erf(x),
  (x, y) => q.select(y.gt(0.123), x, x.mul(x)),
  (x, _, s) => x.mul(s),
  (x) => q.cumsum(x).mul(0.3),
  (x) => q.softmax(x),
  (x, y) => q.sameDim(q.concat(q.slice(x, 1), q.slice(y, 0, 1)) as unknown as V, x),
  (x) => q.gatherClamped(x, q.iota('n').add(1)),
  (x, y, s) => q.zip({ x, y }).map((r) => q.sin(r.x).mul(r.y).add(s)),
  (x, _, s) =>
    q.each(x).map((c) =>
      q.cond(
        c.gt(0.21),
        () => c.mul(s),
        () => q.cos(c),
      ),
    ),
  (x) => q.fft(x).re.mul(0.3),
]
const scalars: readonly ((x: V, y: V, s: S, r: S) => S)[] = [
  (x) => x.sum(),
  (x) => x.mean(),
  (x) => q.variance(x),
  (x, y) => q.dot(x, y),
  (_, __, s, r) => s.mul(r),
  (_, __, s, r) => s.add(q.cos(r)),
  (x, _, s) => x.at(0).mul(s),
  (x) => q.prod(q.tanh(x)),
  (_, __, s, r) =>
    q.cond(
      s.gt(0.17),
      () => s.mul(r),
      () => r,
    ),
]
export interface Given {
  readonly x: V
  readonly y: V
  readonly s: S
}
/** Steps that numbers choose, smooth almost everywhere and of moderate size, and their result as one number. */
export const steps = (numbers: readonly number[], given: Given): { readonly all: V; readonly y: S } => {
  const tape = new Tape(numbers)
  const vs: V[] = [given.x, given.y]
  const ss: S[] = [given.s]
  const v = (): V => vs[vs.length - 1 - tape.next(Math.min(3, vs.length))]!
  const s = (): S => ss[ss.length - 1 - tape.next(Math.min(3, ss.length))]!
  while (!tape.done && vs.length + ss.length < 14) {
    if (tape.next(3) < 2) vs.push(tape.of(vectors)(v(), v(), s()))
    else ss.push(tape.of(scalars)(v(), v(), s(), s()))
  }
  const all = vs[vs.length - 1]!.add(ss[ss.length - 1]!)
  return { y: all.mean(), all }
}
/** A graph over such steps. */
export const smooth = (body: (given: Given) => { readonly y: S; readonly all?: V }) =>
  graph('smooth', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n'), s: t.f64 }, body as (given: Given) => { y: S })
