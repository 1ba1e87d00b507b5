import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { copyOf } from './tree.ts'

// Mutants made by rules, of the trusted code: every operator and condition of the checkers of passes. Hours for all files, so
// the deep tier asks for them one by one; what survived is written into verify/self/mutants.json, with its place.
// node test/seeded/stryker.ts [--mutate passes/check/flow.ts] [--together 2] [--least 70]
const { values } = parseArgs({
  options: {
    mutate: { type: 'string', default: 'passes/check/*.ts' },
    together: { type: 'string', default: '2' },
    // Per cent that have to be noticed.
    least: { type: 'string', default: '70' },
  },
})
const root = fileURLToPath(new URL('../../', import.meta.url))
const program = 'node_modules/@stryker-mutator/core/bin/stryker.js'
const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Mutant {
  readonly status: string
  readonly mutatorName: string
  readonly replacement?: string
  readonly location: { readonly start: { readonly line: number; readonly column: number } }
}
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>
}
/** What survived, by file; of the last run of each. */
type Survivors = Readonly<Record<string, { readonly mutants: number; readonly survived: readonly string[] }>>
const book = join(root, 'verify/self/mutants.json')
const readBook = (): Survivors => (existsSync(book) ? (JSON.parse(readFileSync(book, 'utf8')) as Survivors) : {})
const lives = (m: Mutant): boolean => m.status === 'Survived' || m.status === 'NoCoverage'
const place = ({ location: { start }, mutatorName, replacement = '' }: Mutant): string =>
  `${start.line}:${start.column} ${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 60)}`

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
      // What a refusal says is for people; that it names the right obligation, `corruption.test.ts` looks at.
      mutator: { excludedMutations: ['StringLiteral'] },
      concurrency: Number(values.together),
      timeoutMS: 60_000,
      // The tree is a copy. A sandbox of Stryker's own would lie beside what is installed, and it rewrites tsconfig.json
      // with a function that TypeScript 7 does not have.
      inPlace: true,
    }),
  )
  const env = { ...process.env, NO_COLOR: '1', QUOIN_CASES: undefined, QUOIN_DEEP: undefined }
  const child = spawn(process.execPath, [program, 'run'], { cwd: copy.root, stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const ended = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const path = join(copy.root, 'mutation.json')
  const report: Report =
    ended === 0 && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : { files: {} }
  const files = Object.entries(report.files).map(
    ([f, { mutants }]) => [f, mutants.filter((m) => m.status !== 'CompileError' && m.status !== 'Ignored')] as const,
  )
  const all = files.flatMap(([, mutants]) => mutants)
  const n = (...statuses: readonly string[]): number => all.filter((m) => statuses.includes(m.status)).length
  // Tests that refuse to load do so because a checker refuses what is right: that is noticed, though no test was run.
  const noticed = n('Killed', 'Timeout', 'RuntimeError')
  const score = (100 * noticed) / Math.max(1, all.length)
  const written = files.map(([f, mutants]) => [
    f,
    { mutants: mutants.length, survived: mutants.filter(lives).map(place) },
  ])
  const sorted = Object.entries({ ...readBook(), ...Object.fromEntries(written) }).sort(([a], [b]) => (a < b ? -1 : 1))
  if (all.length > 0) writeFileSync(book, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`)
  say(
    `stryker: ${all.length} mutants of ${values.mutate}; ${n('Killed')} killed by a test, ${n('Timeout')} by the time limit, ` +
      `${n('RuntimeError')} when tests were loaded, ${n('Survived', 'NoCoverage')} survived`,
  )
  say(`evidence: ${all.length} cases, ${score.toFixed(1)} % noticed, at least ${values.least} % are asked for`)
  process.exitCode = all.length > 0 && score >= Number(values.least) ? 0 : 1
} finally {
  copy.remove()
}
