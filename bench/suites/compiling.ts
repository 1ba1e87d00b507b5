import { createEngine } from '../../engine.ts'
import { fx, graph, matmul, now, t } from '../../graph/build/index.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse, print } from '../../graph/text.ts'
import type { EngineOptions } from '../../runtime/engine/index.ts'
import { clock } from '../../runtime/index.ts'
import { differsBy } from '../equality.ts'
import type { Contender, Options, Outcome } from '../harness.ts'
import { measure } from '../harness.ts'
import { gcc, tsc } from '../peers/compilers.ts'
import { jaxFresh } from '../peers/jax-works.ts'
import { uniform } from '../uniform.ts'
import { must } from './quoin.ts'

const read = (text: string): Graph<'source'> => {
  const g = parse(text)
  if (g._tag === 'Left') throw new Error(g.left[0]!.cause)
  return g.right as Graph<'source'>
}
/** From the text of a graph to its first optimised result in an engine that is there, beside other compilers. */
export const compiling = async (options: Options): Promise<Outcome> => {
  const n = 100
  const inputs = [1, 2, 3, 4].map((seed) => uniform(new Float64Array(n), -2, 2, seed))
  const [a, b, c, d] = inputs
  const x = t.tensor(t.f64, n)
  const textOf = (constant: number): string => {
    const g = graph('fresh', { a: x, b: x, c: x, d: x }, (q) => ({
      y: fx`sqrt(${q.a}*${q.a} + ${q.b}*${q.b})*${q.c} - ${q.d}/(1 + abs(${q.a})) + (${q.b} < ${q.c} ? ${q.b} : ${q.c})*${constant}`,
    }))
    return print(must(g.sealed))
  }
  const engine = createEngine({ compile: 'eager' })
  let made = 0
  let y: Float64Array | undefined
  const once = async (text: string): Promise<void> => {
    const g = read(text)
    const h = must(engine.submit({ name: g.name, sealed: { _tag: 'Right', right: g } } as never))
    await engine.settled()
    if (engine.stats().handles[0]!.tier !== 'optimised') throw new Error('it was not compiled')
    y = (must(await h.run({ a, b, c, d } as never)) as { readonly y: Float64Array }).y
    h.close()
  }
  const ours: Contender<Float64Array> = {
    name: 'quoin',
    run: () => once(textOf(0.5 + ++made)),
    output: async () => {
      await once(textOf(0.5))
      return y!
    },
    close: () => engine.close(),
  }
  const peers = [await jaxFresh(inputs), await tsc(inputs), await gcc(inputs)]
  const settings = { ...options, rounds: Math.min(options.rounds, 10), warmUpMs: 4 * options.warmUpMs }
  return measure({ name: 'text to result', ours, peers, difference: differsBy(1e-14) }, settings)
}

/** The longest time for which the thread of the event loop computed without giving way, in time of the processor. */
export const eventLoop = async (): Promise<Outcome> => {
  const big = Float64Array.from({ length: 600 * 600 }, (_, i) => (i % 100) / 50)
  const square = { shape: [600, 600], data: big }
  const long = graph('long', { a: t.tensor(t.f64, 'n', 'n') }, ({ a }) => ({ s: matmul(a, a).max() }))
  const asks = graph('asks', { a: t.tensor(t.f64, 'n', 'n') }, ({ a }) => ({ s: matmul(a, a).max(), at: now() }))
  const many = graph('many', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ s: x.sum() }))
  const nested = Array.from({ length: 1_000_000 }, (_, i) => i / 7)
  const drivers = { clock: clock() }
  const cases: readonly (readonly [string, unknown, unknown, EngineOptions, object])[] = [
    ['interpreted, long', long, { a: square }, { compile: 'never' }, {}],
    ['compiled, long', long, { a: square }, { compile: 'eager' }, {}],
    ['compiled, long, asks the clock', asks, { a: square }, { compile: 'eager', drivers }, {}],
    ['interpreted, long, asks the clock', asks, { a: square }, { compile: 'never', drivers }, {}],
    ['compiled, long, recorded', long, { a: square }, { compile: 'eager' }, { record: () => undefined }],
    ['a million numbers in a typed array', many, { x: Float64Array.from(nested) }, { compile: 'eager' }, {}],
    ['a million numbers in a JavaScript array', many, { x: nested }, { compile: 'eager' }, {}],
  ]
  const rows: (readonly (string | number)[])[] = []
  for (const [name, g, input, options, how] of cases) {
    const engine = createEngine(options)
    const h = must(engine.submit(g as never))
    await engine.settled()
    for (let i = 0; i < 3; i++) must(await h.run(input as never, how))
    const turns: number[] = []
    for (let i = 0; i < 3; i++) turns.push(await longestTurn(async () => must(await h.run(input as never, how))))
    await engine.close()
    rows.push([name, Math.min(...turns).toPrecision(2)])
  }
  const columns = ['run', 'ms']
  return { rows: [], skipped: [], refused: [], tables: [{ title: 'longest turn of the event loop', columns, rows }] }
}
const longestTurn = async (work: () => Promise<unknown>): Promise<number> => {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let on = true
  let longest = 0
  await new Promise((go) => setImmediate(go))
  let before = used()
  const tick = (): void => {
    const at = used()
    longest = Math.max(longest, at - before)
    before = at
    if (on) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  on = false
  await new Promise((go) => setImmediate(go))
  return longest
}
