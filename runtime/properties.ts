/** A sentence that the rest of Quoin, or a user, may count on, and what holds it. */
export interface Property {
  readonly statement: string
  readonly heldBy: readonly Evidence[]
  /** Properties without which this one says nothing. */
  readonly restsOn?: readonly string[]
}

/**
 * What holds a property. `law`: equations with their evidence; `spec`: a property of a specification, as
 * `Lifecycle!CanRun`; `checker`: code that looks at each compile or each answer; `test`: properties over random cases,
 * or examples. The rest of `at` is a file of this repository.
 */
export interface Evidence {
  readonly by: 'law' | 'spec' | 'checker' | 'test'
  readonly at: string
}
const law = (at: string): Evidence => ({ by: 'law', at })
const spec = (at: string): Evidence => ({ by: 'spec', at })
const checker = (at: string): Evidence => ({ by: 'checker', at })
const test = (at: string): Evidence => ({ by: 'test', at })

/** Every property that an assumption may support, by name. Reports and checks read it; nothing else does. */
export const properties = {
  SameMeaning: {
    statement: 'What runs answers what the interpreter answers for the graph as written: values, errors and the world.',
    heldBy: [test('test/targets/corpus.test.ts'), test('test/targets/laws.test.ts')],
    restsOn: [
      'GraphsAreWellFormed',
      'PassesPreserve',
      'ProgramIsItsGraph',
      'MemoryIsKeptApart',
      'SameBits',
      'SameEffects',
      'AnswersAreTheWorlds',
    ],
  },
  GraphsAreWellFormed: {
    statement: 'A graph that is not what its types and stages say is refused.',
    heldBy: [checker('graph/check.ts'), test('test/errors/compile.test.ts')],
  },
  PassesPreserve: {
    statement: 'A pass changes no value, no error, no world and no order of conflicting effects.',
    heldBy: [
      checker('passes/check/index.ts'),
      test('test/passes/properties.test.ts'),
      test('test/passes/mutants.test.ts'),
    ],
    restsOn: ['LawsHold', 'MergedReadsAgree', 'BatchAnswersAsMembers', 'ConflictsAreOrdered'],
  },
  LawsHold: {
    statement: 'Both sides of every law are equal, by the equality it claims, wherever its conditions hold.',
    heldBy: [law('passes/laws/index.ts'), test('test/laws/proofs.test.ts'), test('test/laws/laws.test.ts')],
  },
  ProgramIsItsGraph: {
    statement: 'The effect program does what its graph says, each step in its place.',
    heldBy: [checker('codegen/program/check.ts'), test('test/schedule/check.test.ts')],
    restsOn: ['ConflictsAreOrdered'],
  },
  MemoryIsKeptApart: {
    statement: 'No cell of a kernel is written over while somebody still reads what was there.',
    heldBy: [checker('codegen/memory/check.ts'), test('test/memory/mutants.test.ts')],
  },
  SameBits: {
    statement: 'Interpreter, TypeScript and WebAssembly give the same bits.',
    heldBy: [test('test/kernels/laws.test.ts'), test('test/targets/numbers.test.ts')],
  },
  SameBytes: {
    statement: 'The same graph, options and version give the same artefact, byte by byte.',
    heldBy: [test('test/package/bytes.ts'), test('test/build/identity.test.ts')],
  },
  SameEffects: {
    statement: 'Generated code makes the calls of the effect program and no others.',
    heldBy: [test('test/targets/laws.test.ts'), test('test/inventory/scan.test.ts')],
    restsOn: ['ProgramIsItsGraph'],
  },
  AnswersAreTheWorlds: {
    statement: 'What a driver answers is what the outside answered to this very call.',
    heldBy: [test('test/drivers/conformance.test.ts'), test('test/drivers/conformance-sql.test.ts')],
    restsOn: ['AnswersHaveTheirTypes'],
  },
  AnswersHaveTheirTypes: {
    statement: 'No answer reaches a graph that has not the declared type.',
    heldBy: [
      checker('runtime/answer.ts'),
      test('test/drivers/duckdb-decode.test.ts'),
      test('test/drivers/postgres-decode.test.ts'),
    ],
  },
  BatchAnswersAsMembers: {
    statement: 'many([k]) = [one(k)]: a batch answers each key as its own call would.',
    heldBy: [
      checker('passes/check/batch.ts'),
      test('test/drivers/duckdb-batch.test.ts'),
      test('test/drivers/postgres-batch.test.ts'),
      test('test/batching/lookups.test.ts'),
    ],
  },
  LevelsInOneExchangeAgree: {
    statement:
      'Dependent queries in one exchange answer as a statement a level would, on a database that nobody else changes meanwhile.',
    heldBy: [test('test/drivers/postgres-tree.test.ts'), test('test/batching/nested.test.ts')],
    restsOn: ['BatchAnswersAsMembers'],
  },
  MergedReadsAgree: {
    statement: 'Two equal reads with no write between them that touches what they read have equal answers.',
    heldBy: [checker('passes/check/merge.ts'), test('test/passes/properties.test.ts')],
    restsOn: ['FootprintsCover'],
  },
  ConflictsAreOrdered: {
    statement: 'Effects that conflict happen in program order.',
    heldBy: [checker('passes/check/order.ts'), checker('graph/ordering.ts'), test('test/schedule/check.test.ts')],
    restsOn: ['FootprintsCover'],
  },
  FootprintsCover: {
    statement: 'An effect touches nothing but what its footprint names.',
    heldBy: [checker('graph/sql/covers.ts'), test('test/sql/footprints.test.ts')],
  },
  AuthorityIsKept: {
    statement: 'A call sees and changes only what its authority may.',
    heldBy: [test('test/drivers/postgres-authority.test.ts'), test('test/drivers/http.test.ts')],
  },
  WritesStayInFootprint: {
    statement: 'Files are written below their root and nowhere else.',
    heldBy: [test('test/drivers/files.test.ts')],
  },
  NoPartialWrites: {
    statement: 'A write happens as a whole or not at all.',
    heldBy: [test('test/drivers/files.test.ts'), test('test/faults/faults.test.ts')],
  },
  WritesHappenOnce: {
    statement: 'A write is done once; one whose end is unknown says so and is not sent again.',
    heldBy: [test('test/faults/faults.test.ts'), test('test/drivers/retry.test.ts')],
  },
  RetriedReadsAgree: {
    statement: 'A read that was sent again answers as it would have the first time.',
    heldBy: [test('test/drivers/retry.test.ts')],
  },
  CancelledCallsEnd: {
    statement: 'What was given up ends, here and at the other side.',
    heldBy: [test('test/drivers/postgres-life.test.ts'), test('test/drivers/duckdb-life.test.ts')],
  },
  KvGetIsLastSetOrNone: {
    statement: 'A key answers what was last set under it, or nothing.',
    heldBy: [test('test/drivers/kv.test.ts')],
  },
  OraclesAreIndexed: {
    statement: 'Dropping or moving one call of the clock or of random bytes changes no other.',
    heldBy: [test('test/drivers/oracles.test.ts'), test('test/passes/properties.test.ts')],
  },
  CachedMeansBody: {
    statement: 'A cached value is what its body would answer, up to the age that is allowed.',
    heldBy: [test('test/targets/laws.test.ts')],
  },
  AllOrNothing: {
    statement: 'An error of a transaction leaves the world as it was; others see all of it or nothing.',
    heldBy: [
      test('test/transactions/world.test.ts'),
      test('test/transactions/duckdb.test.ts'),
      test('test/transactions/postgres.test.ts'),
    ],
  },
  SnapshotReads: {
    statement: 'Reads of one transaction see one state and its own writes.',
    heldBy: [test('test/transactions/duckdb.test.ts'), test('test/transactions/postgres.test.ts')],
  },
  BuildsAreLegal: {
    statement: 'No run begins in code that is not there, and never is more code loaded than there is room.',
    heldBy: [spec('Lifecycle!CanRun'), spec('Lifecycle!NeverTooMany'), test('test/engine/model.test.ts')],
  },
  NobodyStarves: {
    statement: 'Who waits for room gets it, and what nobody uses leaves.',
    heldBy: [spec('Lifecycle!NobodyStarves'), spec('Lifecycle!NothingStays')],
  },
  TimeLimitsHold: {
    statement:
      'A call or a run that has a limit of time ends by it, and what is remembered for a while is forgotten then.',
    heldBy: [test('test/drivers/oracles.test.ts'), test('test/engine/bounds.test.ts')],
  },
} as const satisfies Readonly<Record<string, Property>>

export type PropertyId = keyof typeof properties
