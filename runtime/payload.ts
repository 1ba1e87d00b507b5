import type { Either } from '../graph/either.ts'
import { left, right } from '../graph/either.ts'
import { encodeValue } from '../graph/json-value.ts'
import { fromJson } from '../graph/meaning/data.ts'
import type { Type } from '../graph/types.ts'
import { isScalar } from '../graph/types.ts'
import type { Json, Value } from '../graph/values.ts'

/**
 * Values as the bytes that stores and services keep: `bytes` and `string` as they are (UTF-8), `unit` as nothing, and
 * all else as JSON in the encodings of `encodeValue`. Reading is strict: half a character or half a document is an error
 * and never a guess.
 */
export const encodePayload = (type: Type, v: Value): Either<string, Uint8Array> => {
  if (isScalar(type)) {
    if (type.elem === 'bytes') return right(v as Uint8Array)
    if (type.elem === 'unit') return right(new Uint8Array(0))
    if (type.elem === 'string') {
      return (v as string).isWellFormed()
        ? right(new TextEncoder().encode(v as string))
        : left('it has half a character (a lone surrogate), which UTF-8 cannot hold')
    }
  }
  return right(new TextEncoder().encode(JSON.stringify(encodeValue(type, v))))
}

export interface Reading {
  /** Fields that the type does not name are left out, and options that are missing are none: services grow. */
  readonly tolerant?: boolean
}

export const decodePayload = (
  type: Type,
  bytes: Uint8Array,
  { tolerant = false }: Reading = {},
): Either<string, Value> => {
  // A copy, because what a client hands over may be part of a buffer it uses again.
  if (isScalar(type) && type.elem === 'bytes') return right(Uint8Array.from(bytes))
  if (isScalar(type) && type.elem === 'unit') return right(null)
  const text = decodeText(bytes)
  if (text === undefined) return left('it is not UTF-8 text')
  if (isScalar(type) && type.elem === 'string') return right(text)
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch (e) {
    return left(`it is not JSON: ${e instanceof Error ? e.message : String(e)}`)
  }
  return decodeJson(type, json, { tolerant })
}

export const decodeJson = (type: Type, json: Json, { tolerant = false }: Reading = {}): Either<string, Value> => {
  const r = fromJson(type, tolerant ? fitted(type, json) : json)
  return 'value' in r ? right(r.value) : left(r.problem)
}

/** UTF-8 to the letter: invalid bytes are refused, and a byte order mark is a character like any other. */
export const decodeText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A document without the fields a type does not name; options that are missing become null. */
const fitted = (t: Type, json: Json): Json => {
  switch (t.kind) {
    case 'record': {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) return json
      const given = json as Readonly<Record<string, Json>>
      const out: Record<string, Json> = {}
      for (const [n, f] of t.fields) {
        if (Object.hasOwn(given, n)) out[n] = fitted(f, given[n]!)
        else if (f.kind === 'option') out[n] = null
      }
      return out
    }
    case 'list':
      return Array.isArray(json) ? json.map((x) => fitted(t.of, x)) : json
    case 'option':
      return json === null || Array.isArray(json) ? json : fitted(t.of, json)
    default:
      return json
  }
}
