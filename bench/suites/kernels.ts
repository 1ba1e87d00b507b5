import { differsBy, differsInBits } from '../equality.ts'
import type { Absent, Contender, Difference, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { jaxChain } from '../peers/jax.ts'
import { uniform } from '../uniform.ts'
import type { Suite } from './suite.ts'

export type Floats = Float64Array | Float32Array
/** W1: y = sqrt(a·a + b·b)·c − d/(1 + |a|) + (b < c ? b : c)·0.5, with a, b, c and d uniform in [-2, 2). */
export type ChainInputs<T extends Floats> = { readonly a: T; readonly b: T; readonly c: T; readonly d: T }

/** Quoin's side of a workload: compiled here, ready to run on these inputs. */
export type Ours<Inputs, Output> = (inputs: Inputs) => Promise<Contender<Output>>

type Slots = {
  readonly chain64?: Ours<ChainInputs<Float64Array>, Float64Array>
  readonly chain32?: Ours<ChainInputs<Float32Array>, Float32Array>
}
const quoin: Slots = {}

const plainChain = <T extends Floats>({ a, b, c, d }: ChainInputs<T>, y: T): Contender<T> => ({
  name: 'plain JS',
  run: () => {
    for (let i = 0; i < y.length; i++) {
      const [ai, bi, ci] = [a[i]!, b[i]!, c[i]!]
      y[i] = Math.sqrt(ai * ai + bi * bi) * ci - d[i]! / (1 + Math.abs(ai)) + (bi < ci ? bi : ci) * 0.5
    }
  },
  output: () => y,
})

const chain =
  <T extends Floats>(
    name: string,
    make: (length: number) => T,
    length: number,
    ours: Ours<ChainInputs<T>, T> | undefined,
    difference: Difference<T>,
  ) =>
  async (options: Options): Promise<Outcome> => {
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => uniform(make(length), -2, 2, seed)) as [T, T, T, T]
    const inputs = { a, b, c, d }
    const absent: Absent = { name: 'quoin', absent: 'has no kernel for this workload yet' }
    const peers = [plainChain(inputs, make(length)), await jaxChain(inputs)]
    return measure({ name, ours: (await ours?.(inputs)) ?? absent, peers, difference }, options)
  }

const f64 = (length: number): Float64Array => new Float64Array(length)
const f32 = (length: number): Float32Array => new Float32Array(length)
// A plain loop over f32 computes in f64 and rounds once, at the end.
const tolerance = differsBy(2e-6)

export const kernels: Suite = {
  about: 'array maths against plain loops and other libraries',
  workloads: {
    'W1 f64 1e6': chain('W1 f64 1e6', f64, 1e6, quoin.chain64, differsInBits),
    'W1 f32 1e6': chain('W1 f32 1e6', f32, 1e6, quoin.chain32, tolerance),
    'W1 f64 1e7': chain('W1 f64 1e7', f64, 1e7, quoin.chain64, differsInBits),
  },
}
