import type { Elem } from './elem.ts'
import { isElem } from './elem.ts'

/**
 * A dimension: a literal size, or a name whose size is known when the graph runs. Equal names mean equal sizes. A name
 * that begins with `~` varies from element to element of the surrounding list (ragged nesting).
 */
export type Dim = number | string
/** The greatest size of a dimension: places along it are i32. */
export const largestSize = 2 ** 31 - 1
export const isSize = (n: unknown): n is number =>
  Number.isSafeInteger(n) && (n as number) >= 0 && (n as number) <= largestSize

/** Types of values. A scalar is a tensor of rank 0. A list of scalars *is* a tensor of rank 1 (see `listOf`). */
export type Type =
  | { readonly kind: 'tensor'; readonly elem: Elem; readonly shape: readonly Dim[] }
  | { readonly kind: 'option'; readonly of: Type }
  | { readonly kind: 'record'; readonly fields: Fields }
  | { readonly kind: 'list'; readonly of: Type; readonly dim: Dim }
  | { readonly kind: 'union'; readonly cases: Fields }
  | { readonly kind: 'result'; readonly of: Type }
export type Fields = readonly (readonly [name: string, type: Type])[]
export type TensorType = Extract<Type, { kind: 'tensor' }>
export type RecordType = Extract<Type, { kind: 'record' }>

export const tensor = (elem: Elem, shape: readonly Dim[]): TensorType => ({ kind: 'tensor', elem, shape })
export const scalar = (elem: Elem): TensorType => tensor(elem, [])
export const option = (of: Type): Type => ({ kind: 'option', of })
export const record = (fields: Fields): RecordType => ({ kind: 'record', fields })
export const union = (cases: Fields): Type => ({ kind: 'union', cases })
export const result = (of: Type): Type => ({ kind: 'result', of })
export const isType = (v: unknown): v is Type =>
  typeof v === 'object' && v !== null && 'kind' in v && typeof v.kind === 'string'
export const unit: TensorType = scalar('unit')
export const bool: TensorType = scalar('bool')

/** What a failed `attempt` holds: the tag and message of the error, as data. */
export const failure: RecordType = record([
  ['tag', scalar('string')],
  ['message', scalar('string')],
])

/** The list of `dim` elements of a type; scalars give a tensor of rank 1, so there is one form for a column. */
export const listOf = (of: Type, dim: Dim): Type =>
  of.kind === 'tensor' && of.shape.length === 0 ? tensor(of.elem, [dim]) : { kind: 'list', of, dim }

/** Element type and dimension of a list or a tensor of rank 1. */
export const elementOf = (t: Type): { readonly of: Type; readonly dim: Dim } | undefined =>
  t.kind === 'list'
    ? t
    : t.kind === 'tensor' && t.shape.length === 1
      ? { of: scalar(t.elem), dim: t.shape[0]! }
      : undefined

/** The alternatives of a type that `match` takes apart. */
export const casesOf = (t: Type): Fields | undefined =>
  t.kind === 'union'
    ? t.cases
    : t.kind === 'option'
      ? [
          ['none', unit],
          ['some', t.of],
        ]
      : t.kind === 'result'
        ? [
            ['ok', t.of],
            ['err', failure],
          ]
        : undefined

export const fieldOf = (t: Type, name: string): Type | undefined =>
  t.kind === 'record' ? t.fields.find(([n]) => n === name)?.[1] : undefined

export const isScalar = (t: Type): t is TensorType & { readonly shape: readonly [] } =>
  t.kind === 'tensor' && t.shape.length === 0
export const isRagged = (d: Dim): boolean => typeof d === 'string' && d.startsWith('~')

/**
 * Names of dimensions on which the size of a value depends, in order of occurrence. A ragged name that varies from element
 * to element of a list is bound by that list, and not among them: `list<f64[~r,k]>[n]` has `n` and `k`.
 */
