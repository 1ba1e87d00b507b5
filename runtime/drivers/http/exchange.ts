import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { decodeText } from '../../payload.ts'
import type { Failure } from '../failure.ts'
import type { Tried } from '../retry.ts'
import { classifyHttpError, classifyStatus } from './classify.ts'
import type { HttpAnswer, HttpBody, HttpClient } from './client.ts'

/** One request to be sent: everything that is put on the wire. */
export interface Exchange {
  readonly base: URL
  /** Path and query below the base. */
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly accepts: (status: number) => boolean
  readonly maxBytes: number
  readonly writes: boolean
  /** How messages speak of it. */
  readonly what: string
  /** Hears the status of each answer. */
  readonly heard: (status: number) => void
}
export interface Received {
  readonly status: number
  readonly body: Uint8Array
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

/** Sends, follows redirects of reads that stay below the base, and reads the body up to its limit. */
export const exchange = async (
  client: HttpClient,
  x: Exchange,
  signal: AbortSignal,
  sent: () => void,
): Promise<Either<Tried, Received>> => {
  let path = below(x.base, x.url)
  for (let hop = 0; ; hop++) {
    let answer: HttpAnswer
    try {
      sent()
      answer = await client.request({
        origin: x.base.origin,
        path,
        method: x.method,
        headers: { 'accept-encoding': 'identity', ...x.headers },
        ...(x.body === undefined ? {} : { body: x.body }),
        signal,
      })
    } catch (e) {
      return left(classifyHttpError(e, x.what, x.writes))
    }
    const { statusCode: status, body } = answer
    x.heard(status)
    // Destroying a body makes it tell an error that nobody waits for.
    body.on('error', () => {})
    if (x.accepts(status)) return received(x, answer)
    if (!redirects.has(status)) return refused(x, answer)
    body.destroy()
    const next = followed(x, answer, path, hop)
    if (isLeft(next)) return left({ failure: next.left, passing: false })
    path = next.right
  }
}

const below = (base: URL, url: string): string => `${base.pathname.replace(/\/$/, '')}${url}`
const header = (a: HttpAnswer, name: string): string | undefined => {
  const v = a.headers[name]
  return Array.isArray(v) ? v[0] : v
}

const followed = (x: Exchange, a: HttpAnswer, path: string, hop: number): Either<Failure, string> => {
  const stop = (why: string, remedy: string): Either<Failure, never> =>
    left({ tag: 'Refused', cause: `${x.what} was redirected (status ${a.statusCode}) ${why}`, remedy })
  if (x.writes || (x.method !== 'GET' && x.method !== 'HEAD'))
    return stop('and is not sent again elsewhere', 'use the URL that it is redirected to')
  if (hop >= mostRedirects)
    return stop(`more than ${mostRedirects} times`, 'check the service: it may redirect in a circle')
  const location = header(a, 'location')
  if (location === undefined || !URL.canParse(location, x.base.origin + path))
    return stop('to nowhere', 'check the service: its Location is no URL')
  const to = new URL(location, x.base.origin + path)
  const root = x.base.pathname.replace(/\/$/, '')
  if (to.origin !== x.base.origin || !(to.pathname === root || to.pathname.startsWith(`${root}/`)))
    return stop('to a place that is not below its base', 'bind the service to the base that it redirects to')
  return right(to.pathname + to.search)
}

const refused = async (x: Exchange, a: HttpAnswer): Promise<Either<Tried, never>> => {
  const said = await read(a.body, 2048).catch(() => undefined)
  const original = { status: a.statusCode, body: said === undefined ? '' : (decodeText(said) ?? '') }
  return left(classifyStatus(a.statusCode, x.what, header(a, 'retry-after'), x.writes, original))
}

const received = async (x: Exchange, a: HttpAnswer): Promise<Either<Tried, Received>> => {
  const unknown = x.writes ? ({ outcome: 'unknown' } as const) : {}
  const encoding = header(a, 'content-encoding') ?? 'identity'
  if (encoding !== 'identity') {
    a.body.destroy()
    const cause = `${x.what} was answered in the encoding '${encoding.slice(0, 40)}', which was not asked for`
    return left({
      failure: { tag: 'Decode', cause, remedy: 'let the service answer without encoding' },
      passing: false,
    })
  }
  try {
    const stated = Number(header(a, 'content-length') ?? 0)
    const body = x.method !== 'HEAD' && stated > x.maxBytes ? undefined : await read(a.body, x.maxBytes)
    if (body !== undefined) return right({ status: a.statusCode, body })
    a.body.destroy()
    const cause = `${x.what} was answered with more than ${x.maxBytes.toLocaleString('en-US')} bytes`
    const remedy = 'raise maxBytes of the request and of the driver, or ask for less'
    return left({ failure: { tag: 'TooLarge', cause, remedy }, passing: false })
  } catch (e) {
    const { failure, passing } = classifyHttpError(e, x.what, x.writes)
    return left({ failure: { ...failure, ...unknown }, passing })
  }
}

/** The bytes of a body; nothing when there are more than allowed. */
const read = async (body: HttpBody, most: number): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.byteLength
    if (size > most) return undefined
    parts.push(part)
  }
  const out = new Uint8Array(size)
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.byteLength
  }
  return out
}
