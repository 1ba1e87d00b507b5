// Requirements: E13 E15

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { engineWith, workshop } from '../../engine.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Handle } from '../../index.ts'
import { assert, fx, graph, now as nowMs, t } from '../../index.ts'
import type { EngineEvent } from '../../runtime/engine/index.ts'
import { edges } from '../../runtime/engine/lifecycle.ts'
import type { Code } from '../../runtime/engine/workshop.ts'
import { clock } from '../../runtime/index.ts'
import { Lives } from '../specs/traces/lives.ts'
import { inThisThread, refusal, submitted, taken } from './shops.ts'

/**
 * Any order of submitting, running, replacing, failing, withdrawing and closing, with every wait for a compiler or a
 * driver answered in any order: each run answers what the version answers in which it began, room is never exceeded, the
 * moves that are told chain up, and after closing nothing is left.
 */
const line = (k: number) => graph(`line ${k}`, { x: t.f64 }, ({ x }) => ({ y: fx`${k} * ${x} + 1`, at: nowMs() }))
const broken = graph('broken', { x: t.f64 }, ({ x }) => {
  const y = assert(x.lt(0), 'it has to be negative', { x }).x
  return { y, at: nowMs() }
})
type Line = Handle<{ x: number }, { y: number; at: number }>

const ops = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constant('submit' as const), k: fc.integer({ min: 2, max: 5 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant('run' as const), h: fc.nat(3), x: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('replace' as const), h: fc.nat(3), k: fc.integer({ min: 2, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('break' as const), h: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('drop' as const), h: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constantFrom('fail' as const, 'late' as const, 'spoil' as const, 'doubt' as const, 'later' as const),
    }),
  },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('wait' as const) }) },
)
/** Compiling is always the same, so it is done once, before anything else. */
const codes = new Map<string, Code>()
const prepare = async (): Promise<void> => {
  const compile = await inThisThread()
  for (const g of [2, 3, 4, 5].map(line).concat(broken as never)) {
    const graph = workshop({}).encode(taken(g.sealed))
    codes.set(JSON.stringify(graph), taken(await compile({ graph, tier: 'typescript', choices: {} }, () => {})))
  }
}

const reached = new Set<string>()
const tick = () => new Promise((done) => setImmediate(done))

