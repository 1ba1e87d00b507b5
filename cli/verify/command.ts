import type { Command, Option } from 'commander'
import type { Interrupt } from '../interrupt.ts'
import type { VerifyOptions } from '../verify.ts'

/** The command `quoin verify`; what it does is imported when it is called. */
export const addVerify = (to: Command, relax: Option, interrupt: Interrupt): void => {
  to.command('verify')
    .description(
      'Show what is proved, tested and assumed of the graphs of a project, and fail where something is missing.',
    )
    .argument('[files...]', 'graph files; every one below the current directory unless some are named')
    .option('--fast', 'ask for less: for a hook before each commit')
    .option('--deep', 'ask for more: 10,000 cases a graph')
    .addOption(relax)
    .option('--sarif <file>', 'write what is wrong as SARIF 2.1.0, for code hosts')
    .option('--junit <file>', 'write every obligation as JUnit XML, for continuous integration')
    .option('--summary <file>', 'write an in-toto verification summary, bound to the bytes of the artefacts')
    .option('--against <file>', 'tell which artefacts have to be verified again since this summary, and why')
    .option('--markdown <file>', 'write a page for readers')
    .showHelpAfterError('(quoin verify --help says more)')
    .addHelpText(
      'after',
      `
A graph file is found when it imports quoin and has a default export; files named *.test.*, *.spec.*
and *.config.* are left alone, and so are node_modules, dist and directories that begin with a dot.
Files that are found are loaded, as 'quoin run' loads them. Databases and services are not asked
anything: graphs run in a model of the world, on generated inputs, against the interpreter.

A graph file may export 'plan', what its runs may cost: export const plan = { roundTrips: 2 }

Examples:
  $ quoin verify
  $ quoin verify --fast score-book.ts
  $ quoin verify --sarif quoin.sarif --junit quoin.xml
  $ quoin build score-book.ts && quoin verify --summary verified.json
`,
    )
    .action(async (files: readonly string[], options: VerifyOptions) =>
      (await import('../verify.ts')).verify(files, options, interrupt),
    )
}
