import { decodeValue, encodeValue } from '../json-value.ts'
import type { Type } from '../types.ts'
import type { Json, Value } from '../values.ts'
import type { Meaning } from './meaning.ts'

/** Text, bytes and JSON. */
export const concatText: Meaning<object> = (_, args) => args.join('')
export const textLength: Meaning<object> = (_, args) => (args[0] as string).length
export const encodeText: Meaning<object> = (_, args) => new TextEncoder().encode(args[0] as string)
export const showNumber: Meaning<object> = (_, args) => (Object.is(args[0], -0) ? '-0' : String(args[0]))
/** The JSON form of a value (see `encodeValue`). */
export const toJson: Meaning<object> = (_, args, types) => encodeValue(types[0]!, args[0]!)
/** JSON as text; an indent of 0 gives one line. */
export const jsonText: Meaning<{ indent: number }> = (a, args) => JSON.stringify(args[0], null, a.indent)

/** JSON data read at a type: the value, or what is wrong and where. */
export const fromJson = (to: Type, v: Json): { readonly value: Value } | { readonly problem: string } => {
  const r = decodeValue(to, v)
  return r._tag === 'Right'
    ? { value: r.right }
    : {
        problem: r.left
          .map((p) => `${p.path}: ${p.problem}`)
          .slice(0, 5)
          .join('; '),
      }
}
