import type { Elem, Numeric } from '../elem.ts'
import type { Scalar } from '../emit.ts'
import { primOn } from '../numbers.ts'
import { reductions } from '../reduction.ts'
import type { TensorType, Type } from '../types.ts'
import type { Atom, TensorValue, Value } from '../values.ts'
import { cell, newStore, setCell, sizeOf } from '../values.ts'
import type { Meaning } from './meaning.ts'
import { linesOf } from './shape.ts'

/** Running products and extremes, scattering, order, equal rows and joins. */
type Running = 'prod' | 'min' | 'max'
type Scattering = 'sum' | Running

const elemOf = (t: Type): Elem => (t as TensorType).elem
const tensorOf = (v: Value): TensorValue => v as TensorValue
const indices = (cells: readonly number[] | Int32Array): TensorValue => ({
  shape: [cells.length],
  data: Int32Array.from(cells),
})

export const cumulate: Meaning<{ how: Running; axis: number }> = (a, args, types) => {
  const { shape, data } = tensorOf(args[0]!)
  const elem = elemOf(types[0]!) as Numeric
  const f = primOn(reductions[a.how].prim, elem)
  const out = newStore(elem, data.length)
  const { n, step, starts } = linesOf(shape, a.axis)
  for (const start of starts()) {
    for (let j = 0, at = start; j < n; j++, at += step) {
      const x = data[at] as Scalar
      setCell(elem, out, at, j === 0 ? x : f(out[at - step] as Scalar, x))
    }
  }
  return { shape, data: out }
}

/** Rows of values joined to those of the base at indices, in order; an index out of range takes the nearest row. */
export const scatterReduce: Meaning<{ how: Scattering }> = (a, args, types) => {
  const base = tensorOf(args[0]!)
  const elem = elemOf(types[0]!) as Numeric
  const f = joining(a.how, elem)
  const rows = base.shape[0]!
  const out = base.data.slice() as Exclude<TensorValue['data'], readonly Atom[]>
  if (rows === 0) return { shape: base.shape, data: out }
  const width = sizeOf(base.shape.slice(1))
  const index = column(types[1]!, args[1]!)
  const values = column(types[2]!, args[2]!)
  for (let i = 0; i < index.size; i++) {
    const to = Math.min(rows - 1, Math.max(0, Number(index.at(i)))) * width
    for (let j = 0; j < width; j++) {
      out[to + j] = f(out[to + j] as Scalar, values.at(i * width + j) as Scalar) as never
    }
  }
  return { shape: base.shape, data: out }
}

/** Stores wrap and round sums as the elements do, so plain addition serves all of them; `primOn` goes by BigInt for integers. */
const joining = (how: Scattering, elem: Numeric): ((a: Scalar, b: Scalar) => Scalar) =>
  how === 'sum' ? (a, b) => (a as number) + (b as number) : primOn(reductions[how].prim, elem)

/** The cells of a tensor of any rank, in row-major order. */
const column = (type: Type, v: Value): { readonly size: number; readonly at: (i: number) => Atom } => {
  const { elem, shape } = type as TensorType
  if (shape.length === 0) return { size: 1, at: () => v as Atom }
  const { data } = tensorOf(v)
  return { size: data.length, at: (i) => cell(elem, data, i) }
}

/**
 * Which of two cells comes first: numbers ascending with -0 before 0, false before true, strings by code unit; NaN after
 * everything, in either direction.
 */
const compare = (a: Atom, b: Atom, descending: boolean): number => {
  const [none, other] = [Number.isNaN(a), Number.isNaN(b)]
  if (none || other) return Number(none) - Number(other)
  const zeros = a === 0 && b === 0 && !Object.is(a, b)
  const order = (zeros ? Object.is(b, 0) : a! < b!) ? -1 : zeros || a! > b! ? 1 : 0
  return descending ? -order : order
}

/** Places along an axis in the order of their cells, equal ones as they stand. */
export const argSort: Meaning<{ axis: number; descending: boolean }> = (a, args, types) => {
  const { shape } = tensorOf(args[0]!)
  const x = column(types[0]!, args[0]!)
  const out = new Int32Array(x.size)
  const { n, step, starts } = linesOf(shape, a.axis)
  for (const start of starts()) {
    const line = Array.from({ length: n }, (_, j) => x.at(start + j * step))
    const order = line.map((_, j) => j).sort((i, j) => compare(line[i]!, line[j]!, a.descending) || i - j)
    for (let j = 0; j < n; j++) out[start + j * step] = order[j]!
  }
  return { shape, data: out }
}

/**
 * A number for each row, equal for equal keys, over several columns end to end. A `Map` compares as keys do here: NaN is
 * equal to itself and -0 to 0.
 */
const codesOf = (columns: readonly (readonly Atom[])[], rows: number): Float64Array => {
  const codes = new Float64Array(rows)
  let distinct = 1
  for (const c of columns) {
    const cells = new Map<Atom, number>()
    const both = new Map<number, number>()
    for (let i = 0; i < rows; i++) {
      const own = numberOf(cells, c[i]!)
      // At most rows · rows, which is exact.
      codes[i] = numberOf(both, codes[i]! + distinct * own)
    }
    distinct = both.size
  }
  return codes
}
const numberOf = <K>(known: Map<K, number>, key: K): number => {
  const found = known.get(key)
  if (found !== undefined) return found
  known.set(key, known.size)
  return known.size - 1
}
const cellsOf = (types: readonly Type[], args: readonly Value[]): Atom[][] =>
  args.map((v, k) => {
    const c = column(types[k]!, v)
    return Array.from({ length: c.size }, (_, i) => c.at(i))
  })

/** For each row the first row with the same keys. */
export const firstEqual: Meaning<object> = (_, args, types) => {
  const columns = cellsOf(types, args)
  const rows = columns[0]!.length
  const first = new Map<number, number>()
  const codes = codesOf(columns, rows)
  const out = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const at = first.get(codes[i]!) ?? i
    if (at === i) first.set(codes[i]!, i)
    out[i] = at
  }
  return { shape: [rows], data: out }
}

/** Pairs of rows with equal keys, by left row and then by right row. */
export const join: Meaning<{ how: 'inner' | 'left' }> = (a, args, types) => {
  const half = args.length / 2
  const columns = cellsOf(types, args)
  const [rows, others] = [columns[0]!.length, columns[half]!.length]
  const codes = codesOf(
    columns.slice(0, half).map((c, k) => [...c, ...columns[half + k]!]),
    rows + others,
  )
  const places = new Map<number, number[]>()
  for (let j = 0; j < others; j++) {
    const code = codes[rows + j]!
    const there = places.get(code)
    if (there === undefined) places.set(code, [j])
    else there.push(j)
  }
  const [left, right]: [number[], number[]] = [[], []]
  const none = a.how === 'left' ? [-1] : []
  for (let i = 0; i < rows; i++) {
    for (const j of places.get(codes[i]!) ?? none) {
      left.push(i)
      right.push(j)
    }
  }
  return { list: 'columns', length: left.length, columns: { left: indices(left), right: indices(right) } }
}