export const freeDims = (t: Type): readonly string[] => {
  const known = free.get(t)
  if (known !== undefined) return known
  const found = [...new Set(freeIn(t))]
  free.set(t, found)
  return found
}
const free = new WeakMap<Type, readonly string[]>()
const named = (dims: readonly Dim[]): readonly string[] => dims.filter((d) => typeof d === 'string')
const freeIn = (t: Type): readonly string[] => {
  switch (t.kind) {
    case 'tensor':
      return named(t.shape)
    case 'list':
      return [...named([t.dim]), ...freeDims(t.of).filter((d) => !isRagged(d))]
    case 'option':
    case 'result':
      return freeDims(t.of)
    case 'record':
      return t.fields.flatMap(([, f]) => freeDims(f))
    case 'union':
      return t.cases.flatMap(([, c]) => freeDims(c))
  }
}
/** The same type with free dimensions under other names. */
export const renameDims = (t: Type, names: ReadonlyMap<Dim, Dim>): Type => {
  if (names.size === 0) return t
  const name = (d: Dim): Dim => names.get(d) ?? d
  const inside = (fields: Fields): Fields => fields.map(([n, f]) => [n, renameDims(f, names)] as const)
  switch (t.kind) {
    case 'tensor':
      return tensor(t.elem, t.shape.map(name))
    case 'list':
      return listOf(renameDims(t.of, new Map([...names].filter(([d]) => !isRagged(d)))), name(t.dim))
    case 'option':
      return option(renameDims(t.of, names))
    case 'result':
      return result(renameDims(t.of, names))
    case 'record':
      return record(inside(t.fields))
    case 'union':
      return union(inside(t.cases))
  }
}

/**
 * What is wrong with the dimensions of a type that a program put together. A name that varies from element to element
 * needs a list around it.
 */
export const dimProblem = (t: Type): string | undefined => {
  const known = wrong.get(t)
  if (known !== undefined) return known.problem
  const problem = firstProblem(t)
  wrong.set(t, { problem })
  return problem
}
const wrong = new WeakMap<Type, { readonly problem: string | undefined }>()
const firstProblem = (t: Type): string | undefined => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.map(dimsProblem).find((p) => p !== undefined)
    case 'list':
      return dimsProblem(t.dim) ?? dimProblem(t.of)
    case 'record':
      return t.fields.map(([, f]) => dimProblem(f)).find((p) => p !== undefined)
    case 'union':
      return t.cases.map(([, f]) => dimProblem(f)).find((p) => p !== undefined)
    default:
      return dimProblem(t.of)
  }
}
const dimsProblem = (d: Dim): string | undefined =>
  isSize(d) || (typeof d === 'string' && d !== '')
    ? undefined
    : `${typeof d === 'string' ? 'an empty text' : `the size ${String(d)}`} is no dimension`
export const dimRemedy = `give a name, or a whole number from 0 to ${largestSize}`

/** Structural equality; dimensions are equal when their names or literal sizes are. */
export const sameType = (a: Type, b: Type): boolean => a === b || showType(a) === showType(b)
export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i])

/**
 * Types as text: `f64`, `f64[loan,3]`, `option<i32>`, `{id: i64, name: string}`, `list<{…}>[loan]`,
 * `union<card: i64 | cash: unit>`, `result<f64>`. `parseType(showType(t))` equals `t`.
 */
export const showType = (t: Type): string => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.length === 0 ? t.elem : `${t.elem}[${t.shape.map(showDim).join(',')}]`
    case 'option':
      return `option<${showType(t.of)}>`
    case 'result':
      return `result<${showType(t.of)}>`
    case 'list':
      return `list<${showType(t.of)}>[${showDim(t.dim)}]`
    case 'record':
      return `{${t.fields.map(showField).join(', ')}}`
    case 'union':
      return `union<${t.cases.map(showField).join(' | ')}>`
  }
}
const plainName = /^[A-Za-z_~][\w~.$-]*$/
const showName = (n: string): string => (plainName.test(n) ? n : JSON.stringify(n))
const showDim = (d: Dim): string => (typeof d === 'number' ? String(d) : showName(d))
const showField = ([n, t]: readonly [string, Type]): string => `${showName(n)}: ${showType(t)}`

