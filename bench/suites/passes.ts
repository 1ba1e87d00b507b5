import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { mustMake } from '../../graph/make.ts'
import { scalar } from '../../graph/types.ts'
import { optimise } from '../../passes/index.ts'
import { median, summarise } from '../arithmetic.ts'
import type { Options, Outcome, Row } from '../harness.ts'
import type { Suite } from './suite.ts'

/** Fills an arena with about so many nodes, and answers the result. */
type Shape = (arena: Arena, inputs: readonly NodeId[], nodes: number) => NodeId

const f64 = scalar('f64')
const names = ['a', 'b', 'c', 'd'] as const
const binary = ['add', 'mul', 'sub', 'max'] as const
const node = (arena: Arena, k: number, x: NodeId, y: NodeId): NodeId => mustMake(arena, binary[k % 4]!, {}, [x, y])
const recordOf = (arena: Arena, parts: readonly NodeId[]): NodeId =>
  mustMake(arena, 'record', { fields: parts.map((_, i) => `f${i}`) }, parts)

const shapes: Readonly<Record<string, Shape>> = {
  /** Every node waits for the one before. */
  chain: (arena, inputs, n) => {
    let x = inputs[0]!
    for (let i = 0; i < n; i++) x = node(arena, i, x, inputs[i % 4]!)
    return x
  },
  /** One record of everything, nothing shared. */
  fan: (arena, inputs, n) =>
    recordOf(
      arena,
      Array.from({ length: n >> 1 }, (_, i) =>
        node(arena, 1, inputs[i % 4]!, mustMake(arena, 'const', { type: f64, value: i + 0.5 })),
      ),
    ),
  /** Two ways from each value to the next: 2ⁿ paths, if anybody counted paths. */
  diamond: (arena, inputs, n) => {
    let x = inputs[0]!
    for (let i = 0; i < n / 3; i++) x = node(arena, 2, node(arena, 0, x, inputs[1]!), node(arena, 1, x, inputs[2]!))
    return x
  },
  /** Operands from near and from anywhere before; what is not reached is dead before it is written. */
  random: (arena, inputs, n) => {
    const all = [...inputs]
    let state = 12345
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % below
    }
    for (let i = 0; i < n; i++) all.push(node(arena, next(4), all[next(all.length)]!, all[all.length - 1 - next(3)]!))
    return recordOf(arena, all.slice(-100))
  },
}
const graphOf = (name: string, nodes: number): Graph => {
  const arena = new Arena()
  const inputs = names.map((n) => mustMake(arena, 'input', { name: n, type: f64 }))
  const root = shapes[name]!(arena, inputs, nodes)
  return { name, stage: 'source', arena, inputs: names.map((n) => [n, f64]), root, sites: new Map() }
}

const collect = (): void => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

interface Sample {
  /** Microseconds for each node that came in: all together, in passes, in checkers; bytes that stay. */
  readonly all: number
  readonly passes: number
  readonly checks: number
  readonly bytes: number
}
/** Optimises a fresh graph: an arena remembers what was found out about its nodes, so each is used once. */
const sample = (shape: string, nodes: number, clock: () => number): Sample => {
  const graph = graphOf(shape, nodes)
  collect()
  const before = process.memoryUsage()
  const began = clock()
  const done = optimise(graph)
  const all = clock() - began
  const [failed] = done.failures
  if (failed !== undefined) throw new Error(`${shape} of ${nodes} nodes: ${failed.pass}: ${failed.cause}`)
  collect()
  const after = process.memoryUsage()
  // Every pass is asked about the nodes it was given.
  const given = done.steps[0]!.nodesBefore
  return {
    all: (all * 1000) / given,
    passes: (done.steps.reduce((sum, s) => sum + s.ms, 0) * 1000) / given,
    checks: (done.steps.reduce((sum, s) => sum + s.checkMs, 0) * 1000) / given,
    bytes: (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / given,
  }
}

/** One shape: cost of a node in large graphs against small ones, checkers against passes, and what a node takes. */
const grows =
  (shape: string) =>
  ({ rounds, clock }: Options): Promise<Outcome> => {
    const few = Math.max(1, Math.min(3, rounds))
    for (let i = 0; i < 3; i++) sample(shape, 1e4, clock)
    const samples = [1e4, 1e5, 1e6].map((n) =>
      Array.from({ length: n === 1e4 ? few * 3 : few }, () => sample(shape, n, clock)),
    )
    const [small, middle, large] = samples as [Sample[], Sample[], Sample[]]
    const times = (of: readonly Sample[]): readonly number[] => of.map((s) => s.all)
    const row = (peer: string, ours: readonly number[], theirs: readonly number[], unit: Row['unit']): Row => ({
      workload: `passes on ${shape}`,
      peer,
      ...summarise(ours, theirs),
      unit,
    })
    const base = times(small)
      .slice(0, few)
      .map(() => median(times(small)))
    return Promise.resolve({
      rows: [
        row('1e5 nodes ÷ 1e4', times(middle), base, 'µs/node'),
        row('1e6 nodes ÷ 1e4', times(large), base, 'µs/node'),
        row(
          'checkers ÷ passes, 1e6',
          large.map((s) => s.checks),
          large.map((s) => s.passes),
          'µs/node',
        ),
        row(
          'memory, 1e6 ÷ 1e4',
          large.map((s) => s.bytes),
          small.slice(0, few).map((s) => s.bytes),
          'B/node',
        ),
      ],
      skipped: [],
      refused: [],
    })
  }

export const passes: Suite = {
  about: 'what passes and checkers cost for each node, from 10⁴ to 10⁶ nodes',
  workloads: Object.fromEntries(Object.keys(shapes).map((s) => [s, grows(s)])),
}
