import type { Call } from '../graph/effects.ts'
import { effectError, effects } from '../graph/effects.ts'
import type { Elem } from '../graph/elem.ts'
import { storage } from '../graph/elem.ts'
import type { RunError } from '../graph/errors.ts'
import { sizeMisfit } from '../graph/sizes.ts'
import type { Type } from '../graph/types.ts'
import { casesOf, listOf, scalar } from '../graph/types.ts'
import type { Column, OptionValue, ResultValue, UnionValue, Value } from '../graph/values.ts'
import { isTensorValue, lengthOf, newStore, sizeOf } from '../graph/values.ts'

/** The type that the answer to a call must have. */
export const answerType = ({ effect, attrs }: Call): Type => {
  const known = answerTypes.get(attrs)
  if (known !== undefined) return known
  const type = effects[effect].answer(attrs as never)
  answerTypes.set(attrs, type)
  return type
}
const answerTypes = new WeakMap<object, Type>()

/**
 * Why an answer cannot be used, whoever gave it: the door through which everything from outside comes in. Columns are
 * looked at as wholes (their element type and length), so that the check costs nothing beside the query.
 */
export const answerProblem = (call: Call, v: Value | undefined): RunError | undefined => {
  const type = answerType(call)
  const found = v === undefined ? 'is undefined' : (misfit(type, v, 'the answer') ?? unequal(type, v))
  if (found !== undefined)
    return effectError(
      call,
      'Decode',
      `the driver gave something else than it declared: ${found}`,
      'correct the driver, or the type of the row',
    )
  if (call.effect !== 'dbQuery' || call.attrs.mode !== 'many') return undefined
  const rows = lengthOf(v as Column)
  return rows <= call.attrs.maxRows
    ? undefined
    : effectError(
        call,
        'TooManyRows',
        `'${call.attrs.name}' answered ${rows} rows, and maxRows is ${call.attrs.maxRows}`,
        'raise maxRows, or ask for fewer rows',
      )
}

const unequal = (t: Type, v: Value): string | undefined => {
  const odd = sizeMisfit(t, v, 'the answer')
  return odd === undefined ? undefined : `${odd.path} ${odd.problem}`
}
const atomOk = (e: Elem, x: unknown): boolean => {
  switch (e) {
    case 'string':
      return typeof x === 'string'
    case 'bytes':
      return x instanceof Uint8Array
    case 'unit':
      return x === null
    case 'json':
      return x !== undefined
    default: {
      const s = storage(e)
      return typeof x === (s === 'bool' ? 'boolean' : s === 'i64' || s === 'u64' ? 'bigint' : 'number')
    }
  }
}

/** The first thing about a value that is not of its type, as `where is what`. */
const misfit = (t: Type, v: Value, at: string): string | undefined => {
  const not = (): string => `${at} is not ${t.kind === 'tensor' ? t.elem : `a ${t.kind}`}`
  if (t.kind === 'tensor' && t.shape.length === 0) return atomOk(t.elem, v) ? undefined : not()
  if (typeof v !== 'object' || v === null) return not()
  switch (t.kind) {
    case 'tensor': {
      if (!isTensorValue(v) || v.shape.length !== t.shape.length) return not()
      const off = t.shape.some((d, k) => typeof d === 'number' && v.shape[k] !== d)
      if (off || v.data.length !== sizeOf(v.shape))
        return `${at} has the shape [${v.shape.join(', ')}] for ${v.data.length} cells`
      return v.data.constructor === newStore(t.elem, 0).constructor ? undefined : `${at} does not hold ${t.elem}`
    }
    case 'record':
      for (const [n, f] of t.fields) {
        const wrong = Object.hasOwn(v, n)
          ? misfit(f, (v as Record<string, Value>)[n]!, `${at}.${n}`)
          : `${at}.${n} is missing`
        if (wrong !== undefined) return wrong
      }
      return undefined
    case 'option': {
      const o = v as OptionValue
      return o._tag === 'None' ? undefined : o._tag === 'Some' ? misfit(t.of, o.value, at) : not()
    }
    case 'result': {
      const r = v as ResultValue
      return r._tag === 'Ok' ? misfit(t.of, r.value, at) : r._tag === 'Err' ? undefined : not()
    }
    case 'union': {
      const u = v as UnionValue
      const found = casesOf(t)!.find(([n]) => n === u._tag)
      return found === undefined ? not() : misfit(found[1], u.value, `${at}.${u._tag}`)
    }
    case 'list':
      return listMisfit(t, v as Column, at)
  }
}
const listMisfit = (t: Extract<Type, { kind: 'list' }>, c: Column, at: string): string | undefined => {
  if (!('list' in c)) return `${at} is not a list`
  if (typeof t.dim === 'number' && c.length !== t.dim) return `${at} has ${c.length} elements, not ${t.dim}`
  const column = (of: Type, x: Column | undefined, name: string, n = c.length): string | undefined => {
    const wrong = x === undefined ? `${name} is missing` : misfit(listOf(of, '~column'), x as Value, name)
    return wrong ?? (lengthOf(x!) === n ? undefined : `${name} has ${lengthOf(x!)} elements, not ${n}`)
  }
  if (c.list === 'columns' && t.of.kind === 'record') {
    for (const [n, f] of t.of.fields) {
      const wrong = column(f, Object.hasOwn(c.columns, n) ? c.columns[n] : undefined, `${at}.${n}`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
  if (c.list === 'options' && t.of.kind === 'option')
    return c.valid.length === c.length
      ? column(t.of.of, c.values, at)
      : `${at} has ${c.valid.length} marks for ${c.length} elements`
  if (c.list === 'ragged' && (t.of.kind === 'list' || t.of.kind === 'tensor')) {
    const inner = t.of.kind === 'list' ? t.of.of : scalar(t.of.elem)
    return c.offsets.length === c.length + 1
      ? column(inner, c.values, at, c.offsets[c.length])
      : `${at} has ${c.offsets.length} offsets for ${c.length} elements`
  }
  if (c.list !== 'boxed') return `${at} is a list of another kind`
  for (const [i, x] of c.items.entries()) {
    const wrong = misfit(t.of, x, `${at}[${i}]`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}
