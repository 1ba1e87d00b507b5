import { defineConfig } from 'vitest/config'

/** The tests that judge checkers, by what is right and by what is wrong: Stryker runs those of them that come to a mutant. */
const config = defineConfig({
  ssr: { resolve: { conditions: ['quoin-source'], externalConditions: ['quoin-source'] } },
  test: {
    include: ['test/passes/{mutants,judge,lifted,corpus,corruption}.test.ts', 'test/place/mutants.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    reporters: ['default'],
  },
})
export default config
