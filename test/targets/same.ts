import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Target } from '../../codegen/artifact.ts'
import { print } from '../../graph/text.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { disagreement } from './compiled.ts'

/** Cases per target in `npm test`; QUOIN_CASES asks for more. */
const cases = Number(process.env.QUOIN_CASES ?? 1000)

/** One property, for each target in a file of its own, so that the files run side by side. */
export const sameAsInterpreter = (target: Target): void => {
  const seed = Number(process.env.QUOIN_SEED ?? 20261121)
  test(`${target}: ${cases} graphs, compiled and optimised, answer as the interpreter does (seed ${seed})`, {
    timeout: Math.max(600_000, cases * 600),
  }, async () => {
    const property = fc.asyncProperty(graphs(), fc.nat(1000), fc.constantFrom(0, 7, 3), async (c, world, faults) => {
      const found = await disagreement(c.graph, c.inputs, { seed: world, faults }, target)
      if (found !== undefined) throw new Error(`${found}\n${print(c.graph)}`)
    })
    await fc.assert(property, { numRuns: cases, seed, endOnFailure: process.env.QUOIN_SHRINK === undefined })
    expect(cases).toBeGreaterThan(0)
  })
}
