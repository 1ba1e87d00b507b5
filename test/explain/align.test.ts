import fc from 'fast-check'
import { expect, test } from 'vitest'
import { align } from '../../cli/diff/align.ts'
import type { Graph } from '../../graph/graph.ts'
import { listGraph } from '../../graph/listing.ts'
import { optimise } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { seed } from '../passes/law.ts'

const listing = (g: Graph) => listGraph(g.arena, g.root, g.sites).listing

test('each node of both sides has one row, in order; a graph is the same as itself', () => {
  fc.assert(
    fc.property(graphs({ steps: 15 }), graphs({ steps: 15 }), (a, b) => {
      for (const [x, y] of [
        [a.graph, b.graph],
        [a.graph, optimise(a.graph).graph],
      ] as const) {
        const [l, r] = [listing(x), listing(y)]
        const rows = align(l, r)
        expect(rows.flatMap((row) => row.left ?? [])).toEqual(l.nodes.map((_, i) => i))
        expect(rows.flatMap((row) => row.right ?? [])).toEqual(r.nodes.map((_, i) => i))
        for (const row of rows.filter((s) => s.kind === 'same' || s.kind === 'changed'))
          expect(l.nodes[row.left!]!.op).toBe(r.nodes[row.right!]!.op)
      }
      const own = listing(a.graph)
      expect(align(own, own).every((row) => row.kind === 'same' && row.left === row.right)).toBe(true)
    }),
    { numRuns: 200, seed },
  )
})
