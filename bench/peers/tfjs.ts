import { createRequire } from 'node:module'
import type { Floats, Job } from '../c/peers.ts'
import type { Absent, Contender } from '../harness.ts'

/** As much of tfjs as is used here. */
interface Tensor {
  dispose(): void
  dataSync(): Floats
}
type Op = (...xs: readonly (Tensor | number | boolean)[]) => Tensor
interface Tfjs {
  readonly setBackend: (name: string) => Promise<boolean>
  readonly ready: () => Promise<void>
  readonly tidy: <A extends Tensor>(f: () => A) => A
  readonly tensor: (values: Floats, shape: readonly number[]) => Tensor
  readonly [op: string]: unknown
}
interface Backend {
  readonly setWasmPaths: (prefix: string) => void
  readonly setThreadsCount: (n: number) => void
}

const row = (n: number): readonly number[] => [n, n]
/** What each workload is in tfjs, and the shapes of its inputs. */
const works: Readonly<
  Record<string, { shapes: (n: number) => readonly (readonly number[])[]; make: (tf: Record<string, Op>) => Op }>
> = {
  w1: {
    shapes: (n) => [[n], [n], [n], [n]],
    make: (tf) => (a, b, c, d) => {
      const length = tf.sqrt!(tf.add!(tf.mul!(a!, a!), tf.mul!(b!, b!)))
      const rest = tf.div!(d!, tf.add!(tf.abs!(a!), 1))
      return tf.add!(tf.sub!(tf.mul!(length, c!), rest), tf.mul!(tf.minimum!(b!, c!), 0.5))
    },
  },
  softmax: { shapes: (n) => [row(n)], make: (tf) => (x) => tf.softmax!(x!) },
  w4: { shapes: (n) => [row(n), row(n)], make: (tf) => (a, b) => tf.matMul!(a!, b!) },
  sum: { shapes: (n) => [[n]], make: (tf) => (x) => tf.sum!(x!) },
}

/** The library on WebAssembly with SIMD (XNNPACK), one thread. */
const library = async (): Promise<Tfjs | Absent> => {
  const require = createRequire(import.meta.url)
  let tf: Tfjs
  try {
    tf = require('@tensorflow/tfjs-core') as Tfjs
    const backend = require('@tensorflow/tfjs-backend-wasm') as Backend
    backend.setWasmPaths(`${require.resolve('@tensorflow/tfjs-backend-wasm/package.json').slice(0, -12)}dist/`)
    backend.setThreadsCount(1)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw e
    return { name: 'tfjs', absent: 'is not installed; `npm run bench:install` installs it' }
  }
  await tf.setBackend('wasm')
  await tf.ready()
  return tf
}
const isAbsent = (tf: Tfjs | Absent): tf is Absent => typeof tf.absent === 'string'

/** tfjs has f32 only. */
export const tfjs = async (job: Job<Floats>): Promise<Contender<Floats> | Absent | undefined> => {
  const work = works[job.name]
  if (work === undefined || job.inputs[0] instanceof Float64Array) return undefined
  const tf = await library()
  if (isAbsent(tf)) return tf
  const shapes = work.shapes(job.n)
  const inputs = job.inputs.map((x, k) => tf.tensor(x, shapes[k]!))
  const f = work.make(tf as unknown as Record<string, Op>)
  let last: Tensor | undefined
  return {
    name: 'tfjs',
    difference: job.difference,
    run: () => {
      last?.dispose()
      last = tf.tidy(() => f(...inputs))
    },
    output: () => last!.dataSync().slice(),
    close: () => {
      for (const x of [...inputs, ...(last === undefined ? [] : [last])]) x.dispose()
    },
  }
}

/** W1's formula with another constant each time. It compiles nothing: each operation is a call, a new formula as well as an old one. */
export const tfjsFresh = async (
  inputs: readonly Float64Array[],
  difference: (ours: Float64Array, theirs: Float64Array) => string | undefined,
): Promise<Contender<Float64Array> | Absent> => {
  const tf = await library()
  if (isAbsent(tf)) return tf
  const tensors = inputs.map((x) => tf.tensor(Float32Array.from(x), [x.length]))
  const ops = tf as unknown as Record<string, Op>
  let made = 0
  let last: Floats | undefined
  const once = (constant: number): void => {
    const y = tf.tidy(() => {
      const [a, b, c, d] = tensors as [Tensor, Tensor, Tensor, Tensor]
      const length = ops.sqrt!(ops.add!(ops.mul!(a, a), ops.mul!(b, b)))
      const rest = ops.div!(d, ops.add!(ops.abs!(a), 1))
      return ops.add!(ops.sub!(ops.mul!(length, c), rest), ops.mul!(ops.minimum!(b, c), constant))
    })
    last = y.dataSync()
    y.dispose()
  }
  return {
    name: 'tfjs',
    difference,
    run: () => once(0.5 + ++made),
    output: () => {
      once(0.5)
      return Float64Array.from(last!)
    },
    close: () => {
      for (const x of tensors) x.dispose()
    },
  }
}
