import { spawnSync } from 'node:child_process'

// The deep tier: the engine with its long campaigns, specifications by TLC, every property of the passes with 10,000 cases,
// elementary functions over dense samples, all seeded faults and Stryker's mutants of the checkers, all proofs from an empty cache, 10,000 runs under faults. It takes hours; QUOIN_CASES and QUOIN_SEED choose fewer cases and another seed.
const env = { ...process.env, QUOIN_CASES: process.env.QUOIN_CASES ?? '10000', QUOIN_DEEP: '1' }
const steps = [
  ['vitest', 'run', 'test/engine', 'test/specs', 'test/threads'],
  ['npm', 'run', 'specs'],
  ['vitest', 'run', 'test/passes', 'test/laws', 'test/batching', 'test/targets', 'test/elementary'],
  ['node', '--conditions=quoin-source', 'test/seeded/main.ts'],
  ['node', '--conditions=quoin-source', 'test/seeded/stryker.ts'],
  ['node', '--conditions=quoin-source', 'verify/proofs/main.ts', '--all'],
  [
    'node',
    '--conditions=quoin-source',
    'test/faults/main.ts',
    '--runs',
    '10000',
    '--seed',
    process.env.QUOIN_SEED ?? '7',
  ],
] as const
const failed = steps.filter(([command, ...args]) => {
  process.stdout.write(`\n── ${command} ${args.join(' ')}\n`)
  return spawnSync(command, args, { stdio: 'inherit', env }).status !== 0
})
process.stdout.write(
  failed.length === 0 ? '\ndeep: all passed\n' : `\ndeep: ${failed.length} of ${steps.length} failed\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
