import type { NodeId, NodeView } from '../graph/arena.ts'
import { effects, isEffect } from '../graph/effects.ts'
import type { Graph } from '../graph/graph.ts'
import type { Isolation, TransactionAttrs } from '../graph/transaction.ts'
import { occurrenceOf, postorder } from '../graph/walk.ts'
import type { Assumption } from '../runtime/assumption.ts'

/** Every node of a graph, bodies included, each once. */
const everyNode = (g: Graph): readonly NodeView[] => {
  const out: NodeView[] = []
  const seen = new Set<NodeId>()
  const region = (root: NodeId): void => {
    for (const id of postorder(g.arena, root)) {
      if (seen.has(id)) continue
      seen.add(id)
      const node = g.arena.node(id)
      out.push(node)
      for (const r of node.regions) region(r.root)
    }
  }
  region(g.root)
  return out
}

const batching: Assumption = {
  id: 'batched-sql',
  kind: 'isolation',
  assumption: 'One statement that answers many keys gives each key the rows that its own statement would have given.',
  dependsOn: 'the SQL driver that is bound (tested per driver: batched against one by one)',
  property: 'BatchAnswersAsMembers: many([k]) = [one(k)]',
  failureMode:
    'Rows that change between single statements are seen at one moment by the batch; a query whose function is volatile without being known as such would differ.',
  mitigation:
    'Only read-only queries without volatile or unknown functions and locks are batched; batch: false keeps a query out; a failed batch is asked again one by one.',
}
const bulk: Assumption = {
  id: 'bulk-lookups',
  kind: 'isolation',
  assumption:
    'One request for many keys (MGET, a bulk endpoint, many) gives each key what its own request would have given.',
  dependsOn: 'the drivers that are bound (tested per driver: many([k]) = [one(k)])',
  property: 'BatchAnswersAsMembers: many([k]) = [one(k)]',
  failureMode: 'Some keys get another answer together than alone, without an error.',
  mitigation:
    'Number and type of answers are checked; a failed batch is asked one by one; batch: false keeps a call out.',
}
const oneMoment: Assumption = {
  id: 'one-moment',
  kind: 'isolation',
  assumption:
    'Queries that follow from one another may be answered as of one moment, in one exchange with the database.',
  dependsOn: 'the user, who allowed it (collapse), and the SQL driver that is bound',
  property: 'CollapsedAnswersAreLevelAnswers, on a database that nobody else changes meanwhile',
  failureMode:
    'A change that somebody else makes between two levels is not seen by the later one, as it might have been with a statement each.',
  mitigation:
    'Only where the user names the database; the driver uses one snapshot or falls back to a statement a level.',
}
const floats: Assumption = {
  id: 'ieee-754',
  kind: 'engine',
  assumption:
    'The JavaScript engine computes + - * / sqrt, fround, floor, ceil and trunc as IEEE 754 says, rounding to nearest even.',
  dependsOn: 'ECMAScript engine (V8 of Node >= 24)',
  property: 'SameBits: every target equals the interpreter',
  failureMode: 'Results differ in the last bit between targets.',
  mitigation:
    'The law suite runs every primitive on edge values on the engine at hand; no elementary function of the engine is used.',
}
const wasm: Assumption = {
  id: 'wasm-engine',
  kind: 'engine',
  assumption: 'The engine runs WebAssembly with 128-bit SIMD as the specification says, NaN payloads left open.',
  dependsOn: 'WebAssembly 2.0 engine with fixed-width SIMD',
  property: 'SameBits: every target equals the interpreter',
  failureMode: 'Wrong numbers.',
  mitigation:
    'Law suite over every kernel op against the interpreter; relaxed SIMD is never generated; NaN is canonical wherever bits can be seen.',
}
const toolchain = (target: 'ts' | 'wasm'): Assumption => ({
  id: 'toolchain',
  kind: 'toolchain',
  assumption:
    target === 'wasm'
      ? 'binaryen assembles the instructions it is given, and ts-morph prints and strips the module without changing it.'
      : 'ts-morph prints and strips the module without changing it.',
  dependsOn: target === 'wasm' ? 'binaryen 132.0.0, ts-morph 28.0.0' : 'ts-morph 28.0.0',
  property: 'SameBits, SameEffects',
  failureMode: 'The artefact does something else than the checked program.',
  mitigation: 'Properties compare the artefact with the interpreter; the checked program is printed by quoin explain.',
})
const hardware: Assumption = {
  id: 'hardware',
  kind: 'hardware',
  assumption: 'Processor and memory do what they are documented to do.',
  dependsOn: 'the machine',
  property: 'all',
  failureMode: 'Anything.',
  mitigation: 'None here.',
}
const sqlDriver = (db: string): Assumption => ({
  id: `sql-driver:${db}`,
  kind: 'driver',
  assumption: `The driver bound to '${db}' runs each statement as written and gives back the rows the database answered.`,
  dependsOn: 'the driver bound when the artefact is loaded; its own entries are added there',
  property: 'AnswersAreTheWorlds',
  failureMode: 'Wrong or missing rows.',
  mitigation: 'Every answer is checked against its row type; NULL, missing columns and wrong types are typed errors.',
})
const other = (effect: string, driver: string): Assumption => ({
  id: `driver:${effect}:${driver}`,
  kind: 'driver',
  assumption: `The driver bound to '${driver}' performs ${effect} as its declaration says.`,
  dependsOn: 'the driver bound when the artefact is loaded',
  property: 'AnswersAreTheWorlds',
  failureMode: 'Lost, repeated or invented effects.',
  mitigation: 'Typed answers; time limits; conformance tests of the built-in drivers.',
})
const staleness = (ttlMs: number): Assumption => ({
  id: `staleness:${ttlMs}`,
  kind: 'staleness',
  assumption: `Readers accept an answer that is up to ${ttlMs} ms old.`,
  dependsOn: 'a monotonic clock',
  property: 'CachedMeansBody, up to its age',
  failureMode: 'A change made elsewhere is seen late.',
  mitigation: 'Writes of the same run forget what they touch; errors are not remembered.',
})

