import fc from 'fast-check'
import type { WorldOptions } from '../../verify/model/world.ts'

export type { Inside, World, WorldOptions } from '../../verify/model/world.ts'
export { difference, edges, hashText, modelWorld, runIn, someValue, stream } from '../../verify/model/world.ts'

/** Worlds of every sort: faults here and there, tables with a past, lookups that find nothing, clocks that misbehave. */
export const worlds: fc.Arbitrary<WorldOptions> = fc.record(
  {
    seed: fc.nat(1000),
    faults: fc.constantFrom(0, 0, 3, 8, 20),
    failing: fc.constantFrom('all', 'reads', 'writes', 'oracles'),
    empty: fc.constantFrom(1, 2, 3, 1000),
    tables: fc.dictionary(fc.constantFrom('main.users', 'main.orders', 'main.rates'), fc.nat(9), {
      noNullPrototype: true,
    }),
    clock: fc.constantFrom('anywhere', 'still', 'back'),
  },
  { requiredKeys: ['seed', 'faults'] },
)
