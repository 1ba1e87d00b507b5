import type { Either } from '../either.ts'
import { left, right } from '../either.ts'
import type { Elem } from '../elem.ts'
import type { Misfit } from '../json-value.ts'
import { decodeValue, encodeValue } from '../json-value.ts'
import { sizeMisfit } from '../sizes.ts'
import type { Dim, Fields, TensorType, Type } from '../types.ts'
import { casesOf, listOf, scalar } from '../types.ts'
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
} from '../values.ts'
import { collect, elementAt, lengthOf, newStore, setCell, sizeOf } from '../values.ts'

/**
 * Between what a JavaScript program holds and values. Accepted are numbers, bigints (or safe whole numbers) for 64-bit
 * integers, Dates or ISO texts for timestamps, bigints (scaled) or texts for decimals, nested arrays, typed arrays or
 * `{ shape, data }` for tensors, arrays of rows or `{ columns }` for lists, `null` for none, `{ _tag, value }` for
 * unions. At most 20 misfits are listed, each with its path: `$.loans[3].amount`.
 *
 *     toValue(parseType('f64[K]'), [1, 2, 3])   // Right({ shape: [3], data: Float64Array [1, 2, 3] })
 */
export const toValue = (t: Type, js: unknown, path = '$'): Either<readonly Misfit[], Value> => {
  const reader = new Reader()
  let value: Value | undefined
  try {
    value = reader.read(t, js, path, 0)
  } catch (e) {
    // A getter or a proxy of the caller's.
    return left([{ path: reader.at || path, problem: `cannot be read: ${e instanceof Error ? e.message : typeof e}` }])
  }
  if (reader.misfits.length > 0 || value === undefined) return left(reader.misfits)
  const odd = sizeMisfit(t, value, path)
  return odd === undefined ? right(value) : left([odd])
}

const deepest = 200

class Reader {
  readonly misfits: Misfit[] = []
  /** The field that is read. */
  at = ''

