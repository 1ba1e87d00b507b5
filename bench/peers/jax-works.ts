import type { Floats, Job } from '../c/peers.ts'
import type { Absent, Contender } from '../harness.ts'
import { peer } from './load.ts'

/** As much of jax-js as is used here. An operation frees its operands; `ref` keeps one for another use. */
interface JaxArray {
  readonly ref: JaxArray
  add(other: JaxArray | number): JaxArray
  sub(other: JaxArray | number): JaxArray
  mul(other: JaxArray | number): JaxArray
  div(other: JaxArray | number): JaxArray
  reshape(shape: readonly number[]): JaxArray
  sum(): JaxArray
  data(): Promise<Floats>
  blockUntilReady(): Promise<JaxArray>
  dispose(): void
}
interface Jax {
  readonly numpy: {
    array(values: Floats, options: { dtype: string }): JaxArray
    sqrt(x: JaxArray): JaxArray
    exp(x: JaxArray): JaxArray
    log(x: JaxArray): JaxArray
    reciprocal(x: JaxArray): JaxArray
    absolute(x: JaxArray): JaxArray
    less(x: JaxArray, y: JaxArray | number): JaxArray
    where(condition: JaxArray, x: JaxArray, y: JaxArray): JaxArray
    matmul(x: JaxArray, y: JaxArray): JaxArray
  }
  readonly nn: { softmax(x: JaxArray): JaxArray; standardize(x: JaxArray): JaxArray }
  init(device: 'wasm'): Promise<readonly string[]>
  defaultDevice(device: 'wasm'): void
  jit(f: (...arrays: JaxArray[]) => JaxArray): (...arrays: JaxArray[]) => JaxArray
}

type Work = (jax: Jax, ...arrays: readonly JaxArray[]) => JaxArray
const normal = ({ numpy: np }: Jax, x: JaxArray): JaxArray => {
  const over = (): JaxArray => np.reciprocal(np.absolute(x.ref).mul(0.2316419).add(1))
  let poly = over().mul(1.330274429)
  for (const c of [-1.821255978, 1.781477937, -0.356563782, 0.31938153]) poly = over().mul(poly.add(c))
  const tail = np.exp(x.ref.mul(x.ref).mul(-0.5)).mul(0.3989422804014327).mul(poly)
  return np.where(np.less(x, 0), tail.ref, tail.mul(-1).add(1))
}
const square = (n: number, k: number): readonly (readonly number[])[] => new Array<readonly number[]>(k).fill([n, n])
const works: Readonly<Record<string, { shapes?: (n: number) => readonly (readonly number[])[]; work: Work }>> = {
  w1: {
    work: ({ numpy: np }, a, b, c, d) => {
      const length = np.sqrt(a!.ref.mul(a!.ref).add(b!.ref.mul(b!.ref)))
      const smaller = np.where(np.less(b!.ref, c!.ref), b!, c!.ref)
      return length
        .mul(c!)
        .sub(d!.div(np.absolute(a!).add(1)))
        .add(smaller.mul(0.5))
    },
  },
  w2: {
    work: (jax, s, k, x) => {
      const { numpy: np } = jax
      const w = np.sqrt(x!.ref).mul(0.2)
      const d1 = np
        .log(s!.ref.div(k!.ref))
        .add(x!.ref.mul(0.05 + (0.2 * 0.2) / 2))
        .div(w.ref)
      const second = normal(jax, d1.ref.sub(w))
      return s!.mul(normal(jax, d1)).sub(k!.mul(np.exp(x!.mul(-0.05))).mul(second))
    },
  },
  softmax: { shapes: (n) => square(n, 1), work: (jax, x) => jax.nn.softmax(x!) },
  layernorm: {
    shapes: (n) => [[n, n], [n], [n]],
    work: (jax, x, gain, bias) => jax.nn.standardize(x!).mul(gain!).add(bias!),
  },
  w4: { shapes: (n) => square(n, 2), work: ({ numpy: np }, a, b) => np.matmul(a!, b!) },
  sum: { work: (_, x) => x!.sum() },
  dot: { work: (_, x, y) => x!.mul(y!).sum() },
}

/** A workload on jax-js' WebAssembly backend, one kernel through `jit`. */
export const jax = async <T extends Floats>(job: Job<T>): Promise<Contender<T> | Absent | undefined> => {
  const known = works[job.name]
  if (known === undefined) return undefined
  const library = await peer<Jax>('jax-js', '@jax-js/jax')
  if ('absent' in library) return library
  await library.init('wasm')
  library.defaultDevice('wasm')
  const dtype = job.inputs[0] instanceof Float64Array ? 'float64' : 'float32'
  const shapes = known.shapes?.(job.n)
  const arrays = job.inputs.map((x, k) => {
    const flat = library.numpy.array(x, { dtype })
    return shapes === undefined ? flat : flat.reshape(shapes[k]!)
  })
  const kernel = library.jit((...xs) => known.work(library, ...xs))
  let last: JaxArray | undefined
  return {
    name: 'jax-js',
    difference: job.difference,
    run: async () => {
      last?.dispose()
      last = await kernel(...arrays.map((x) => x.ref)).blockUntilReady()
    },
    output: async () => (await last!.ref.data()) as T,
    close: () => {
      for (const x of [...arrays, ...(last === undefined ? [] : [last])]) x.dispose()
    },
  }
}

/** A new function each time, through `jit`: W1's formula with another constant. */
export const jaxFresh = async (inputs: readonly Float64Array[]): Promise<Contender<Float64Array> | Absent> => {
  const library = await peer<Jax>('jax-js', '@jax-js/jax')
  if ('absent' in library) return library
  await library.init('wasm')
  library.defaultDevice('wasm')
  const { numpy: np } = library
  const arrays = inputs.map((x) => np.array(x, { dtype: 'float64' }))
  let made = 0
  let last: Floats | undefined
  const once = async (constant: number): Promise<void> => {
    const kernel = library.jit((a, b, c, d) => {
      const length = np.sqrt(a!.ref.mul(a!.ref).add(b!.ref.mul(b!.ref)))
      const smaller = np.where(np.less(b!.ref, c!.ref), b!, c!.ref)
      return length
        .mul(c!)
        .sub(d!.div(np.absolute(a!).add(1)))
        .add(smaller.mul(constant))
    })
    last = await kernel(...arrays.map((x) => x.ref)).data()
  }
  return {
    name: 'jax-js',
    run: () => once(0.5 + ++made),
    output: async () => {
      await once(0.5)
      return last as Float64Array
    },
    close: () => {
      for (const x of arrays) x.dispose()
    },
  }
}
