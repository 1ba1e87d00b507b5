import { Command, Option } from 'commander'
import { version } from '../codegen/version.ts'
import type { AssumptionsOptions } from './assumptions.ts'
import { binding, columns, count, mode, relaxable } from './bindings.ts'
import type { BuildOptions } from './build.ts'
import type { CheckOptions } from './check.ts'
import type { DiffOptions } from './diff.ts'
import { addEject } from './eject/command.ts'
import type { ExplainOptions } from './explain.ts'
import type { Interrupt } from './interrupt.ts'
import type { InventoryOptions } from './inventory.ts'
import { errColors, outColors } from './output.ts'
import type { ReplayCommand } from './replay.ts'
import type { RunOptions } from './run.ts'
import { addServe } from './serve/command.ts'
import { addVerify } from './verify/command.ts'

/** The whole command line. What a command does is imported when it is called, so that help appears at once. */
export const program = (interrupt: Interrupt): Command => {
  const quoin = new Command('quoin')
    .description(
      'Compiles graphs of numbers and effects: optimised, checked on every compile, with a list of what it rests on.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({ styleTitle: (s) => outColors().bold(s), sortSubcommands: false })
    .configureOutput({ outputError: (text, write) => write(said(text)) })
    .exitOverride()
    .addHelpText('after', footer)
  addRun(quoin, interrupt)
  addReplay(quoin, interrupt)
  addBuild(quoin, interrupt)
  addEject(quoin, relax(), interrupt)
  addExplain(quoin, interrupt)
  addCheck(quoin, interrupt)
  addDiff(quoin, interrupt)
  addInventory(quoin, interrupt)
  addAssumptions(quoin, interrupt)
  addLint(quoin)
  addServe(quoin, interrupt)
  addVerify(quoin, relax(), interrupt)
  return quoin
}

const said = (text: string): string => {
  const c = errColors()
  return `${c.red(c.bold('quoin:'))} ${text.replace(/^error: /, '')}`
}

const footer = `
A graph file is a module (.ts, .mts, .js, .mjs) whose default export is a graph, or a .json document.
A .quoin directory, made by 'quoin build', is run and inspected like a graph.

Exit codes: 0 done, 1 the job failed, 2 the command line is wrong, 130 interrupted.
QUOIN_DEBUG=1…5 tells more on standard error: 1 passes and times, 2 what they did and why, 3 graphs
between passes, 4 generated code, 5 every rewrite. NO_COLOR switches colours off.

Examples:
  $ quoin run score-book.ts --input today.json --record run.json
  $ quoin replay run.json score-book.ts --step
  $ quoin explain score-book.ts
  $ quoin build score-book.ts && quoin build score-book.ts --check
`

const graphArgument = 'graph file, or an artefact directory'

const target = (choices: readonly string[], text: string): Option =>
  new Option('-t, --target <target>', text).choices([...choices])

/** Laws that change bits are asked for by name, by whoever may say so: never by default. */
const relax = (text = ''): Option =>
  new Option(
    '--relax <mode>',
    `allow laws that change the last bits (${Object.keys(relaxable).join(', ')}); may be repeated${text}`,
  )
    .argParser(mode)
    .default([], 'none')

const addRun = (to: Command, interrupt: Interrupt): void => {
  to.command('run')
    .description('Run a graph once and print its result.')
    .argument('<graph>', graphArgument)
    .option('-i, --input <file>', 'inputs as a JSON object; - reads them from standard input')
    .addOption(target(['interpret', 'ts', 'wasm'], 'how to run it (default: wasm; an artefact, as it was built)'))
    .addOption(relax())
    .option('--json', 'print the result as one JSON document')
    .option(
      '--db <name=path>',
      'bind a database of the graph to a DuckDB file or postgres://…; may be repeated',
      binding,
      {},
    )
    .option('--files <name=dir>', 'bind a file root of the graph to a directory; may be repeated', binding, {})
    .option('--http <name=url>', 'bind a service of the graph to a base URL; may be repeated', binding, {})
    .option('--kv <name=url>', 'bind a key-value store to redis://… or :memory:; may be repeated', binding, {})
    .option('--record <file>', 'write the run down, every answer included, for quoin replay')
    .option('--redact <place>', "leave something out of it: 'customer.email', 'input.card'; may be repeated", several)
    .option('--tap', "show values that the graph marks with tap('name', x)")
    .showHelpAfterError('(quoin run --help says more)')
    .addHelpText(
      'after',
      `
Databases that are not bound are new DuckDB databases in memory, which still read files with
read_csv('…') and read_parquet('…'). A database that the graph only reads is opened for reading.
Key-value stores that are not bound live in memory. File roots and services have to be bound:
nothing is written or sent unasked.
A graph file may export 'drivers', an object (or a function that returns one) of drivers by name;
options go before what it exports. What it exports as 'redact' is left out of recordings,
besides --redact.

Examples:
  $ quoin run loans.ts --input today.json
  $ echo '{"shock": 0.02}' | quoin run loans.ts --input - --json | jq .total
  $ quoin run loans.ts --db risk=risk.duckdb --files out=./reports
  $ quoin run loans.ts --db risk=postgres://me@db.example/risk
  $ quoin run loans.ts --target interpret     the reference interpreter: slow, and right by definition
  $ quoin run loans.quoin                     what 'quoin build' made
`,
    )
    .action(async (graph: string, options: RunOptions) => (await import('./run.ts')).run(graph, options, interrupt))
}

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

const addReplay = (to: Command, interrupt: Interrupt): void => {
  to.command('replay')
    .description('Run again what quoin run --record has written down, and compare to the last bit.')
    .argument('<recording>', 'the file that --record has written, or the difference that an engine has')
    .argument('[graph]', `${graphArgument}; a difference has its own`)
    .addOption(target(['interpret', 'ts', 'wasm'], 'how to run it (default: wasm; an artefact, as it was built)'))
    .option('--no-optimise', 'without the optimiser')
    .option('--step', 'show each call, with its arguments, its answer and how long it took')
    .option('--until <name>', "stop after the call of this name, or after one of them: 'customer[3]'")
    .option('--tap', "show values that the graph marks with tap('name', x), by interpreting it as written")
    .option('--json', 'print what was found as one JSON document')
    .showHelpAfterError('(quoin replay --help says more)')
    .addHelpText(
      'after',
      `
Answers come from the recording: no driver is loaded, nothing outside is touched. Any build of the graph
that was recorded will do. Exits with 1 when the result is not the recorded one, to the last bit. Where
something was redacted, stand-ins take its place, and it says from where on the run is another one.

Examples:
  $ quoin run loans.ts -i today.json --record run.json --redact customer.email
  $ quoin replay run.json loans.ts --step
  $ quoin replay run.json loans.ts --until 'customer[3]' --tap
`,
    )
    .action(async (recording: string, graph: string | undefined, options: ReplayCommand) =>
      (await import('./replay.ts')).replay(recording, graph, options, interrupt),
    )
}

const addBuild = (to: Command, interrupt: Interrupt): void => {
  to.command('build')
    .description('Compile a graph to an artefact directory, or check one that is committed.')
    .argument('<graph>', 'graph file')
    .option('-o, --out <dir>', 'where to put <name>.quoin (default: beside the graph file)')
    .addOption(
      target(['ts', 'wasm'], 'kernels as WebAssembly or as TypeScript (default: wasm; with --check, as it was built)'),
    )
    .addOption(relax('; with --check, as it was built'))
    .option('--check', 'write nothing; compare the artefact with what would be generated')
    .showHelpAfterError('(quoin build --help says more)')
    .addHelpText(
      'after',
      `
The artefact holds module.ts, module.js, kernels.wasm, manifest.json, inventory.md, inventory.json,
certificates.json and names.json. The same graph, options and version give the same bytes. It appears
as a whole or not at all.

--check exits with 1 and names the first difference, and says whether the artefact was edited by hand
or built from another graph, with other options or by another version.

Examples:
  $ quoin build loans.ts
  $ quoin build loans.ts --out dist --target ts
  $ quoin build loans.ts --check              in CI, beside a committed loans.quoin
`,
    )
    .action(async (graph: string, options: BuildOptions) =>
      (await import('./build.ts')).build(graph, options, interrupt),
    )
}

const addExplain = (to: Command, interrupt: Interrupt): void => {
  to.command('explain')
    .description('Say what each pass did to a graph and why, and what the result rests on.')
    .argument('<graph>', 'graph file')
    .addOption(
      new Option('-f, --format <format>', 'text, or the optimised graph drawn, or everything')
        .choices(['text', 'mermaid', 'dot', 'json'])
        .default('text'),
    )
    .option('--sql', 'show the SQL of every query, and of every batch')
    .option('--code', 'show the effect program and the generated module')
    .option(
      '--why <node>',
      'show only which rules made a node of the optimised graph: %4, %4.0.%2 or the name of a call',
    )
    .option('--sites <file>', 'place its steps on the sites of a JSON file, and show where and at what cost')
    .option('--trust', 'show every assumption, and the size of the code that has to be trusted')
    .addOption(target(['ts', 'wasm'], 'target of --code and of the assumptions').default('wasm'))
    .addOption(relax())
    .showHelpAfterError('(quoin explain --help says more)')
    .addHelpText(
      'after',
      `
Examples:
  $ quoin explain loans.ts
  $ quoin explain loans.ts --sql
  $ quoin explain loans.ts --why %12
  $ quoin explain loans.ts --sites sites.json
  $ quoin explain loans.ts --format mermaid > loans.mmd
  $ quoin explain loans.ts --format dot | dot -Tsvg > loans.svg
  $ quoin explain loans.ts --format json | jq '.steps[] | {pass, ms, accepted}'
`,
    )
    .action(async (graph: string, options: ExplainOptions) =>
      (await import('./explain.ts')).explain(graph, options, interrupt),
    )
}

const addCheck = (to: Command, interrupt: Interrupt): void => {
  to.command('check')
    .description('Ask real databases whether the queries of a graph fit them; runs none, changes nothing.')
    .argument('<graph>', 'graph file')
    .option(
      '--db <name=url>',
      'postgres://…, a DuckDB file or :memory:; once for each database of the graph',
      binding,
      {},
    )
    .option('--partial', 'leave out the databases that no --db names, instead of failing')
    .option('--strict', 'exit with 1 for warnings too')
    .option('--json', 'print what was found as one JSON document')
    .showHelpAfterError('(quoin check --help says more)')
    .addHelpText(
      'after',
      `
Compares columns, types, NULL and parameters of every query with what the server describes, and what
it touches, through views, triggers, cascades and functions, with its footprint. Errors fail a run,
warnings may, notes say what cannot be known.

Examples:
  $ quoin check loans.ts --db risk=postgres://localhost/risk
  $ quoin check loans.ts --db risk=risk.duckdb --json | jq '.queries[].findings'
`,
    )
    .action(async (graph: string, options: CheckOptions) =>
      (await import('./check.ts')).check(graph, options, interrupt),
    )
}

const addDiff = (to: Command, interrupt: Interrupt): void => {
  to.command('diff')
    .description('Show two graphs side by side, nodes aligned by what they compute.')
    .argument('<left>', 'graph file')
    .argument('<right>', 'graph file')
    .option('--optimised', 'compare what runs instead of what is written')
    .option('--width <columns>', 'how wide to write (default: the terminal, or 160)', columns)
    .option('--exit-code', 'exit with 1 when the graphs differ')
    .option(
      '--markdown',
      'write what becomes of plans instead, for a comment; of all graphs where two directories are given',
    )
    .option('--rows <n>', 'how many elements lists of unknown length are counted with there', count, 400)
    .showHelpAfterError('(quoin diff --help says more)')
    .addHelpText(
      'after',
      `
- only on the left, + only on the right, ~ another node of the same op; bodies that differ are
shown below their nodes. The numbers of nodes do not count.

Examples:
  $ quoin diff loans.ts loans-new.ts
  $ quoin diff before.json after.json --optimised --exit-code
  $ quoin diff ../main . --markdown > plans.md
`,
    )
    .action(async (left: string, right: string, options: DiffOptions) =>
      (await import('./diff.ts')).diff(left, right, options, interrupt),
    )
}

const reportFormat = (): Option =>
  new Option('-f, --format <format>', 'Markdown, data, a page that can be filtered, or declarations of CycloneDX')
    .choices(['md', 'json', 'html', 'cyclonedx'])
    .default('md')

const addAssumptions = (to: Command, interrupt: Interrupt): void => {
  to.command('assumptions')
    .description('List what a property rests on, of Quoin itself or of a graph, through everything between them.')
    .argument('[property]', 'SameMeaning, SameBits, …: only what it rests on (default: everything)')
    .option('-g, --graph <file>', 'of this graph file or artefact, its drivers included (default: of Quoin itself)')
    .addOption(reportFormat())
    .addOption(target(['ts', 'wasm'], 'of which target (default: wasm; an artefact, as it was built)'))
    .addOption(relax())
    .option(
      '--check',
      'print what is unused, undeclared, dangling, expired or out of range; exits with 1 if anything is',
    )
    .option('--probe', 'try to break what can be tried on this machine alone; exits with 1 if anything breaks')
    .showHelpAfterError('(quoin assumptions --help says more)')
    .addHelpText(
      'after',
      `
Each assumption says how it fails, what is done about it, which program tries to break it and when it has
to be looked at again; each property, what holds it. Without a property all are listed, both ways.

Examples:
  $ quoin assumptions SameBits
  $ quoin assumptions SameMeaning --graph loans.ts --format html > loans-assumptions.html
  $ quoin assumptions --graph loans.quoin --format cyclonedx > loans.cdx.json
  $ quoin assumptions --check --graph loans.ts
`,
    )
    .action(async (property: string | undefined, options: AssumptionsOptions) =>
      (await import('./assumptions.ts')).assumptions(property, options, interrupt),
    )
}

const addInventory = (to: Command, interrupt: Interrupt): void => {
  to.command('inventory')
    .description('List what a compiled graph rests on: assumptions, with failure mode and mitigation.')
    .argument('<graph>', graphArgument)
    .addOption(reportFormat())
    .addOption(target(['ts', 'wasm'], 'of which target (default: wasm; an artefact, as it was built)'))
    .addOption(relax())
    .option(
      '--probe',
      'look whether the assumptions of the drivers hold where they are bound; exits with 1 if one does not',
    )
    .option('--db <name=path>', 'with --probe: a DuckDB file or postgres://…, as for quoin run', binding, {})
    .option('--files <name=dir>', 'with --probe: a directory', binding, {})
    .option('--http <name=url>', 'with --probe: a base URL', binding, {})
    .option('--kv <name=url>', 'with --probe: redis://… or :memory:', binding, {})
    .showHelpAfterError('(quoin inventory --help says more)')
    .addHelpText(
      'after',
      `
Drivers add their own assumptions. Those that 'quoin run' would bind are included.

Examples:
  $ quoin inventory loans.ts > ASSUMPTIONS.md
  $ quoin inventory loans.quoin --format json | jq '.[].id'
  $ quoin inventory loans.ts --probe --db risk=postgres://me@db.example/risk
`,
    )
    .action(async (graph: string, options: InventoryOptions) =>
      (await import('./inventory.ts')).inventory(graph, options, interrupt),
    )
}

const addLint = (to: Command): void => {
  to.command('lint')
    .description(
      'Find where JavaScript takes an expression of a graph for a plain value, and queries that are not portable.',
    )
    .argument('<files...>', 'modules, or folders of them')
    .option('--portable', 'look at the queries of every database')
    .showHelpAfterError('(quoin lint --help says more)')
    .addHelpText(
      'after',
      `
JavaScript cannot see inside a graph: 'if (a.gt(b))' is always taken, 'a > b' and \`\${a}\` are worth nothing.
Some of it is noticed when a graph is built, the truth of an object never is. This reads the types of your
files (with your tsconfig.json, if there is one), runs nothing, and exits with 1 if it finds anything.

Where the files bind drivers of DuckDB and of PostgreSQL to one database of graphs, queries of it that these may answer
differently are found as well, unless the query or its sql('db', { dialect }) says for which engine it is.

Examples:
  $ quoin lint src
  $ quoin lint loans.ts report.ts
  $ quoin lint --portable src
`,
    )
    .action(async (files: readonly string[], options: { readonly portable?: boolean }) =>
      (await import('./lint.ts')).lint(files, options),
    )
}
