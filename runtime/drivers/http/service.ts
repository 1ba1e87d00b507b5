import { effects } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Context } from '../../driver.ts'
import type { HttpCall, Outgoing } from '../../request.ts'
import type { Failure } from '../failure.ts'
import { messageOf } from '../failure.ts'
import type { Tried } from '../retry.ts'
import { breaker, retrying } from '../retry.ts'
import { within } from '../within.ts'
import { classifyHttpError } from './classify.ts'
import type { HttpClient, OwnClient } from './client.ts'
import { openClient } from './client.ts'
import type { Received } from './exchange.ts'
import { exchange } from './exchange.ts'
import type { Credentials, HttpOptions } from './options.ts'

/** A service that requests can be sent to, each under its limits. */
export interface Service {
  readonly send: (
    call: HttpCall,
    request: Outgoing,
    maxBytes: number,
    accepts: (status: number) => boolean,
    context: Context,
  ) => Promise<Either<Failure, Received>>
  /** The status with which the base itself is answered; for probes. */
  readonly head: (headers: Credentials, signal: AbortSignal) => Promise<number>
  readonly close: () => Promise<void>
}

const baseOf = (text: string): URL | string => {
  if (!URL.canParse(text)) return 'is no URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is neither http nor https'
  if (url.username !== '' || url.password !== '') return 'holds credentials'
  return url.search === '' && url.hash === '' ? url : 'has a query or a fragment'
}

export const service = (options: HttpOptions): Service => {
  const base = baseOf(options.base)
  const { timeoutMs = 60_000, maxBytes: most = 8 * 2 ** 20, connections = 64 } = options
  const gate = options.breaker === false ? undefined : breaker(options.breaker)
  const closing = new AbortController()
  let opened: Promise<OwnClient> | undefined
  const client = (): Promise<HttpClient> | HttpClient => {
    if (options.client !== undefined) return options.client
    opened ??= openClient(connections)
    return opened
  }

  return {
    send: (call, request, maxBytes, accepts, context) => {
      const { method, url } = request
      // Values of a query may be secrets; messages tell the path alone.
      const what = `${method} ${url.split('?')[0]} of '${call.attrs.service}'`
      const { retriable, droppable } = effects.httpRequest.traits(call.attrs)
      const writes = !droppable
      const limits = { timeoutMs, closing: closing.signal, what, writes }
      return within<Received>(context, limits, async (signal, progress, stopped) => {
        if (typeof base === 'string')
          return left({
            tag: 'Refused',
            cause: `the base '${options.base}' ${base}`,
            remedy: "give one such as 'https://api.example.com/v1'",
          })
        const secrets = await credentialsOf(options, request.authority)
        if (isLeft(secrets)) return secrets
        if (retriable && gate?.admits() === false)
          return left({
            tag: 'Unavailable',
            cause: `${what} was not sent: the service has failed too often just now`,
            remedy: 'wait; one request tries again after a while',
          })
        const once = async (): Promise<Either<Tried, Received>> => {
          try {
            const to = await client()
            const headers = { ...options.headers, ...request.headers, ...secrets.right }
            const x = {
              base,
              url,
              method,
              headers,
              body: request.body,
              accepts,
              maxBytes: Math.min(maxBytes, most),
              writes,
              what,
              heard: (status: number) => context.status?.(status),
            }
            return await exchange(to, x, signal, () => {
              progress.sent = true
            })
          } catch (e) {
            return left(classifyHttpError(e, what, writes))
          }
        }
        if (!retriable) {
          const end = await once()
          return isLeft(end) ? left(end.left.failure) : end
        }
        const end = await retrying(options.retry === false ? { attempts: 1 } : (options.retry ?? {}), signal, once)
        // A request that the caller gave up says nothing about the service; one that took too long does.
        if (stopped() === undefined || stopped() === 'Timeout')
          gate?.tell(stopped() === undefined && !(isLeft(end) && troubles.has(end.left.tag)))
        return end
      })
    },
    head: async (headers, signal) => {
      if (typeof base === 'string') throw new Error(`the base '${options.base}' ${base}`)
      const { statusCode, body } = await (await client()).request({
        origin: base.origin,
        path: base.pathname,
        method: 'HEAD',
        headers: { ...options.headers, ...headers },
        signal: AbortSignal.any([signal, closing.signal, AbortSignal.timeout(timeoutMs)]),
      })
      body.on('error', () => {})
      body.destroy()
      return statusCode
    },
    close: async () => {
      closing.abort()
      const own = await opened?.catch(() => undefined)
      await own?.destroy()
    },
  }
}
/** What speaks of the service and not of the request. */
const troubles: ReadonlySet<string> = new Set(['Connection', 'Unavailable'])

const credentialsOf = async (
  { credentials }: HttpOptions,
  authority: string | undefined,
): Promise<Either<Failure, Readonly<Record<string, string>>>> => {
  if (authority === undefined) return right({})
  const unknown = (why: string, original?: unknown): Either<Failure, never> =>
    left({
      tag: 'Permission',
      cause: `there are no credentials for the authority '${authority.slice(0, 100)}'${why}`,
      remedy: "give them to the driver: http({ base, credentials: { name: { authorization: '…' } } })",
      ...(original === undefined ? {} : { original }),
    })
  try {
    const found =
      typeof credentials === 'function'
        ? await credentials(authority)
        : credentials !== undefined && Object.hasOwn(credentials, authority)
          ? credentials[authority]
          : undefined
    return found === undefined ? unknown('') : right(found)
  } catch (e) {
    return unknown(`: ${messageOf(e)}`, e)
  }
}
