import { fx, graph, t } from '../../graph/index.ts'
import { differsInBits } from '../equality.ts'
import type { Contender, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { uniform } from '../uniform.ts'
import { flightsPart4, flightsPart4File } from './flights.ts'
import { againstInterpreter, newGraph } from './latency.ts'
import { maths } from './maths.ts'
import { prepared, quoin } from './quoin.ts'
import type { Suite } from './suite.ts'

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
    quoin(target === 'ts' ? 'quoin ts, copying' : 'quoin, copying', few, target, inputs, (out) => out.y)
  const peers = [await ours('ts'), plainFew(inputs, 'plain JS', false), plainFew(inputs, 'plain JS, async', true)]
  const flat = (out: { readonly y: Float64Array }): Float64Array => out.y
  const direct = await prepared('quoin', few, 'wasm', inputs, flat)
  return measure<Float64Array>(
    { name: 'call of 16 f64', ours: direct, peers: [await ours('wasm'), ...peers], difference: differsInBits },
    { ...options, sampleMs: Math.max(options.sampleMs, 20) },
  )
}

const f64 = (length: number): Float64Array => new Float64Array(length)

export const kernels: Suite = {
  about: 'array maths against plain loops and other libraries',
  workloads: {
    ...maths,
    'W4-f64-128': againstInterpreter(128),
    'W4-f64-1000': againstInterpreter(1000),
    'call of 16 f64': callOverhead,
    'new graph': newGraph,
    'flights-part4': flightsPart4,
    'flights-part4 file': flightsPart4File,
  },
}
