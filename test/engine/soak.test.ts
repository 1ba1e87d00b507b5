// Requirements: E15

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { engineWith, workshop } from '../../engine.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Handle } from '../../index.ts'
import { fx, graph, now, t } from '../../index.ts'
import { clock } from '../../runtime/index.ts'
import { Lives } from '../specs/traces/lives.ts'
import { submitted, taken } from './shops.ts'

const deep = process.env.QUOIN_DEEP === '1'
const seconds = deep ? 60 : 4
const refusal: CompileError = {
  _tag: 'BackendCompileError',
  stage: 'assemble',
  place: '',
  subgraph: '',
  picture: '',
  cause: 'not this one',
  remedy: 'none',
}
const line = (k: number) => graph(`line ${k}`, { x: t.f64 }, ({ x }) => ({ y: fx`${k} * ${x} + 1`, at: now() }))
type Line = Handle<{ x: number }, { y: number; at: number }>
const heap = (): number => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
/** Threads, timers that keep the process alive, files and sockets: what must not grow. */
const held = (): string[] =>
  process.getActiveResourcesInfo().filter((r) => r === 'MessagePort' || r === 'Worker' || r === 'FSReqPromise')

test(`under load, replacement, eviction, failing compiles and slow drivers for ${seconds} s nothing is lost or wrong`, async () => {
  const before = held()
  const options = {
    compile: 'eager',
    cache: { loadedBytes: 60_000, memoryBytes: 100_000 },
    probation: { runs: 20 },
    policy: { restMs: 50 },
  } as const
  const real = workshop(options)
  const lives = new Lives()
  let jobs = 0
  let unavailable = 0
  const engine = engineWith(
    {
      ...real,
      compile: (job, stage) => (++jobs % 5 === 0 ? Promise.resolve(left(refusal)) : real.compile(job, stage)),
    },
    {
      ...options,
      trace: (e) => {
        lives.hear(e)
        if (e.event === 'unavailable') unavailable++
      },
      drivers: {
        clock: {
          ...clock(),
          perform: () => new Promise((done) => setTimeout(() => done(right(7)), Math.random() < 0.05 ? 20 : 0)),
        },
      },
    },
  )
  const handles: { h: Line; ks: Map<number, number> }[] = Array.from({ length: 6 }, (_, i) => ({
    h: submitted(engine, line(i + 2)),
    ks: new Map([[1, i + 2]]),
  }))
  // The compiler has started.
  await engine.settled()
  let on = true
  let [asked, answered] = [0, 0]
  const client = async (n: number): Promise<void> => {
    for (let i = n; on; i++) {
      const at = i % handles.length
      const { h, ks } = handles[at]!
      const k = ks.get(engine.stats().handles[at]!.version)!
      asked++
      const r = await h.run({ x: i % 1000 })
      answered++
      expect(isLeft(r) ? r.left : r.right).toEqual({ y: k * (i % 1000) + 1, at: 7 })
    }
  }
  let turn = 0
  const replacing = setInterval(() => {
    const { h, ks } = handles[++turn % handles.length]!
    // Few different graphs, so that the cache is used as well.
    const k = 2 + (turn % 17)
    ks.set(taken(h.replace(line(k))), k)
  }, 100)
  const clients = Array.from({ length: 12 }, (_, n) => client(n))
  const half = new Promise<number>((done) => setTimeout(() => done(heap()), seconds * 500))
  await new Promise((done) => setTimeout(done, seconds * 1000))
  on = false
  clearInterval(replacing)
  await Promise.all(clients)
  const late = heap()
  await engine.close()
  expect(answered).toBe(asked)
  expect(asked).toBeGreaterThan(100)
  const { runs, errors, ...rest } = engine.stats()
  expect(Object.values(runs).reduce((a, b) => a + b, 0)).toBe(asked)
  expect(errors).toBe(0)
  expect(rest).toMatchObject({
    handles: [],
    running: 0,
    compiles: { running: 0 },
    loaded: { builds: 0, bytes: 0, waiting: 0 },
    kept: { entries: 0, bytes: 0 },
  })
  expect(runs.interpreter).toBeGreaterThan(0)
  expect(runs.optimised + runs.quick + runs.typescript).toBeGreaterThan(0)
  expect(unavailable).toBeGreaterThan(0)
  expect(held()).toEqual(before)
  // What it told of itself is what the specification of its lifecycle allows.
  const { strange, ...read } = lives.judged('engine-soak')
  expect(strange).toEqual([])
  expect(read.traces).toBeGreaterThanOrEqual(handles.length)
  expect(read.refused).toBeGreaterThan(read.corrupted / 2)
  if (deep) expect(late).toBeLessThan((await half) * 1.2 + 1e7)
}, 200_000)
