import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse } from '../../graph/text.ts'
import type { Certificate } from '../../passes/index.ts'
import { judge, optimise, pipeline, runPass } from '../../passes/index.ts'
import { seed, settings } from './law.ts'
import { mutants } from './mutants.ts'

const read = (text: string): Graph => {
  const g = parse(text)
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  return g.right
}

describe.each(Object.entries(mutants))('wrong versions of %s', (_, list) => {
  test('are at least three', () => expect(list.length).toBeGreaterThanOrEqual(3))
  test.each(list)('$name', ({ pass, text, refusal }) => {
    const g = { ...read(text), stage: pass.from }
    const tried = runPass(pass, g)
    expect(isLeft(tried) ? tried.left.cause : 'accepted').toBe(`its certificate was refused (${refusal}`)
    // Dropped, the pass costs nothing but speed.
    const bare = optimise(g, { off: pipeline.map((p) => p.name), extra: [pass] })
    expect(bare.graph.root).toBe(g.root)
    expect(bare.failures).toHaveLength(1)
  })
})

/** Every way to change one leaf or one entry of a certificate, chosen by numbers. */
const corrupt = (c: unknown, pick: (below: number) => number): unknown => {
  if (Array.isArray(c)) {
    if (c.length === 0) return [pick(5)]
    const i = pick(c.length)
    const how = pick(4)
    if (how === 0) return c.filter((_, k) => k !== i)
    if (how === 1) return [...c, c[i]]
    return c.map((x, k) => (k === i ? corrupt(x, pick) : x))
  }
  if (typeof c === 'object' && c !== null) {
    const keys = Object.keys(c).filter((k) => k !== 'kind')
    if (keys.length === 0) return { ...c, extra: true }
    const key = keys[pick(keys.length)]!
    return { ...c, [key]: corrupt((c as Record<string, unknown>)[key], pick) }
  }
  if (typeof c === 'number') return c + 1 + pick(7)
  if (typeof c === 'boolean') return c ? {} : true
  return typeof c === 'string' ? '' : pick(100)
}

test('corrupted certificates are refused, or say the same as before', () => {
  let refused = 0
  let harmless = 0
  const reasons = new Map<string, number>()
  for (const { it, faults } of fc.sample(settings, { numRuns: 400, seed })) {
    let g: Graph = it.graph
    let next = it.graph.arena.size * 31 + faults
    const pick = (below: number): number => {
      next = (Math.imul(next, 1103515245) + 12345) & 0x7fffffff
      return (next >> 8) % below
    }
    for (const pass of pipeline) {
      const tried = runPass(pass, { ...g, stage: pass.from })
      if (isLeft(tried)) throw new Error(tried.left.cause)
      const { graph, step } = tried.right
      if (step.changed && step.certificate.kind !== 'fuse') {
        const bad = corrupt(step.certificate, pick) as Certificate
        const verdict = judge({ ...g, stage: pass.from }, graph, bad)
        if (verdict === undefined) harmless++
        else {
          refused++
          reasons.set(verdict.obligation, (reasons.get(verdict.obligation) ?? 0) + 1)
        }
        // Whatever the certificate says, what it is accepted for is the graph the pass made, which is right.
        if (verdict === undefined) expect(judge({ ...g, stage: pass.from }, graph, step.certificate)).toBeUndefined()
      }
      g = graph
    }
  }
  expect(refused).toBeGreaterThan(200)
  // A dead-code certificate may ask for more than is needed where that changes nothing.
  expect(harmless / (refused + harmless)).toBeLessThan(0.2)
  expect([...reasons.keys()].sort()).toEqual(expect.arrayContaining(['certificate', 'graph', 'legality']))
})
