// Requirements: K5

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFloat } from '../../graph/elem.ts'
import { decisions } from '../../graph/gradient/table.ts'
import type { Graph } from '../../graph/index.ts'
import { checkGraph, gradGraph } from '../../graph/index.ts'
import type { Type } from '../../graph/types.ts'
import type { RecordValue } from '../../graph/values.ts'
import { optimise } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { sealed } from '../build/run.ts'
import { disagreement } from '../targets/compiled.ts'
import { inputsOf } from './difference.ts'
import { smooth, steps } from './smooth.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261122)
const floats = ['x', 'y', 's', 'c', 'z', 'e']
/** Names of the outputs that are numbers of floats. */
const outputsOf = (g: Graph): readonly string[] => {
  const t: Type = g.arena.typeOf(g.root)
  return t.kind !== 'record' ? [] : t.fields.flatMap(([n, f]) => (f.kind === 'tensor' && isFloat(f.elem) ? [n] : []))
}

/** Every reason for which there may be no gradient: what the table says of ops, and what a rule says of some of their uses. */
const documented: readonly string[] = [
  ...new Set(Object.values(decisions).flatMap((d) => (d.by === 'refused' ? [d.why] : []))),
  'running minima have no derivative here',
  'running maxima have no derivative here',
  'products by groups have no derivative here',
  'eigenvectors have no derivative here',
  'unions and results have no derivative here',
  'an arm does not know the size of what does not flow in it',
  'its body uses, or its elements hold, a tensor of a size that is not literal',
  'its derivative needs what an effect answered inside of an arm or a map in a map, which nobody keeps',
]

test(`graphs of the whole language keep their values, errors and effects, or it is told why there is no gradient (seed ${seed})`, () => {
  const seen = { made: 0, refused: 0, effects: 0 }
  const property = fc.property(graphs({ steps: 24 }), fc.nat(1000), fc.constantFrom(0, 3), (it, s, faults) => {
    const world = { seed: s, faults }
    for (const of of outputsOf(it.graph).slice(0, 2)) {
      const d = gradGraph(it.graph, floats, { of, each: true })
      if (d._tag === 'Left') {
        for (const p of d.left.problems) {
          expect(
            documented.filter((why) => p.cause === why || p.cause.endsWith(`': ${why}`)),
            `${p.node}: ${p.cause}`,
          ).toHaveLength(1)
          expect(p.remedy).not.toBe('')
        }
        seen.refused++
        continue
      }
      seen.made++
      expect(checkGraph(d.right)).toEqual([])
      const before = runIn(it.graph, it.inputs, world)
      const after = runIn(d.right, it.inputs, world)
      const { answer } = after
      const value = answer._tag === 'Left' ? answer : { ...answer, right: (answer.right as RecordValue).value! }
      expect(difference(before, { ...after, answer: value })).toBeUndefined()
      if (after.asked > 0) seen.effects++
      const fast = optimise(d.right)
      expect(fast.failures).toEqual([])
      expect(difference(after, runIn(fast.graph, it.inputs, world))).toBeUndefined()
    }
  })
  fc.assert(property, { numRuns: 120, seed })
  expect(seen.made).toBeGreaterThan(60)
  expect(seen.refused).toBeGreaterThan(0)
  expect(seen.effects).toBeGreaterThan(10)
})

const programs = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 6, maxLength: 60, size: 'max' }))
test.each(['ts', 'wasm'] as const)('gradients have the bits of the interpreter on %s', async (target) => {
  const given = { x: [0.3, -1.2, 0.8, 0], y: [0.1, 0.7, -0.4, 1.5], s: 0.7 }
  const smoothly = fc.asyncProperty(programs, async (numbers) => {
    const built = smooth((x) => steps(numbers, x))
    const d = gradGraph(sealed(built), ['x', 'y', 's'], { of: 'y' })
    if (d._tag === 'Left') throw new Error(d.left.cause)
    expect(await disagreement(d.right, inputsOf(built, given), { seed: 1, faults: 0 }, target)).toBeUndefined()
  })
  await fc.assert(smoothly, { numRuns: 12, seed })
  let made = 0
  const anyhow = fc.asyncProperty(graphs({ steps: 12 }), async (it) => {
    const [of] = outputsOf(it.graph)
    const d = of === undefined ? undefined : gradGraph(it.graph, floats, { of, each: true })
    if (d?._tag !== 'Right') return
    made++
    expect(await disagreement(d.right, it.inputs, { seed: 1, faults: 0 }, target)).toBeUndefined()
  })
  await fc.assert(anyhow, { numRuns: 25, seed })
  expect(made).toBeGreaterThan(5)
})
