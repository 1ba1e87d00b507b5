// Requirements: E3

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { planOf } from '../../graph/need.ts'
import { optimise, placement } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { cases, seed, settings } from '../passes/law.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { least, topologies } from './brute.ts'

const stepsOf = (g: Graph): number =>
  planOf(g.arena, g.root, true).order.filter((id) => !['const', 'absent'].includes(g.arena.opOf(id).name)).length

describe.each([
  { sites: 2, most: 12, runs: Math.ceil(cases / 2) },
  { sites: 3, most: 7, runs: Math.ceil(cases / 3) },
] as const)('$sites sites', ({ sites, most, runs }) => {
  test(`no placement costs less than the one that is found, tried on all of them; ${runs} graphs`, () => {
    const found = { placed: 0, crossing: 0, impossible: 0 }
    fc.assert(
      fc.property(graphs({ steps: 12 }), topologies(sites), fc.boolean(), ({ graph }, t, optimize) => {
        const g = optimise(graph, { optimize }).graph
        fc.pre(stepsOf(g) <= most && stepsOf(g) > 2)
        const made = placement(g, t)
        const best = least(g, t, 'wasm')
        if (isLeft(made)) {
          // Nested loops over lists can cost more years than a number counts; that is said, and not compared.
          if (!made.left.cause.includes('too large')) expect(best.cost, made.left.cause).toBe(Infinity)
          expect(made.left._tag).toBe('InvalidGraph')
          found.impossible++
          return
        }
        expect(made.right.certificate.cost).toBe(best.cost)
        expect(made.right.steps).toHaveLength(best.steps)
        for (const b of made.right.before)
          if (b.costMs !== null) expect(b.costMs).toBeGreaterThanOrEqual(made.right.costMs)
        found.placed++
        if (made.right.crossings.some((c) => c.what === 'value')) found.crossing++
      }),
      { numRuns: runs, seed, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true },
    )
    expect(found.placed).toBeGreaterThan(runs / 5)
    expect(found.crossing).toBeGreaterThan(runs / 10)
    expect(found.impossible).toBeGreaterThan(runs / 50)
  })
})

test('a graph that is placed means what it meant, and the bytes of two compilations are equal', async () => {
  let placed = 0
  const sample = fc.sample(fc.tuple(settings, topologies(2), topologies(3)), { numRuns: 20, seed })
  for (const [{ it, world }, two, three] of sample) {
    for (const sites of [two, three]) {
      if (isLeft(placement(optimise(it.graph).graph, sites, 'ts'))) continue
      placed++
      const [c, again] = [await compiled(it.graph, 'ts', { sites }), await compiled(it.graph, 'ts', { sites })]
      expect(c.files).toEqual(again.files)
      expect(difference(runIn(it.graph, it.inputs, world), await runCompiled(c, it.inputs, world))).toBeUndefined()
    }
  }
  expect(placed).toBeGreaterThan(5)
})
