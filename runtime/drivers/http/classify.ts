import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'
import { networkCode } from '../network.ts'
import type { Tried } from '../retry.ts'

/** What undici says of its own: what it means, and whether something may have been sent. */
const told: Readonly<Record<string, readonly [tag: Failure['tag'], sent: boolean, passing: boolean]>> = {
  UND_ERR_CONNECT_TIMEOUT: ['Connection', false, true],
  UND_ERR_PRX_CONN: ['Connection', false, true],
  UND_ERR_PRX_TLS: ['Connection', false, false],
  UND_ERR_SOCKET: ['Connection', true, true],
  UND_ERR_CLOSED: ['Connection', true, true],
  UND_ERR_DESTROYED: ['Connection', true, true],
  UND_ERR_REQ_RETRY: ['Connection', true, false],
  UND_ERR_BPL_MISSING_UPSTREAM: ['Connection', false, false],
  UND_ERR_MAX_ORIGINS_REACHED: ['Connection', false, false],
  UND_ERR_HEADERS_TIMEOUT: ['Timeout', true, false],
  UND_ERR_BODY_TIMEOUT: ['Timeout', true, false],
  UND_ERR_HEADERS_OVERFLOW: ['TooLarge', true, false],
  HPE_HEADER_OVERFLOW: ['TooLarge', true, false],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['TooLarge', true, false],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['Decode', true, false],
  UND_ERR_INVALID_ARG: ['Refused', false, false],
  UND_ERR_INVALID_RETURN_VALUE: ['Refused', true, false],
  UND_ERR_NOT_SUPPORTED: ['Refused', false, false],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: ['Refused', true, false],
  UND_ERR_RESPONSE: ['Refused', true, false],
  UND_ERR_REDIRECT_MAX: ['Refused', true, false],
}
const words: Readonly<Partial<Record<Failure['tag'], readonly [how: string, remedy: string]>>> = {
  Connection: ['found no connection or lost it', 'check that the service runs and can be reached from here'],
  Timeout: ['took longer than the client that was handed in allows', 'give the client longer limits, or none'],
  TooLarge: ['was answered with too many headers or bytes', 'see the original error'],
  Decode: [
    'was answered with something that is not HTTP',
    'check the base URL, and what stands between here and the service',
  ],
  Refused: ['was refused by the client', 'see the original error'],
}

/** Everything that a request can end with instead of an answer; what is not known keeps its original. */
export const classifyHttpError = (e: unknown, what: string, writes: boolean): Tried => {
  const code = codeOf(e) || codeOf((e as { cause?: unknown } | undefined)?.cause)
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
  const [tag, sent, passing] = meaning(e, code)
  const [how, remedy] = words[tag] ?? ['failed', 'see the original error']
  return {
    failure: {
      tag,
      cause: `${what} ${how}: ${messageOf(e) || code}`,
      remedy,
      original: e,
      ...(writes && sent ? ({ outcome: 'unknown' } as const) : {}),
    },
    passing,
  }
}
const meaning = (e: unknown, code: string): readonly [tag: Failure['tag'], sent: boolean, passing: boolean] => {
  const network = networkCode(code)
  if (network !== undefined) return ['Connection', network.sent, !network.lasting]
  if (Object.hasOwn(told, code)) return told[code]!
  if (code.startsWith('HPE_') || (e instanceof Error && e.name === 'HTTPParserError')) return ['Decode', true, false]
  return ['Unknown', true, false]
}

const statuses: Readonly<Record<number, readonly [Failure['tag'], string]>> = {
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
    statuses[status] ??
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
