import type { Elem } from '../elem.ts'
import type { Dim, TensorType, Type } from '../types.ts'
import type { Atom, Value } from '../values.ts'
import { cellsOf, isTensorValue, lengthOf, sizeOf, tabulate, zeroOf } from '../values.ts'
import type { Meaning } from './meaning.ts'

/** Row-major strides of a shape. */
export const stridesOf = (shape: readonly number[]): number[] => {
  const s = new Array<number>(shape.length)
  let step = 1
  for (let k = shape.length - 1; k >= 0; k--) {
    s[k] = step
    step *= shape[k]!
  }
  return s
}
/** The lines of a tensor along an axis: how many cells each has, how far they lie apart, and where each begins. */
export const linesOf = (
  shape: readonly number[],
  axis: number,
): { n: number; step: number; starts: () => Generator<number> } => {
  const n = shape[axis]!
  const step = stridesOf(shape)[axis]!
  const total = sizeOf(shape)
  function* starts(): Generator<number> {
    for (let outer = 0; outer < total; outer += n * step) for (let k = 0; k < step; k++) yield outer + k
  }
  return { n, step, starts }
}
/** Index along each axis of row-major cell `i`. */
export const unravel = (shape: readonly number[], i: number): number[] => {
  const index = new Array<number>(shape.length)
  for (let k = shape.length - 1; k >= 0; k--) {
    index[k] = i % shape[k]!
    i = Math.floor(i / shape[k]!)
  }
  return index
}
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, k) => s + x * b[k]!, 0)

const elemOf = (t: Type): Elem => (t as TensorType).elem
const cells = (types: readonly Type[], args: readonly Value[], k: number) => cellsOf(elemOf(types[k]!), args[k]!)
/** Sizes of the named dimensions of a value of a tensor or list type. */
const sizesOf = (t: Type, v: Value, into: Map<Dim, number>): Map<Dim, number> => {
  if (t.kind === 'tensor') for (const [k, n] of cellsOf(t.elem, v).shape.entries()) into.set(t.shape[k]!, n)
  if (t.kind === 'list') into.set(t.dim, lengthOf(v as never))
  return into
}
const concrete = (shape: readonly Dim[], sizes: ReadonlyMap<Dim, number>): number[] =>
  shape.map((d) => (typeof d === 'number' ? d : (sizes.get(d) ?? 0)))
const gatherCells = (t: Type, shape: readonly number[], at: (index: readonly number[]) => Atom): Value =>
  tabulate(elemOf(t), shape, (i) => at(unravel(shape, i)))

export const transpose: Meaning<{ perm: readonly number[] }> = (a, args, types, result) => {
  const x = cells(types, args, 0)
  const s = stridesOf(x.shape)
  return gatherCells(
    result,
    a.perm.map((p) => x.shape[p]!),
    (ix) => x.at(a.perm.reduce((o, p, k) => o + ix[k]! * s[p]!, 0)),
  )
}
export const reshape: Meaning<{ shape: readonly Dim[] }> = (a, args, types, result) => {
  const shape = concrete(a.shape, sizesOf(types[0]!, args[0]!, new Map()))
  const [x] = args
  // Values never change, so the cells are shared.
  return isTensorValue(x!) && shape.length > 0
    ? { shape, data: x.data }
    : tabulate(elemOf(result), shape, cells(types, args, 0).at)
}
export const broadcast: Meaning<{ shape: readonly Dim[]; axes: readonly number[] }> = (a, args, types, result) => {
  const x = cells(types, args, 0)
  const s = stridesOf(x.shape)
  const sizes = new Map<Dim, number>()
  types.forEach((t, k) => {
    sizesOf(t, args[k]!, sizes)
  })
  return gatherCells(result, concrete(a.shape, sizes), (ix) =>
    x.at(a.axes.reduce((o, axis, k) => o + ix[axis]! * s[k]!, 0)),
  )
}
export interface SliceAttrs {
  readonly axis: number
  readonly start: number
  readonly stop: number | null
  readonly step: number
  readonly dim: string
}
/** First index, and number of cells, of a slice of an axis of `n`: both ends clamped, negative ones counted from the end. */
export const sliceRange = (a: SliceAttrs, n: number): { start: number; count: number } => {
  const clamp = (i: number): number => Math.min(n, Math.max(0, i < 0 ? i + n : i))
  const start = clamp(a.start)
  return { start, count: Math.max(0, Math.ceil((clamp(a.stop ?? n) - start) / a.step)) }
}
export const slice: Meaning<SliceAttrs> = (a, args, types, result) => {
  const x = cells(types, args, 0)
  const s = stridesOf(x.shape)
  const { start, count } = sliceRange(a, x.shape[a.axis]!)
  const shape = x.shape.map((n, k) => (k === a.axis ? count : n))
  return gatherCells(result, shape, (ix) => x.at(dot(ix, s) + (start + ix[a.axis]! * (a.step - 1)) * s[a.axis]!))
}
export const concat: Meaning<{ axis: number; dim: string }> = (a, args, types, result) => {
  const parts = args.map((_, k) => cells(types, args, k))
  const ends = parts.map((p) => p.shape[a.axis]!)
  const shape = parts[0]!.shape.map((n, k) => (k === a.axis ? ends.reduce((x, y) => x + y, 0) : n))
  return gatherCells(result, shape, (ix) => {
    let at = ix[a.axis]!
    let part = 0
    while (at >= ends[part]!) at -= ends[part++]!
    const p = parts[part]!
    return p.at(
      dot(
        ix.map((i, k) => (k === a.axis ? at : i)),
        stridesOf(p.shape),
      ),
    )
  })
}
/** Rows of the first operand along its first axis, by index; an index out of range takes the nearest row. */
export const gather: Meaning<object> = (_, args, types, result) => {
  const x = cells(types, args, 0)
  const index = cells(types, args, 1)
  const rows = x.shape[0]!
  const rest = x.shape.slice(1)
  const width = sizeOf(rest)
  return tabulate(elemOf(result), [...index.shape, ...rest], (i) => {
    if (rows === 0) return zeroOf(elemOf(result))
    const row = Math.min(rows - 1, Math.max(0, Number(index.at(Math.floor(i / width)))))
    return x.at(row * width + (i % width))
  })
}
export const iota: Meaning<{ dim: Dim }> = (a, args, types) => {
  const sizes = args[0] === undefined ? new Map<Dim, number>() : sizesOf(types[0]!, args[0], new Map())
  return tabulate('i32', concrete([a.dim], sizes), (i) => i)
}
