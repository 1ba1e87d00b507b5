import type { Elem } from '../../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../../graph/elem.ts'
import type { Type } from '../../../graph/types.ts'
import { elementOf, isScalar } from '../../../graph/types.ts'
import type { Column, OptionValue, Value } from '../../../graph/values.ts'
import { elementAt, lengthOf } from '../../../graph/values.ts'
import { Unbindable } from '../sql/query.ts'
import type { DuckEngine, DuckType } from './engine.ts'

/** Turns values of one type into what DuckDB binds. Nothing is ever written into the text of a query. */
export interface Binder {
  readonly duck: DuckType
  /** null is SQL's NULL. */
  readonly value: (v: Value) => unknown
  readonly list?: true
}

const digits = 10n ** 18n

const scalar = (duckdb: DuckEngine, elem: Elem): Binder | undefined => {
  const as = (duck: DuckType, value: (v: Value) => unknown = (v) => v): Binder => ({ duck, value })
  if (isDecimal(elem)) {
    const scale = decimalScale(elem)
    return as(duckdb.DECIMAL(18, scale), (v) => {
      const scaled = v as bigint
      if (scaled >= digits || scaled <= -digits) throw new Unbindable('has more than the 18 digits of DECIMAL(18)')
      return new duckdb.DuckDBDecimalValue(scaled, 18, scale)
    })
  }
  switch (elem) {
    case 'f64':
      return as(duckdb.DOUBLE)
    case 'f32':
      return as(duckdb.FLOAT)
    case 'i32':
      return as(duckdb.INTEGER)
    case 'u32':
      return as(duckdb.UINTEGER)
    case 'i64':
      return as(duckdb.BIGINT)
    case 'u64':
      return as(duckdb.UBIGINT)
    case 'bool':
      return as(duckdb.BOOLEAN)
    case 'string':
      return as(duckdb.VARCHAR)
    case 'bytes':
      return as(duckdb.BLOB, (v) => new duckdb.DuckDBBlobValue(v as Uint8Array))
    case 'timestamp':
      return as(duckdb.TIMESTAMP, (v) => new duckdb.DuckDBTimestampValue(v as bigint))
    case 'json':
      return as(duckdb.VARCHAR, (v) => JSON.stringify(v))
    default:
      return undefined
  }
}

/** How to bind values of a type; records, unions and results have no SQL form. */
export const binderFor = (duckdb: DuckEngine, type: Type): Binder | undefined => {
  if (isScalar(type)) return scalar(duckdb, type.elem)
  if (type.kind === 'option') {
    const inner = type.of.kind === 'option' ? undefined : binderFor(duckdb, type.of)
    if (inner === undefined) return undefined
    return {
      ...inner,
      value: (v) => {
        const o = v as OptionValue
        return o._tag === 'None' ? null : inner.value(o.value)
      },
    }
  }
  const element = elementOf(type)
  const inner = element === undefined ? undefined : binderFor(duckdb, element.of)
  if (element === undefined || inner === undefined) return undefined
  return {
    list: true,
    duck: duckdb.LIST(inner.duck),
    value: (v) => {
      const column = v as Column
      const items: unknown[] = []
      for (let i = 0; i < lengthOf(column); i++) items.push(inner.value(elementAt(element.of, column, i)))
      return new duckdb.DuckDBListValue(items)
    },
  }
}
