import type { Elem } from '../../../graph/elem.ts'
import { isDecimal, storage } from '../../../graph/elem.ts'
import type { Fields, Type } from '../../../graph/types.ts'
import { listOf } from '../../../graph/types.ts'

/**
 * How values look to the TypeScript caller of a generated module: what `In` and `Out` of `graph/build/types.ts` make of
 * the same type, written out, so that declarations need no expression types. A test holds the two together.
 */
export const inputType = (t: Type): string => {
  switch (t.kind) {
    case 'tensor': {
      const cell = cellIn(t.elem)
      if (t.shape.length === 0) return cell
      const cells = `readonly (${cell})[] | ${column(t.elem)}`
      return t.shape.length === 1 ? cells : `Nested<${cell}> | Shaped<${cells}>`
    }
    case 'option':
      return `${inputType(t.of)} | null | undefined`
    case 'record':
      return object(t.fields, inputType)
    case 'list': {
      const rows = `readonly (${inputType(t.of)})[]`
      return t.of.kind === 'record'
        ? `${rows} | { readonly columns: ${object(columnsOf(t.of.fields, t.dim), inputType)} }`
        : rows
    }
    case 'union':
      return cases(t.cases, inputType)
    case 'result':
      return outcome(inputType(t.of))
  }
}
/** The same for results: numeric columns are typed arrays. */
export const outputType = (t: Type): string => {
  switch (t.kind) {
    case 'tensor':
      if (t.shape.length === 0) return cellOut(t.elem)
      return t.shape.length === 1 ? column(t.elem) : `Shaped<${column(t.elem)}>`
    case 'option':
      return `${outputType(t.of)} | null`
    case 'record':
      return object(t.fields, outputType)
    case 'list': {
      const columns =
        t.of.kind === 'record' ? object(columnsOf(t.of.fields, t.dim), outputType) : 'Record<string, never>'
      return `RowsOut<${outputType(t.of)}, ${columns}>`
    }
    case 'union':
      return cases(t.cases, outputType)
    case 'result':
      return outcome(outputType(t.of))
  }
}
/** The names above that a declaration has to import. */
export const hostTypeNames = ['Json', 'Nested', 'RowsOut', 'Shaped'] as const

const columnsOf = (fs: Fields, dim: string | number): Fields => fs.map(([n, t]) => [n, listOf(t, dim)] as const)
export const object = (fs: Fields, f: (t: Type) => string): string =>
  fs.length === 0 ? '{}' : `{ ${fs.map(([n, t]) => `readonly ${JSON.stringify(n)}: ${f(t)}`).join('; ')} }`
const cases = (fs: Fields, f: (t: Type) => string): string =>
  fs.map(([n, t]) => `{ readonly _tag: ${JSON.stringify(n)}; readonly value: ${f(t)} }`).join(' | ')
const outcome = (of: string): string =>
  `{ readonly _tag: 'Ok'; readonly value: ${of} } | { readonly _tag: 'Err'; readonly error: { readonly tag: string; readonly message: string } }`

const cellOut = (e: Elem): string => {
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
    case 'json':
      return 'Json'
    default:
      return 'bigint'
  }
}
const cellIn = (e: Elem): string =>
  e === 'i64' || e === 'u64'
    ? 'bigint | number'
    : e === 'timestamp'
      ? 'bigint | string | Date'
      : isDecimal(e)
        ? 'bigint | string'
        : cellOut(e)
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
      return `readonly ${cellOut(e)}[]`
  }
}
