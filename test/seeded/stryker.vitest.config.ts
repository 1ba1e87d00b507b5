import { defineConfig } from 'vitest/config'

/** The tests that judge checkers: Stryker runs those of them that come to a mutant. */
const config = defineConfig({
  ssr: { resolve: { conditions: ['quoin-source'], externalConditions: ['quoin-source'] } },
  test: {
    include: ['test/passes/{mutants,judge,lifted,corruption}.test.ts', 'test/place/{mutants,properties}.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    reporters: ['default'],
  },
})
export default config
