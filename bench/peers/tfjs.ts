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

/** tfjs on WebAssembly with SIMD (XNNPACK), one thread; it has f32 only. */
export const tfjs = async (job: Job<Floats>): Promise<Contender<Floats> | Absent | undefined> => {
  const work = works[job.name]
  if (work === undefined || job.inputs[0] instanceof Float64Array) return undefined
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
