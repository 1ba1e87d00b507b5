import type { Either } from './either.ts'
import { left, right } from './either.ts'
import type { Elem } from './elem.ts'
import { decimalScale, isDecimal, isFloat } from './elem.ts'
import { sizeMisfit } from './sizes.ts'
import type { Dim, Fields, Type } from './types.ts'
import { casesOf } from './types.ts'
import type {
  Atom,
  Column,
  Json,
  ListValue,
  OptionValue,
  RecordValue,
  ResultValue,
  TensorValue,
  UnionValue,
  Value,
} from './values.ts'
import { cell, collect, elementAt, lengthOf, tabulate } from './values.ts'

/**
 * Values as JSON, directed by their type. NaN, -0 and the infinities are the strings "NaN", "-0", "Infinity" and
 * "-Infinity"; i64 and u64 are decimal strings; decimals are strings such as "12.50"; timestamps ISO 8601 with
 * microseconds; bytes base64; tensors nested arrays; options null or [value]; unions {"case": value}; results
 * {"ok": value} or {"err": {tag, message}}. `decodeValue(t, encodeValue(t, v))` equals `v`, bit for bit but for NaN.
 */
export const encodeValue = (t: Type, v: Value): Json => {
  switch (t.kind) {
    case 'tensor': {
      if (t.shape.length === 0) return encodeAtom(t.elem, v as Atom)
      const { shape, data } = v as TensorValue
      const nest = (axis: number, from: number, size: number): Json => {
        if (axis === shape.length) return encodeAtom(t.elem, cell(t.elem, data, from))
        const step = shape[axis] === 0 ? 0 : size / shape[axis]!
        return Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, from + i * step, step))
      }
      return nest(0, 0, data.length)
    }
    case 'option':
      return (v as OptionValue)._tag === 'Some' ? [encodeValue(t.of, (v as { value: Value }).value)] : null
    case 'record':
      return Object.fromEntries(t.fields.map(([n, f]) => [n, encodeValue(f, (v as RecordValue)[n]!)]))
    case 'list':
      return Array.from({ length: lengthOf(v as Column) }, (_, i) =>
        encodeValue(t.of, elementAt(t.of, v as ListValue, i)),
      )
    case 'union': {
      const u = v as UnionValue
      return { [u._tag]: encodeValue(t.cases.find(([n]) => n === u._tag)![1], u.value) }
    }
    case 'result': {
      const r = v as ResultValue
      return r._tag === 'Ok' ? { ok: encodeValue(t.of, r.value) } : { err: { ...r.error } }
    }
  }
}

const encodeAtom = (e: Elem, x: Atom): Json => {
  if (isFloat(e)) return Number.isFinite(x) && !Object.is(x, -0) ? (x as number) : Object.is(x, -0) ? '-0' : String(x)
  if (isDecimal(e)) return showDecimal(x as bigint, decimalScale(e))
  if (e === 'timestamp') return showTimestamp(x as bigint)
  if (e === 'bytes') return base64(x as Uint8Array)
  if (e === 'unit') return null
  return typeof x === 'bigint' ? String(x) : (x as Json)
}
const base64 = (b: Uint8Array): string => Buffer.from(b.buffer, b.byteOffset, b.length).toString('base64')

