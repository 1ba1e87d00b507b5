import type { Elem } from '../../../graph/elem.ts'
import { decimalScale, isDecimal } from '../../../graph/elem.ts'
import type { Type } from '../../../graph/types.ts'
import { elementOf, isScalar } from '../../../graph/types.ts'
import type { Column, OptionValue, Value } from '../../../graph/values.ts'
import { elementAt, lengthOf } from '../../../graph/values.ts'
import { Unbindable } from '../sql/query.ts'
import { arrayOf, flexible, ownType } from './types.ts'

/** Turns values of one type into text as PostgreSQL reads it. Nothing is ever written into the text of a query. */
export interface Binder {
  /** The type of the values by themselves, and whether the query may say another. */
  readonly type: number
  readonly flexible: boolean
  /** null is SQL's NULL. */
  readonly text: (v: Value) => string | null
  readonly list?: true
}

const scalar = (elem: Elem): Binder | undefined => {
  const type = ownType(elem)
  return type === undefined ? undefined : { type, flexible: flexible.has(elem), text: writer(elem) }
}
const writer = (elem: Elem): ((v: Value) => string) => {
  if (isDecimal(elem)) return (v) => decimalText(v as bigint, decimalScale(elem))
  switch (elem) {
    case 'f64':
    case 'f32':
      return (v) => (Object.is(v, -0) ? '-0' : String(v))
    case 'bool':
      return (v) => (v === true ? 't' : 'f')
    case 'string':
      return (v) => sendable(v as string)
    case 'bytes':
      return (v) => `\\x${hexOf(v as Uint8Array)}`
    case 'timestamp':
      return (v) => timeText(v as bigint)
    case 'json':
      return (v) => sendable(JSON.stringify(v))
    default:
      return String
  }
}

const hexOf = (b: Uint8Array): string => Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString('hex')

const noText = 'pass bytes, or keep such characters out'
const sendable = (s: string): string => {
  if (s.includes('\0')) throw new Unbindable('holds a zero character, which no text of PostgreSQL may', noText)
  if (!s.isWellFormed()) throw new Unbindable('holds half a character, which UTF-8 cannot write', noText)
  return s
}
const decimalText = (scaled: bigint, scale: number): string => {
  if (scale === 0) return String(scaled)
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, '0')
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const day = 86_400_000_000n
/** 4713 BC to 294276 AD is what PostgreSQL's timestamps hold. */
const earliest = -210_866_803_200_000_000n
const latest = 9_224_318_016_000_000_000n
const timeText = (micros: bigint): string => {
  if (micros < earliest || micros >= latest)
    throw new Unbindable('is a time that PostgreSQL has not', 'pass a time from 4713 BC to 294276 AD')
  const inDay = ((micros % day) + day) % day
  const { year, month, dayOfMonth } = civil(Number((micros - inDay) / day))
  const two = (n: bigint | number): string => String(n).padStart(2, '0')
  const seconds = inDay / 1_000_000n
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  const date = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`
  return `${date} ${clock}.${String(inDay % 1_000_000n).padStart(6, '0')}+00${year > 0 ? '' : ' BC'}`
}
/** The date of a day counted from 1970-01-01; JavaScript's own dates end in the year 275760. */
const civil = (days: number): { readonly year: number; readonly month: number; readonly dayOfMonth: number } => {
  const cycles = Math.floor(days / 146_097) // of four hundred years, all alike
  const d = new Date((days - cycles * 146_097) * 86_400_000)
  return { year: d.getUTCFullYear() + 400 * cycles, month: d.getUTCMonth() + 1, dayOfMonth: d.getUTCDate() }
}

/** How to bind values of a type; records, unions and results have no SQL form. */
export const binderFor = (type: Type): Binder | undefined => {
  if (isScalar(type)) return scalar(type.elem)
  if (type.kind === 'option') {
    const inner = type.of.kind === 'option' ? undefined : binderFor(type.of)
    if (inner === undefined) return undefined
    return {
      ...inner,
      text: (v) => {
        const o = v as OptionValue
        return o._tag === 'None' ? null : inner.text(o.value)
      },
    }
  }
  const element = elementOf(type)
  const inner = element === undefined ? undefined : binderFor(element.of)
  if (element === undefined || inner === undefined || inner.list) return undefined
  return {
    list: true,
    flexible: inner.flexible,
    type: arrayOf.get(inner.type)!,
    text: (v) => {
      const column = v as Column
      return arrayText(lengthOf(column), (i) => inner.text(elementAt(element.of, column, i)))
    },
  }
}

/** A list as one text: `{"a",NULL}`. */
export const arrayText = (length: number, item: (i: number) => string | null): string => {
  let out = '{'
  for (let i = 0; i < length; i++) {
    const text = item(i)
    if (i > 0) out += ','
    out += text === null ? 'NULL' : quoted(text)
  }
  return `${out}}`
}
const plain = /^[-+.\w]+$/
const quoted = (s: string): string =>
  plain.test(s) && !/^null$/i.test(s) ? s : `"${s.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
