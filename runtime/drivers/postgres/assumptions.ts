import type { Assumption } from '../../assumption.ts'
import { packageOf, program } from '../depends.ts'

/** Tested with PostgreSQL 15 and pg 8.23.1. */
const dependsOn = [program('postgresql', '>=13.0.0 <19.0.0'), packageOf('pg', '>=8.13.0 <8.24.0')]

/** What this driver relies on and cannot check. The first is the one a reader should meet first. */
const assumptions: readonly Assumption[] = [
  {
    id: 'postgres.batch-is-single',
    kind: 'driver',
    statement:
      'A batched statement (the query joined with unnested keys, or as a lateral subquery of them) answers each key as the query would by itself.',
    dependsOn,
    restsOn: ['postgres.equal-keys', 'postgres.subquery-order', 'postgres.volatile-functions', 'sql.grammar'],
    supports: ['BatchAnswersAsMembers'],
    failureMode:
      'Some keys get other rows than the query written would give, without an error. Sums and means of floats may differ in their last bits, because another plan adds in another order.',
    mitigation:
      'Property tests compare both on random keys with NULLs, duplicates and missing ones; queries with volatile or unknown functions, locks or parameters in LIMIT are never batched; batch: false keeps a query out.',
    probe: { by: 'driver' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.equal-keys',
    kind: 'driver',
    statement:
      'Whole numbers and uuids are equal only if they are one value, and so are texts while the database has no collation that is not deterministic, which is asked when the driver first has text keys.',
    dependsOn,
    supports: ['BatchAnswersAsMembers'],
    failureMode:
      'Rows whose text equals a key in such a collation, and no other way, are missing from the answer of the key.',
    mitigation:
      'Other types are compared by the server alone. Start the process anew after creating such a collation; batch: false keeps a query out.',
    probe: { by: 'test', file: 'test/drivers/postgres-batch.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.subquery-order',
    kind: 'driver',
    statement: 'row_number() over () counts the rows of a subquery with ORDER BY in that order.',
    dependsOn,
    supports: ['BatchAnswersAsMembers'],
    failureMode: 'The rows of a key come in another order than the query states.',
    mitigation: 'Property tests compare the order; batch: false keeps a query out.',
    probe: { by: 'test', file: 'test/drivers/postgres-batch.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.composed-is-separate',
    kind: 'isolation',
    statement:
      'Dependent queries that travel together see one snapshot (repeatable read, read only), where separate ones would each see their own.',
    dependsOn,
    restsOn: ['postgres.batch-is-single'],
    supports: ['LevelsInOneExchangeAgree'],
    failureMode: 'None for the answers of one moment; a change made in between is seen by none of them.',
    mitigation: 'It is done only where the user allows it; errors make the levels run one by one.',
    probe: { by: 'test', file: 'test/drivers/postgres-tree.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.volatile-functions',
    kind: 'driver',
    statement:
      'Functions on the allow-list of graph/sql answer the same for the same arguments within a run, and no function or operator of the database by the same name replaces them.',
    dependsOn,
    restsOn: ['sql.grammar'],
    supports: ['BatchAnswersAsMembers', 'MergedReadsAgree'],
    failureMode: 'Merged or batched queries see one value where single ones would each have seen their own.',
    mitigation:
      'Volatile functions are listed and keep a query out of batches, and so does every function that is not known.',
    probe: { by: 'test', file: 'test/sql/facts.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.footprint',
    kind: 'isolation',
    statement: 'A query reads and writes what its text names: no view, trigger, rule or cascade hides another table.',
    dependsOn,
    restsOn: ['sql.grammar'],
    supports: ['FootprintsCover'],
    failureMode: 'A read may be moved across a write that it should have seen.',
    mitigation: 'Declare reads and writes by hand for queries over views and writes with triggers.',
    probe: { by: 'test', file: 'test/cli/postgres.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.no-roles',
    kind: 'isolation',
    statement: 'The authority of a query (tenant, role) is enforced by the query or not at all.',
    dependsOn,
    supports: ['AuthorityIsKept'],
    failureMode:
      'The authority keeps queries apart in batches and caches, but every query runs with the role of the connection.',
    mitigation: 'Filter by the tenant in the query itself, or bind one driver (one role) a tenant.',
    probe: { by: 'test', file: 'test/drivers/postgres-authority.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.autocommit',
    kind: 'isolation',
    statement:
      'Each statement is its own transaction, and one that fails or is cancelled changed nothing outside (no dblink, no procedure that commits).',
    dependsOn,
    supports: ['NoPartialWrites'],
    failureMode:
      'Two queries of one run may see different states when another process writes between them; a procedure that commits has done a part.',
    mitigation:
      'Hand in a client with a transaction begun for one consistent state; a write whose end is unknown says so (outcome: unknown) and is never sent again.',
    probe: { by: 'driver' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.transactions',
    kind: 'isolation',
    statement:
      'BEGIN ISOLATION LEVEL … gives a transaction of the level it names; one that fails with SQLSTATE 40001 or 40P01 left nothing, and no setting, trigger or function commits in the middle.',
    dependsOn,
    supports: ['AllOrNothing', 'SnapshotReads'],
    failureMode:
      'Part of a transaction stays, or two that should not have met did. A pooler that gives each statement another connection takes a transaction apart.',
    mitigation:
      'The answer to COMMIT is looked at, because the server answers ROLLBACK where a statement had failed; statements that begin or end transactions are refused inside one; tests have write skew, rows changed in the middle, and a cancelled statement on a server.',
    probe: { by: 'test', file: 'test/transactions/postgres.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.reads-repeat',
    kind: 'driver',
    statement:
      'A query that reads may be sent again when its connection broke, or a cancellation meant for another met it.',
    dependsOn,
    supports: ['RetriedReadsAgree'],
    failureMode: 'A function with an effect (nextval, a log) that a query calls has it twice.',
    mitigation: 'Use .exec for statements that call such functions; it is never sent twice.',
    probe: { by: 'test', file: 'test/drivers/postgres-life.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
  {
    id: 'postgres.wire',
    kind: 'unsafe',
    statement:
      'A client of pg keeps its socket under connection.stream and reads it with one listener, takes queries of other kinds (submit), and speaks version 3 of the protocol.',
    dependsOn,
    supports: ['AnswersHaveTheirTypes'],
    failureMode: 'Another version may keep it elsewhere; the driver then answers Refused for every call.',
    mitigation: 'The names are checked at each use; tests compare what is decoded with what pg itself reads.',
    probe: { by: 'driver' },
    expiry: { of: 'pg', from: '8.24.0' },
  },
  {
    id: 'postgres.cancel-reaches',
    kind: 'external',
    statement: 'A second connection to the same host and port reaches the same server, so that it can cancel.',
    dependsOn,
    supports: ['CancelledCallsEnd'],
    failureMode: 'Behind a proxy or a socket of your own the query goes on after it was given up.',
    mitigation: 'The connection is closed after 2 s; set statement_timeout on the server besides.',
    probe: { by: 'test', file: 'test/drivers/postgres-life.test.ts' },
    expiry: { of: 'postgresql', from: '19.0.0' },
  },
]

const roles: Assumption = {
  id: 'postgres.roles',
  kind: 'isolation',
  statement:
    'What is named for an authority in the driver is what it may do: grants of its role and policies on its settings keep it apart.',
  dependsOn,
  restsOn: ['postgres.autocommit'],
  supports: ['AuthorityIsKept'],
  failureMode: 'A query sees or changes what belongs to another authority.',
  mitigation:
    'Role and settings go with each statement, in one implicit transaction with it, and end with it; an authority without an entry is refused.',
  probe: { by: 'test', file: 'test/drivers/postgres-authority.test.ts' },
  expiry: { of: 'postgresql', from: '19.0.0' },
}
export const assumptionsOf = (byRole: boolean): readonly Assumption[] =>
  assumptions.map((a) => (byRole && a.id === 'postgres.no-roles' ? roles : a))
