// Requirements: E4

import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse, print } from '../../graph/text.ts'
import type { Pass } from '../../passes/index.ts'
import { optimise, pipeline, runPass } from '../../passes/index.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { mutants } from './mutants.ts'
import { bentAtEnd, subject, universal } from './universal.ts'

const read = (text: string): Graph => {
  const g = parse(text)
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  return g.right
}
const off = pipeline.map((p) => p.name)

/** Dropped, a pass costs nothing but speed: the answer and the world are those of the graph as written. */
const harmless = (g: Graph, pass: Pass): void => {
  const { graph, failures } = optimise(g, { off, extra: [pass] })
  expect(graph.root).toBe(g.root)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatchObject({ _tag: 'OptimizationFailed', stage: 'optimise', pass: pass.name })
  expect(failures[0]!.subgraph).toBe(print({ ...g, stage: pass.from }))
  for (let seed = 0; seed < 5; seed++) {
    const sizes = new Map<string, number>()
    const next = stream(seed)
    const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
    const world = { seed, faults: seed % 2 === 0 ? 0 : 2 }
    expect(difference(runIn(g, inputs, world), runIn(graph, inputs, world))).toBeUndefined()
  }
}

test('every pass of the pipeline has wrong versions', () =>
  expect(Object.keys(mutants)).toEqual(expect.arrayContaining(off)))

describe.each(Object.entries(mutants))('wrong versions of %s', (_, list) => {
  test.each(list)('$name', ({ pass, text, refusal }) => {
    const g = { ...read(text), stage: pass.from }
    const tried = runPass(pass, g)
    expect(isLeft(tried) ? tried.left.cause : 'accepted').toBe(`its certificate was refused (${refusal}`)
    harmless(g, pass)
  })
})

describe.each(pipeline)('$name, gone wrong as any pass could', (pass) => {
  test('is accepted on this graph as it is', () =>
    expect(isLeft(runPass(pass, { ...read(subject), stage: pass.from }))).toBe(false))
  test.each(Object.entries(universal))('%s', (_, bent) => {
    const g = { ...read(subject), stage: pass.from }
    const wrong = bentAtEnd(pass, bent)
    const tried = runPass(wrong, g)
    expect(isLeft(tried) ? tried.left.cause : 'accepted').toMatch(/refused \((header|graph|legality|order)\)|not valid/)
    harmless(g, wrong)
  })
})