test('whatever happens in whatever order, runs answer rightly and nothing is left', async () => {
  await prepare()
  const lives = new Lives()
  await fc.assert(
    fc.asyncProperty(
      fc.array(ops, { minLength: 20, maxLength: 80 }),
      fc.boolean(),
      fc.scheduler(),
      async (script, abrupt, s) => {
        const events: EngineEvent[] = []
        const faults = { fail: 0, late: 0, spoil: 0, doubt: 0 }
        let time = 0
        let biggest = 0
        const engine = engineWith(
          {
            ...workshop({}),
            compile: async (job, stage) => {
              const code = codes.get(JSON.stringify(job.graph))!
              stage('optimise')
              await s.schedule(Promise.resolve(), 'optimised')
              if (faults.fail > 0 && faults.fail-- > 0) return left(refusal)
              stage('generate')
              await s.schedule(Promise.resolve(), 'generated')
              if (faults.late > 0 && faults.late-- > 0) return left(refusal)
              if (faults.spoil > 0 && faults.spoil-- > 0) return right({ module: 'this is (no code' })
              biggest = Math.max(biggest, code.module.length)
              return right(code)
            },
            replay: () =>
              faults.doubt > 0 && faults.doubt-- > 0 ? left(refusal) : (right({ verdict: 'same' }) as never),
            close: async () => {},
          },
          {
            compile: 'eager',
            crossCheck: { share: 1 },
            probation: { runs: 3, failures: 2 },
            cache: { loadedBytes: 42_000, memoryBytes: 30_000 },
            drivers: { clock: { ...clock(), perform: () => s.schedule(Promise.resolve(right(7)), 'answered') } },
            trace: (e) => {
              events.push(e)
              lives.hear(e)
            },
          },
          () => time,
        )
        const handles: { h: Line; ks: number[] }[] = []
        const runs: Promise<void>[] = []
        for (const step of script) {
          time += 1
          if (step.op === 'submit') handles.push({ h: submitted(engine, line(step.k)), ks: [step.k] })
          else if (step.op === 'wait') {
            if (s.count() > 0) await s.waitOne()
            await tick()
          } else if (step.op === 'later') time += 20_000
          else if (!('h' in step)) faults[step.op]++
          else if (handles.length > 0) {
            const at = step.h % handles.length
            const { h, ks } = handles[at]!
            if (step.op === 'run') {
              const { version } = engine.stats().handles[at]!
              const k = ks[version - 1]!
              runs.push(h.run({ x: step.x }).then((r) => expectAnswer(r, k, step.x)))
            } else if (step.op === 'drop') {
              h.close()
              handles.splice(at, 1)
            } else {
              const k = step.op === 'replace' ? step.k : Number.NaN
              expect(h.replace(Number.isNaN(k) ? (broken as never) : line(k))).toEqual(right(ks.length + 1))
              ks.push(k)
            }
          }
          expect(engine.stats().loaded.bytes).toBeLessThanOrEqual(42_000)
        }
        // What loads looks at files, which takes turns of its own.
        const quiet = async () => {
          for (let idle = 0; idle < 500; idle++) {
            if (s.count() > 0) {
              await s.waitOne()
              idle = 0
            }
            await tick()
            const { running, compiles, loaded } = engine.stats()
            if (idle > 5 && running + compiles.running + loaded.waiting === 0) return
          }
        }
        // It is closed in the middle of things, or when nothing happens any more: then nobody waits for room.
        if (!abrupt) {
          await quiet()
          expect(engine.stats()).toMatchObject({ running: 0, loaded: { waiting: 0 }, compiles: { running: 0 } })
        }
        const closing = engine.close()
        await quiet()
        await Promise.all(runs)
        await closing
        expect(engine.stats()).toMatchObject({
          handles: [],
          running: 0,
          compiles: { running: 0 },
          loaded: { builds: 0, bytes: 0, waiting: 0 },
          kept: { entries: 0, bytes: 0 },
        })
        expect(biggest * 2).toBeLessThan(42_000)
        chained(events)
        lives.end()
      },
    ),
    { numRuns: process.env.QUOIN_DEEP === '1' ? 3000 : 300, seed: 5 },
  )
  expect([...reached].sort()).toEqual(edges.map((e) => e.join(' ')).sort())
  // What the engines told of themselves is what the specification allows.
  const { strange, ...read } = lives.judged('engine-commands')
  expect(strange).toEqual([])
  expect(read.traces).toBeGreaterThan(300)
  expect(read.refused).toBeGreaterThan(read.corrupted / 2)
}, 600_000)

const expectAnswer = (
  r: { _tag: 'Left'; left: RunError } | { _tag: 'Right'; right: { y: number; at: number } },
  k: number,
  x: number,
): void => {
  if (Number.isNaN(k)) expect(isLeft(r) && r.left._tag).toBe('AssertionFailed')
  else expect(r).toEqual(right({ y: k * x + 1, at: 7 }))
}
/** Each move of a build begins where the one before it ended, and the last one leaves nothing that runs. */
const chained = (events: readonly EngineEvent[]): void => {
  const at = new Map<string, string>()
  for (const e of events) {
    if (e.event !== 'move') continue
    const build = `${e.handle} ${e.version} ${e.tier}`
    expect(e.from).toBe(at.get(build) ?? 'GraphReceived')
    at.set(build, e.to)
    reached.add(`${e.from} ${e.action} ${e.to}`)
  }
  for (const state of at.values()) expect(state).toBe('Evicted')
}
