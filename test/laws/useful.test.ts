// Requirements: E3

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flights } from '../../examples/flights/graph.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse, print } from '../../graph/text.ts'
import { optimise, runPass, simplify } from '../../passes/index.ts'
import { costOf } from '../../passes/laws/cost.ts'
import { laws, modes } from '../../passes/laws/index.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { cases, patience, seed, settings } from '../passes/law.ts'
import { programs } from './programs/index.ts'

const sealed = (p: (typeof programs)[number]): Graph => {
  if (isLeft(p.sealed)) throw new Error(JSON.stringify(p.sealed.left.problems))
  return p.sealed.right
}
const corpus = new URL('../corpus/passes/', import.meta.url)
const texts = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
  .map((f) => f.replaceAll('\\', '/'))
  .filter((f) => f.endsWith('.txt'))
  .map((f) => readFileSync(new URL(f, corpus), 'utf8').split('\n=== notes\n')[0]!)
  .flatMap((text) => {
    const g = parse(text.slice(text.indexOf('graph "')))
    return isLeft(g) ? [] : [g.right]
  })

test('every law fires on the corpus, an example or a program: one that does not is removed', () => {
  expect(texts.length).toBeGreaterThan(40)
  const fired = new Set<string>()
  for (const g of [...texts, ...[flights as never, ...programs].map(sealed)]) {
    const { steps, failures } = optimise(g, { relax: modes })
    expect(failures).toEqual([])
    for (const s of steps)
      if (s.certificate.kind === 'simplify') for (const [, name] of s.certificate.steps) fired.add(name)
  }
  expect(laws.map((l) => l.name).filter((name) => !fired.has(name))).toEqual([])
})

describe.each(programs.map((p) => [p.name, sealed(p)] as const))('%s', (name, g) => {
  const once = runPass(simplify, g)
  if (isLeft(once)) throw new Error(once.left.cause)
  const { graph } = once.right
  test('means the same and costs less', () => {
    expect(costOf(g.arena, graph.root) < costOf(g.arena, g.root)).toBe(true)
    const next = stream(name.length)
    const world = { seed: 1, faults: 0 }
    for (let k = 0; k < 20; k++) {
      const sizes = new Map<string, number>()
      const inputs = Object.fromEntries(g.inputs.map(([n, type]) => [n, someValue(type, next, sizes)]))
      expect(difference(runIn(g, inputs, world), runIn(graph, inputs, world))).toBeUndefined()
    }
  })
  test('a second run changes nothing', () => {
    const twice = runPass(simplify, graph)
    if (isLeft(twice)) throw new Error(twice.left.cause)
    expect(twice.right.step.changed, print(twice.right.graph)).toBe(false)
  })
})

test('where anything fires on the corpus, it costs less', () => {
  let fired = 0
  for (const g of texts) {
    const done = runPass(simplify, { ...g, stage: simplify.from })
    if (isLeft(done)) throw new Error(done.left.cause)
    const { graph, step } = done.right
    if (step.certificate.kind !== 'simplify' || step.certificate.steps.length === 0) continue
    fired++
    expect(costOf(graph.arena, graph.root) < costOf(graph.arena, g.root), g.name).toBe(true)
  }
  expect(fired).toBeGreaterThan(10)
})

test(
  `where anything fires on ${cases} generated graphs, they cost less`,
  () => {
    let fired = 0
    for (const { it } of fc.sample(settings, { numRuns: cases, seed })) {
      const done = runPass(simplify, it.graph)
      if (isLeft(done)) throw new Error(done.left.cause)
      const { graph, step } = done.right
      if (step.certificate.kind !== 'simplify' || step.certificate.steps.length === 0) continue
      fired++
      expect(costOf(graph.arena, graph.root) < costOf(graph.arena, it.graph.root)).toBe(true)
    }
    expect(fired).toBeGreaterThan(cases / 10)
  },
  patience,
)
