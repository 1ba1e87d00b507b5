import type { Call } from '../graph/effects.ts'
import { effectError, effects } from '../graph/effects.ts'
import type { Elem } from '../graph/elem.ts'
import { storage } from '../graph/elem.ts'
import type { RunError } from '../graph/errors.ts'
import { sizeMisfit } from '../graph/sizes.ts'
import type { Type } from '../graph/types.ts'
import { casesOf, listOf, scalar } from '../graph/types.ts'
import type { Column, OptionValue, ResultValue, UnionValue, Value } from '../graph/values.ts'
import { arrays, isTensorValue, lengthOf } from '../graph/values.ts'

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
  const found = v === undefined ? 'is undefined' : (misfitOf(type, v) ?? unequal(type, v))
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

const misfitOf = (t: Type, v: Value): string | undefined => {
  const found = misfit(t, v)
  return found === undefined ? undefined : `the answer${found}`
}
const columnOf = (of: Type): Type => {
  const known = columnTypes.get(of)
  if (known !== undefined) return known
  const made = listOf(of, '~column')
  columnTypes.set(of, made)
  return made
}
const columnTypes = new WeakMap<Type, Type>()
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

/** What a column of an element lies in. */
const storeOf = (e: Elem): unknown => {
  const s = storage(e)
  return s === undefined ? Array : arrays[s]
}
const notA = (t: Type): string => ` is not ${t.kind === 'tensor' ? t.elem : `a ${t.kind}`}`
/**
 * The first thing about a value that is not of its type, as `.where is what`. Paths are put together on the way back, because
 * mostly nothing is wrong.
 */
const misfit = (t: Type, v: Value): string | undefined => {
  if (t.kind === 'tensor' && t.shape.length === 0) return atomOk(t.elem, v) ? undefined : notA(t)
  if (typeof v !== 'object' || v === null) return notA(t)
  switch (t.kind) {
    case 'tensor': {
      if (!isTensorValue(v) || v.shape.length !== t.shape.length) return notA(t)
      let size = 1
      let off = false
      for (let k = 0; k < t.shape.length; k++) {
        const n = v.shape[k]!
        size *= n
        if (typeof t.shape[k] === 'number' && n !== t.shape[k]) off = true
      }
      if (off || v.data.length !== size) return ` has the shape [${v.shape.join(', ')}] for ${v.data.length} cells`
      return v.data.constructor === storeOf(t.elem) ? undefined : ` does not hold ${t.elem}`
    }
    case 'record':
      for (let i = 0; i < t.fields.length; i++) {
        const [n, f] = t.fields[i]!
        const wrong = Object.hasOwn(v, n) ? misfit(f, (v as Record<string, Value>)[n]!) : ' is missing'
        if (wrong !== undefined) return `.${n}${wrong}`
      }
      return undefined
    case 'option': {
      const o = v as OptionValue
      return o._tag === 'None' ? undefined : o._tag === 'Some' ? misfit(t.of, o.value) : notA(t)
    }
    case 'result': {
      const r = v as ResultValue
      return r._tag === 'Ok' ? misfit(t.of, r.value) : r._tag === 'Err' ? undefined : notA(t)
    }
    case 'union': {
      const u = v as UnionValue
      const found = casesOf(t)!.find(([n]) => n === u._tag)
      if (found === undefined) return notA(t)
      const wrong = misfit(found[1], u.value)
      return wrong === undefined ? undefined : `.${u._tag}${wrong}`
    }
    case 'list':
      return listMisfit(t, v as Column)
  }
}
const columnMisfit = (of: Type, x: Column | undefined, n: number): string | undefined => {
  if (x === undefined) return ' is missing'
  const wrong = misfit(columnOf(of), x)
  return wrong ?? (lengthOf(x) === n ? undefined : ` has ${lengthOf(x)} elements, not ${n}`)
}
const listMisfit = (t: Extract<Type, { kind: 'list' }>, c: Column): string | undefined => {
  if (!('list' in c)) return ' is not a list'
  if (typeof t.dim === 'number' && c.length !== t.dim) return ` has ${c.length} elements, not ${t.dim}`
  if (c.list === 'columns' && t.of.kind === 'record') {
    const { fields } = t.of
    for (let i = 0; i < fields.length; i++) {
      const [n, f] = fields[i]!
      const wrong = columnMisfit(f, Object.hasOwn(c.columns, n) ? c.columns[n] : undefined, c.length)
      if (wrong !== undefined) return `.${n}${wrong}`
    }
    return undefined
  }
  if (c.list === 'options' && t.of.kind === 'option')
    return c.valid.length === c.length
      ? columnMisfit(t.of.of, c.values, c.length)
      : ` has ${c.valid.length} marks for ${c.length} elements`
  if (c.list === 'ragged' && (t.of.kind === 'list' || t.of.kind === 'tensor')) {
    const inner = t.of.kind === 'list' ? t.of.of : scalar(t.of.elem)
    return c.offsets.length === c.length + 1
      ? columnMisfit(inner, c.values, c.offsets[c.length]!)
      : ` has ${c.offsets.length} offsets for ${c.length} elements`
  }
  if (c.list !== 'boxed') return ' is a list of another kind'
  for (const [i, x] of c.items.entries()) {
    const wrong = misfit(t.of, x)
    if (wrong !== undefined) return `[${i}]${wrong}`
  }
  return undefined
}
