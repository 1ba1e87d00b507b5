import type { Command, Option } from 'commander'
import type { Interrupt } from '../interrupt.ts'
import type { EjectOptions } from './write.ts'

/** The command `quoin eject`; what it does is imported when it is called. */
export const addEject = (to: Command, relax: Option, interrupt: Interrupt): void => {
  to.command('eject')
    .description('Write a graph as one TypeScript module that stands alone, for whoever wants to go on without Quoin.')
    .argument('<graph>', 'graph file')
    .option(
      '-o, --out <file>',
      'where to write it; - for standard output (default: <name>.ejected.ts beside the graph)',
    )
    .option('--force', 'write over a file that is there')
    .addOption(relax)
    .showHelpAfterError('(quoin eject --help says more)')
    .addHelpText(
      'after',
      `
The module imports nothing. It exports a function by the name of the graph, the types Input and Output and,
for a graph that asks the outside, the interface Outside: a function for each call, which answers with a value
or an error, and 'calls', what the graph says about each (statements, paths, limits). It computes the same bits
as the graph. What Quoin does besides is left out: batching, WebAssembly, caching, recording.

Examples:
  $ quoin eject loans.ts
  $ quoin eject loans.ts --out src/loans.ts
`,
    )
    .action(async (graph: string, options: EjectOptions) =>
      (await import('./write.ts')).ejectTo(graph, options, interrupt),
    )
}
