import { defineConfig } from 'vitest/config'

/** The quick tests that judge checkers: Stryker runs those of them that come to a mutant. */
const config = defineConfig({
  ssr: { resolve: { conditions: ['quoin-source'], externalConditions: ['quoin-source'] } },
  test: {
    include: ['test/passes/{mutants,judge,lifted}.test.ts', 'test/place/mutants.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    reporters: ['default'],
  },
})
export default config
