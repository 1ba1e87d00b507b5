import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'
import type { Tried } from '../retry.ts'

/** Nothing was sent, so that even a write has surely not happened. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])
const connection: ReadonlySet<string> = new Set([
  ...neverSent,
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
])

/** Everything that a request can end with instead of an answer; what is not known keeps its original. */
export const classifyHttpError = (e: unknown, what: string, writes: boolean): Tried => {
  const code = codeOf(e) || codeOf((e as { cause?: unknown } | undefined)?.cause)
  const unknown = writes && !neverSent.has(code) ? ({ outcome: 'unknown' } as const) : {}
  if (code === 'ERR_MODULE_NOT_FOUND')
    return {
      failure: {
        tag: 'Unknown',
        cause: "the package 'undici' is not installed",
        remedy: 'npm install undici',
        original: e,
      },
      passing: false,
    }
  if (connection.has(code))
    return {
      failure: {
        tag: 'Connection',
        cause: `${what} found no connection or lost it: ${messageOf(e) || code}`,
        remedy: 'check that the service runs and can be reached from here',
        original: e,
        ...unknown,
      },
      passing: !code.includes('CERT') && !code.includes('SIGNATURE'),
    }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW')
    return {
      failure: {
        tag: 'TooLarge',
        cause: `${what} was answered with too many headers`,
        remedy: 'see the original error',
        original: e,
        ...unknown,
      },
      passing: false,
    }
  const garbled = (e instanceof Error && e.name === 'HTTPParserError') || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  return {
    failure: {
      tag: garbled ? 'Decode' : 'Unknown',
      cause: garbled
        ? `${what} was answered with something that is not HTTP: ${messageOf(e)}`
        : `${what} failed: ${messageOf(e)}`,
      remedy: garbled ? 'check the base URL, and what stands between here and the service' : 'see the original error',
      original: e,
      ...unknown,
    },
    passing: false,
  }
}

const told: Readonly<Record<number, readonly [Failure['tag'], string]>> = {
  401: ['Permission', 'check the credentials that are bound to the service'],
  403: ['Permission', 'check what the credentials are allowed to do'],
  404: ['NotFound', 'check the path; accept: [404] makes it an answer'],
  409: ['Conflict', 'run it again: somebody else changed the same thing'],
  410: ['NotFound', 'check the path; accept: [410] makes it an answer'],
  412: ['Conflict', 'run it again: somebody else changed the same thing'],
  413: ['TooLarge', 'send less'],
  429: ['Unavailable', 'ask less often, or allow more time'],
}
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])
/** The gateway gave up; the service behind it may have done what was asked. */
const gateway: ReadonlySet<number> = new Set([502, 504])

/** A status that is no answer, as a failure. */
export const classifyStatus = (
  status: number,
  what: string,
  retryAfter: string | undefined,
  writes: boolean,
  original: unknown,
): Tried => {
  const [tag, remedy] =
    told[status] ??
    (status >= 500
      ? (['Unavailable', 'try again later; the service says that it failed'] as const)
      : (['Refused', 'correct the request, or name the status in accept if it is an answer'] as const))
  const seconds = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
  return {
    failure: {
      tag,
      cause: `${what} was answered with status ${status}`,
      remedy,
      original,
      ...(writes && gateway.has(status) ? ({ outcome: 'unknown' } as const) : {}),
    },
    passing: passing.has(status),
    ...(seconds === undefined ? {} : { afterMs: seconds * 1000 }),
  }
}
