import { differsBy } from '../equality.ts'
import type { Absent, Contender } from '../harness.ts'
import { peer } from './load.ts'

/** As much of jax-js as is used here. An operation frees its operands; `ref` keeps one for another use. */
type JaxArray = {
  readonly ref: JaxArray
  add(other: JaxArray | number): JaxArray
  sub(other: JaxArray | number): JaxArray
  mul(other: JaxArray | number): JaxArray
  div(other: JaxArray | number): JaxArray
  data(): Promise<Float64Array | Float32Array>
  blockUntilReady(): Promise<JaxArray>
  dispose(): void
}
type Numpy = {
  array(values: Float64Array | Float32Array, options: { dtype: string }): JaxArray
  sqrt(x: JaxArray): JaxArray
  absolute(x: JaxArray): JaxArray
  less(x: JaxArray, y: JaxArray): JaxArray
  where(condition: JaxArray, x: JaxArray, y: JaxArray): JaxArray
}
type Jax = {
  readonly numpy: Numpy
  init(device: 'wasm'): Promise<readonly string[]>
  defaultDevice(device: 'wasm'): void
  jit(f: (...arrays: JaxArray[]) => JaxArray): (...arrays: JaxArray[]) => JaxArray
}
type Chain<T> = { readonly a: T; readonly b: T; readonly c: T; readonly d: T }

/** W1 on jax-js' WebAssembly backend, one kernel through `jit`. */
export const jaxChain = async <T extends Float64Array | Float32Array>(
  inputs: Chain<T>,
): Promise<Contender<T> | Absent> => {
  const jax = await peer<Jax>('jax-js', '@jax-js/jax')
  if ('absent' in jax) return jax
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  const np = jax.numpy
  const kernel = jax.jit((a, b, c, d) => {
    const length = np.sqrt(a!.ref.mul(a!.ref).add(b!.ref.mul(b!.ref)))
    const smaller = np.where(np.less(b!.ref, c!.ref), b!, c!.ref)
    return length
      .mul(c!)
      .sub(d!.div(np.absolute(a!).add(1)))
      .add(smaller.mul(0.5))
  })
  const double = inputs.a instanceof Float64Array
  const dtype = double ? 'float64' : 'float32'
  const arrays = [inputs.a, inputs.b, inputs.c, inputs.d].map((values) => np.array(values, { dtype }))
  let last: JaxArray | undefined
  return {
    name: 'jax-js',
    // It computes x / y as x · (1 / y), which rounds twice.
    difference: differsBy(double ? 1e-14 : 2e-6),
    run: async () => {
      last?.dispose()
      last = await kernel(...arrays.map((array) => array.ref)).blockUntilReady()
    },
    output: async () => (await last!.ref.data()) as T,
    close: () => {
      for (const array of [...arrays, ...(last === undefined ? [] : [last])]) array.dispose()
    },
  }
}
