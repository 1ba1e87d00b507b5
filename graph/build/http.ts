import type { HttpMany, HttpMethod } from '../effects.ts'
import { effects } from '../effects.ts'
import type { Elem } from '../elem.ts'
import { pathPattern, urlProblem } from '../http-url.ts'
import { isScalar, unit } from '../types.ts'
import { isPlain, operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec } from './codec.ts'
import { freshDims } from './dims.ts'
import type { Opt, Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { lone } from './lift.ts'
import type { Ref } from './scope.ts'
import type { Expr, Scalar } from './types.ts'

/** What may stand in a hole of a URL, in a header, or as a key: one value with a plain text form. */
export type UrlHole = Tensor<Exclude<Elem, 'bytes' | 'json' | 'unit'>, []> | string | number | bigint | boolean | Date

export interface RequestOptions {
  /** Headers by name; values are text or expressions. Credentials are bound to the service: see `as`. */
  readonly headers?: Readonly<Record<string, UrlHole>>
  /** Statuses besides 200 to 299 that are answers and not errors, such as 404. */
  readonly accept?: readonly number[]
  /** The most bytes of the body of the answer (1 MB). */
  readonly maxBytes?: number
  /** Paths that it reads, where the URL does not tell; one that ends in `*` stands for all that begin so. */
  readonly reads?: readonly string[]
}
export interface SendOptions extends RequestOptions {
  /** Bytes and text are sent as they are, everything else as JSON. */
  readonly body?: Expr | string | number | boolean | Uint8Array
  /** Paths of the service whose answers it changes; all of them if not given. */
  readonly writes?: readonly string[]
  /** Whether sending it twice is the same as once: so for PUT and DELETE, and for POST and PATCH with a key. */
  readonly idempotent?: boolean
  /** Sent as the header Idempotency-Key, by which the service knows a request that it has seen. */
  readonly idempotencyKey?: UrlHole
}
/** How one request answers many keys: where they go, and how the items of the answer are told apart. */
export interface ManyKeys {
  readonly url: string
  /** The query parameter that is repeated for each key … */
  readonly query?: string
  /** … or the field of a JSON body that lists them ('' when the body is the list). */
  readonly body?: string
  /** The field of the answer with the list of items; none when the answer is the list. */
  readonly items?: string
  /** The field of an item that tells its key. */
  readonly key: string
  /** The most keys of one request (100). */
  readonly most?: number
}
export interface LookupOptions extends RequestOptions {
  /** The URL of one key, which stands for {key}: '/customers/{key}'. */
  readonly one: string
  readonly many?: ManyKeys
  /** false keeps this lookup out of every batch. */
  readonly batch?: boolean
}
/** A type and not an interface, so that it is an expression like any other record. */
export type Response<X> = { readonly status: Scalar<'i32'>; readonly body: X }
/** A tag for URLs: holes are escaped, never spliced. */
export type Url<Y> = (text: TemplateStringsArray, ...holes: readonly UrlHole[]) => Y

/**
 * A symbolic HTTP service: its base URL and its credentials are bound when the artefact is loaded, and are no part of
 * the graph. Fields of an answer that its codec does not name are ignored.
 *
 *     const shop = http('shop')
 *     const { body } = shop.get('order', Order)`/orders/${id}?currency=${currency}`
 */
export interface Http {
  /** The same service under an authority: the name of credentials that the driver knows. */
  as(authority: Scalar<'string'> | Scalar<'i64'> | Scalar<'i32'> | string): Http
  get<X>(name: string, answer: Codec<X>, options?: RequestOptions): Url<Response<X>>
  head(name: string, options?: RequestOptions): Url<Response<Scalar<'unit'>>>
  post<X>(name: string, answer: Codec<X>, options?: SendOptions): Url<Response<X>>
  put<X>(name: string, answer: Codec<X>, options?: SendOptions): Url<Response<X>>
  patch<X>(name: string, answer: Codec<X>, options?: SendOptions): Url<Response<X>>
  delete<X>(name: string, answer: Codec<X>, options?: SendOptions): Url<Response<X>>
  /** What the service has under a key, none where it says 404; many at once where it has an endpoint for that. */
  lookup<X>(name: string, answer: Codec<X>, options: LookupOptions): (key: UrlHole) => Opt<X>
}

export const http = (service: string): Http => client(service, undefined)
const client = (service: string, authority: unknown): Http => {
  const send =
    (method: HttpMethod) =>
    <X>(name: string, answer: Codec<X>, options: SendOptions = {}): Url<Response<X>> =>
    (text, ...holes) =>
      request({ service, authority, name, method, url: [...text], holes, answer: answer.type, options })
  return {
    as: (who) => client(service, who),
    get: send('GET'),
    head: (name, options = {}) => send('HEAD')(name, { type: unit } as Codec<Scalar<'unit'>>, options),
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
    delete: send('DELETE'),
    lookup: (name, answer, { one, many, batch, ...options }) => {
      return (key) =>
        request({
          service,
          authority,
          name,
          method: 'GET',
          url: one.split('{key}'),
          holes: [key],
          answer: answer.type,
          options,
          lookup: { batch: batch ?? true, many: many === undefined ? null : manyOf(many) },
        })
    },
  }
}
const manyOf = (m: ManyKeys): HttpMany => ({
  method: m.query === undefined ? 'POST' : 'GET',
  url: m.url,
  keysIn: m.query === undefined ? 'body' : 'query',
  keys: m.query ?? m.body ?? '',
  items: m.items ?? '',
  key: m.key,
  most: m.most ?? 100,
})

interface Wanted {
  readonly service: string
  readonly authority: unknown
  readonly name: string
  readonly method: HttpMethod
  readonly url: readonly string[]
  readonly holes: readonly unknown[]
  readonly answer: Ref['type']
  readonly options: SendOptions
  readonly lookup?: { readonly batch: boolean; readonly many: HttpMany | null }
}
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const retriable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

const request = <Y>({ service, authority, name, method, url, holes, answer, options, lookup }: Wanted): Y => {
  const b = current()
  const wrong = urlProblem(url) ?? (lookup === undefined || url.length === 2 ? undefined : 'has to hold {key} once')
  if (wrong !== undefined) {
    const type = effects.httpRequest.answer({ answer, mode: lookup === undefined ? 'response' : 'lookup' })
    const remedy = 'write a path below the base of the service, such as /orders, and values as holes'
    return wrapAs<Y>(b.fail(name, `the URL of request '${name}' ${wrong}`, remedy, type))
  }
  if (lookup?.many != null && urlProblem([lookup.many.url]) !== undefined)
    b.fail(name, `the URL for many keys of '${name}' ${urlProblem([lookup.many.url])}`, "write a path: '/customers'")
  const headers = Object.entries(options.headers ?? {})
  if (options.idempotencyKey !== undefined) headers.push(['idempotency-key', options.idempotencyKey])
  for (const [h, v] of headers) header(name, h, v)
  const texts = [...holes, ...headers.map(([, v]) => v)].map((x) => lone(b, operandOf(x)))
  const who = authority === undefined ? [] : [lone(b, operandOf(authority))]
  const body = options.body === undefined ? [] : [bodyOf(options.body)]
  const touched = options.reads ?? [pathPattern(url)]
  const attrs = {
    occurrence: b.occurrence(name),
    service,
    name,
    method,
    url,
    headers: headers.map(([h]) => h.toLowerCase()),
    body: body.length > 0,
    answer: freshDims(answer, name),
    mode: lookup === undefined ? ('response' as const) : ('lookup' as const),
    statuses: options.accept ?? [],
    maxBytes: Math.max(1, Math.ceil(options.maxBytes ?? 1_000_000)),
    authority: who.length > 0,
    idempotent: options.idempotent ?? (retriable.has(method) || options.idempotencyKey !== undefined),
    batch: lookup?.batch ?? false,
    many: lookup?.many ?? null,
    reads: reading.has(method) ? touched : (options.reads ?? []),
    writes: options.writes ?? (reading.has(method) ? [] : ['*']),
  }
  return wrapAs<Y>(b.node('httpRequest', attrs, [...who, ...texts, ...body], 'fill holes with single values'))
}

/** Headers that the connection or the driver decides about, and those that carry secrets. */
const framing: ReadonlySet<string> = new Set(
  'host connection content-length transfer-encoding upgrade te trailer keep-alive accept-encoding expect'.split(' '),
)
const secret: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])
export const headerProblem = (name: string): string | undefined => {
  const lower = name.toLowerCase()
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower)) return 'is no name of a header'
  return framing.has(lower) ? 'is set by the driver' : secret.has(lower) ? 'carries a secret' : undefined
}
const header = (request: string, name: string, value: unknown): void => {
  const problem = headerProblem(name)
  const remedy = secret.has(name.toLowerCase())
    ? "name the credentials with .as('…') and give them to the driver: a graph is text that is shared"
    : 'leave it out'
  if (problem !== undefined) current().fail(request, `header '${name}' of '${request}' ${problem}`, remedy)
  else if (typeof value === 'string' && !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    current().fail(
      request,
      `header '${name}' of '${request}' has a line break or another character that headers cannot hold`,
      'give printable text',
    )
}

/** What is sent: bytes and text as they are, the rest as JSON. */
const bodyOf = (x: unknown): Ref => {
  const b = current()
  const r = isPlain(x) && typeof x !== 'number' ? lone(b, operandOf(x)) : unwrap(x)
  const { type } = r
  const asIs = isScalar(type) && ['bytes', 'string', 'json'].includes(type.elem)
  return asIs ? r : b.node('toJson', {}, [r])
}