  #bad(path: string, problem: string): undefined {
    if (this.misfits.length < 20) this.misfits.push({ path, problem })
    return undefined
  }
  #size(d: Dim, n: number, path: string): void {
    if (typeof d === 'number' && d !== n) this.#bad(path, `has ${n} elements where dimension ${d} is ${d}`)
  }
  read(t: Type, x: unknown, path: string, depth: number): Value | undefined {
    if (depth > deepest) return this.#bad(path, `is nested more than ${deepest} deep`)
    switch (t.kind) {
      case 'tensor':
        return t.shape.length === 0 ? this.#atom(t.elem, x, path) : this.#tensor(t, x, path)
      case 'option': {
        if (x === null || x === undefined) return { _tag: 'None' }
        const some = this.read(t.of, x, path, depth + 1)
        return some === undefined ? undefined : { _tag: 'Some', value: some }
      }
      case 'record':
        return this.#record(t.fields, x, path, depth)
      case 'list':
        return this.#list(t.of, t.dim, x, path, depth)
      default:
        return this.#tagged(t, x, path, depth)
    }
  }
  #atom(elem: Elem, x: unknown, path: string): Value | undefined {
    const direct = plainAtom(elem, x)
    if (direct !== undefined) return direct
    const r = decodeValue(scalar(elem), x)
    // A copy, so that a document that changes later changes no graph and no run.
    if (r._tag === 'Right') return elem === 'json' ? structuredClone(r.right) : r.right
    const [odd] = r.left
    return this.#bad(path + odd!.path.slice(1), odd!.problem)
  }
  #tensor(t: TensorType, x: unknown, path: string): Value | undefined {
    if (isShaped(x)) {
      if (x.shape.length !== t.shape.length) return this.#bad(path, `has ${x.shape.length} axes, not ${t.shape.length}`)
      x.shape.forEach((n, k) => {
        this.#size(t.shape[k]!, n, path)
      })
      if (x.data.length !== sizeOf(x.shape)) return this.#bad(path, `has ${x.data.length} cells for shape [${x.shape}]`)
      return this.#cells(t.elem, x.shape, x.data, path)
    }
    const shape: number[] = []
    const flat: unknown[] = []
    const walk = (axis: number, y: unknown, at: string): void => {
      if (axis === t.shape.length) {
        flat.push(y)
        return
      }
      if (!isArrayLike(y)) return this.#bad(at, `is ${kindOf(y)}, not an array`)
      if (shape[axis] === undefined) {
        shape[axis] = y.length
        this.#size(t.shape[axis]!, y.length, at)
      } else if (shape[axis] !== y.length) {
        return this.#bad(at, `has ${y.length} elements where its neighbours have ${shape[axis]}`)
      }
      // A path for each cell costs more than all the rest.
      if (axis + 1 === t.shape.length) for (let i = 0; i < y.length; i++) flat.push(y[i])
      else for (let i = 0; i < y.length; i++) walk(axis + 1, y[i], `${at}[${i}]`)
    }
    if (t.shape.length === 1) {
      if (!isArrayLike(x)) return this.#bad(path, `is ${kindOf(x)}, not an array`)
      this.#size(t.shape[0]!, x.length, path)
      return this.#cells(t.elem, [x.length], x, path)
    }
    walk(0, x, path)
    const full = t.shape.map((_, k) => shape[k] ?? 0)
    return this.misfits.length > 0 ? undefined : this.#cells(t.elem, full, flat, path)
  }
  #cells(elem: Elem, shape: readonly number[], cells: ArrayLike<unknown>, path: string): Value | undefined {
    const store = newStore(elem, cells.length)
    const fresh = store as Exclude<typeof store, readonly Atom[]>
    if (ArrayBuffer.isView(cells) && cells.constructor === store.constructor && elem !== 'bool') {
      fresh.set(cells as never)
      return { shape, data: store }
    }
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]
      if (elem === 'f64' && typeof cell === 'number') {
        ;(fresh as Float64Array)[i] = cell
        continue
      }
      const atom = elem === 'bool' && cells instanceof Uint8Array ? cell !== 0 : this.#atom(elem, cell, `${path}[${i}]`)
      if (atom !== undefined) setCell(elem, store, i, atom as Atom)
      else if (this.misfits.length >= 20) return undefined
    }
    return { shape, data: store }
  }
  #record(fields: Fields, x: unknown, path: string, depth: number): Value | undefined {
    if (typeof x !== 'object' || x === null || Array.isArray(x))
      return this.#bad(path, `is ${kindOf(x)}, not an object`)
    const known = new Set(fields.map(([n]) => n))
    for (const k of Object.keys(x)) {
      if (!known.has(k)) this.#bad(`${path}.${k}`, `is not expected; the fields are ${[...known].join(', ')}`)
    }
    const out: [string, Value][] = []
    for (const [name, type] of fields) {
      this.at = `${path}.${name}`
      const given = Object.hasOwn(x, name) ? (x as Record<string, unknown>)[name] : undefined
      if (given === undefined && type.kind !== 'option') this.#bad(`${path}.${name}`, 'is missing')
      else {
        const value = this.read(type, given, `${path}.${name}`, depth + 1)
        if (value !== undefined) out.push([name, value])
      }
    }
    return this.misfits.length > 0 ? undefined : Object.fromEntries(out)
  }
  #list(of: Type, dim: Dim, x: unknown, path: string, depth: number): Value | undefined {
    if (of.kind === 'record' && typeof x === 'object' && x !== null && 'columns' in x && !Array.isArray(x)) {
      const given = x.columns as Record<string, unknown>
      const columns = of.fields.map(
        ([n, t]) => [n, this.read(listOf(t, dim), given[n], `${path}.${n}`, depth + 1)] as const,
      )
      if (this.misfits.length > 0) return undefined
      const first = columns[0]?.[1] as Column | undefined
      const length = first === undefined ? 0 : lengthOf(first)
      return { list: 'columns', length, columns: Object.fromEntries(columns as [string, Column][]) }
    }
    // A list as `fromValue` gives it is taken back.
    if (isRows(x)) return this.#list(of, dim, Array.from(x), path, depth)
    if (!isArrayLike(x)) return this.#bad(path, `is ${kindOf(x)}, not an array`)
    this.#size(dim, x.length, path)
    const items: Value[] = []
    for (let i = 0; i < x.length && this.misfits.length < 20; i++) {
      const v = this.read(of, x[i], `${path}[${i}]`, depth + 1)
      if (v !== undefined) items.push(v)
    }
    return this.misfits.length > 0 ? undefined : collect(of, items)
  }
  #tagged(t: Type, x: unknown, path: string, depth: number): Value | undefined {
    const cases = casesOf(t)!
    const tag = typeof x === 'object' && x !== null && '_tag' in x ? (x._tag as string) : undefined
    const name = t.kind === 'result' ? tag?.toLowerCase() : tag
    const found = cases.find(([n]) => n === name)
    if (found === undefined) {
      const tags = cases.map(([n]) => (t.kind === 'result' ? `${n[0]!.toUpperCase()}${n.slice(1)}` : n))
      return this.#bad(path, `needs a _tag, one of ${tags.join(', ')}`)
    }
    const part = name === 'err' && t.kind === 'result' ? 'error' : 'value'
    const value = this.read(found[1], (x as Record<string, unknown>)[part] ?? null, `${path}.${part}`, depth + 1)
    if (value === undefined) return undefined
    if (t.kind !== 'result') return { _tag: found[0], value }
    return part === 'value' ? { _tag: 'Ok', value } : { _tag: 'Err', error: value as never }
  }
}
/** The atoms that need no conversion, tested without building anything. */
const plainAtom = (elem: Elem, x: unknown): Atom | undefined => {
  switch (elem) {
    case 'f64':
      return typeof x === 'number' ? x : undefined
    case 'f32':
      return typeof x === 'number' ? Math.fround(x) : undefined
    case 'i32':
      return typeof x === 'number' && (x | 0) === x ? x : undefined
    case 'u32':
      return typeof x === 'number' && x >>> 0 === x ? x : undefined
    case 'i64':
      if (typeof x === 'number') return Number.isSafeInteger(x) ? BigInt(x) : undefined
      return typeof x === 'bigint' && BigInt.asIntN(64, x) === x ? x : undefined
    case 'u64':
      if (typeof x === 'number') return Number.isSafeInteger(x) && x >= 0 ? BigInt(x) : undefined
      return typeof x === 'bigint' && BigInt.asUintN(64, x) === x ? x : undefined
    default:
      return undefined
  }
}
const isShaped = (x: unknown): x is { readonly shape: readonly number[]; readonly data: ArrayLike<unknown> } =>
  typeof x === 'object' && x !== null && 'shape' in x && 'data' in x && Array.isArray(x.shape)
