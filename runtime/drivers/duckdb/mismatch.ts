import type { Type } from '../../../graph/types.ts'
import { isScalar, showType } from '../../../graph/types.ts'
import type { Failure } from '../failure.ts'
import type { DuckType } from './engine.ts'
import { typeName } from './type-names.ts'

/** What the user may declare for a DuckDB type, and what to cast to for each declared element. */
const declares: Readonly<Record<number, string>> = {
  1: 't.bool',
  2: 't.i32',
  3: 't.i32',
  4: 't.i32',
  5: 't.i64',
  6: 't.u32',
  7: 't.u32',
  8: 't.u32',
  9: 't.u64',
  10: 't.f32',
  11: 't.f64',
  12: 't.timestamp',
  13: 't.timestamp',
  17: 't.string',
  18: 't.bytes',
  20: 't.timestamp',
  21: 't.timestamp',
  22: 't.timestamp',
  23: 't.string',
  31: 't.timestamp',
}
const DECIMAL = 19

const declaration = (duck: DuckType): string | undefined => {
  if (duck.typeId !== DECIMAL) return declares[duck.typeId]
  const { width, scale } = duck as DuckType & { readonly width?: number; readonly scale?: number }
  return (width ?? 99) <= 18 ? `t.decimal(${scale})` : undefined
}

/** The error of a column whose type the declared one cannot hold exactly, with the cast that makes it fit. */
export const mismatch = (duck: DuckType, type: Type, path: string, more = ''): Failure => {
  const elem = isScalar(type) ? type.elem : undefined
  const target = elem === undefined ? undefined : typeName(elem)
  const declare = declaration(duck)
  const fixes = [
    target === undefined ? '' : `write cast("${path}" as ${target}) in the query`,
    declare === undefined ? '' : `declare '${path}' as ${declare}`,
  ].filter((s) => s !== '')
  return {
    tag: 'Decode',
    cause: `column '${path}' is ${duck.toString()}, and the row declares ${showType(type)}, which cannot hold every such value exactly.${more}`,
    remedy: fixes.length === 0 ? 'select a column of the declared type' : fixes.join(', or '),
  }
}
