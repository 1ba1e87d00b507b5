import type { Floats, Job } from '../c/peers.ts'
import { jaxInPython, native, numba, numpy, wasm } from '../c/peers.ts'
import { differsBy } from '../equality.ts'
import type { Contender, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { jax } from '../peers/jax-works.ts'
import { onnxruntime } from '../peers/onnx.ts'
import { tfjs } from '../peers/tfjs.ts'
import { uniform } from '../uniform.ts'
import { errorOfW2 } from './exact.ts'
import { loops } from './loops.ts'
import { prepared, quoin } from './quoin.ts'
import type { Float, Workload } from './workloads.ts'
import { layerNormRows, softmaxRows, w1, w2, w4, w5, w6, w7 } from './workloads.ts'

/** A workload: its name in `bench/c`, how to write it as a graph, its inputs by name, and how close results must be. */
interface Spec {
  readonly work: string
  readonly graph: (e: Float, n: number) => Workload
  readonly inputs: (n: number) => readonly Input[]
  readonly length: (n: number) => number
  readonly close: Readonly<Record<Float, number>>
  /** How often our graph is run for one run of theirs, its result becoming its first input. */
  readonly again?: number
}
interface Input {
  readonly name: string
  readonly shape: readonly number[]
  readonly low: number
  readonly high: number
}
const inputs = (names: string, shape: readonly number[], low: number, high: number): readonly Input[] =>
  [...names].map((name) => ({ name, shape, low, high }))
const cells = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Contraction in C and other orders of sums change the last places, and sums over k many of them. */
const specs = {
  W1: {
    work: 'w1',
    graph: w1,
    inputs: (n) => inputs('abcd', [n], -2, 2),
    length: (n) => n,
    close: { f64: 1e-14, f32: 4e-6 },
  },
  W2: {
    work: 'w2',
    graph: w2,
    inputs: (n) => [...inputs('sk', [n], 10, 100), ...inputs('x', [n], 0.1, 2)],
    length: (n) => n,
    // Where an option is worth next to nothing, what the polynomials of N leave is all there is.
    close: { f64: 1e-11, f32: 1e-3 },
  },
  'W3-softmax': {
    work: 'softmax',
    graph: softmaxRows,
    inputs: (n) => inputs('x', [n, n], -4, 4),
    length: (n) => n * n,
    close: { f64: 1e-14, f32: 1e-6 },
  },
  'W3-layernorm': {
    work: 'layernorm',
    graph: layerNormRows,
    inputs: (n) => [
      { name: 'x', shape: [n, n], low: -4, high: 4 },
      { name: 'gain', shape: [n], low: 0.5, high: 1.5 },
      { name: 'bias', shape: [n], low: -1, high: 1 },
    ],
    length: (n) => n * n,
    close: { f64: 1e-12, f32: 1e-4 },
  },
  W4: {
    work: 'w4',
    graph: w4,
    inputs: (n) => inputs('ab', [n, n], -1, 1),
    length: (n) => n * n,
    close: { f64: 1e-12, f32: 1e-3 },
  },
  W5: {
    work: 'w5',
    graph: (e, n) => w5(e, n, 1),
    inputs: (n) => inputs('up', [n, n, n], 0, 1),
    length: (n) => n ** 3,
    close: { f64: 1e-12, f32: 1e-4 },
  },
  'W6-4x4': {
    work: 'w6',
    graph: w6,
    inputs: (n) => inputs('abc', [n, 4, 4], -1, 1),
    length: (n) => 16 * n,
    close: { f64: 1e-13, f32: 1e-5 },
  },
  'W7-sum': {
    work: 'sum',
    graph: w7.sum,
    inputs: (n) => inputs('x', [n], 0, 1),
    length: () => 1,
    close: { f64: 1e-9, f32: 1e-3 },
  },
  'W7-dot': {
    work: 'dot',
    graph: w7.dot,
    inputs: (n) => inputs('xy', [n], 0, 1),
    length: () => 1,
    close: { f64: 1e-9, f32: 1e-3 },
  },
  'W7-variance': {
    work: 'variance',
    graph: w7.variance,
    inputs: (n) => inputs('x', [n], 0, 1),
    length: () => 1,
    close: { f64: 1e-9, f32: 1e-3 },
  },
} satisfies Readonly<Record<string, Spec>>

const plain = <T extends Floats>(job: Job<T>): Contender<T> => {
  const y =
    job.inputs[0]!.slice(0, 0).constructor === Float64Array
      ? new Float64Array(job.length)
      : new Float32Array(job.length)
  const work = loops[job.name]!
  return {
    name: 'js',
    difference: job.difference,
    run: () => {
      work(job.n, y, ...job.inputs)
    },
    output: () => y as unknown as T,
  }
}

/** CPU time of this process, because others share the machine; peers in other processes have the like. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const work =
  (name: string, spec: Spec, e: Float, n: number) =>
  async (options: Options): Promise<Outcome> => {
    const named = spec.inputs(n)
    const arrays = named.map((x, k) => {
      const array = e === 'f64' ? new Float64Array(cells(x.shape)) : new Float32Array(cells(x.shape))
      return uniform(array, x.low, x.high, k + 1)
    })
    const job: Job<Floats> = {
      name: spec.work,
      n,
      inputs: arrays,
      length: spec.length(n),
      difference: differsBy(spec.close[e]),
    }
    const given = Object.fromEntries(
      named.map((x, k) => [x.name, x.shape.length === 1 ? arrays[k]! : { shape: x.shape, data: arrays[k]! }]),
    )
    const graph = spec.graph(e, n)
    const flat = ({ y }: { readonly y: unknown }): Floats =>
      typeof y === 'number'
        ? Float64Array.of(y)
        : ArrayBuffer.isView(y)
          ? (y as Floats)
          : (y as { readonly data: Floats }).data
    const again = spec.work === 'w5' ? (n <= 100 ? 100 : 10) : 1
    const copying = await quoin('quoin, copying', graph, 'wasm', given as never, flat, again)
    const byName = Object.fromEntries(named.map((x, k) => [x.name, arrays[k]!]))
    const ours = await prepared('quoin', graph, 'wasm', byName, flat, again)
    const peers = [
      copying,
      plain(job),
      await native(job),
      await wasm(job),
      await jax(job),
      await tfjs(job),
      await onnxruntime(job),
      await numpy(job),
      await numba(job),
      await jaxInPython(job),
    ].filter((p) => p !== undefined)
    const error = spec.work === 'w2' ? { error: errorOfW2(arrays) } : {}
    return measure({ name, ours, peers, difference: job.difference, ...error }, { ...options, clock: cpu })
  }

const list: readonly (readonly [keyof typeof specs, Float, number, string])[] = [
  ['W1', 'f64', 1e6, '1e6'],
  ['W1', 'f64', 1e7, '1e7'],
  ['W1', 'f32', 1e6, '1e6'],
  ['W1', 'f32', 1e7, '1e7'],
  ['W2', 'f64', 1e6, '1e6'],
  ['W2', 'f32', 1e6, '1e6'],
  ['W3-softmax', 'f32', 1024, ''],
  ['W3-softmax', 'f64', 1024, ''],
  ['W3-layernorm', 'f32', 1024, ''],
  ['W3-layernorm', 'f64', 1024, ''],
  ['W4', 'f32', 256, '256'],
  ['W4', 'f32', 512, '512'],
  ['W4', 'f32', 1024, '1024'],
  ['W4', 'f64', 512, '512'],
  ['W4', 'f64', 1024, '1024'],
  ['W5', 'f64', 100, '100'],
  ['W5', 'f64', 256, '256'],
  ['W6-4x4', 'f64', 1e6, '1e6'],
  ['W6-4x4', 'f64', 496, '496'],
  ['W7-sum', 'f32', 1e7, '1e7'],
  ['W7-sum', 'f64', 1e7, '1e7'],
  ['W7-dot', 'f64', 1e7, '1e7'],
  ['W7-variance', 'f64', 1e7, '1e7'],
]
export const maths: Readonly<Record<string, (options: Options) => Promise<Outcome>>> = Object.fromEntries(
  list.map(([spec, e, n, size]) => {
    const name = [spec, e, size].filter((x) => x !== '').join('-')
    return [name, work(name, specs[spec], e, n)]
  }),
)
