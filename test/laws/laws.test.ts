// Requirements: E4

import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { checkGraph } from '../../graph/check.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { families as opFamilies } from '../../graph/ops/index.ts'
import { print } from '../../graph/text.ts'
import { postorder, rebuild, withParts } from '../../graph/walk.ts'
import { runPass } from '../../passes/index.ts'
import { costOf } from '../../passes/laws/cost.ts'
import type { Instance, Law } from '../../passes/laws/index.ts'
import { families, laws } from '../../passes/laws/index.ts'
import { Settler } from '../../passes/simplify/settle.ts'
import { simplifyBy } from '../../passes/simplify.ts'
import { difference, hashText, runIn, someValue, stream } from '../arbitraries/world.ts'
import { drawLeft } from './draw.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const world = { seed, faults: 0 }

/** Draws graphs until the law has fired often enough; says what went wrong, and how often it fired. */
const tryLaw = (law: Law, at: Instance, wanted: number, draws: number): { fired: number; wrong?: string } => {
  const next = stream(hashText(`${law.name} ${JSON.stringify(at)}`, seed))
  const pass = simplifyBy([law])
  let fired = 0
  for (let i = 0; i < draws && fired < wanted; i++) {
    const drawn = drawLeft(law, at, next)
    if (drawn === undefined) continue
    const g = law.mode === undefined ? drawn : { ...drawn, relaxed: [law.mode] }
    const done = runPass(pass, g)
    if (isLeft(done)) return { fired, wrong: `${done.left.cause}\n${print(g)}` }
    const { graph, step } = done.right
    const steps = step.certificate.kind === 'simplify' ? step.certificate.steps : []
    if (!steps.some(([, name]) => name === law.name)) continue
    fired++
    for (let k = 0; k < 16; k++) {
      // What a variable stands for may cost anything: the law has to lower the measure whatever it is.
      const costs = new Map(g.inputs.map(([n]) => [n, 1000n ** BigInt(k === 0 ? 0 : next(4))]))
      const input = (id: NodeId): bigint => costs.get((g.arena.opOf(id).attrs as { name: string }).name)!
      if (costOf(g.arena, graph.root, input) >= costOf(g.arena, g.root, input))
        return { fired, wrong: `it costs more\n${print(g)}\n${print(graph)}\n${[...costs].join(' ')}` }
    }
    if (law.equality !== 'bits') continue
    for (let k = 0; k < 4; k++) {
      const sizes = new Map<string, number>()
      const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
      const differs = difference(runIn(g, inputs, world), runIn(graph, inputs, world))
      if (differs !== undefined) return { fired, wrong: `it ${differs}\n${print(g)}\n${print(graph)}` }
    }
    const again = runPass(pass, graph)
    if (isLeft(again) || again.right.step.changed) return { fired, wrong: `it changes its own result\n${print(graph)}` }
  }
  return { fired }
}

/** Cells computed by work cell by cell, with the sizes drawn for named dimensions. */
const work = (g: Graph, sizes: ReadonlyMap<string, number>): number =>
  postorder(g.arena, g.root).reduce((n, id) => {
    const type = g.arena.typeOf(id)
    if (type.kind !== 'tensor' || !Object.hasOwn(opFamilies.elementwise, g.arena.opOf(id).name)) return n
    return n + type.shape.reduce<number>((m, d) => m * (typeof d === 'number' ? d : (sizes.get(d) ?? 1)), 1)
  }, 0)

/** Applies a law with nobody checking, and tells the first harm: another value, an invalid graph, more work. */
const tryUnchecked = (law: Law, at: Instance): string | undefined => {
  const next = stream(hashText(`${law.name} ${JSON.stringify(at)} ${law.where}`, seed))
  for (let i = 0; i < 4000; i++) {
    const g = drawLeft(law, at, next)
    if (g === undefined) continue
    const settler = new Settler(g.arena, g.root, [law], [], 100)
    const root = rebuild(g.arena, g.root, (node, args, bodies) =>
      settler.settle(withParts(g.arena, node, args, bodies)),
    )
    if (!settler.steps.some(([, name]) => name === law.name)) continue
    const after = { ...g, root }
    if (checkGraph(after).length > 0) return 'an invalid graph'
    for (let k = 0; k < 4; k++) {
      const sizes = new Map<string, number>()
      const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
      const differs = difference(runIn(g, inputs, world), runIn(after, inputs, world))
      if (differs !== undefined) return differs
      if (work(after, sizes) > work(g, sizes)) return 'more work'
    }
  }
  return undefined
}

describe.each(families)('laws of %s fire, mean the same, cost less and come to an end', (family) => {
  test.each(laws.filter((l) => l.family === family))('$name', (law) => {
    for (const at of law.at) {
      const { fired, wrong } = tryLaw(law, at, 4, 3000)
      expect(wrong, JSON.stringify(at)).toBeUndefined()
      expect(fired, JSON.stringify(at)).toBeGreaterThan(0)
    }
  })
})

describe('each condition is needed: without it the law is wrong somewhere', () => {
  const cases = laws.flatMap((law) => [
    ...(law.where ?? []).map(
      (c) => [`${law.name} without ${c}`, { ...law, where: law.where!.filter((w) => w !== c) }] as const,
    ),
  ])
  test.each(cases)('%s', (_, law) => {
    const wrong = law.at.some((at) => tryUnchecked(law, at) !== undefined)
    expect(wrong).toBe(true)
  })
})
