import { defineConfig } from 'vitest/config'
import { Keeper } from './verify/self/reporter.ts'

// The condition "quoin-source" lets tests import `quoin` as a user does and still run the sources of this tree.
export default defineConfig({
  ssr: { resolve: { conditions: ['quoin-source'], externalConditions: ['quoin-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The second one keeps how each file ended, for `npm run gate` to read.
    reporters: ['default', new Keeper()],
  },
})