const isolation = (db: string, level: Isolation): Assumption => ({
  id: `transaction:${db}:${level}`,
  kind: 'isolation',
  assumption: `The driver bound to '${db}' makes each transaction of this graph one transaction of its database, kept apart from others at '${level}' or more strictly, and says SerializationFailure only of one that left nothing.`,
  dependsOn: `the database bound to '${db}', and its settings`,
  property: 'AllOrNothing: an error of a transaction leaves the world as it was; others see all of it or nothing',
  failureMode:
    level === 'serializable'
      ? 'Transactions that run at the same time leave what no order of them would have left.'
      : "Transactions that run at the same time may leave what no order of them would have left (write skew; at 'read committed' also lost updates): the level allows it.",
  mitigation:
    'A driver says which levels it keeps, and loading refuses others; a run of this graph by itself means what the interpreter says; declare a stricter level, with retries.',
})

/** Laws that do not keep every bit; their bounds stand beside them in `passes/laws`, which this room does not know. */
const relaxed = (mode: string): Assumption => ({
  id: `relaxed:${mode}`,
  kind: 'relaxation',
  assumption: `The user accepts the rounding of laws of mode '${mode}' (docs/laws.md gives their bounds).`,
  dependsOn: `the option relax: ['${mode}'], without which none of them is used`,
  property: 'SameBits holds between targets, not with the graph as written',
  failureMode: 'Last bits, and results near overflow or below the normal range, differ from the graph as written.',
  mitigation: 'Off unless asked for; the certificate lists every use; leaving the option out gives the exact graph.',
})

interface Planned {
  readonly occurrence: number
  readonly derived: readonly unknown[]
}
/**
 * What a compiled graph rests on, most surprising first. Each entry is there because something in this graph needs it;
 * drivers add their own when they are bound.
 */
export const inventoryOf = (g: Graph, target: 'ts' | 'wasm'): readonly Assumption[] => {
  const found = new Map<string, Assumption>()
  const add = (a: Assumption): void => {
    if (!found.has(a.id)) found.set(a.id, a)
  }
  const nodes = everyNode(g)
  const plans = nodes.flatMap((n) => (n.op.attrs as { plans?: readonly Planned[] }).plans ?? [])
  const inBatches = new Set(plans.map((p) => p.occurrence))
  const batched = nodes.filter((n) => isEffect(n.op.name) && inBatches.has(occurrenceOf(n)!))
  if (batched.some((n) => n.op.name === 'dbQuery')) add(batching)
  if (batched.some((n) => n.op.name !== 'dbQuery')) add(bulk)
  if (plans.some((p) => p.derived.length > 0)) add(oneMoment)
  for (const mode of g.relaxed ?? []) add(relaxed(mode))
  for (const n of nodes) {
    if (n.op.name === 'cached') add(staleness((n.op.attrs as { ttlMs: number }).ttlMs))
    if (n.op.name === 'transaction') {
      const a = n.op.attrs as TransactionAttrs
      add(isolation(a.db, a.isolation))
    }
    if (!isEffect(n.op.name)) continue
    const driver = effects[n.op.name].driver(n.op.attrs as never)
    add(n.op.name === 'dbQuery' ? sqlDriver(driver) : other(n.op.name, driver))
  }
  if (target === 'wasm') add(wasm)
  add(floats)
  add(toolchain(target))
  add(hardware)
  return [...found.values()]
}

/** The inventory as a page. */
export const inventoryMarkdown = (name: string, entries: readonly Assumption[]): string => {
  const lines = [
    `# What ${name} rests on`,
    '',
    `${entries.length} assumptions. Nothing here is proved; everything else about the artefact is checked when it is compiled or decoded when it runs.`,
    '',
  ]
  for (const [i, a] of entries.entries()) {
    lines.push(
      `## ${i + 1}. ${a.id} (${a.kind})`,
      '',
      `- **Assumption**: ${a.assumption}`,
      `- **Depends on**: ${a.dependsOn}`,
      `- **Property**: ${a.property}`,
      `- **Failure mode**: ${a.failureMode}`,
      `- **Mitigation**: ${a.mitigation}`,
      '',
    )
  }
  return lines.join('\n')
}
