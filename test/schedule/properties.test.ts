// Requirements: E5

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shuffled } from '../arbitraries/shuffled.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { cases, seed, settings } from '../passes/law.ts'
import { compiled } from '../targets/compiled.ts'
import type { Delayed } from './run.ts'
import { runDelayed, turns } from './run.ts'

const runs = Math.ceil(cases / 2)

test(`answers in any order: same value or error, same world, nothing left in flight; ${runs} graphs`, async () => {
  let overlapped = 0
  let failed = 0
  await fc.assert(
    fc.asyncProperty(settings, fc.boolean(), fc.scheduler(), async ({ it, world }, optimize, s) => {
      const c = await compiled(it.graph, 'ts', { optimize })
      const run: Promise<Delayed> = runDelayed(c, it.inputs, world, turns(s))
      const found = await s.waitFor(run)
      const wanted = runIn(it.graph, it.inputs, world)
      expect(difference(wanted, found)).toBeUndefined()
      expect(found.dangling).toBe(0)
      if (found.most > 1) overlapped++
      if (found.most > 1 && wanted.answer._tag === 'Left') failed++
    }),
    { numRuns: runs, seed, interruptAfterTimeLimit: 200_000, markInterruptAsFailure: true },
  )
  // The law says nothing about graphs in which nothing overlaps.
  expect(overlapped).toBeGreaterThan(runs / 5)
  expect(failed).toBeGreaterThan(runs / 50)
})

test('the order in which nodes were made does not show: same graph, same bytes', async () => {
  for (const { it } of fc.sample(settings, { numRuns: 40, seed })) {
    const [a, b] = [await compiled(it.graph, 'ts'), await compiled(shuffled(it.graph, it.graph.root), 'ts')]
    expect(b.files['module.ts']).toBe(a.files['module.ts'])
  }
})
