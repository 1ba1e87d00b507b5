import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Call } from '../../graph/effects.ts'
import { effects, traitsOf } from '../../graph/effects.ts'
import { keyOf } from '../../runtime/keys.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { seed } from '../passes/law.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'

const whoOf = (call: Call): string =>
  'authority' in call.attrs && call.attrs.authority ? keyOf(call.args.slice(0, 1)) : 'nobody'
const questionOf = (call: Call): string => `${call.attrs.occurrence} ${keyOf(call.args)}`

test(`of generated graphs, what shares a request is of one effect, driver and authority (seed ${seed})`, async () => {
  const sizes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(graphs({ steps: 25 }), fc.nat(0xffff), async ({ graph, inputs }, n) => {
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
    { numRuns: 400, seed, endOnFailure: process.env.QUOIN_SHRINK === undefined },
  )
  for (const effect of ['dbQuery', 'kvGet', 'httpRequest', 'foreign'])
    expect(sizes.get(effect), effect).toBeGreaterThan(1)
}, 240_000)
