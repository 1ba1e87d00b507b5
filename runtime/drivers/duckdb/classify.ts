import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'
import { UnknownVectors } from './vector.ts'

type Rule = readonly [when: RegExp, tag: Failure['tag'], remedy: string]

/**
 * DuckDB's errors carry no code; each begins with its family. The first rule that fits decides, and what fits none is
 * Unknown with the original kept.
 */
const rules: readonly Rule[] = [
  [
    /No space left on device|File too large|[Qq]uota exceeded/,
    'Refused',
    'make room where the database or its temporary files lie: the disk is full, or a limit of file sizes is reached',
  ],
  [
    /No files found that match|No such file or directory|Cannot open file .*not exist/s,
    'NotFound',
    'check the path in the query; relative paths start at the working directory of the process',
  ],
  [
    /^Catalog Error: .*does not exist/s,
    'NotFound',
    'check the name, and that the driver is bound to the database that has it',
  ],
  [
    /^Constraint Error: Duplicate key/,
    'Conflict',
    'a row with that key exists already: update it, or insert … on conflict',
  ],
  [/^Constraint Error/, 'Constraint', 'check the values written against the constraints of the table'],
  [
    /^TransactionContext Error: (.*conflict|Failed to commit: .*constraint violation)|write-write conflict/is,
    'SerializationFailure',
    'run it again: another transaction changed the same rows or tables; inside db.transaction, declare retries',
  ],
  [
    /^Out of Memory Error/,
    'TooLarge',
    "read less (fewer columns, a filter, a limit), or raise memory_limit in the driver's config",
  ],
  [
    /Could not set lock on file|^Connection Error|^HTTP Error|database has been invalidated|Connection was never established/,
    'Connection',
    'check that the database can be reached and that no other process holds its file',
  ],
  [/Failed to bind value|Values were not provided/, 'Refused', 'give one argument for each of $1, $2 … in the query'],
  [/Cannot prepare multiple statements/, 'Refused', 'write one statement a query'],
  [/^TransactionContext Error/, 'Refused', 'end the transaction that failed (rollback) before the next query'],
  [
    /^(Conversion|Out of Range|Invalid Type|Mismatch Type|Divide by Zero) Error/,
    'Refused',
    'check the values the query converts or computes, or use try_cast',
  ],
  [
    /^(Parser|Syntax|Binder|Catalog|Invalid Input|Not implemented|Permission|Parameter Not Resolved|Parameter Not Allowed|Dependency|Settings|Missing Extension|Autoload|Expression|Optimizer|Planner|Sequence) Error/i,
    'Refused',
    'correct the query; DuckDB says where',
  ],
  [/^IO Error/, 'Connection', 'check that the file can be read and is what the query says it is'],
]

/** The engine has given the database up, and says so to whoever asks anything of it. */
export const isFatal = (e: unknown): boolean => /^FATAL Error|database has been invalidated/.test(messageOf(e))

export const missingPeer = (original: unknown): Failure => ({
  tag: 'Connection',
  cause: "the DuckDB driver needs the package '@duckdb/node-api', which is not installed",
  remedy: 'npm install @duckdb/node-api@1.5.6-r.1',
  original,
})

/** Every error of the engine as a typed failure. */
export const classifyError = (e: unknown): Failure => {
  const message = messageOf(e)
  if (/MODULE_NOT_FOUND/.test(codeOf(e)) && message.includes('@duckdb/')) return missingPeer(e)
  if (e instanceof UnknownVectors) {
    return { tag: 'Unknown', cause: message, remedy: 'install @duckdb/node-api@1.5.6-r.1', original: e }
  }
  const rule = rules.find(([when]) => when.test(message))
  return {
    tag: rule?.[1] ?? 'Unknown',
    cause: `DuckDB says: ${oneLine(message)}`,
    remedy: rule?.[2] ?? "see the original error; if it comes from Quoin's own SQL, please report it",
    original: e,
  }
}

/** The message without the picture of the query that DuckDB draws below it. */
const oneLine = (message: string): string =>
  message
    .replace(/\n+LINE \d+:.*$/s, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
    .slice(0, 500)
