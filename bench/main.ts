import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { Argument, Command, InvalidArgumentError } from 'commander'
import type { Options, Outcome } from './harness.ts'
import { usual } from './harness.ts'
import { effects } from './suites/effects.ts'
import { kernels } from './suites/kernels.ts'
import { lifecycle } from './suites/lifecycle.ts'
import { passes } from './suites/passes.ts'
import type { Suite } from './suites/suite.ts'
import { threads } from './suites/threads.ts'
import { describe } from './table.ts'

/** Every suite there is. A new one is a file in suites/ and a line here. */
const suites = { effects, kernels, lifecycle, passes, threads } satisfies Readonly<Record<string, Suite>>

type Flags = { readonly json?: string; readonly only?: string; readonly rounds: number }

const runSuite = async (suite: Suite, { only, rounds }: Flags): Promise<Outcome> => {
  const options: Options = { ...usual, rounds }
  const outcomes: Outcome[] = []
  for (const [name, workload] of Object.entries(suite.workloads)) {
    if (only !== undefined && !name.includes(only)) continue
    console.error(`measuring ${name} …`)
    outcomes.push(await workload(options))
  }
  return {
    rows: outcomes.flatMap(({ rows }) => rows),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
    refused: outcomes.flatMap(({ refused }) => refused),
    tables: outcomes.flatMap(({ tables }) => tables ?? []),
  }
}

const run = async (name: keyof typeof suites, flags: Flags): Promise<void> => {
  const outcome = await runSuite(suites[name], flags)
  console.log(`${name} on ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`)
  const load = loadavg().map((x) => x.toFixed(2))
  console.log(`load of the last 1, 5 and 15 minutes: ${load.join(', ')}`)
  console.log(describe(outcome))
  if (flags.json !== undefined) writeRows(flags.json, outcome.rows)
  if (outcome.refused.length > 0) process.exitCode = 1
}

const writeRows = (file: string, rows: Outcome['rows']): void => {
  try {
    writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`)
  } catch (error) {
    console.error(`cannot write the rows: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

const positive = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It has to be a whole number from 1 on.')
}

const list = Object.entries(suites).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)

await new Command('npm run bench --')
  .description('Measures Quoin against other libraries: everybody in turn, and only those with the same result.')
  .addArgument(new Argument('<suite>', 'which suite').choices(Object.keys(suites)))
  .option('--json <file>', 'write the rows as JSON; ratio is ours ÷ theirs')
  .option('--only <word>', 'only the workloads whose name contains this')
  .option('--rounds <n>', 'how many rounds', positive, usual.rounds)
  .addHelpText('after', `\nSuites:\n${list.join('\n')}\n\nThe other libraries: npm run bench:install`)
  .showHelpAfterError('(--help says more)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync()
