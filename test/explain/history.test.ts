import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { parse, print } from '../../graph/text.ts'
import { postorder } from '../../graph/walk.ts'
import { History, optimise } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { seed } from '../passes/law.ts'

const read = (text: string) => {
  const g = parse(text)
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  return g.right
}
const text = `graph "why" source numerics 1
in "x": f64[n]
%0 = input {"name":"x","type":"f64[n]"} : f64[n]
%1 = neg %0 : f64[n]
%2 = neg %1 : f64[n]
%3 = sqrt %2 : f64[n]
%4 = reduce %3 {"axes":[0],"how":"sum"} : f64
-> %4
`

describe('what made a node', () => {
  test('laws and fusion, in their order, and where it began', () => {
    const source = read(text)
    const h = new History(source)
    const kernel = postorder(h.graph.arena, h.graph.root).find((id) => h.graph.arena.opOf(id).name === 'kernel')!
    const { events, origins } = h.of(kernel)
    expect(events.map((e) => `${e.pass}: ${e.rule}`)).toEqual(['fuse: one loop', 'fuse: one loop'])
    expect(origins.map((id) => source.arena.opOf(id).name).sort()).toEqual(['reduce', 'sqrt'])
    const simplified = new History(source, { off: ['fuse'] })
    const root = postorder(simplified.graph.arena, simplified.graph.root).find(
      (id) => simplified.graph.arena.opOf(id).name === 'input',
    )!
    expect(simplified.of(root).events.map((e) => `${e.pass}: ${e.rule}`)).toContain('simplify: neg-neg')
  })
  test('every node of every graph is as written, or something made it', () => {
    let made = 0
    fc.assert(
      fc.property(graphs(), ({ graph }) => {
        const h = new History(graph)
        expect(print(h.graph)).toBe(print(optimise(graph).graph))
        for (const id of postorder(h.graph.arena, h.graph.root)) {
          const { events, origins } = h.of(id)
          made += events.length
          expect(events.length + origins.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 60, seed },
    )
    expect(made).toBeGreaterThan(60)
  })
})