export const showDecimal = (x: bigint, scale: number): string => {
  const digits = String(x < 0n ? -x : x).padStart(scale + 1, '0')
  const sign = x < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
const showTimestamp = (x: bigint): string => {
  const micros = ((x % 1000n) + 1000n) % 1000n
  const date = new Date(Number((x - micros) / 1000n))
  return Number.isNaN(date.getTime())
    ? `${x}us`
    : date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}

/** Something wrong at a place of a JSON document; the path is written like JavaScript: `$.loans[3].amount`. */
export interface Misfit {
  readonly path: string
  readonly problem: string
}

/**
 * Reads a JSON document at a type. Named dimensions must agree wherever they occur; at most 20 misfits are listed.
 * `shapes` says what nested arrays cannot, where somebody wrote it down (`graph/empty-shapes.ts`).
 */
export const decodeValue = (
  t: Type,
  json: unknown,
  shapes: readonly (readonly number[])[] = [],
): Either<readonly Misfit[], Value> => {
  let empty = 0
  const misfits: Misfit[] = []
  const bad = (path: string, problem: string): undefined => {
    if (misfits.length < 20) misfits.push({ path, problem })
    return undefined
  }
  const size = (d: Dim, n: number, path: string): void => {
    if (typeof d === 'number' && d !== n) bad(path, `has ${n} elements where dimension ${d} is ${d}`)
  }
  const fields = (fs: Fields, x: unknown, path: string): Value | undefined => {
    if (typeof x !== 'object' || x === null || Array.isArray(x)) return bad(path, `is ${kindOf(x)}, not an object`)
    const known = new Set(fs.map(([n]) => n))
    for (const k of Object.keys(x))
      if (!known.has(k)) bad(`${path}.${k}`, `is not expected; the fields are ${[...known].join(', ')}`)
    return Object.fromEntries(
      fs.map(([n, f]) => [
        n,
        Object.hasOwn(x, n)
          ? read(f, (x as Record<string, unknown>)[n], `${path}.${n}`)!
          : bad(`${path}.${n}`, 'is missing')!,
      ]),
    )
  }
  const read = (type: Type, x: unknown, path: string): Value | undefined => {
    switch (type.kind) {
      case 'tensor': {
        const flat: Atom[] = []
        const shape: number[] = []
        const walk = (axis: number, y: unknown, at: string): void => {
          if (axis === type.shape.length) {
            const odd = type.elem === 'json' ? jsonMisfit(y, at) : undefined
            if (odd !== undefined) return bad(odd.path, odd.problem)
            const atom = decodeAtom(type.elem, y)
            if (atom === undefined) bad(at, `is ${kindOf(y)}, not ${expected(type.elem)}`)
            else flat.push(atom.value)
            return
          }
          if (!Array.isArray(y)) return bad(at, `is ${kindOf(y)}, not an array`)
          if (shape[axis] === undefined) {
            shape[axis] = y.length
            size(type.shape[axis]!, y.length, at)
          } else if (shape[axis] !== y.length)
            bad(at, `has ${y.length} elements where its neighbours have ${shape[axis]}`)
          y.forEach((z, i) => {
            walk(axis + 1, z, `${at}[${i}]`)
          })
        }
        walk(0, x, path)
        if (misfits.length > 0) return undefined
        const told = type.shape.length > 1 && flat.length === 0 ? shapes[empty++] : undefined
        const full = type.shape.map((d, k) => shape[k] ?? told?.[k] ?? (typeof d === 'number' ? d : 0))
        return tabulate(type.elem, full, (i) => flat[i]!)
      }
      case 'option': {
        if (x === null) return { _tag: 'None' }
        const inner = Array.isArray(x) && x.length === 1 ? (x[0] as unknown) : x
        const value = read(type.of, inner, path)
        return value === undefined ? undefined : { _tag: 'Some', value }
      }
      case 'record':
        return fields(type.fields, x, path)
      case 'list': {
        if (!Array.isArray(x)) return bad(path, `is ${kindOf(x)}, not an array`)
        size(type.dim, x.length, path)
        const items = x.map((y: unknown, i) => read(type.of, y, `${path}[${i}]`)!)
        return misfits.length > 0 ? undefined : collect(type.of, items)
      }
      case 'union':
      case 'result': {
        const cases = casesOf(type)!
        const keys = typeof x === 'object' && x !== null ? Object.keys(x) : []
        const found = keys.length === 1 ? cases.find(([n]) => n === keys[0]) : undefined
        if (found === undefined) return bad(path, `is not one of ${cases.map(([n]) => `{"${n}": …}`).join(', ')}`)
        const value = read(found[1], (x as Record<string, unknown>)[found[0]], `${path}.${found[0]}`)
        if (value === undefined) return undefined
        if (type.kind === 'union') return { _tag: found[0], value }
        return found[0] === 'ok'
          ? { _tag: 'Ok', value }
          : { _tag: 'Err', error: value as unknown as { tag: string; message: string } }
      }
    }
  }
  const value = read(t, json, '$')
  if (misfits.length > 0 || value === undefined) return left(misfits)
  const odd = sizeMisfit(t, value)
  return odd === undefined ? right(value) : left([odd])
}

const deepestJson = 1_000
const mostJson = 10_000_000
const tooMany = `has more than ${mostJson} parts`
/**
 * The first thing in a JavaScript value that JSON has no form for. What is shared is counted wherever it occurs, as in
 * the text, so that a few objects cannot stand for more than fits anywhere.
 */
const jsonMisfit = (json: unknown, from: string): Misfit | undefined => {
  const above = new Set<object>()
  let parts = 0
  // The path is put together on the way back: most documents have nothing wrong and need none.
  const find = (x: unknown): Misfit | undefined => {
    if (++parts > mostJson) return { path: '', problem: tooMany }
    if (x === null || typeof x === 'string' || typeof x === 'boolean' || Number.isFinite(x)) return undefined
    if (typeof x !== 'object') return { path: '', problem: `is ${called(x)}, which JSON cannot hold` }
    if (above.has(x)) return { path: '', problem: 'holds itself, which JSON cannot' }
    if (above.size === deepestJson) return { path: '', problem: `is nested more than ${deepestJson} deep` }
    const list = Array.isArray(x)
    const made = list ? undefined : makerOf(x)
    if (made !== undefined) return { path: '', problem: `is an instance of ${made}, which JSON cannot hold` }
    above.add(x)
    for (const k of list ? x.keys() : Object.keys(x)) {
      const odd = find((x as Record<string | number, unknown>)[k])
      if (odd !== undefined) return { path: (list ? `[${k}]` : `.${k}`) + odd.path, problem: odd.problem }
    }
    above.delete(x)
    return undefined
  }
  const odd = find(json)
  if (odd === undefined || odd.problem === tooMany) return odd && { path: from, problem: tooMany }
  const path = from + odd.path
  const shown = path.length > 120 ? path.slice(0, 120).replace(/[.[][^.[]*$/, '…') : path
  return { path: shown, problem: odd.problem }
}
const called = (x: unknown): string =>
  x === undefined ? 'undefined' : typeof x === 'function' ? 'a function' : `the ${typeof x} ${String(x).slice(0, 40)}`
/** The class of an object that is not a plain one; a plain one may come from another realm. */
const makerOf = (x: object): string | undefined => {
  const proto = Object.getPrototypeOf(x) as { constructor?: { name?: string } } | null
  if (proto === null || Object.getPrototypeOf(proto) === null) return undefined
  return proto.constructor?.name || 'a class'
}

const kindOf = (x: unknown): string =>
  x === null
    ? 'null'
    : Array.isArray(x)
      ? 'an array'
      : typeof x === 'string'
        ? `the string ${JSON.stringify(x.slice(0, 40))}`
        : typeof x === 'object'
          ? 'an object'
          : x === undefined
            ? 'missing'
            : `the ${typeof x} ${String(x)}`
const expected = (e: Elem): string =>
  isFloat(e)
    ? `a number (${e})`
    : isDecimal(e)
      ? `a decimal string such as "${showDecimal(1250n, decimalScale(e))}"`
      : e === 'i64' || e === 'u64'
        ? `an integer or its decimal string (${e})`
        : e === 'timestamp'
          ? 'an ISO 8601 time'
          : e === 'bytes'
            ? 'a base64 string'
            : e === 'unit'
              ? 'null'
              : `a value of ${e}`

const ranges = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
} as const
const integer = (x: unknown, e: keyof typeof ranges): bigint | undefined => {
  const text = typeof x === 'number' && Number.isSafeInteger(x) ? String(x) : typeof x === 'bigint' ? String(x) : x
  if (typeof text !== 'string' || !/^-?\d{1,20}$/.test(text)) return undefined
  const n = BigInt(text)
  return n >= ranges[e][0] && n <= ranges[e][1] ? n : undefined
}
const decodeAtom = (e: Elem, x: unknown): { value: Atom } | undefined => {
  const found = atomOf(e, x)
  return found === undefined ? undefined : { value: found }
}
const atomOf = (e: Elem, x: unknown): Atom | undefined => {
  switch (e) {
    case 'f64':
    case 'f32': {
      const n =
        typeof x === 'number'
          ? x
          : x === 'NaN' || x === '-0' || x === 'Infinity' || x === '-Infinity'
            ? Number(x)
            : undefined
      return n === undefined || e === 'f64' ? n : Math.fround(n)
    }
    case 'i32':
    case 'u32': {
      const n = integer(x, e)
      return n === undefined ? undefined : Number(n)
    }
    case 'i64':
    case 'u64':
      return integer(x, e)
    case 'bool':
      return typeof x === 'boolean' ? x : undefined
    case 'string':
      return typeof x === 'string' ? x : undefined
    case 'bytes':
      if (x instanceof Uint8Array) return x
      return typeof x === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(x)
        ? new Uint8Array(Buffer.from(x, 'base64'))
        : undefined
    case 'unit':
      return x === null || x === undefined ? null : undefined
    case 'json':
      return x === undefined ? undefined : (x as Json)
    case 'timestamp':
      return timestampOf(x)
    default:
      return decimalOf(x, decimalScale(e))
  }
}
const timestampOf = (x: unknown): bigint | undefined => {
  if (typeof x === 'bigint') return x
  if (x instanceof Date) return Number.isNaN(x.getTime()) ? undefined : BigInt(x.getTime()) * 1000n
  if (typeof x !== 'string') return undefined
  const raw = /^(-?\d{1,19})us$/.exec(x)
  if (raw !== null) return BigInt(raw[1]!)
  const m = /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?)(\d{0,3})(Z|[+-]\d\d:\d\d)?$/.exec(x)
  if (m === null) return undefined
  const ms = Date.parse(m[1]! + (m[1]!.includes('T') ? (m[3] ?? 'Z') : ''))
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt((m[2] ?? '').padEnd(3, '0'))
}
const decimalOf = (x: unknown, scale: number): bigint | undefined => {
  if (typeof x === 'bigint') return x
  const m = /^(-?)(\d{1,19})(?:\.(\d{1,18}))?$/.exec(typeof x === 'number' ? String(x) : typeof x === 'string' ? x : '')
  if (m === null || (m[3] ?? '').replace(/0+$/, '').length > scale) return undefined
  const n = BigInt(m[2]! + (m[3] ?? '').replace(/0+$/, '').padEnd(scale, '0'))
  const signed = m[1] === '-' ? -n : n
  return BigInt.asIntN(64, signed) === signed ? signed : undefined
}
