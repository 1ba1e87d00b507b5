import type { Value } from '../../../graph/values.ts'
import { oid } from './types.ts'

/**
 * Keys of a type whose values PostgreSQL calls equal exactly when they are one value: rows can then be given to their keys
 * here. Numbers with a scale, floats (0 and -0), padded text, dates made of times and types of extensions are none of these.
 */
export interface KeyCell {
  /** Only where no collation calls different texts equal. */
  readonly text?: true
  /** What a cell holds and what a value of ours is, alike where they are equal. */
  readonly ofCell: (b: Buffer, at: number, length: number) => number | string
  readonly ofValue: (v: Value) => number | string
}

/** The column's type and that of the parameter it is compared with; nothing where equality is the server's to tell. */
export const keyCell = (column: number, param: number): KeyCell | undefined => {
  const read = integers[column]
  if (read !== undefined) return integers[param] === undefined ? undefined : { ofCell: read, ofValue: ofInteger }
  if (column === oid.uuid) return param === oid.uuid ? uuids : undefined
  const text = column === oid.text || column === oid.varchar
  return text && (param === oid.text || param === oid.varchar) ? texts : undefined
}

/** A number where it is exact; beyond that its digits. */
const ofInteger = (v: Value): number | string => {
  const n = Number(v)
  return Number.isSafeInteger(n) ? n : String(v)
}
const integers: Readonly<Record<number, KeyCell['ofCell']>> = {
  [oid.int2]: (b, at) => b.readInt16BE(at),
  [oid.int4]: (b, at) => b.readInt32BE(at),
  [oid.int8]: (b, at) => {
    const n = b.readInt32BE(at) * 2 ** 32 + b.readUInt32BE(at + 4)
    return Number.isSafeInteger(n) ? n : String(b.readBigInt64BE(at))
  },
}
/** PostgreSQL reads a uuid in capitals, in braces and with hyphens elsewhere. */
const uuids: KeyCell = {
  ofCell: (b, at) => b.toString('hex', at, at + 16),
  ofValue: (v) => (v as string).replace(/[{}-]/g, '').toLowerCase(),
}
const texts: KeyCell = {
  text: true,
  ofCell: (b, at, length) => b.toString('utf8', at, at + length),
  ofValue: (v) => v as string,
}
