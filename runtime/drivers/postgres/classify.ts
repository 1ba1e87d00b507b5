import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'
import { UnknownClient } from './engine.ts'

type Rule = readonly [tag: Failure['tag'], remedy: string]

const again = 'run it again: another transaction was in the way'
const reach = 'check that the server runs and can be reached, and the URL or settings of the driver'
const login = 'check user, password and database in the URL or settings, and pg_hba.conf of the server'
const resources = 'the server has not enough of it: ask for less at once, or raise its settings'
const text = 'correct the query; PostgreSQL says where'
const values = 'check the values that the query is given or computes'

/** What each SQLSTATE means here; classes of two characters stand for all of theirs that have no line of their own. */
const rules: Readonly<Record<string, Rule>> = {
  '00': ['Unknown', 'the server reports success as an error; see the original'],
  '01': ['Unknown', 'the server reports a warning as an error; see the original'],
  '02': ['NotFound', values],
  '03': ['Refused', 'an SQL statement has not ended yet; run one at a time on your client'],
  '08': ['Connection', reach],
  '08P01': ['Connection', 'server and driver disagree about the protocol; what stands between them may be at fault'],
  '09': ['Refused', 'a trigger refused it; see its message'],
  '0A': ['Refused', 'the server cannot do that; write the query in another way'],
  '0B': ['Refused', 'a transaction cannot begin there'],
  '0F': ['Refused', values],
  '0L': ['Refused', 'the role may not grant that'],
  '0P': ['Refused', 'check the role that is named'],
  '0Z': ['Refused', 'an error handler of a function is at fault'],
  '10': ['Refused', 'check the query given to an XML function'],
  '20': ['Refused', 'a CASE statement of a function has no branch for the value'],
  '21': ['Refused', 'a subquery answers several rows where one may stand: add a condition or limit 1'],
  '22': ['Refused', values],
  '22021': [
    'Decode',
    'the database holds text of no known encoding (SQL_ASCII): select its bytes with convert_to(…), or correct it there',
  ],
  '23': ['Constraint', 'check the values written against the constraints of the table'],
  '23505': ['Conflict', 'a row with that key exists already: update it, or insert … on conflict'],
  '23P01': ['Conflict', 'a row that excludes this one exists already'],
  '24': ['Refused', 'a cursor is not in the right state'],
  '25': ['Refused', 'the transaction does not allow it'],
  '25001': ['Refused', 'that cannot run inside a transaction'],
  '25006': ['Refused', 'the transaction or the server is read-only: use .exec on a primary'],
  '25P02': ['Refused', 'end the transaction that failed (rollback) before the next query'],
  '25P03': ['Connection', 'the server ended a transaction that was idle too long: end transactions sooner'],
  '26': ['Refused', 'a prepared statement is gone; behind a pooler, set maxPrepared: 0'],
  '27': ['Conflict', 'a trigger changed the same rows'],
  '28': ['Connection', login],
  '2B': ['Constraint', 'other objects depend on what is dropped'],
  '2D': ['Refused', 'a procedure cannot end the transaction there'],
  '2F': ['Refused', 'a function failed; see its message'],
  '34': ['Refused', 'check the name of the cursor'],
  '38': ['Refused', 'a function failed; see its message'],
  '39': ['Refused', 'a function failed; see its message'],
  '3B': ['Refused', 'check the savepoint'],
  '3D': ['NotFound', 'check the name of the database'],
  '3F': ['NotFound', 'check the name of the schema'],
  '40': ['SerializationFailure', again],
  '40003': ['Unknown', 'the server does not know whether the statement completed: look before you repeat it'],
  '42': ['Refused', text],
  '42501': ['Refused', 'the role of the connection may not do that: grant it, or connect as another'],
  '42P01': ['NotFound', 'check the name of the table, its schema and the search_path'],
  '42703': ['Refused', 'check the name of the column'],
  '42883': ['Refused', 'check the name of the function, and cast its arguments ($1::int4) to the types that it takes'],
  '42P18': ['Refused', 'say the type of the parameter: $1::int8, $1::text'],
  '44': ['Constraint', 'the row does not meet the check option of the view'],
  '53': ['Connection', resources],
  '53100': ['Refused', 'the disk of the server is full'],
  '53200': ['TooLarge', 'read less (fewer columns, a filter, a limit), or give the server more memory'],
  '53300': ['Connection', 'the server takes no more connections: lower max in the driver, or raise max_connections'],
  '53400': ['TooLarge', 'ask for less at once, or raise the limit that the server names'],
  '54': ['TooLarge', 'the statement is beyond a limit of the server: make it smaller'],
  '55': ['Refused', 'what it needs is not in the right state'],
  '55006': ['Conflict', again],
  '55P03': ['Conflict', 'a row is locked and the query does not wait: run it again'],
  '57': ['Refused', 'somebody stopped it; see the message'],
  '57014': ['Timeout', 'the server stopped it (statement_timeout, or somebody): make it cheaper, or allow it longer'],
  '57P01': ['Connection', 'the server is being shut down or the connection was ended by an administrator: try again'],
  '57P02': ['Connection', 'the server crashed: try again when it is up'],
  '57P03': ['Connection', 'the server is starting or stopping: try again'],
  '57P04': ['NotFound', 'the database was dropped'],
  '57P05': ['Connection', 'the server ends connections that are idle: try again'],
  '58': ['Unknown', 'the server met an error of its system (disk, file); see its log'],
  '58P01': ['NotFound', 'the server misses a file; see its message'],
  '72': ['Refused', 'the snapshot is too old: run it again'],
  F0: ['Unknown', 'the configuration of the server is damaged; see its log'],
  HV: ['Refused', 'the foreign server or its table is at fault; see the message'],
  P0: ['Refused', 'a function of the database refused it; see its message'],
  P0002: ['NotFound', 'a function of the database found no row'],
  P0003: ['TooManyRows', 'a function of the database found more than one row'],
  XX: ['Unknown', 'the server made a mistake or its data is damaged; see its log'],
}

