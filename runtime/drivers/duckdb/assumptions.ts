import type { Assumption } from '../../assumption.ts'
import { packageOf } from '../depends.ts'

/** The package brings the engine, DuckDB 1.5. */
const dependsOn = [packageOf('@duckdb/node-api', '>=1.5.6-r.1 <1.6.0')]

/** What this driver relies on and cannot check. The first is the one a reader should meet first. */
export const assumptions: readonly Assumption[] = [
  {
    id: 'duckdb.batch-is-single',
    kind: 'driver',
    statement:
      'A batched statement (the query as a lateral subquery over unnested keys) answers each key as the query would by itself.',
    dependsOn,
    restsOn: ['duckdb.volatile-functions', 'sql.grammar'],
    supports: ['BatchAnswersAsMembers'],
    failureMode:
      'Some keys get other rows than the query written would give, without an error. Sums and means of floats may differ in their last bits, because DuckDB adds in another order.',
    mitigation:
      'Property tests compare both on random keys with NULLs, duplicates and missing ones; queries with volatile or unknown functions, locks or parameters in LIMIT are never batched; batch: false keeps a query out.',
    probe: { by: 'driver' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.volatile-functions',
    kind: 'driver',
    statement:
      'Functions on the allow-list of graph/sql answer the same for the same arguments within a run, and user macros do not replace them.',
    dependsOn,
    restsOn: ['sql.grammar'],
    supports: ['BatchAnswersAsMembers', 'MergedReadsAgree'],
    failureMode: 'Merged or batched queries see one value where single ones would each have seen their own.',
    mitigation:
      'Volatile functions are listed and keep a query out of batches, and so does every function that is not known.',
    probe: { by: 'test', file: 'test/sql/facts.test.ts' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.footprint',
    kind: 'isolation',
    statement: 'A query reads and writes what its text names: no view, macro or attached database hides another table.',
    dependsOn,
    restsOn: ['sql.grammar'],
    supports: ['FootprintsCover'],
    failureMode: 'A read may be moved across a write that it should have seen.',
    mitigation: 'Declare reads and writes by hand for queries over views.',
    probe: { by: 'test', file: 'test/cli/check.test.ts' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.no-roles',
    kind: 'isolation',
    statement: 'The authority of a query (tenant, role) needs no enforcement by the database: DuckDB has no roles.',
    dependsOn,
    supports: ['AuthorityIsKept'],
    failureMode: 'The authority keeps queries apart in batches and caches, but every query sees all rows.',
    mitigation: 'Filter by the tenant in the query itself, or bind one driver (one file) a tenant.',
    probe: { by: 'none', reason: 'DuckDB has no roles that could be tried' },
    expiry: { of: '@duckdb/node-api', from: '2.0.0' },
  },
  {
    id: 'duckdb.autocommit',
    kind: 'isolation',
    statement: 'Each statement is its own transaction, and one that fails or is interrupted changed nothing.',
    dependsOn,
    supports: ['NoPartialWrites'],
    failureMode:
      'Two queries of one run may see different states when another process writes between them; on a connection of yours inside a transaction, one failed statement fails the rest, and there are no savepoints.',
    mitigation:
      'db.transaction makes several statements one; a connection handed in with a transaction begun has one consistent state; a write whose end is unknown says so (outcome: unknown) and is never sent again.',
    probe: { by: 'test', file: 'test/drivers/duckdb-life.test.ts' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.snapshots',
    kind: 'isolation',
    statement:
      'A transaction of DuckDB sees one snapshot and its own writes; two that write the same rows do not both commit, and the one that must not says so as a transaction conflict or, for a key that both added, when it commits.',
    dependsOn,
    supports: ['AllOrNothing', 'SnapshotReads'],
    failureMode:
      "Two transactions that each read what the other writes may both commit (write skew), so 'serializable' is refused. A conflict worded otherwise would not be run again. A statement that fails ends the whole transaction: there are no savepoints.",
    mitigation:
      'Tests have rows changed by another connection in the middle, and keys added by it; the commit of a transaction in which a statement failed, which DuckDB answers with success, is never sent.',
    probe: { by: 'test', file: 'test/transactions/duckdb.test.ts' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.vectors',
    kind: 'unsafe',
    statement:
      'The vectors of @duckdb/node-api hold their cells in little-endian typed arrays under the names items, dataView, validity, entryData, childData and entryVectors.',
    dependsOn,
    supports: ['AnswersHaveTheirTypes'],
    failureMode: 'Another version may keep them elsewhere; the driver then answers Unknown for every query.',
    mitigation: 'The names are checked at each use; tests compare the bulk read with getItem for every type.',
    probe: { by: 'driver' },
    expiry: { of: '@duckdb/node-api', from: '1.6.0' },
  },
  {
    id: 'duckdb.files-stay',
    kind: 'external',
    statement: 'Files that queries read (CSV, Parquet) do not change while a run uses them.',
    dependsOn,
    supports: ['MergedReadsAgree'],
    failureMode: 'Two reads of one file differ, or a read fails in the middle.',
    mitigation: 'Replace files by renaming (the files driver does), not by writing into them.',
    probe: { by: 'none', reason: 'whether somebody will write to a file cannot be seen before' },
    expiry: { after: '2027-12-31' },
  },
]
