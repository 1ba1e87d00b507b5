import { encodeValue } from '../../graph/json-value.ts'
import type { Type } from '../../graph/types.ts'
import type { Json, Value } from '../../graph/values.ts'

/** A result, as programs receive it, in the JSON form of its type. */
export const resultJson = (t: Type, result: unknown): Json => {
  if (t.kind === 'tensor' && t.shape.length === 0) return encodeValue(t, result as Value)
  if (t.kind === 'option') return result === null ? null : [resultJson(t.of, result)]
  // Everything else carries its own JSON form.
  return (result as { readonly toJSON: () => Json }).toJSON()
}
