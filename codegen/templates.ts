import type { Isolation } from '../graph/transaction.ts'
import type { Assumption, Dependency, Expiry } from '../runtime/assumption.ts'

/** What compiled graphs may rest on. Which of it one does, `inventoryOf` finds; a parameter is a driver, a level, an age. */
const part = (name: string): Dependency => ({ on: 'part', name })
const node: Dependency = { on: 'program', name: 'node', range: '>=24.0.0' }
const tsMorph: Dependency = { on: 'package', name: 'ts-morph', range: '28.0.0' }
const binaryen: Dependency = { on: 'package', name: 'binaryen', range: '132.0.0' }
const yearly: Expiry = { after: '2027-12-31' }
const bound = part('the driver that is bound when the artefact is loaded')

const batching: Assumption = {
  id: 'batched-sql',
  kind: 'isolation',
  statement: 'One statement that answers many keys gives each key the rows that its own statement would have given.',
  dependsOn: [bound],
  restsOn: ['sql-driver:*', 'sql.grammar'],
  supports: ['BatchAnswersAsMembers'],
  failureMode:
    'Rows that change between single statements are seen at one moment by the batch; a query whose function is volatile without being known as such would differ.',
  mitigation:
    'Only read-only queries without volatile or unknown functions and locks are batched; batch: false keeps a query out; a failed batch is asked again one by one.',
  probe: { by: 'test', file: 'test/drivers/conformance-sql.test.ts' },
  expiry: yearly,
}
const bulk: Assumption = {
  id: 'bulk-lookups',
  kind: 'isolation',
  statement:
    'One request for many keys (MGET, a bulk endpoint, many) gives each key what its own request would have given.',
  dependsOn: [bound],
  restsOn: ['driver:*'],
  supports: ['BatchAnswersAsMembers'],
  failureMode: 'Some keys get another answer together than alone, without an error.',
  mitigation:
    'Number and type of answers are checked; a failed batch is asked one by one; batch: false keeps a call out.',
  probe: { by: 'quoin', name: 'batch-is-single' },
  expiry: yearly,
}
const oneMoment: Assumption = {
  id: 'one-moment',
  kind: 'isolation',
  statement:
    'Queries that follow from one another may be answered as of one moment, in one exchange with the database.',
  dependsOn: [part('the user, who allowed it (collapse)'), bound],
  restsOn: ['batched-sql'],
  supports: ['LevelsInOneExchangeAgree'],
  failureMode:
    'A change that somebody else makes between two levels is not seen by the later one, as it might have been with a statement each.',
  mitigation:
    'Only where the user names the database; the driver uses one snapshot or falls back to a statement a level.',
  probe: { by: 'test', file: 'test/drivers/postgres-tree.test.ts' },
  expiry: yearly,
}
const floats: Assumption = {
  id: 'ieee-754',
  kind: 'engine',
  statement:
    'The JavaScript engine computes + - * / sqrt, fround, floor, ceil and trunc as IEEE 754 says, rounding to nearest even.',
  dependsOn: [node],
  restsOn: ['hardware'],
  supports: ['SameBits'],
  failureMode: 'Results differ in the last bit between targets.',
  mitigation:
    'The law suite runs every primitive on edge values on the engine at hand; no elementary function of the engine is used.',
  probe: { by: 'quoin', name: 'ieee-754' },
  expiry: { of: 'node', from: '28.0.0' },
}
const wasm: Assumption = {
  id: 'wasm-engine',
  kind: 'engine',
  statement: 'The engine runs WebAssembly with 128-bit SIMD as the specification says, NaN payloads left open.',
  dependsOn: [node],
  restsOn: ['hardware'],
  supports: ['SameBits'],
  failureMode: 'Wrong numbers.',
  mitigation:
    'Law suite over every kernel op against the interpreter; relaxed SIMD is never generated; NaN is canonical wherever bits can be seen.',
  probe: { by: 'quoin', name: 'wasm-engine' },
  expiry: { of: 'node', from: '28.0.0' },
}
const toolchain = (target: 'ts' | 'wasm'): Assumption => ({
  id: 'toolchain',
  kind: 'toolchain',
  statement:
    target === 'wasm'
      ? 'binaryen assembles the instructions it is given, and ts-morph prints and strips the module without changing it.'
      : 'ts-morph prints and strips the module without changing it.',
  dependsOn: target === 'wasm' ? [binaryen, tsMorph] : [tsMorph],
  restsOn: ['hardware'],
  supports: ['SameBits', 'SameEffects', 'SameBytes'],
  failureMode: 'The artefact does something else than the checked program.',
  mitigation: 'Properties compare the artefact with the interpreter; the checked program is printed by quoin explain.',
  probe: { by: 'quoin', name: 'toolchain' },
  expiry: yearly,
})
const hardware: Assumption = {
  id: 'hardware',
  kind: 'hardware',
  statement: 'Processor and memory do what they are documented to do.',
  dependsOn: [part('the machine')],
  supports: ['SameBits'],
  failureMode: 'Anything.',
  mitigation: 'None here.',
  probe: { by: 'none', reason: 'a program that runs on a faulty machine cannot be believed about it' },
  expiry: yearly,
}
const sqlDriver = (db: string): Assumption => ({
  id: `sql-driver:${db}`,
  kind: 'driver',
  statement: `The driver bound to '${db}' runs each statement as written and gives back the rows the database answered.`,
  dependsOn: [bound],
  supports: ['AnswersAreTheWorlds'],
  failureMode: 'Wrong or missing rows.',
  mitigation: 'Every answer is checked against its row type; NULL, missing columns and wrong types are typed errors.',
  probe: { by: 'driver' },
  expiry: yearly,
})
const driver = (effect: string, name: string): Assumption => ({
  id: `driver:${effect}:${name}`,
  kind: 'driver',
  statement: `The driver bound to '${name}' performs ${effect} as its declaration says.`,
  dependsOn: [bound],
  supports: ['AnswersAreTheWorlds'],
  failureMode: 'Lost, repeated or invented effects.',
  mitigation: 'Typed answers; time limits; conformance tests of the built-in drivers.',
  probe: { by: 'driver' },
  expiry: yearly,
})
const staleness = (ttlMs: number | '*'): Assumption => ({
  id: `staleness:${ttlMs}`,
  kind: 'staleness',
  statement: `Readers accept an answer that is up to ${ttlMs} ms old.`,
  dependsOn: [part('whoever reads the result')],
  restsOn: ['monotonic-clock'],
  supports: ['CachedMeansBody'],
  failureMode: 'A change made elsewhere is seen late.',
  mitigation: 'Writes of the same run forget what they touch; errors are not remembered.',
  probe: { by: 'quoin', name: 'staleness' },
  expiry: yearly,
})
const transaction = (db: string, level: Isolation | '*'): Assumption => ({
  id: `transaction:${db}:${level}`,
  kind: 'isolation',
  statement: `The driver bound to '${db}' makes each transaction of this graph one transaction of its database, kept apart from others at '${level}' or more strictly, and says SerializationFailure only of one that left nothing.`,
  dependsOn: [part(`the database bound to '${db}', and its settings`)],
  restsOn: [`sql-driver:${db}`],
  supports: ['AllOrNothing', 'SnapshotReads'],
  failureMode:
    level === 'serializable'
      ? 'Transactions that run at the same time leave what no order of them would have left.'
      : "Transactions that run at the same time may leave what no order of them would have left (write skew; at 'read committed' also lost updates): the level allows it.",
  mitigation:
    'A driver says which levels it keeps, and loading refuses others; a run of this graph by itself means what the interpreter says; declare a stricter level, with retries.',
  probe: { by: 'test', file: 'test/transactions/postgres.test.ts' },
  expiry: yearly,
})
/** Laws that do not keep every bit; their bounds stand beside them in `passes/laws`, which this room does not know. */
const relaxed = (mode: string): Assumption => ({
  id: `relaxed:${mode}`,
  kind: 'relaxation',
  statement: `The user accepts the rounding of laws of mode '${mode}' (docs/laws.md gives their bounds).`,
  dependsOn: [part(`the user, who allowed it (relax: ['${mode}'])`)],
  supports: ['PassesPreserve'],
  failureMode: 'Last bits, and results near overflow or below the normal range, differ from the graph as written.',
  mitigation: 'Off unless asked for; the certificate lists every use; leaving the option out gives the exact graph.',
  probe: { by: 'test', file: 'test/laws/relax.test.ts' },
  expiry: yearly,
})

export const templates = {
  batching,
  bulk,
  oneMoment,
  floats,
  wasm,
  toolchain,
  hardware,
  sqlDriver,
  driver,
  staleness,
  transaction,
  relaxed,
}
/** The same, each once, with `*` for what a graph says. */
export const graphAssumptions: readonly Assumption[] = [
  batching,
  bulk,
  oneMoment,
  relaxed('*'),
  staleness('*'),
  transaction('*', '*'),
  sqlDriver('*'),
  driver('*', '*'),
  wasm,
  floats,
  toolchain('wasm'),
  hardware,
]
