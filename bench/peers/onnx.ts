import type { Floats, Job } from '../c/peers.ts'
import type { Absent, Contender } from '../harness.ts'
import { peer } from './load.ts'
import { Model } from './onnx-model.ts'

/** As much of onnxruntime-node as is used here. */
interface OrtTensor {
  readonly data: Floats
}
interface Ort {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(inputs: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>
      release(): Promise<void>
    }>
  }
  readonly Tensor: new (type: string, data: Floats, shape: readonly number[]) => OrtTensor
}

type Make = (m: Model, xs: readonly string[], n: number) => string
interface Work {
  readonly shapes: (n: number) => readonly (readonly number[])[]
  readonly out: (n: number) => readonly number[]
  readonly make: Make
}
const normal = (m: Model, x: string): string => {
  const c = (v: number): string => m.constant(v)
  const q = m.op('Div', [c(1), m.op('Add', [c(1), m.op('Mul', [c(0.2316419), m.op('Abs', [x])])])])
  let poly = m.op('Mul', [q, c(1.330274429)])
  for (const k of [-1.821255978, 1.781477937, -0.356563782, 0.31938153])
    poly = m.op('Mul', [q, m.op('Add', [c(k), poly])])
  const gauss = m.op('Exp', [m.op('Mul', [c(-0.5), m.op('Mul', [x, x])])])
  const tail = m.op('Mul', [m.op('Mul', [c(0.3989422804014327), gauss]), poly])
  return m.op('Where', [m.op('Less', [x, c(0)]), tail, m.op('Sub', [c(1), tail])])
}
const works: Readonly<Record<string, Work>> = {
  w1: {
    shapes: (n) => [[n], [n], [n], [n]],
    out: (n) => [n],
    make: (m, [a, b, c, d]) => {
      const length = m.op('Sqrt', [m.op('Add', [m.op('Mul', [a!, a!]), m.op('Mul', [b!, b!])])])
      const rest = m.op('Div', [d!, m.op('Add', [m.constant(1), m.op('Abs', [a!])])])
      const smaller = m.op('Mul', [m.op('Min', [b!, c!]), m.constant(0.5)])
      return m.op('Add', [m.op('Sub', [m.op('Mul', [length, c!]), rest]), smaller])
    },
  },
  w2: {
    shapes: (n) => [[n], [n], [n]],
    out: (n) => [n],
    make: (m, [s, k, t]) => {
      const w = m.op('Mul', [m.constant(0.2), m.op('Sqrt', [t!])])
      const drift = m.op('Mul', [m.constant(0.05 + (0.2 * 0.2) / 2), t!])
      const d1 = m.op('Div', [m.op('Add', [m.op('Log', [m.op('Div', [s!, k!])]), drift]), w])
      const later = m.op('Mul', [k!, m.op('Exp', [m.op('Mul', [m.constant(-0.05), t!])])])
      const second = m.op('Mul', [later, normal(m, m.op('Sub', [d1, w]))])
      return m.op('Sub', [m.op('Mul', [s!, normal(m, d1)]), second])
    },
  },
  softmax: { shapes: (n) => [[n, n]], out: (n) => [n, n], make: (m, [x]) => m.op('Softmax', [x!], { axis: -1 }) },
  layernorm: {
    shapes: (n) => [[n, n], [n], [n]],
    out: (n) => [n, n],
    make: (m, xs) => m.op('LayerNormalization', xs, { axis: -1, epsilon: 1e-5 }),
  },
  w4: {
    shapes: (n) => [
      [n, n],
      [n, n],
    ],
    out: (n) => [n, n],
    make: (m, xs) => m.op('MatMul', xs),
  },
  sum: { shapes: (n) => [[n]], out: () => [], make: (m, [x]) => m.op('ReduceSum', [x!], { keepdims: 0 }) },
}

/** onnxruntime on one thread of the processor. */
export const onnxruntime = async <T extends Floats>(job: Job<T>): Promise<Contender<T> | Absent | undefined> => {
  const work = works[job.name]
  if (work === undefined) return undefined
  const library = await peer<Ort>('onnxruntime', 'onnxruntime-node')
  if ('absent' in library) return library
  const { InferenceSession, Tensor } = library
  const single = job.inputs[0] instanceof Float32Array
  const shapes = work.shapes(job.n)
  const model = new Model(single ? 'f32' : 'f64')
  const names = shapes.map((shape, k) => model.input(`x${k}`, shape))
  const result = work.make(model, names, job.n)
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 4 }
  let session: Awaited<ReturnType<Ort['InferenceSession']['create']>>
  try {
    session = await InferenceSession.create(model.done(result, work.out(job.n)), options)
  } catch (e) {
    return { name: 'onnxruntime', absent: `refuses it: ${String((e as Error).message).split('\n')[0]}` }
  }
  const type = single ? 'float32' : 'float64'
  const given = Object.fromEntries(names.map((name, k) => [name, new Tensor(type, job.inputs[k]!, shapes[k]!)]))
  let last: OrtTensor | undefined
  return {
    name: 'onnxruntime',
    difference: job.difference,
    run: async () => {
      last = (await session.run(given))[result]
    },
    output: () => last!.data.slice() as T,
    close: () => session.release(),
  }
}
