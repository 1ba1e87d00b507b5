import type { Elem, Numeric } from '../elem.ts'
import type { Scalar } from '../emit.ts'
import { primOn } from '../numbers.ts'
import { reductions } from '../reduction.ts'
import type { TensorType, Type } from '../types.ts'
import type { Atom, TensorValue, Value } from '../values.ts'
import { cell, newStore, setCell, sizeOf } from '../values.ts'
import type { Meaning } from './meaning.ts'
import { orderOf } from './order.ts'
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

/** Places along an axis in the order of their cells, equal ones as they stand. */
export const argSort: Meaning<{ axis: number; descending: boolean }> = (a, args, types) => {
  const { shape, data } = tensorOf(args[0]!)
  const out = new Int32Array(data.length)
  const { n, step, starts } = linesOf(shape, a.axis)
  for (const start of starts()) {
    const order = orderOf(elemOf(types[0]!), data, { n, start, step }, a.descending)
    for (let j = 0; j < n; j++) out[start + j * step] = order[j]!
  }
  return { shape, data: out }
}

type Cells = ReturnType<typeof column>
/** Columns end to end. */
const joined = (a: Cells, b: Cells): Cells => ({
  size: a.size + b.size,
  at: (i) => (i < a.size ? a.at(i) : b.at(i - a.size)),
})
/**
 * Numbers 0, 1, 2 … for rows, in the order in which they first occur, equal for equal keys, and how many there are. A `Map`
 * compares as keys do here: NaN is equal to itself and -0 to 0.
 */
const numbered = (columns: readonly Cells[]): { readonly of: Int32Array; readonly count: number } => {
  const of = new Int32Array(columns[0]!.size)
  let count = Math.min(1, of.length)
  for (const c of columns) {
    const own = new Map<Atom, number>()
    const pairs = new Map<number, number>()
    for (let i = 0; i < of.length; i++) {
      const key = numberOf(own, c.at(i))
      // Below rows · rows, which is exact. The first column has the numbers already.
      of[i] = c === columns[0] ? key : numberOf(pairs, of[i]! + count * key)
    }
    count = c === columns[0] ? own.size : pairs.size
  }
  return { of, count }
}
const numberOf = <K>(known: Map<K, number>, key: K): number => {
  const found = known.get(key)
  if (found !== undefined) return found
  known.set(key, known.size)
  return known.size - 1
}
const cellsOf = (types: readonly Type[], args: readonly Value[]): Cells[] => args.map((v, k) => column(types[k]!, v))

/** For each row the first row with the same keys. */
export const firstEqual: Meaning<object> = (_, args, types) => {
  const { of, count } = numbered(cellsOf(types, args))
  const first = new Int32Array(count).fill(-1)
  const data = of.map((group, i) => {
    if (first[group] === -1) first[group] = i
    return first[group]!
  })
  return { shape: [of.length], data }
}

/** Pairs of rows with equal keys, by left row and then by right row. */
export const join: Meaning<{ how: 'inner' | 'left' }> = (a, args, types) => {
  const half = args.length / 2
  const columns = cellsOf(types, args)
  const rows = columns[0]!.size
  const { of, count } = numbered(columns.slice(0, half).map((c, k) => joined(c, columns[half + k]!)))
  // Right rows by number: those of g stand from begins[g] to begins[g + 1], in order.
  const begins = new Int32Array(count + 1)
  for (let j = rows; j < of.length; j++) begins[of[j]! + 1]!++
  for (let g = 0; g < count; g++) begins[g + 1]! += begins[g]!
  const places = new Int32Array(of.length - rows)
  const next = begins.slice()
  for (let j = rows; j < of.length; j++) places[next[of[j]!]!++] = j - rows
  const [left, right]: [number[], number[]] = [[], []]
  for (let i = 0; i < rows; i++) {
    const [from, to] = [begins[of[i]!]!, begins[of[i]! + 1]!]
    for (let p = from; p < to; p++) {
      left.push(i)
      right.push(places[p]!)
    }
    if (from === to && a.how === 'left') {
      left.push(i)
      right.push(-1)
    }
  }
  return { list: 'columns', length: left.length, columns: { left: indices(left), right: indices(right) } }
}
