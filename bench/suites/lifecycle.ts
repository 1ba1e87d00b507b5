import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../../engine.ts'
import { fx, graph, t } from '../../graph/build/index.ts'
import type { Engine } from '../../index.ts'
import type { EngineOptions, Tier } from '../../runtime/engine/index.ts'
import { compiledTiers, tiers } from '../../runtime/engine/tiers.ts'
import { median, summarise } from '../arithmetic.ts'
import type { Options, Outcome, Row, Table } from '../harness.ts'
import { compiling, eventLoop } from './compiling.ts'
import type { Suite } from './suite.ts'

type Input = { readonly x: readonly number[] }
type Outcomes<R> = { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: R }
type Running = { readonly run: (input: Input) => Promise<Outcomes<unknown>> }
/** Twenty operations over an array; another `k` is another graph. */
const wave = (k: number) =>
  graph(`wave ${k}`, { x: t.tensor(t.f64, 'n') }, ({ x }) => {
    const a = fx`sin(${x} * ${k}) + cos(${x}) * exp(0 - ${x} * ${x})`
    const b = fx`sqrt(${a} * ${a} + 1) / (2 + ${a}) - log(1 + ${x} * ${x})`
    return { y: fx`${a} * ${b} + ${b} * ${b} - ${a} / (3 + ${b} * ${b})`.sum(), high: b.max() }
  })
const input: Input = { x: Array.from({ length: 2000 }, (_, i) => i / 500) }

const taken = <R>(r: Outcomes<R>): R => {
  if (r._tag === 'Left') throw new Error(JSON.stringify(r.left))
  return r.right
}
/** An engine that compiles at once, and for one tier only. */
const only = (tier: Tier, more: EngineOptions = {}): Engine => {
  const calls = Object.fromEntries(compiledTiers.map((c) => [c, c === tier ? 0 : Number.POSITIVE_INFINITY]))
  const cost = Object.fromEntries(compiledTiers.map((c) => [c, { ms: 0, msPerNode: 0 }]))
  const policy = { calls: calls as never, cost: cost as never }
  return createEngine({ policy, ...more })
}
const compiled = async (engine: Engine, h: Running, tier: Tier): Promise<void> => {
  taken(await h.run(input))
  await engine.settled()
  const is = engine.stats().handles.at(-1)!.tier
  if (is !== tier) throw new Error(`it runs as ${is}, and should as ${tier}`)
}
const timed = async (clock: () => number, work: () => Promise<unknown>): Promise<number> => {
  const began = clock()
  await work()
  return clock() - began
}
const table = (title: string, columns: Table['columns'], rows: Table['rows']): Outcome => ({
  rows: [],
  skipped: [],
  refused: [],
  tables: [{ title, columns, rows }],
})
const ms = (x: number): string => x.toPrecision(3)
const at = (all: readonly number[], share: number): number =>
  [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))]!

/** From a graph that nobody has seen to its first result, where engine and thread are there already. */
const first = async ({ rounds, clock }: Options): Promise<Outcome> => {
  const rows: (readonly (string | number)[])[] = []
  for (const tier of tiers) {
    const engine = only(tier, tier === 'interpreter' ? { compile: 'never' } : {})
    const times: number[] = []
    for (let i = 0; i < Math.min(rounds, 10) + 2; i++) {
      const g = wave(1 + i)
      const small = { x: [1, 2, 3] }
      const took = await timed(clock, async () => {
        const h = taken(engine.submit(g))
        taken(await h.run(small))
        if (tier !== 'interpreter') {
          await engine.settled()
          taken(await h.run(small))
        }
      })
      // The first two start the thread and load the compiler.
      if (i >= 2) times.push(took)
    }
    await engine.close()
    rows.push([tier, ms(median(times)), ms(Math.min(...times))])
  }
  return table('a new graph, milliseconds to its first result in a tier', ['tier', 'median', 'least'], rows)
}

