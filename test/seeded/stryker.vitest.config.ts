import { defineConfig } from 'vitest/config'

// Only what judges checkers; Stryker runs it for each of its mutants.
export default defineConfig({
  ssr: { resolve: { conditions: ['quoin-source'], externalConditions: ['quoin-source'] } },
  test: { include: ['test/place/mutants.test.ts'], pool: 'forks', testTimeout: 60_000, reporters: ['default'] },
})