const isRows = (x: unknown): x is Iterable<unknown> =>
  typeof x === 'object' && x !== null && !isArrayLike(x) && Symbol.iterator in x && 'length' in x
const isArrayLike = (x: unknown): x is ArrayLike<unknown> =>
  Array.isArray(x) || (ArrayBuffer.isView(x) && 'length' in x)
const kindOf = (x: unknown): string =>
  x === null
    ? 'null'
    : x === undefined
      ? 'missing'
      : Array.isArray(x)
        ? 'an array'
        : typeof x === 'object'
          ? 'an object'
          : `the ${typeof x} ${typeof x === 'string' ? JSON.stringify(x.slice(0, 40)) : String(x).slice(0, 40)}`

/** Adds a `toJSON` that nobody sees: a Float64Array would print as {"0":1}, and a bigint would throw. */
const withJson = <A extends object>(x: A, json: () => Json): A => Object.defineProperty(x, 'toJSON', { value: json })

/**
 * A value as a JavaScript program likes it, always a copy: columns as typed arrays, rows of a list through `at(i)`,
 * iteration and `columns`, options as `null` or the value. Everything prints with `JSON.stringify`.
 */
export const fromValue = (t: Type, v: Value): unknown => {
  switch (t.kind) {
    case 'tensor': {
      if (t.shape.length === 0) return v
      const { shape, data } = v as TensorValue
      const cells = t.elem === 'bool' ? Array.from(data as Uint8Array, (x) => x === 1) : data.slice()
      if (shape.length === 1) return withJson(cells, () => encodeValue(t, v))
      return withJson({ shape: [...shape], data: cells }, () => encodeValue(t, v))
    }
    case 'option':
      return (v as OptionValue)._tag === 'None' ? null : fromValue(t.of, (v as { readonly value: Value }).value)
    case 'record': {
      const out = Object.fromEntries(t.fields.map(([n, f]) => [n, fromValue(f, (v as RecordValue)[n]!)]))
      return withJson(out, () => encodeValue(t, v))
    }
    case 'list':
      return listFrom(t.of, t.dim, v as ListValue, () => encodeValue(t, v))
    case 'union': {
      const u = v as UnionValue
      const of = t.cases.find(([n]) => n === u._tag)![1]
      return withJson({ _tag: u._tag, value: fromValue(of, u.value) }, () => encodeValue(t, v))
    }
    case 'result': {
      const r = v as ResultValue
      if (r._tag === 'Err') return withJson({ _tag: 'Err', error: { ...r.error } }, () => encodeValue(t, v))
      return withJson({ _tag: 'Ok', value: fromValue(t.of, r.value) }, () => encodeValue(t, v))
    }
  }
}
const listFrom = (of: Type, dim: Dim, v: ListValue, json: () => Json): object => {
  const at = (i: number): unknown => (i >= 0 && i < v.length ? fromValue(of, elementAt(of, v, i)) : undefined)
  const columns: Record<string, unknown> = {}
  if (of.kind === 'record' && v.list === 'columns') {
    for (const [n, t] of of.fields) {
      let made: unknown
      const get = (): unknown => (made ??= fromValue(listOf(t, dim), v.columns[n]!))
      Object.defineProperty(columns, n, { get, enumerable: true })
    }
  }
  const out = {
    length: v.length,
    columns,
    at,
    *[Symbol.iterator](): Generator<unknown> {
      for (let i = 0; i < v.length; i++) yield at(i)
    },
  }
  return withJson(out, json)
}