/** Milliseconds of one run, and of runs that are done twice. */
const steady = async ({ rounds, clock }: Options): Promise<Outcome> => {
  const times = new Map<string, number[]>()
  const engines: Engine[] = []
  const runs: (readonly [string, Running, number])[] = []
  for (const tier of tiers) {
    const engine = only(tier, tier === 'interpreter' ? { compile: 'never' } : {})
    const h = taken(engine.submit(wave(2)))
    await compiled(engine, h, tier)
    engines.push(engine)
    runs.push([tier, h, tier === 'interpreter' ? 1 : 20])
  }
  const twice = only('optimised', { crossCheck: { share: 1 } })
  const h = taken(twice.submit(wave(2)))
  await compiled(twice, h, 'optimised')
  engines.push(twice)
  runs.push(['every run twice', h, 1])
  for (let i = 0; i < rounds + 2; i++)
    for (const [name, handle, repeat] of runs) {
      const took = await timed(clock, async () => {
        for (let k = 0; k < repeat; k++) taken(await handle.run(input))
      })
      if (i >= 2) times.set(name, [...(times.get(name) ?? []), took / repeat])
    }
  for (const e of engines) await e.close()
  const interpreter = times.get('interpreter')!
  const rows = [...times].flatMap(([name, ours]): Row[] =>
    name === 'interpreter'
      ? []
      : [
          {
            workload: 'one run, 2000 elements',
            peer: `${name} ÷ interpreter`,
            ...summarise(ours, interpreter),
            unit: 'ms',
          },
        ],
  )
  return { rows, skipped: [], refused: [] }
}

/** A new engine to the first compiled result: with a new thread, and from what is on disk. */
const cold = async ({ rounds, clock }: Options): Promise<Outcome> => {
  const directory = mkdtempSync(join(tmpdir(), 'quoin-bench-'))
  try {
    const start = async (options: EngineOptions): Promise<number> => {
      let engine: Engine | undefined
      const took = await timed(clock, async () => {
        engine = createEngine({ compile: 'eager', ...options })
        const h = taken(engine.submit(wave(3)))
        await engine.settled()
        taken(await h.run({ x: [1, 2, 3] }))
      })
      const { runs } = engine!.stats()
      if (runs.optimised !== 1) throw new Error('it was not compiled')
      await engine!.close()
      return took
    }
    const few = Math.min(rounds, 5)
    await start({ cache: { directory } })
    const [fresh, kept]: number[][] = [[], []]
    for (let i = 0; i < few; i++) {
      fresh!.push(await start({}))
      kept!.push(await start({ cache: { directory } }))
    }
    return table(
      'a new engine, milliseconds to the first optimised result',
      ['how', 'median', 'least'],
      [
        ['a new thread that compiles', ms(median(fresh!)), ms(Math.min(...fresh!))],
        ['from the disk cache', ms(median(kept!)), ms(Math.min(...kept!))],
      ],
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Requests in flight all the time, with and without a replacement every 100 ms. */
const load = async ({ rounds }: Options): Promise<Outcome> => {
  const seconds = Math.min(rounds, 15) / 5
  const rows: (readonly (string | number)[])[] = []
  for (const replacing of [false, true]) {
    const engine = createEngine({ compile: 'eager', cache: { loadedBytes: 200_000 } })
    const h = taken(engine.submit(wave(2)))
    await engine.settled()
    const small = { x: [1, 2, 3] }
    const times: number[] = []
    let on = true
    const client = async (): Promise<void> => {
      for (let i = 0; on; i++) {
        const began = performance.now()
        taken(await h.run(small))
        times.push(performance.now() - began)
        // Timers have their turn, as they would between real requests.
        if (i % 16 === 15) await new Promise((done) => setImmediate(done))
      }
    }
    let version = 0
    const clock = setInterval(() => {
      if (replacing) taken(h.replace(wave(2 + (++version % 5))))
    }, 100)
    const clients = Array.from({ length: 16 }, client)
    await new Promise((done) => setTimeout(done, seconds * 1000))
    on = false
    clearInterval(clock)
    await Promise.all(clients)
    await engine.close()
    const { errors, running, loaded } = engine.stats()
    if (errors + running + loaded.builds !== 0) throw new Error('something was lost or left')
    rows.push([
      replacing ? 'replaced every 100 ms' : 'not replaced',
      Math.round(times.length / seconds),
      ...[0.5, 0.99, 0.999].map((p) => ms(at(times, p))),
    ])
  }
  return table('sixteen clients in one process', ['graph', 'runs/s', 'p50 ms', 'p99 ms', 'p99.9 ms'], rows)
}

/** What a graph takes whose code is loaded. */
const memory = async (): Promise<Outcome> => {
  const engine = createEngine({ compile: 'eager' })
  for (let k = 2; k < 22; k++) taken(engine.submit(wave(k)))
  await engine.settled()
  const { loaded, kept } = engine.stats()
  await engine.close()
  return table(
    'bytes of code of a graph of 20 operations',
    ['where', 'bytes'],
    [
      ['loaded', Math.round(loaded.bytes / loaded.builds)],
      ['kept to be loaded again', Math.round(kept.bytes / kept.entries)],
    ],
  )
}

export const lifecycle: Suite = {
  about: 'an engine: first result and steady state in each tier, other compilers, cold start, load, event loop, memory',
  workloads: { first, steady, compiling, cold, load, 'event loop': eventLoop, memory },
}
