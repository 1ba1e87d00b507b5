// Requirements: L2

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import { decodeGraph } from '../../graph/json.ts'
import { fx, graph, now, replayGraph, t } from '../../index.ts'
import type { Workshop } from '../../runtime/engine/index.ts'
import { clock } from '../../runtime/index.ts'
import { closing, inThisThread, line, submitted, wave } from './shops.ts'

const opened = closing()
/** A compiler that makes a mistake: what is to be multiplied by 7 is multiplied by 8. */
const wrong = async (): Promise<Workshop['compile']> => {
  const compile = await inThisThread()
  return async (job, stage) => {
    const made = await compile({ ...job, tier: 'typescript' }, stage)
    if (made._tag === 'Left') return made
    const module = made.right.module.replaceAll('(7 * ', '(8 * ')
    expect(module).not.toBe(made.right.module)
    return right({ module })
  }
}

test('where tiers agree, nothing is told and no effect happens twice', async () => {
  let asked = 0
  const g = graph('timed', { x: t.f64 }, ({ x }) => ({ y: fx`2 * ${x}`, at: now() }))
  const drivers = { clock: clock({ now: () => ++asked }) }
  const { engine, events } = opened(
    { compile: await inThisThread() },
    { compile: 'eager', crossCheck: { share: 1 }, drivers },
  )
  const h = submitted(engine, g)
  const numeric = submitted(engine, wave(3))
  await engine.settled()
  for (let i = 1; i <= 20; i++) expect(await h.run({ x: i })).toEqual(right({ y: 2 * i, at: i }))
  const x = [Number.NaN, -0, 0, 1e300, -1e-320, Number.POSITIVE_INFINITY]
  await numeric.run({ x })
  expect(asked).toBe(20)
  expect(engine.stats().runs.optimised).toBe(21)
  expect(events.filter((e) => e.event === 'difference')).toEqual([])
})

test('where they differ, the interpreter is right, the tier is withdrawn, and the difference can be seen again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'quoin-differences-'))
  try {
    const { engine, events } = opened(
      { compile: await wrong() },
      // No rest: were the tier not withdrawn, it would be made again at once.
      { compile: 'eager', crossCheck: { share: 1, directory }, policy: { restMs: 0 } },
    )
    const h = submitted(engine, line(7))
    await engine.settled()
    expect(engine.stats().handles[0]!.tier).toBe('optimised')
    expect(await h.run({ x: 10 })).toEqual(right({ y: 71 }))
    const [told] = events.filter((e) => e.event === 'difference')
    expect(told).toMatchObject({ tier: 'optimised', differences: [expect.stringContaining('81')] })
    // The other tiers are as wrong, and are found as well; then nothing is left but the interpreter.
    for (let i = 0; i < 6; i++) {
      await engine.settled()
      expect(await h.run({ x: i })).toEqual(right({ y: 7 * i + 1 }))
    }
    await engine.settled()
    expect(events.filter((e) => e.event === 'difference')).toHaveLength(3)
    expect(engine.stats()).toMatchObject({
      handles: [{ tier: 'interpreter' }],
      loaded: { builds: 0 },
      kept: { entries: 0 },
    })
    const files = readdirSync(directory)
    expect(files).toHaveLength(3)
    const kept = JSON.parse(readFileSync(join(directory, files[0]!), 'utf8'))
    const again = decodeGraph(kept.graph)
    expect(again._tag === 'Right' && replayGraph(again.right, kept.recording)).toMatchObject({
      right: { verdict: 'differs' },
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a share of the runs is done twice', async () => {
  let twice = 0
  const { engine } = opened(
    {
      compile: await inThisThread(),
      replay: () => {
        twice++
        return right({ verdict: 'same' }) as never
      },
    },
    { compile: 'eager', crossCheck: { share: 0.25 } },
  )
  const h = submitted(engine, line(2))
  await engine.settled()
  for (let i = 0; i < 100; i++) await h.run({ x: i })
  expect(twice).toBe(25)
})
