import type { Command } from 'commander'
import { binding, count } from '../bindings.ts'
import type { Interrupt } from '../interrupt.ts'
import type { ServeOptions } from './serve.ts'

/** The commands `quoin serve` and `quoin top`; what they do is imported when they are called. */
export const addServe = (to: Command, interrupt: Interrupt): void => {
  to.command('serve')
    .description('Serve graphs over HTTP as typed endpoints, with metrics; needs the packages fastify and prom-client.')
    .argument('<graphs...>', 'graph files')
    .option('-p, --port <port>', 'where to listen; 0 for any free port', '8080')
    .option('--host <host>', 'on which address', '127.0.0.1')
    .option('--deadline <ms>', 'longest time of a run', count, 30_000)
    .option('--max-bytes <n>', 'longest request', count, 16 << 20)
    .option('--compile <when>', 'eager, lazy or never', 'lazy')
    .option('--cache <dir>', 'where compiled code outlives the process')
    .option('--watch', 'replace a graph when its file changes')
    .option('--db <name=path>', 'bind a database to a DuckDB file or postgres://…; may be repeated', binding, {})
    .option('--files <name=dir>', 'bind a file root to a directory; may be repeated', binding, {})
    .option('--http <name=url>', 'bind a service to a base URL; may be repeated', binding, {})
    .option('--kv <name=url>', 'bind a key-value store to redis://… or :memory:; may be repeated', binding, {})
    .showHelpAfterError('(quoin serve --help says more)')
    .addHelpText(
      'after',
      `
POST /graphs/<name> takes inputs and gives the result, in the JSON form that 'quoin run --json' uses. Errors
are JSON with a tag. GET /openapi.json describes them; /health, /ready and /metrics (Prometheus) are for operators.
An interrupt takes no more requests, lets those in flight end, and leaves with 0. There is no login: put
it behind something that has one before others can reach it.

Examples:
  $ quoin serve loans.ts prices.ts --db risk=loans.duckdb
  $ curl -d '{"shock": 0.02}' -H 'content-type: application/json' localhost:8080/graphs/loans
`,
    )
    .action(async (graphs: readonly string[], options: ServeOptions) =>
      (await import('./serve.ts')).serve(graphs, options, interrupt),
    )
  to.command('top')
    .description("Show what a 'quoin serve' does: graphs, tiers, latencies, cache.")
    .argument('[url]', 'its address', 'http://127.0.0.1:8080')
    .option('--once', 'print it once, for scripts')
    .option('--every <ms>', 'how often to look', count, 1000)
    .action(async (url: string, options: { readonly once?: true; readonly every: number }) =>
      (await import('./top.ts')).top(url, options, interrupt),
    )
}
