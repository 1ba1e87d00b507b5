/** What elements hold every value of a type of PostgreSQL, the best first. */
const byOid: Readonly<Record<number, readonly string[]>> = {
  16: ['bool'],
  17: ['bytes'],
  18: ['string'],
  19: ['string'],
  20: ['i64'],
  21: ['i32', 'i64', 'f64', 'f32'],
  23: ['i32', 'i64', 'f64'],
  25: ['string', 'json'],
  26: ['u32', 'i64', 'u64', 'f64'],
  114: ['json', 'string'],
  700: ['f32', 'f64'],
  701: ['f64'],
  1042: ['string'],
  1043: ['string', 'json'],
  1082: ['timestamp'],
  1114: ['timestamp'],
  1184: ['timestamp'],
  2950: ['string'],
  3802: ['json'],
}
const numeric = 1700

/** A type modifier of numeric holds precision and scale. */
export const fitsPostgres = (oid: number, modifier: number): readonly string[] => {
  if (oid !== numeric) return byOid[oid] ?? []
  if (modifier < 4) return ['decimal']
  const precision = (modifier - 4) >> 16
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024
  return precision <= 18 && scale >= 0 ? [`decimal(${scale})`] : []
}
/** Elements whose values a parameter of the type takes without losing any; undefined for types that are read from text. */
export const takesPostgres = (oid: number): readonly string[] | undefined =>
  oid === numeric ? ['decimal', 'i64', 'i32', 'u32', 'u64', 'f64', 'f32'] : params[oid]
const params: Readonly<Record<number, readonly string[]>> = {
  16: ['bool'],
  17: ['bytes'],
  20: ['i64', 'i32', 'u32'],
  21: ['i32'],
  23: ['i32'],
  25: ['string', 'json'],
  114: ['json', 'string'],
  700: ['f32', 'f64', 'i32'],
  701: ['f64', 'f32', 'i32', 'u32'],
  1043: ['string', 'json'],
  1082: ['timestamp', 'string'],
  1114: ['timestamp', 'string'],
  1184: ['timestamp', 'string'],
  3802: ['json', 'string'],
}

/** The same for DuckDB, by the name of the type. */
const byName: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['bool'],
  TINYINT: ['i32', 'i64', 'f64', 'f32'],
  SMALLINT: ['i32', 'i64', 'f64', 'f32'],
  INTEGER: ['i32', 'i64', 'f64'],
  BIGINT: ['i64'],
  UTINYINT: ['u32', 'i32', 'i64', 'u64', 'f64', 'f32'],
  USMALLINT: ['u32', 'i32', 'i64', 'u64', 'f64', 'f32'],
  UINTEGER: ['u32', 'i64', 'u64', 'f64'],
  UBIGINT: ['u64'],
  FLOAT: ['f32', 'f64'],
  DOUBLE: ['f64'],
  VARCHAR: ['string', 'json'],
  JSON: ['json', 'string'],
  BLOB: ['bytes'],
  DATE: ['timestamp'],
  TIMESTAMP: ['timestamp'],
  TIMESTAMP_S: ['timestamp'],
  TIMESTAMP_MS: ['timestamp'],
  TIMESTAMP_NS: ['timestamp'],
  'TIMESTAMP WITH TIME ZONE': ['timestamp'],
}
export const fitsDuck = (type: string): readonly string[] => {
  const m = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
  if (m !== null) return Number(m[1]) <= 18 ? [`decimal(${m[2]})`] : []
  return type.startsWith('ENUM') ? ['string'] : (byName[type] ?? [])
}
const numbers = ['i32', 'u32', 'i64', 'u64', 'f64', 'f32', 'decimal']
/** DuckDB casts what is bound to what is wanted, so only other kinds of values are refused. */
export const takesDuck = (type: string): readonly string[] | undefined => {
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return numbers
  if (type === 'BOOLEAN') return ['bool']
  if (type === 'BLOB') return ['bytes']
  if (type === 'VARCHAR') return ['string', 'json']
  return /^(?:DATE|TIMESTAMP.*)$/.test(type) ? ['timestamp', 'string'] : undefined
}
