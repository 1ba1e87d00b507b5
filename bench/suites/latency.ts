import { compile } from '../../compile.ts'
import { fx, graph, t } from '../../graph/index.ts'
import { interpret } from '../../interpret.ts'
import { load } from '../../runtime/index.ts'
import { differsBy, differsInBits } from '../equality.ts'
import type { Contender, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { jaxFresh } from '../peers/jax-works.ts'
import { tfjsFresh } from '../peers/tfjs.ts'
import { uniform } from '../uniform.ts'
import { must, prepared } from './quoin.ts'
import { w4 } from './workloads.ts'

const thread = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** From a new graph to its first result: W1's formula on 1000 cells with another constant each time. */
export const newGraph = async (options: Options): Promise<Outcome> => {
  const n = 1000
  const [a, b, c, d] = [1, 2, 3, 4].map((seed) => uniform(new Float64Array(n), -2, 2, seed)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const x = t.tensor(t.f64, n)
  const ours = (target: 'ts' | 'wasm'): Contender<Float64Array> => {
    let made = 0
    let y: Float64Array | undefined
    const once = async (constant: number): Promise<void> => {
      const g = graph('fresh', { a: x, b: x, c: x, d: x }, (q) => ({
        y: fx`sqrt(${q.a}*${q.a} + ${q.b}*${q.b})*${q.c} - ${q.d}/(1 + abs(${q.a})) + (${q.b} < ${q.c} ? ${q.b} : ${q.c})*${constant}`,
      }))
      const loaded = must(await load(must(await compile(g, { target }))))
      y = must(await loaded.run({ a, b, c, d })).y as Float64Array
    }
    return {
      name: target === 'ts' ? 'quoin ts' : 'quoin',
      run: () => once(0.5 + ++made),
      output: async () => {
        await once(0.5)
        return y!
      },
    }
  }
  const peers = [ours('ts'), await jaxFresh([a, b, c, d]), await tfjsFresh([a, b, c, d], differsBy(1e-5))]
  // A warm process: what compiles has been compiled itself. Time of this thread, because others share the machine.
  const settings = { ...options, warmUpMs: 8 * options.warmUpMs, sampleMs: 40, clock: thread }
  return measure({ name: 'new graph', ours: ours('wasm'), peers, difference: differsBy(1e-14) }, settings)
}

/** A product against the reference interpreter, which is slow; its ratio is what counts. */
export const againstInterpreter = async (options: Options): Promise<Outcome> => {
  const n = 128
  const [a, b] = [1, 2].map((seed) => uniform(new Float64Array(n * n), -1, 1, seed)) as [Float64Array, Float64Array]
  const g = w4('f64', n)
  type Out = { readonly y: { readonly data: Float64Array } }
  const ours = await prepared('quoin', g, 'wasm', { a, b }, ({ y }) => (y as Out['y']).data)
  let last: Float64Array | undefined
  const reference: Contender<Float64Array> = {
    name: 'interpreter',
    run: async () => {
      const given = { a: { shape: [n, n], data: a }, b: { shape: [n, n], data: b } }
      last = (must(await interpret(g, {}, given as never)) as unknown as Out).y.data
    },
    output: () => last!,
  }
  return measure(
    { name: 'W4-f64-128', ours, peers: [reference], difference: differsInBits },
    { ...options, rounds: Math.min(options.rounds, 5) },
  )
}
