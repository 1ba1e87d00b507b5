import type { ElemCodec } from '../../graph/index.ts'
import { fx, graph, t } from '../../graph/index.ts'
import { differsBy, differsInBits } from '../equality.ts'
import type { Contender, Difference, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { jaxChain } from '../peers/jax.ts'
import { uniform } from '../uniform.ts'
import { flightsPart4, flightsPart4File } from './flights.ts'
import { quoin } from './quoin.ts'
import type { Suite } from './suite.ts'

export type Floats = Float64Array | Float32Array
/** W1: y = sqrt(a·a + b·b)·c − d/(1 + |a|) + (b < c ? b : c)·0.5, with a, b, c and d uniform in [-2, 2). */
export type ChainInputs<T extends Floats> = { readonly a: T; readonly b: T; readonly c: T; readonly d: T }

const shape = <E extends 'f64' | 'f32'>(elem: ElemCodec<E>) => {
  const x = t.tensor(elem, 'n')
  return { a: x, b: x, c: x, d: x } as const
}
const chain64 = graph('w1-f64', shape(t.f64), ({ a, b, c, d }) => ({
  y: fx`sqrt(${a}*${a} + ${b}*${b})*${c} - ${d}/(1 + abs(${a})) + (${b} < ${c} ? ${b} : ${c})*0.5`,
}))
const chain32 = graph('w1-f32', shape(t.f32), ({ a, b, c, d }) => ({
  y: fx`sqrt(${a}*${a} + ${b}*${b})*${c} - ${d}/(1 + abs(${a})) + (${b} < ${c} ? ${b} : ${c})*0.5`,
}))
/** Quoin's side of a workload: compiled, ready to run on these inputs. */
type Ours<T extends Floats> = (inputs: ChainInputs<T>, target: 'ts' | 'wasm') => Promise<Contender<T>>
const nameOf = (target: 'ts' | 'wasm'): string => (target === 'ts' ? 'quoin ts' : 'quoin')
const ours64: Ours<Float64Array> = (inputs, target) => quoin(nameOf(target), chain64, target, inputs, (out) => out.y)
const ours32: Ours<Float32Array> = (inputs, target) => quoin(nameOf(target), chain32, target, inputs, (out) => out.y)

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
    ours: Ours<T>,
    difference: Difference<T>,
  ) =>
  async (options: Options): Promise<Outcome> => {
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => uniform(make(length), -2, 2, seed)) as [T, T, T, T]
    const inputs = { a, b, c, d }
    const peers = [await ours(inputs, 'ts'), plainChain(inputs, make(length)), await jaxChain(inputs)]
    return measure({ name, ours: await ours(inputs, 'wasm'), peers, difference }, options)
  }

/** Call overhead: y = a·b + 1 on 16 elements. */
const small = t.tensor(t.f64, 16)
const few = graph('call-overhead', { a: small, b: small }, ({ a, b }) => ({ y: fx`${a}*${b} + 1` }))
const plainFew = (
  { a, b }: { a: Float64Array; b: Float64Array },
  name: string,
  async: boolean,
): Contender<Float64Array> => {
  let y: Float64Array | undefined
  const work = (): void => {
    const out = new Float64Array(a.length)
    for (let i = 0; i < a.length; i++) out[i] = a[i]! * b[i]! + 1
    y = out
  }
  // Our program answers with a promise, because it may have to wait; so does the second peer.
  const later = async (): Promise<void> => work()
  return { name, run: async ? later : work, output: () => y! }
}
const callOverhead = async (options: Options): Promise<Outcome> => {
  const inputs = { a: uniform(f64(16), -2, 2, 1), b: uniform(f64(16), -2, 2, 2) }
  const ours = (target: 'ts' | 'wasm'): Promise<Contender<Float64Array>> =>
    quoin(nameOf(target), few, target, inputs, (out) => out.y)
  const peers = [await ours('ts'), plainFew(inputs, 'plain JS', false), plainFew(inputs, 'plain JS, async', true)]
  return measure<Float64Array>(
    { name: 'call of 16 f64', ours: await ours('wasm'), peers, difference: differsInBits },
    { ...options, sampleMs: Math.max(options.sampleMs, 20) },
  )
}

const f64 = (length: number): Float64Array => new Float64Array(length)
const f32 = (length: number): Float32Array => new Float32Array(length)
// A plain loop over f32 computes in f64 and rounds once, at the end.
const tolerance = differsBy(2e-6)

export const kernels: Suite = {
  about: 'array maths against plain loops and other libraries',
  workloads: {
    'W1 f64 1e6': chain('W1 f64 1e6', f64, 1e6, ours64, differsInBits),
    'W1 f32 1e6': chain('W1 f32 1e6', f32, 1e6, ours32, tolerance),
    'W1 f64 1e7': chain('W1 f64 1e7', f64, 1e7, ours64, differsInBits),
    'call of 16 f64': callOverhead,
    'flights-part4': flightsPart4,
    'flights-part4 file': flightsPart4File,
  },
}