/** Reads a type from text; the answer is the type, or a sentence that says what is wrong and at which character. */
export const parseType = (text: string): Type | string => {
  const parser = new TypeParser(text)
  try {
    const t = parser.type()
    return parser.rest() === '' ? t : parser.problem('the end of the type')
  } catch (e) {
    if (e instanceof Unreadable) return e.message
    throw e
  }
}

class Unreadable extends Error {}

/** Recursive descent, bounded in depth so that hostile text cannot exhaust the stack. */
class TypeParser {
  #at = 0
  #depth = 0
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  rest(): string {
    return this.#text.slice(this.#at).trim()
  }
  problem(expected: string): string {
    return `expected ${expected} at character ${this.#at + 1} of type ${JSON.stringify(this.#text.slice(0, 80))}`
  }
  #fail(expected: string): never {
    throw new Unreadable(this.problem(expected))
  }
  #take(re: RegExp): string | undefined {
    const sticky = new RegExp(`\\s*(${re.source})`, 'y')
    sticky.lastIndex = this.#at
    const m = sticky.exec(this.#text)
    if (m === null) return undefined
    this.#at = sticky.lastIndex
    return m[1]
  }
  #want(text: string): void {
    if (this.#take(new RegExp(text.replace(/[{}[\]|<>:,]/g, '\\$&'))) === undefined) this.#fail(`'${text}'`)
  }
  #name(): string {
    const plain = this.#take(/[A-Za-z_~][\w~.$-]*/)
    if (plain !== undefined) return plain
    const from = this.#at
    const quoted = this.#take(/"(?:[^"\\]|\\.)*"/)
    if (quoted === undefined) return this.#fail('a name')
    try {
      return String(JSON.parse(quoted))
    } catch {
      this.#at = from
      return this.#fail('a name')
    }
  }
  #dim(): Dim {
    const from = this.#at
    const digits = this.#take(/\d+/)
    const d = digits === undefined ? this.#name() : Number(digits)
    if (d !== '' && (typeof d === 'string' || isSize(d))) return d
    this.#at = from
    return this.#fail(d === '' ? 'a name that is not empty' : `a size of at most ${largestSize}`)
  }
  #fields(separator: string, close: string): Fields {
    const fields: [string, Type][] = []
    if (this.#take(new RegExp(close.replace(/[{}>]/, '\\$&'))) !== undefined) return fields
    for (;;) {
      const name = this.#name()
      if (name === '__proto__') this.#fail("a name other than '__proto__'")
      if (fields.some(([n]) => n === name)) this.#fail(`a new name; '${name}' is there already`)
      this.#want(':')
      fields.push([name, this.type()])
      if (this.#take(new RegExp(separator.replace('|', '\\|'))) === undefined) break
    }
    this.#want(close)
    return fields
  }
  type(): Type {
    if (++this.#depth > 200) this.#fail('at most 200 levels of nesting')
    const t = this.#type()
    this.#depth--
    return t
  }
  #type(): Type {
    if (this.#take(/\{/) !== undefined) return record(this.#fields(',', '}'))
    const word = this.#take(/decimal\(\d{1,2}\)|[a-z]\w*/)
    if (word === undefined) return this.#fail('a type')
    if (word === 'union') {
      this.#want('<')
      return union(this.#fields('|', '>'))
    }
    if (word === 'option' || word === 'result' || word === 'list') {
      this.#want('<')
      const of = this.type()
      this.#want('>')
      if (word !== 'list') return word === 'option' ? option(of) : result(of)
      this.#want('[')
      const dim = this.#dim()
      this.#want(']')
      return listOf(of, dim)
    }
    if (!isElem(word)) return this.#fail('a type')
    const shape: Dim[] = []
    if (this.#take(/\[/) !== undefined) {
      do shape.push(this.#dim())
      while (this.#take(/,/) !== undefined)
      this.#want(']')
    }
    return tensor(word, shape)
  }
}
