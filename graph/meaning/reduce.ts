import type { Numeric } from '../elem.ts'
import { isFloat } from '../elem.ts'
import type { Scalar } from '../emit.ts'
import { primOn } from '../numbers.ts'
import type { Reduction } from '../reduction.ts'
import { reduceStriped } from '../reduction.ts'
import type { TensorType, Type } from '../types.ts'
import type { Value } from '../values.ts'
import { cellsOf, lengthOf, sizeOf, tabulate } from '../values.ts'
import type { Meaning } from './meaning.ts'
import { stridesOf, unravel } from './shape.ts'

const numeric = (t: Type): Numeric => (t as TensorType).elem as Numeric
const cells = (types: readonly Type[], args: readonly Value[], k: number) => cellsOf(numeric(types[k]!), args[k]!)

/** Splits axes into kept and reduced, and gives the place of cell `r` of the reduced ones within result cell `i`. */
const lanes = (shape: readonly number[], axes: readonly number[]) => {
  const s = stridesOf(shape)
  const kept = shape.map((_, k) => k).filter((k) => !axes.includes(k))
  const offset = (over: readonly number[], i: number): number =>
    unravel(
      over.map((k) => shape[k]!),
      i,
    ).reduce((o, x, k) => o + x * s[over[k]!]!, 0)
  return {
    shape: kept.map((k) => shape[k]!),
    n: sizeOf(axes.map((k) => shape[k]!)),
    at: (i: number, r: number): number => offset(kept, i) + offset(axes, r),
  }
}

export const reduce: Meaning<{ how: Reduction; axes: readonly number[] }> = (a, args, types) => {
  const x = cells(types, args, 0)
  const elem = numeric(types[0]!)
  const l = lanes(x.shape, a.axes)
  return tabulate(elem, l.shape, (i) => reduceStriped(a.how, elem, l.n, (r) => x.at(l.at(i, r)) as Scalar))
}

const isNaNCell = (x: Scalar): boolean => typeof x === 'number' && Number.isNaN(x)

/** The first index of the least (greatest) cell; the first NaN wins over everything; -1 where there is no cell. */
export const argReduce: Meaning<{ how: 'min' | 'max'; axis: number }> = (a, args, types) => {
  const x = cells(types, args, 0)
  const l = lanes(x.shape, [a.axis])
  const better = (y: Scalar, best: Scalar): boolean =>
    !isNaNCell(best) && (isNaNCell(y) || (a.how === 'min' ? y < best : y > best))
  return tabulate('i32', l.shape, (i) => {
    let best = -1
    for (let r = 0; r < l.n; r++) {
      if (best < 0 || better(x.at(l.at(i, r)) as Scalar, x.at(l.at(i, best)) as Scalar)) best = r
    }
    return best
  })
}

/** Running sums along an axis, strictly left to right. */
export const cumsum: Meaning<{ axis: number }> = (a, args, types) => {
  const x = cells(types, args, 0)
  const elem = numeric(types[0]!)
  const add = primOn('add', elem)
  const stride = stridesOf(x.shape)[a.axis]!
  const out: Scalar[] = []
  return tabulate(elem, x.shape, (i) => {
    const k = unravel(x.shape, i)[a.axis]!
    const next = k === 0 ? (x.at(i) as Scalar) : add(out[i - stride]!, x.at(i) as Scalar)
    out.push(next)
    return next
  })
}

/**
 * a[batch…, m…, k] · b[batch…, k, n…] → [batch…, m…, n…]: products are added over k in order, from -0 (0 for integers),
 * multiply and add rounding separately.
 */
export const contract: Meaning<{ batch: number }> = (a, args, types) => {
  const x = cells(types, args, 0)
  const y = cells(types, args, 1)
  const elem = numeric(types[0]!)
  const [mul, add] = [primOn('mul', elem), primOn('add', elem)]
  const k = x.shape[x.shape.length - 1]!
  const batch = x.shape.slice(0, a.batch)
  const m = x.shape.slice(a.batch, -1)
  const n = y.shape.slice(a.batch + 1)
  const [ms, ns] = [sizeOf(m), sizeOf(n)]
  const from = isFloat(elem) ? -0 : elem.endsWith('64') ? 0n : 0
  return tabulate(elem, [...batch, ...m, ...n], (i) => {
    const col = i % ns
    const row = Math.floor(i / ns) % ms
    const b = Math.floor(i / (ns * ms))
    let acc: Scalar = from as Scalar
    for (let j = 0; j < k; j++) {
      acc = add(acc, mul(x.at((b * ms + row) * k + j) as Scalar, y.at((b * k + j) * ns + col) as Scalar))
    }
    return acc
  })
}

/** Reduces each inner list of a ragged list of numbers. */
export const segmentReduce: Meaning<{ how: Reduction }> = (a, args, _, result) => {
  const list = args[0] as Extract<Value, { list: 'ragged' }>
  const elem = numeric(result)
  const x = cellsOf(elem, list.values)
  return tabulate(elem, [lengthOf(list)], (i) => {
    const from = list.offsets[i]!
    return reduceStriped(a.how, elem, list.offsets[i + 1]! - from, (r) => x.at(from + r) as Scalar)
  })
}
