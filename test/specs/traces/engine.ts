import { engineWith, workshop } from '../../../engine.ts'
import { left, right } from '../../../graph/either.ts'
import type { Handle } from '../../../index.ts'
import { assert, fx, graph, now as nowMs, t } from '../../../index.ts'
import type { EngineEvent } from '../../../runtime/engine/index.ts'
import { edges } from '../../../runtime/engine/lifecycle.ts'
import type { Code } from '../../../runtime/engine/workshop.ts'
import { clock } from '../../../runtime/index.ts'
import { inThisThread, refusal, submitted, taken } from '../../engine/shops.ts'
import { livedThrough } from '../protocols/lifecycle.ts'
import type { Recorded, Seen, Traced } from './traces.ts'
import { corrupted, stream } from './traces.ts'

type Line = Handle<{ x: number }, { y: number; at: number }>
const line = (k: number) => graph(`line ${k}`, { x: t.f64 }, ({ x }) => ({ y: fx`${k} * ${x} + 1`, at: nowMs() }))
const broken = graph('broken', { x: t.f64 }, ({ x }) => {
  const y = assert(x.lt(0), 'it has to be negative', { x }).x
  return { y, at: nowMs() }
})
const [handles, maxVersion, maxRuns] = [2, 4, 30]
/** Room for one build: none of them is half as large. */
const room = { bytes: 0 }

const codes = new Map<string, Code>()
const prepare = async (): Promise<void> => {
  if (codes.size > 0) return
  const compile = await inThisThread()
  for (const g of [2, 3, 4, 5, 6].map(line).concat(broken as never)) {
    const document = workshop({}).encode(taken(g.sealed))
    const code = taken(await compile({ graph: document, tier: 'optimised', choices: {} }, () => {}))
    codes.set(JSON.stringify(document), code)
    room.bytes = Math.max(room.bytes, Math.ceil(1.5 * (code.module.length + (code.wasm?.length ?? 0))))
  }
}

/** One engine in whose life everything that waits is answered in an order of `next`'s, failures among it. */
const lived = async (next: (n: number) => number): Promise<readonly Seen[]> => {
  const events: EngineEvent[] = []
  const waiting: (() => void)[] = []
  const turn = (): Promise<void> => new Promise((go) => waiting.push(go))
  const tick = () => new Promise((done) => setImmediate(done))
  let time = 0
  const engine = engineWith(
    {
      ...workshop({}),
      compile: async (job, stage) => {
        // There is one tier in the specification: another one is never to be had, so it needs no room.
        if (job.tier !== 'optimised') return left(refusal)
        stage('optimise')
        await turn()
        if (next(6) === 0) return left(refusal)
        stage('generate')
        await turn()
        if (next(12) === 0) return right({ module: 'this is (no code' })
        return right(codes.get(JSON.stringify(job.graph))!)
      },
      replay: () => (next(12) === 0 ? left(refusal) : (right({ verdict: 'same' }) as never)),
      close: async () => {},
    },
    {
      compile: 'eager',
      crossCheck: { share: 1 },
      probation: { runs: 3, failures: 2 },
      cache: { loadedBytes: room.bytes },
      drivers: { clock: { ...clock(), perform: () => turn().then(() => right(7)) } },
      trace: (e) => events.push(e),
    },
    () => time,
  )
  const open: Line[] = Array.from({ length: handles }, (_, h) => submitted(engine, line(2 + h)))
  const runs: Promise<unknown>[] = []
  let replaced = 1
  for (let step = 0; step < 90; step++) {
    const what = next(10)
    if (what < 3) runs.push(open[next(handles)]!.run({ x: 1 + next(9) }))
    else if (what === 3 && replaced < maxVersion && next(3) === 0) {
      replaced++
      taken(open[0]!.replace(next(2) === 0 ? (broken as never) : line(2 + replaced)) as never)
    } else if (what === 4) time += 20_000
    else {
      if (waiting.length > 0) waiting.splice(next(waiting.length), 1)[0]!()
      for (let n = 0; n < 3; n++) await tick()
    }
  }
  const told = events.flatMap((e): Seen[] => {
    if (e.event === 'move' && e.tier === 'optimised') return [[e.action, e.handle, e.version]]
    if (e.event !== 'version') return []
    const action = ({ replaced: 'Replace', proven: 'Prove', rolledBack: 'Rollback' } as Record<string, string>)[e.what]
    return action === undefined ? [] : [[action, e.handle]]
  })
  let over = false
  const closing = engine.close().then(() => {
    over = true
  })
  while (!over) {
    for (const w of waiting.splice(0)) w()
    await tick()
  }
  await Promise.all([closing, ...runs])
  return told
}

const moves = [...new Set(edges.map(([, a]) => a))].filter((a) => a !== 'Interpret')
const alter = ([what, ...about]: Seen, next: (n: number) => number): Seen =>
  about.length === 1 || next(2) === 0
    ? [what, 1 + (about[0]! % handles), ...about.slice(1)]
    : [moves.filter((a) => a !== what)[next(moves.length - 1)]!, ...about]

export const engineTraces: Traced = {
  name: 'Lifecycle',
  cfg: `CONSTANTS\n  Handles = {1, 2}\n  MaxVersion = ${maxVersion}\n  MaxRuns = ${maxRuns}\n  Cap = 1\n`,
  record: async () => {
    await prepare()
    const next = stream(5)
    const all: Recorded[] = []
    for (let n = 0; n < 25; n++) {
      const events = await lived(next)
      all.push({ start: {}, events, real: true })
      for (const bad of corrupted(events, alter, next)) all.push({ start: {}, events: bad, real: false })
    }
    return all
  },
  accepted: ({ events }) => {
    const m = { handles: [1, 2], maxVersion, maxRuns, cap: 1 }
    return livedThrough(m, events)
  },
}
