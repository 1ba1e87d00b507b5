import { unwrap } from '../../graph/build/base.ts'
import { current } from '../../graph/build/builder.ts'
import { wrapAs } from '../../graph/build/expr.ts'
import type { Built, Tensor } from '../../graph/index.ts'
import { batchMatmul, dot, exp, fx, graph, layerNorm, log, matmul, softmax, t, variance } from '../../graph/index.ts'

/** The graphs of W1 to W7 for one element and one size; `bench/c/workloads.h` says the same in C++. */
export type Float = 'f64' | 'f32'
type T = Tensor<'f64', string[]>
/** The element makes no difference to how a graph is written, so one type serves both. */
const tensor = (e: Float, ...shape: readonly number[]) =>
  (e === 'f64' ? t.tensor(t.f64, ...shape) : t.tensor(t.f32, ...shape)) as unknown as ReturnType<
    typeof t.tensor<'f64', string[]>
  >
type Inputs = Readonly<Record<string, Float64Array | Float32Array | { shape: readonly number[]; data: unknown }>>
export type Workload = Built<Inputs, { readonly y: unknown }>
const built = (
  name: string,
  inputs: Readonly<Record<string, ReturnType<typeof tensor>>>,
  f: (x: Record<string, T>) => T,
): Workload => graph(name, inputs, (x) => ({ y: f(x as never) })) as never

export const w1 = (e: Float, n: number): Workload => {
  const x = tensor(e, n)
  return built(
    'w1',
    { a: x, b: x, c: x, d: x },
    ({ a, b, c, d }) =>
      fx`sqrt(${a!}*${a!} + ${b!}*${b!})*${c!} - ${d!}/(1 + abs(${a!})) + (${b!} < ${c!} ? ${b!} : ${c!})*0.5` as T,
  )
}

/** Black and Scholes, the normal distribution after Abramowitz and Stegun 26.2.17. */
export const w2 = (e: Float, n: number): Workload => {
  const x = tensor(e, n)
  const normal = (d: T): T => {
    const q = fx`1/(1 + 0.2316419*abs(${d}))` as T
    const tail = fx`0.3989422804014327*exp(-0.5*(${d}*${d}))*(${q}*(0.319381530 + ${q}*(-0.356563782 + ${q}*(1.781477937 + ${q}*(-1.821255978 + ${q}*1.330274429)))))`
    return fx`${d} < 0 ? ${tail as T} : 1 - ${tail as T}` as T
  }
  return built('w2', { s: x, k: x, x }, ({ s, k, x: years }) => {
    const w = fx`0.2*sqrt(${years!})` as T
    const d1 = (log(s!.div(k!)) as T).add(years!.mul(0.05 + (0.2 * 0.2) / 2)).div(w) as T
    const later = exp(years!.mul(-0.05)) as T
    return s!.mul(normal(d1)).sub(k!.mul(later).mul(normal(d1.sub(w) as T))) as T
  })
}

export const softmaxRows = (e: Float, n: number): Workload =>
  built('softmax', { x: tensor(e, n, n) }, ({ x }) => softmax(x!) as T)
export const layerNormRows = (e: Float, n: number): Workload =>
  built(
    'layernorm',
    { x: tensor(e, n, n), gain: tensor(e, n), bias: tensor(e, n) },
    ({ x, gain, bias }) => layerNorm(x! as never, gain! as never, bias! as never, 1e-5) as unknown as T,
  )
export const w4 = (e: Float, n: number): Workload =>
  built(
    'w4',
    { a: tensor(e, n, n), b: tensor(e, n, n) },
    ({ a, b }) => matmul(a! as never, b! as never) as unknown as T,
  )

const node = (op: 'slice' | 'concat', attrs: object, xs: readonly T[]): T =>
  wrapAs(
    current().node(
      op,
      attrs as never,
      xs.map((x) => unwrap(x)),
    ),
  )
const part = (x: T, axis: number, start: number, stop: number | null): T =>
  node('slice', { axis, start, stop, step: 1, dim: '' }, [x])
/** `steps` steps; the boundary keeps its values. */
export const w5 = (e: Float, n: number, steps: number): Workload => {
  const x = tensor(e, n, n, n)
  /** The interior, moved by so much along an axis. */
  const inner = (u: T, axis = 0, by = 0): T =>
    [0, 1, 2].reduce((v, k) => (k === axis ? part(v, k, 1 + by, n - 1 + by) : part(v, k, 1, n - 1)), u)
  const step = (u: T, p: T): T => {
    const c = inner(u)
    const [a, b, d, f, g, h] = [0, 1, 2].flatMap((k) => [inner(u, k, -1), inner(u, k, 1)]) as [T, T, T, T, T, T]
    let v = fx`${c} + 0.1*((${a} + ${b} + ${d} + ${f} + ${g} + ${h} - 6*${c}) - ${inner(p)}*${c})` as T
    for (const k of [2, 1, 0]) {
      // Around the axis k what is kept has been put around the axes after it.
      const side = (from: number, to: number): T =>
        part(
          [0, 1, 2].reduce((s, j) => (j < k ? part(s, j, 1, n - 1) : s), u),
          k,
          from,
          to,
        )
      v = node('concat', { axis: k, dim: '' }, [side(0, 1), v, side(n - 1, n)])
    }
    return v
  }
  return built('w5', { u: x, p: x }, ({ u, p }) => {
    let v = u!
    for (let s = 0; s < steps; s++) v = step(v, p!)
    return v
  })
}

export const w6 = (e: Float, n: number): Workload => {
  const x = tensor(e, n, 4, 4)
  return built(
    'w6',
    { a: x, b: x, c: x },
    ({ a, b, c }) => (batchMatmul(a! as never, b! as never) as unknown as T).add(c!) as T,
  )
}
export const w7: Readonly<Record<'sum' | 'dot' | 'variance', (e: Float, n: number) => Workload>> = {
  sum: (e, n) => built('sum', { x: tensor(e, n) }, ({ x }) => x!.sum() as unknown as T),
  // In stripes, as sum is; `dot` adds in order.
  dot: (e, n) => built('dot', { x: tensor(e, n), y: tensor(e, n) }, ({ x, y }) => x!.mul(y!).sum() as unknown as T),
  variance: (e, n) => built('variance', { x: tensor(e, n) }, ({ x }) => variance(x!) as unknown as T),
}
export const inOrder = (e: Float, n: number): Workload =>
  built('in-order', { x: tensor(e, n), y: tensor(e, n) }, ({ x, y }) => dot(x! as never, y! as never) as unknown as T)
