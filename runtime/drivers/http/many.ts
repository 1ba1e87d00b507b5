import type { HttpMany } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Type } from '../../../graph/types.ts'
import { isScalar } from '../../../graph/types.ts'
import type { Json, Value } from '../../../graph/values.ts'
import { decodeJson, decodeText } from '../../payload.ts'
import type { HttpCall, Outgoing } from '../../request.ts'
import { plainText } from '../../request.ts'

/** What the bulk endpoint says about a key; `alone`: ask for it by itself, so that it gets the very answer of one. */
export type KeyAnswer = Value | 'alone'

/** The key of a lookup as text: what its URL would hold. It stands after the authority and before the headers. */
export const keyText = (call: HttpCall): string => plainText(keyType(call), call.args[keyAt(call)]!)
export const keyAt = (call: HttpCall): number => (call.attrs.authority ? 1 : 0)
const keyType = (call: HttpCall): Type => call.argTypes[keyAt(call)]!

/** One request for many keys. */
export const manyOutgoing = (
  many: HttpMany,
  calls: readonly HttpCall[],
  headers: Outgoing['headers'],
  authority: string | undefined,
): Outgoing => {
  const keys = calls.map(keyText)
  if (many.keysIn === 'query') {
    const query = keys.map((k) => `${encodeURIComponent(many.keys)}=${encodeURIComponent(k)}`).join('&')
    const url = `${many.url}${many.url.includes('?') ? '&' : '?'}${query}`
    return { method: many.method, url, headers, body: undefined, authority }
  }
  const plain = isInteger(keyType(calls[0]!))
  const list = `[${keys.map((k) => (plain ? k : JSON.stringify(k))).join(',')}]`
  const text = many.keys === '' ? list : `{${JSON.stringify(many.keys)}:${list}}`
  const body = new TextEncoder().encode(text)
  return {
    method: many.method,
    url: many.url,
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    authority,
  }
}

/** The answer of the bulk endpoint, key by key; a key that no item carries is not there. */
export const answersOf = (
  many: HttpMany,
  calls: readonly HttpCall[],
  body: Uint8Array,
): Either<string, readonly KeyAnswer[]> => {
  const text = decodeText(body)
  if (text === undefined) return left('it is not UTF-8 text')
  let document: Json
  try {
    document = JSON.parse(text) as Json
  } catch {
    return left('it is not JSON')
  }
  const items = many.items === '' ? document : (document as Readonly<Record<string, Json>> | null)?.[many.items]
  if (!Array.isArray(items)) return left('it holds no list of items')
  const byKey = new Map<string, Json[]>()
  for (const item of items as readonly Json[]) {
    const key = (item as Readonly<Record<string, Json>> | null)?.[many.key]
    if (typeof key !== 'string' && typeof key !== 'number') return left(`an item has no key in '${many.key}'`)
    const known = byKey.get(String(key))
    if (known === undefined) byKey.set(String(key), [item])
    else known.push(item)
  }
  return right(
    calls.map((call): KeyAnswer => {
      const found = byKey.get(keyText(call)) ?? []
      if (found.length === 0) return { _tag: 'None' }
      if (found.length > 1 || size(found[0]!) > call.attrs.maxBytes) return 'alone'
      const value = decodeJson(call.attrs.answer, found[0]!, { tolerant: true })
      return isLeft(value) ? 'alone' : { _tag: 'Some', value: value.right }
    }),
  )
}
const size = (json: Json): number => Buffer.byteLength(JSON.stringify(json))

const integers: ReadonlySet<string> = new Set(['i32', 'u32', 'i64', 'u64'])
/** Integers stand in JSON bodies as digits, whatever their size. */
const isInteger = (t: Type): boolean => isScalar(t) && integers.has(t.elem)
