import type { FlightColumns } from '../../examples/flights/by-hand.ts'
import { differsBy } from '../equality.ts'
import type { Absent, Contender } from '../harness.ts'
import { peer } from './load.ts'

type Data = Float64Array | Int32Array
/** As much of jax-js as is used here. An operation frees its operands; `ref` keeps one for another use. */
type JaxArray = {
  readonly ref: JaxArray
  add(other: JaxArray | number): JaxArray
  sub(other: JaxArray | number): JaxArray
  mul(other: JaxArray | number): JaxArray
  div(other: JaxArray | number): JaxArray
  mean(): JaxArray
  data(): Promise<Data>
  blockUntilReady(): Promise<JaxArray>
  dispose(): void
}
type Numpy = {
  array(values: Data, options: { dtype: string }): JaxArray
  exp(x: JaxArray): JaxArray
  log(x: JaxArray): JaxArray
  sqrt(x: JaxArray): JaxArray
  negative(x: JaxArray): JaxArray
  reciprocal(x: JaxArray): JaxArray
  greater(x: JaxArray, y: number): JaxArray
  where(condition: JaxArray, x: number, y: number): JaxArray
  astype(x: JaxArray, dtype: string): JaxArray
}
type Statistics = readonly [mean: JaxArray, std: JaxArray, logLoss: JaxArray, brier: JaxArray]
type Columns = (delay: JaxArray, distance: JaxArray, hour: JaxArray) => Statistics
type Jax = {
  readonly numpy: Numpy
  init(device: 'wasm'): Promise<readonly string[]>
  defaultDevice(device: 'wasm'): void
  jit(f: Columns): Columns
}

/** Part 4 of the flights example on jax-js' WebAssembly backend, through `jit`. */
export const jaxFlights = async (columns: FlightColumns): Promise<Contender<Float64Array> | Absent> => {
  const jax = await peer<Jax>('jax-js', '@jax-js/jax')
  if ('absent' in jax) return jax
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  const np = jax.numpy
  const squared = (x: JaxArray): JaxArray => x.ref.mul(x)
  const kernel = jax.jit((delay, distance, hour) => {
    const z = distance
      .mul(0.0003)
      .sub(1.2)
      .add(squared(hour.sub(12)).mul(0.0004))
    const p = np.reciprocal(np.exp(np.negative(z)).add(1))
    const y = np.astype(np.where(np.greater(delay.ref, 15), 1, 0), 'float64')
    const right = y.ref.mul(np.log(p.ref))
    const wrong = np.negative(y.ref.sub(1)).mul(np.log(np.negative(p.ref.sub(1))))
    const mean = delay.ref.mean()
    const std = np.sqrt(squared(delay.sub(mean.ref)).mean())
    return [mean, std, np.negative(right.add(wrong).mean()), squared(p.sub(y)).mean()]
  })
  // It has no conversion of columns while it loads them, so they are f64 before the clock starts.
  const arrays = [columns.delay, columns.distance, columns.hour].map((values) =>
    np.array(Float64Array.from(values), { dtype: 'float64' }),
  ) as [JaxArray, JaxArray, JaxArray]
  let last: Statistics | undefined
  return {
    name: 'jax-js',
    // Its exp and log are less exact than the engine's.
    difference: differsBy(1e-6),
    run: async () => {
      for (const x of last ?? []) x.dispose()
      last = kernel(arrays[0].ref, arrays[1].ref, arrays[2].ref)
      for (const x of last) await x.blockUntilReady()
    },
    output: async () => Float64Array.from(await Promise.all(last!.map(async (x) => (await x.ref.data())[0]!))),
    close: () => {
      for (const x of [...arrays, ...(last ?? [])]) x.dispose()
    },
  }
}
