import type { Elem } from '../../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../../graph/elem.ts'

const names: Readonly<Partial<Record<Elem, string>>> = {
  f64: 'DOUBLE',
  f32: 'FLOAT',
  i32: 'INTEGER',
  u32: 'UINTEGER',
  i64: 'BIGINT',
  u64: 'UBIGINT',
  bool: 'BOOLEAN',
  string: 'VARCHAR',
  bytes: 'BLOB',
  timestamp: 'TIMESTAMP',
  json: 'VARCHAR',
}
/** DuckDB's name of the type as which values of an element travel, for casts and for those who read the statements. */
export const typeName = (e: Elem): string | undefined => (isDecimal(e) ? `DECIMAL(18,${decimalScale(e)})` : names[e])
