import type { Elem } from '../../../graph/elem.ts'
import { isDecimal } from '../../../graph/elem.ts'

/** Numbers of the types that PostgreSQL is born with; they never change. */
export const oid = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  xml: 142,
  float4: 700,
  float8: 701,
  unknown: 705,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const
const names: ReadonlyMap<number, string> = new Map(Object.entries(oid).map(([name, number]) => [number, name]))
export const typeNameOf = (type: number): string => {
  const element = elementOfArray.get(type)
  if (element !== undefined) return `${typeNameOf(element)}[]`
  return names.get(type) ?? `a type of your own or an extension (number ${type})`
}

/** The array type of each. */
export const arrayOf: ReadonlyMap<number, number> = new Map([
  [oid.bool, 1000],
  [oid.bytea, 1001],
  [oid.char, 1002],
  [oid.name, 1003],
  [oid.int2, 1005],
  [oid.int4, 1007],
  [oid.text, 1009],
  [oid.bpchar, 1014],
  [oid.varchar, 1015],
  [oid.int8, 1016],
  [oid.float4, 1021],
  [oid.float8, 1022],
  [oid.oid, 1028],
  [oid.timestamp, 1115],
  [oid.date, 1182],
  [oid.timestamptz, 1185],
  [oid.numeric, 1231],
  [oid.json, 199],
  [oid.xml, 143],
  [oid.uuid, 2951],
  [oid.jsonb, 3807],
])
export const elementOfArray: ReadonlyMap<number, number> = new Map([...arrayOf].map(([of, array]) => [array, of]))

/** The type as which values of an element travel; those of a text form are left to the server where it can tell. */
const own: Readonly<Partial<Record<Elem, number>>> = {
  f64: oid.float8,
  f32: oid.float4,
  i32: oid.int4,
  u32: oid.int8,
  i64: oid.int8,
  u64: oid.numeric,
  bool: oid.bool,
  bytes: oid.bytea,
  string: oid.text,
  timestamp: oid.timestamptz,
  json: oid.jsonb,
}
export const ownType = (e: Elem): number | undefined => (isDecimal(e) ? oid.numeric : own[e])
/** A text may be a uuid, a date or a label there, a time may have a zone or none: the query decides. */
export const flexible: ReadonlySet<Elem> = new Set(['string', 'timestamp', 'json'])

/** What to write in a cast for each element, and what to declare for each type. */
export const castTo = (e: Elem): string | undefined => {
  const type = e === 'u64' ? oid.numeric : ownType(e)
  return type === undefined ? undefined : names.get(type)
}
const declares: Readonly<Record<number, string>> = {
  [oid.bool]: 't.bool',
  [oid.bytea]: 't.bytes',
  [oid.int2]: 't.i32',
  [oid.int4]: 't.i32',
  [oid.int8]: 't.i64',
  [oid.oid]: 't.u32',
  [oid.float4]: 't.f32',
  [oid.float8]: 't.f64',
  [oid.json]: 't.json',
  [oid.jsonb]: 't.json',
  [oid.date]: 't.timestamp',
  [oid.timestamp]: 't.timestamp',
  [oid.timestamptz]: 't.timestamp',
}
export const declaration = (type: number, scale: number | undefined): string | undefined => {
  if (type === oid.numeric) return scale === undefined ? undefined : `t.decimal(${scale})`
  return declares[type] ?? (isText(type) ? 't.string' : undefined)
}

const texts: ReadonlySet<number> = new Set([
  oid.text,
  oid.varchar,
  oid.bpchar,
  oid.name,
  oid.char,
  oid.xml,
  oid.unknown,
  oid.json,
])
/** The binary form of such a cell is its text. */
export const isText = (type: number): boolean => texts.has(type)
/** Types that this driver knows; of all others it takes the text form. */
export const isKnown = (type: number): boolean => names.has(type) || elementOfArray.has(type)

/** The scale that a column of type numeric declares. */
export const scaleOf = (modifier: number): number | undefined =>
  modifier < 4 ? undefined : (((modifier - 4) & 0x7ff) ^ 1024) - 1024

/** How a type is written in a cast of ours; nothing for one whose name is not known here. */
export const castName = (type: number): string | undefined => {
  if (type === oid.char) return '"char"'
  return type === oid.unknown ? 'text' : names.get(type)
}
