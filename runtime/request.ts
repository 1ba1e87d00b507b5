import type { Call } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import { renderUrl } from '../graph/http-url.ts'
import { encodeValue } from '../graph/json-value.ts'
import type { Type } from '../graph/types.ts'
import type { Value } from '../graph/values.ts'
import { encodePayload } from './payload.ts'

export type HttpCall = Call & { readonly effect: 'httpRequest' }

/** A request as it goes out, below the base of its service. */
export interface Outgoing {
  readonly method: HttpCall['attrs']['method']
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** The name of the credentials, where the call has an authority. */
  readonly authority: string | undefined
}

/** A scalar as text, as it stands in URLs, headers and keys. */
export const plainText = (type: Type, v: Value): string => String(encodeValue(type, v))

/** The authority a call acts under. */
export const authorityOf = (call: Call): string | undefined =>
  'authority' in call.attrs && call.attrs.authority ? plainText(call.argTypes[0]!, call.args[0]!) : undefined

const visible = /^[\t\x20-\x7e\x80-\xff]*$/

/** Puts a request together from a call; what would say something else than its graph does is refused. */
export const outgoing = (call: HttpCall): Either<string, Outgoing> => {
  const { attrs } = call
  const skip = attrs.authority ? 1 : 0
  const text = (i: number): string => plainText(call.argTypes[skip + i]!, call.args[skip + i]!)
  const holes = attrs.url.length - 1
  const url = renderUrl(
    attrs.url,
    Array.from({ length: holes }, (_, i) => text(i)),
  )
  if (isLeft(url)) return left(`its URL ${url.left}`)
  const headers: Record<string, string> = {}
  for (const [i, name] of attrs.headers.entries()) {
    const value = text(holes + i)
    if (!visible.test(value))
      return left(`its header '${name}' has a line break or another character that headers cannot hold`)
    headers[name] = value
  }
  const authority = authorityOf(call)
  if (!attrs.body) return right({ method: attrs.method, url: url.right, headers, body: undefined, authority })
  const type = call.argTypes.at(-1)!
  const body = encodePayload(type, call.args.at(-1)!)
  if (isLeft(body)) return left(`its body cannot be sent: ${body.left}`)
  headers['content-type'] ??= contentTypes[(type as { elem: string }).elem] ?? 'application/json'
  return right({ method: attrs.method, url: url.right, headers, body: body.right, authority })
}
const contentTypes: Readonly<Record<string, string>> = {
  bytes: 'application/octet-stream',
  string: 'text/plain; charset=utf-8',
}