/** How a SQLSTATE is classified; nothing for one of no class that PostgreSQL has. */
export const ruleOf = (code: string): Rule | undefined =>
  Object.hasOwn(rules, code)
    ? rules[code]
    : Object.hasOwn(rules, code.slice(0, 2))
      ? rules[code.slice(0, 2)]
      : undefined

const network =
  /^(ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES|EADDR|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/
const brokenOff =
  /Connection terminated|connection error and is not queryable|Client was closed|end on the pool|trying to connect|connection timeout|connecting|SSL connection|timeout expired|server aborted|socket hang up/i

export const missingPeer = (original: unknown): Failure => ({
  tag: 'Connection',
  cause: "the PostgreSQL driver needs the package 'pg', which is not installed",
  remedy: 'npm install pg@8',
  original,
})

/** Every error of server, client and network as a typed failure. */
export const classifyError = (e: unknown): Failure => {
  const [message, code] = [messageOf(e), codeOf(e)]
  if (/MODULE_NOT_FOUND/.test(code) && message.includes("'pg'")) return missingPeer(e)
  if (e instanceof UnknownClient)
    return {
      tag: 'Refused',
      cause: message,
      remedy: 'hand in a Pool, or a Client of pg 8 without pipeline',
      original: e,
    }
  if (e instanceof AggregateError && e.errors.length > 0) {
    const first = classifyError(e.errors[0])
    return { ...first, original: e }
  }
  if (code === '57014' && message.startsWith('COPY from stdin'))
    return { tag: 'Refused', cause: 'the driver has no data to COPY from', remedy: 'use insert', original: e }
  const rule = /^[0-9A-Z]{5}$/.test(code) ? ruleOf(code) : undefined
  if (rule !== undefined)
    return {
      tag: rule[0],
      cause: `PostgreSQL says: ${oneLine(said(e, message))} (${code})`,
      remedy: rule[1],
      original: e,
    }
  if (network.test(code) || brokenOff.test(message) || /SASL|password/i.test(message)) {
    const remedy = /SASL|password/i.test(message) ? login : reach
    return { tag: 'Connection', cause: `the connection to PostgreSQL failed: ${oneLine(message)}`, remedy, original: e }
  }
  return {
    tag: 'Unknown',
    cause: `PostgreSQL says: ${oneLine(message)}`,
    remedy: "see the original error; if it comes from Quoin's own SQL, please report it",
    original: e,
  }
}

const said = (e: unknown, message: string): string => {
  const { detail, hint } = e as { readonly detail?: unknown; readonly hint?: unknown }
  return [message, detail, hint].filter((s) => typeof s === 'string' && s !== '').join('. ')
}
const oneLine = (message: string): string =>
  message
    .replace(/\s*\n\s*/g, ' ')
    .trim()
    .slice(0, 500)
