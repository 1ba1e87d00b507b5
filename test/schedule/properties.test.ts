// Requirements: E5

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { canonicalise } from '../../graph/listing.ts'
import { mustMake } from '../../graph/make.ts'
import { remake } from '../../graph/walk.ts'
import { difference, runIn, stream } from '../arbitraries/world.ts'
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

/** The same graph, its nodes made in another order, in an arena that holds others as well. */
const shuffled = (g: Graph<'source'>, seed: number): Graph<'source'> => {
  const next = stream(seed)
  const arena = new Arena()
  for (let i = 0; i < 50; i++) mustMake(arena, 'param', { index: i, type: g.inputs[next(g.inputs.length)]![1] })
  const made = new Map<NodeId, NodeId>()
  const make = (id: NodeId): NodeId => {
    const node = g.arena.node(id)
    const parts = [...node.args, ...node.regions.map((r) => r.root)].map((x) => [next(1000), x] as const)
    for (const [, x] of parts.sort(([a], [b]) => a - b)) if (!made.has(x)) made.set(x, make(x))
    const regions = node.regions.map((r) => ({ params: r.params, root: made.get(r.root)! }))
    const args = node.args.map((a) => made.get(a)!)
    return remake(arena, node, node.op.attrs, args, regions)
  }
  return canonicalise({ ...g, arena, root: make(g.root) })
}
test('the order in which nodes were made does not show: same graph, same bytes', async () => {
  for (const { it } of fc.sample(settings, { numRuns: 40, seed })) {
    const [a, b] = [await compiled(it.graph, 'ts'), await compiled(shuffled(it.graph, it.graph.root), 'ts')]
    expect(b.files['module.ts']).toBe(a.files['module.ts'])
  }
})
