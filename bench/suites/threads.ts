import { compile } from '../../compile.ts'
import type { Built } from '../../graph/index.ts'
import { load } from '../../runtime/load.ts'
import type { Options, Outcome, Table } from '../harness.ts'
import { uniform } from '../uniform.ts'
import { must } from './quoin.ts'
import type { Suite } from './suite.ts'
import type { Float, Workload } from './workloads.ts'
import { softmaxRows, w1, w2, w4, w7 } from './workloads.ts'

/** One graph, prepared for so many threads, and what runs of it have cost. */
const contender = async (graph: Workload, e: Float, threads: number) => {
  const loaded = must(await load(must(await compile(graph, { target: 'wasm' })), {}, { threads }))
  const p = must((loaded as { prepare(): ReturnType<typeof loaded.prepare> }).prepare())
  const cells = p.input as unknown as Readonly<Record<string, Float64Array | Float32Array>>
  for (const [k, name] of Object.keys(cells).entries()) {
    const into = cells[name]!
    into.set(uniform(e === 'f64' ? new Float64Array(into.length) : new Float32Array(into.length), 0.1, 2, k + 1))
  }
  return { threads, p, loaded, wall: [] as number[], cpu: [] as number[] }
}
const bytesOf = (y: unknown): Buffer => {
  const data = (typeof y === 'object' && y !== null && 'data' in y ? y.data : y) as Float64Array | number
  const of = typeof data === 'number' ? Float64Array.of(data) : data
  return Buffer.from(of.slice().buffer)
}
const quantile = (xs: readonly number[], q: number): number =>
  [...xs].sort((a, b) => a - b)[Math.floor((xs.length - 1) * q)]!

/**
 * One thread against two, in turns. Wall-clock time says what was gained on this machine as loaded as it is; processor time
 * of all threads together says what could be: 2 ÷ (its ratio) where two processors are free.
 */
const work =
  (name: string, graph: Workload, e: Float) =>
  async ({ rounds }: Options): Promise<Outcome> => {
    const both = [await contender(graph, e, 1), await contender(graph, e, 2)]
    for (const c of both) for (let k = 0; k < 20; k++) must(c.p.run())
    const [one, two] = both.map((c) => bytesOf((must(c.p.output()) as { y: unknown }).y))
    if (!one!.equals(two!)) return nothing({ workload: name, peer: 'two threads', reason: 'its result is not ours' })
    for (let r = 0; r < rounds; r++)
      for (const c of both) {
        const [start, before] = [performance.now(), process.cpuUsage()]
        must(c.p.run())
        const { user, system } = process.cpuUsage(before)
        c.wall.push(performance.now() - start)
        c.cpu.push((user + system) / 1000)
      }
    for (const c of both) await c.loaded.close()
    const row = (f: 'wall' | 'cpu', q: number): readonly number[] => both.map((c) => quantile(c[f], q))
    const [least, median, cpu] = [row('wall', 0), row('wall', 0.5), row('cpu', 0.5)]
    const show = (xs: readonly number[]): string => xs.map((x) => x.toFixed(2)).join(' → ')
    const table: Table = {
      title: `${name}: one thread → two, ms`,
      columns: ['', 'times', 'faster'],
      rows: [
        ['wall, least', show(least), (least[0]! / least[1]!).toFixed(2)],
        ['wall, median', show(median), (median[0]! / median[1]!).toFixed(2)],
        ['processor time of all threads, median', show(cpu), `× ${(cpu[1]! / cpu[0]!).toFixed(2)} of it`],
      ],
    }
    return { rows: [], skipped: [], refused: [], tables: [table] }
  }
const nothing = (refused: Outcome['refused'][number]): Outcome => ({ rows: [], skipped: [], refused: [refused] })

/** How long a call has to be before a second thread is worth it: the threshold in `runtime/kernels/shared.ts`. */
const handingOut = async ({ rounds }: Options): Promise<Outcome> => {
  const rows: (readonly (string | number)[])[] = []
  for (const n of [8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288]) {
    const both = [await contender(w1('f64', n), 'f64', 1), await contender(w1('f64', n), 'f64', 2)]
    for (let r = 0; r < 20 * rounds; r++)
      for (const c of both) {
        const start = performance.now()
        must(c.p.run())
        c.wall.push(performance.now() - start)
      }
    const divided = both[1]!.loaded.kernelThreads().shared > 0
    for (const c of both) await c.loaded.close()
    const us = both.map((c) => 1000 * quantile(c.wall, 0.1))
    rows.push([n, us[0]!.toFixed(1), us[1]!.toFixed(1), divided ? 'yes' : 'no'])
  }
  const table: Table = {
    title: 'W1 in f64 by cells, µs, fastest tenth',
    columns: ['cells', 'one', 'two', 'divided'],
    rows,
  }
  return { rows: [], skipped: [], refused: [], tables: [table] }
}

const list: readonly (readonly [string, Built<never, never> | Workload, Float])[] = [
  ['W1-f64-1e6', w1('f64', 1e6), 'f64'],
  ['W1-f64-1e7', w1('f64', 1e7), 'f64'],
  ['W2-f64-1e6', w2('f64', 1e6), 'f64'],
  ['W3-softmax-f32', softmaxRows('f32', 1024), 'f32'],
  ['W4-f32-512', w4('f32', 512), 'f32'],
  ['W4-f32-1024', w4('f32', 1024), 'f32'],
  ['W7-sum-f64-1e7', w7.sum('f64', 1e7), 'f64'],
]
export const threads: Suite = {
  about: 'kernels on two threads against one, bit for bit the same',
  workloads: {
    ...Object.fromEntries(list.map(([name, g, e]) => [name, work(name, g as Workload, e)])),
    'handing out': handingOut,
  },
}
