import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { copyOf } from './tree.ts'

// Mutants made by rules, of the trusted code: every operator and condition of the checkers of passes. Hours for all files.
// node test/seeded/stryker.ts [--mutate passes/check/flow.ts] [--together 2]
const { values } = parseArgs({
  options: { mutate: { type: 'string', default: 'passes/check/*.ts' }, together: { type: 'string', default: '2' } },
})
const root = fileURLToPath(new URL('../../', import.meta.url))
const program = 'node_modules/@stryker-mutator/core/bin/stryker.js'
const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

if (!existsSync(join(root, program))) {
  say('Stryker is not installed: npm install --save-dev @stryker-mutator/core @stryker-mutator/vitest-runner')
  process.exit(1)
}
const copy = copyOf(root)
try {
  copy.write(
    'stryker.config.json',
    JSON.stringify({
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'test/seeded/stryker.vitest.config.ts', related: false },
      mutate: values.mutate.split(','),
      reporters: ['clear-text', 'json'],
      jsonReporter: { fileName: 'mutation.json' },
      coverageAnalysis: 'perTest',
      concurrency: Number(values.together),
      timeoutMS: 60_000,
      // The tree is a copy. A sandbox of Stryker's own would lie beside what is installed, and it rewrites tsconfig.json
      // with a function that TypeScript 7 does not have.
      inPlace: true,
    }),
  )
  const env = { ...process.env, QUOIN_CASES: '30', NO_COLOR: '1' }
  spawnSync(process.execPath, [program, 'run'], { cwd: copy.root, stdio: 'inherit', env })
  const report = JSON.parse(readFileSync(join(copy.root, 'mutation.json'), 'utf8')) as Report
  const all = Object.values(report.files).flatMap((f) => f.mutants.map((m) => m.status))
  const n = (...statuses: readonly string[]): number => all.filter((s) => statuses.includes(s)).length
  // Tests that refuse to load do so because a checker refuses what is right: that is noticed, though no test was run.
  const noticed = n('Killed', 'Timeout', 'RuntimeError')
  say(
    `stryker: ${all.length} mutants of ${values.mutate}; ${n('Killed')} killed by a test, ${n('Timeout')} by the time limit, ` +
      `${n('RuntimeError')} when tests were loaded, ${n('Survived', 'NoCoverage')} survived; ` +
      `${((100 * noticed) / Math.max(1, all.length - n('CompileError', 'Ignored'))).toFixed(1)} % noticed`,
  )
  process.exitCode = all.length > 0 ? 0 : 1
} finally {
  copy.remove()
}
