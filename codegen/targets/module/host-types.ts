import type { Elem } from '../../../graph/elem.ts'
import { isDecimal, storage } from '../../../graph/elem.ts'
import type { Fields, Type } from '../../../graph/types.ts'

/** How a value of a type looks to the TypeScript caller of a generated module; the text goes into its declarations. */
export const inputType = (t: Type): string => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.length === 0
        ? atom(t.elem)
        : t.shape.length === 1
          ? `ArrayLike<${atom(t.elem)}>`
          : nested(t.elem, t.shape.length)
    case 'option':
      return `${inputType(t.of)} | null`
    case 'record':
      return object(t.fields, inputType)
    case 'list':
      return `readonly (${inputType(t.of)})[]`
    case 'union':
      return cases(t.cases, inputType)
    case 'result':
      return `{ readonly ok: ${inputType(t.of)} } | { readonly err: { readonly tag: string; readonly message: string } }`
  }
}
/** The same for results: numeric columns are typed arrays. */
export const outputType = (t: Type): string => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.length === 0
        ? atom(t.elem)
        : t.shape.length === 1
          ? column(t.elem)
          : nested(t.elem, t.shape.length)
    case 'option':
      return `${outputType(t.of)} | null`
    case 'record':
      return object(t.fields, outputType)
    case 'list':
      return `readonly (${outputType(t.of)})[]`
    case 'union':
      return cases(t.cases, outputType)
    case 'result':
      return `{ readonly ok: ${outputType(t.of)} } | { readonly err: { readonly tag: string; readonly message: string } }`
  }
}
const object = (fs: Fields, f: (t: Type) => string): string =>
  `{ ${fs.map(([n, t]) => `readonly ${JSON.stringify(n)}: ${f(t)}`).join('; ')} }`
const cases = (fs: Fields, f: (t: Type) => string): string =>
  fs.map(([n, t]) => `{ readonly ${JSON.stringify(n)}: ${f(t)} }`).join(' | ')
const nested = (e: Elem, rank: number): string =>
  Array.from({ length: rank }).reduce<string>((s) => `readonly (${s})[]`, atom(e))
const atom = (e: Elem): string => {
  switch (e) {
    case 'f64':
    case 'f32':
    case 'i32':
    case 'u32':
      return 'number'
    case 'i64':
    case 'u64':
    case 'timestamp':
      return 'bigint'
    case 'bool':
      return 'boolean'
    case 'string':
      return 'string'
    case 'bytes':
      return 'Uint8Array'
    case 'unit':
      return 'null'
    default:
      return isDecimal(e) ? 'bigint' : 'unknown'
  }
}
const column = (e: Elem): string => {
  switch (storage(e)) {
    case 'f64':
      return 'Float64Array'
    case 'f32':
      return 'Float32Array'
    case 'i32':
      return 'Int32Array'
    case 'u32':
      return 'Uint32Array'
    case 'i64':
      return 'BigInt64Array'
    case 'u64':
      return 'BigUint64Array'
    default:
      return `readonly ${atom(e)}[]`
  }
}
