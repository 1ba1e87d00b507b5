// Requirements: E7

import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import * as redisPackage from 'redis'
import { errors as undici } from 'undici'
import { describe, expect, test } from 'vitest'
import { effectErrors } from '../../graph/errors.ts'
import { classifyError as classifyDuckdb } from '../../runtime/drivers/duckdb/index.ts'
import type { Failure } from '../../runtime/drivers/failure.ts'
import { classifyFileError } from '../../runtime/drivers/files/index.ts'
import { classifyHttpError, classifyStatus } from '../../runtime/drivers/http/index.ts'
import { classifyError as classifyPostgres } from '../../runtime/drivers/postgres/index.ts'
import { classifyRedisError } from '../../runtime/drivers/redis/index.ts'

/** Every code that a system, client or server is known to say, through the classifier of every driver that may hear it. */
const error = (code: string): Error => Object.assign(new Error(`${code}: said`), { code, errno: -1 })
const codes = [
  ...new Set([...Object.keys(constants.errno), ...[...getSystemErrorMap().values()].map(([name]) => name)]),
]

const typed = (f: Failure, original: unknown, tags: readonly string[]): void => {
  expect(tags).toContain(f.tag)
  expect(f.original).toBe(original)
  expect([f.cause.length > 5, f.remedy.length > 5]).toEqual([true, true])
}
const kv = [...new Set([...effectErrors.kvGet, ...effectErrors.kvSet]), 'Cancelled']

test('there are codes', () => expect(codes.length).toBeGreaterThan(70))
test.each(codes)('%s of the system', (code) => {
  const e = error(code)
  typed(classifyFileError(e, 'a', 'read'), e, effectErrors.fileRead.concat(['NoSpace'] as never))
  typed(classifyFileError(e, 'a'), e, effectErrors.fileWrite)
  typed(classifyHttpError(e, 'GET /', false).failure, e, effectErrors.httpRequest)
  typed(classifyPostgres(e), e, effectErrors.dbQuery)
  typed(classifyRedisError(e, 'reading'), e, kv)
  typed(classifyDuckdb(e), e, effectErrors.dbQuery)
})

const network = `ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN
  EADDRNOTAVAIL EAI_AGAIN ENOTFOUND ERR_TLS_CERT_ALTNAME_INVALID CERT_HAS_EXPIRED DEPTH_ZERO_SELF_SIGNED_CERT
  SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE ERR_SSL_WRONG_VERSION_NUMBER`.split(/\s+/)
test.each(network)('%s is a connection, for each driver that has one', (code) => {
  const e = error(code)
  expect(classifyHttpError(e, 'GET /', true).failure.tag).toBe('Connection')
  expect(classifyPostgres(e).tag).toBe('Connection')
  expect(classifyRedisError(e, 'reading').tag).toBe('Connection')
})
test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT'])(
  'after %s nobody knows what became of a write',
  (code) => expect(classifyHttpError(error(code), 'POST /', true).failure.outcome).toBe('unknown'),
)
test.each(['ECONNREFUSED', 'ENOTFOUND', 'EMFILE', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED'])(
  'after %s a write has surely not happened',
  (code) => expect(classifyHttpError(error(code), 'POST /', true).failure.outcome).toBeUndefined(),
)

describe('errors of undici', () => {
  /** What only other uses of undici meet, or what says nothing by itself. */
  const open = new Set(['AbortError', 'RequestAbortedError', 'UndiciError', 'InformationalError', 'Socks5ProxyError'])
  const others = new Set(['WebAssemblyNotSupportedError', 'MessageSizeExceededError'])
  test.each(Object.entries(undici))('%s', (name, make) => {
    const e = new (make as unknown as new (...args: unknown[]) => Error)('said', 1, {})
    const { failure } = classifyHttpError(e, 'GET /', false)
    typed(failure, e, effectErrors.httpRequest)
    expect(failure.tag === 'Unknown').toBe(open.has(name) || others.has(name))
  })
  test.each(Array.from({ length: 500 }, (_, i) => i + 100))('status %d', (status) => {
    const original = { status }
    typed(classifyStatus(status, 'GET /', undefined, false, original).failure, original, effectErrors.httpRequest)
  })
})

describe('errors of redis', () => {
  const replies = `ERR NOAUTH WRONGPASS NOPERM OOM LOADING BUSY TRYAGAIN CLUSTERDOWN MASTERDOWN MOVED ASK READONLY
    WRONGTYPE CROSSSLOT NOSCRIPT NOREPLICAS MISCONF EXECABORT NOPROTO DENIED IOERR UNKILLABLE NOTBUSY BUSYGROUP NOGROUP
    UNBLOCKED INPROG NOGOODSLAVE NOMASTERLINK`.split(/\s+/)
  test.each(replies)('-%s is an answer: what it refused did not happen', (word) => {
    const e = new redisPackage.ErrorReply(`${word} said`)
    const f = classifyRedisError(e, 'storing')
    typed(f, e, kv)
    expect([f.tag === 'Unknown', f.outcome]).toEqual([false, undefined])
  })
  const classes = Object.entries(redisPackage).filter(
    ([, v]) => typeof v === 'function' && v.prototype instanceof Error,
  ) as unknown as readonly (readonly [string, new (...args: unknown[]) => Error])[]
  /** What only commands meet that stores do not send. */
  const others = new Set(['WatchError', 'ScanIteratorInterruptedError', 'OpenTelemetryError'])
  test('there are classes', () => expect(classes.length).toBeGreaterThan(10))
  test.each(classes)('%s', (name, make) => {
    let e: Error
    try {
      e = new make('said')
    } catch {
      e = Object.create(make.prototype, { message: { value: 'said' } })
    }
    const f = classifyRedisError(e, 'storing')
    typed(f, e, kv)
    expect(f.tag === 'Unknown').toBe(others.has(name))
  })
})

/** The families of DuckDB's exceptions, as they begin its messages. */
const families =
  `Invalid|Out of Range|Conversion|Unknown Type|Decimal|Mismatch Type|Divide by Zero|Object Size|Invalid type|
  Serialization|TransactionContext|Not implemented|Expression|Catalog|Parser|Planner|Scheduler|Executor|Constraint|Index|Stat|
  Connection|Syntax|Settings|Binder|Network|Optimizer|NullPointer|IO|INTERRUPT|FATAL|INTERNAL|Invalid Input|Out of Memory|
  Permission|Parameter Not Resolved|Parameter Not Allowed|Dependency|HTTP|Missing Extension|Extension Autoloading|Sequence|
  Invalid Configuration`
    .split('|')
    .map((s) => s.trim())
test.each(families)('%s Error of DuckDB', (family) => {
  const e = new Error(`${family} Error: said`)
  typed(classifyDuckdb(e), e, effectErrors.dbQuery)
})
test.each([undefined, null, 'text', 7, {}, Object.create(null)])('anything thrown: %s', (e) => {
  for (const f of [
    classifyFileError(e, 'a'),
    classifyHttpError(e, 'GET /', true).failure,
    classifyPostgres(e),
    classifyRedisError(e, 'reading'),
    classifyDuckdb(e),
  ])
    expect(f.tag).toBe('Unknown')
})
