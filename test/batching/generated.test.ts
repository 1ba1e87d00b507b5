// Requirements: E3 E4

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import type { Call } from '../../graph/effects.ts'
import { effects, traitsOf } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import { postorder } from '../../graph/walk.ts'
import { optimise } from '../../passes/index.ts'
import { keyOf } from '../../runtime/keys.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { seed } from '../passes/law.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'

const whoOf = (call: Call): string =>
  'authority' in call.attrs && call.attrs.authority ? keyOf(call.args.slice(0, 1)) : 'nobody'
const questionOf = (call: Call): string => `${call.attrs.occurrence} ${keyOf(call.args)}`

/** Whether anything is asked ahead of its turn. */
const plans = ({ arena, root }: Graph): boolean => {
  const seen = new Set<NodeId>()
  const inside = (r: NodeId): boolean => {
    if (seen.has(r)) return false
    seen.add(r)
    return postorder(arena, r).some(
      (id) => ['mapBatched', 'ahead'].includes(arena.opOf(id).name) || arena.regionsOf(id).some((b) => inside(b.root)),
    )
  }
  return inside(root)
}

test(`of generated graphs, what shares a request is of one effect, driver and authority (seed ${seed})`, async () => {
  const sizes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(graphs({ steps: 25 }), fc.nat(0xffff), async ({ graph, inputs }, n) => {
      // The others are compiled elsewhere.
      if (!plans(optimise(graph).graph)) return
      const options = { seed: n, faults: n % 3 === 0 ? 5 : 0 }
      const batches: (readonly Call[])[] = []
      const run = await runCompiled(await compiled(graph, 'ts'), inputs, options, undefined, (b) => batches.push(b))
      for (const calls of batches) {
        const kinds = (f: (call: Call) => string): number => new Set(calls.map(f)).size
        expect(kinds((c) => `${c.effect} ${effects[c.effect].driver(c.attrs as never)} ${whoOf(c)}`)).toBe(1)
        expect(calls.every((c) => traitsOf(c.effect, c.attrs as never).batchable)).toBe(true)
        expect(kinds(questionOf)).toBe(calls.length)
        sizes.set(calls[0]!.effect, Math.max(sizes.get(calls[0]!.effect) ?? 0, calls.length))
      }
      expect(difference(runIn(graph, inputs, options), run)).toBe(undefined)
    }),
    { numRuns: 1000, seed, endOnFailure: process.env.QUOIN_SHRINK === undefined },
  )
  // Each kind went out with others, so nothing above was said of nothing.
  expect([...sizes].filter(([, n]) => n > 1).map(([effect]) => effect)).toEqual(
    expect.arrayContaining(['dbQuery', 'kvGet', 'httpRequest', 'foreign']),
  )
}, 600_000)
