import type { Arena, Region } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import type { Reduction } from '../../graph/reduction.ts'
import type { Dim } from '../../graph/types.ts'
import type { Dims } from './dims.ts'
import type { Id } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ixOf, mul, none, one, product, sameProduct, strides } from './ix.ts'
import { pull } from './pull.ts'
import type { Piece } from './region.ts'
import { elemOf, outputsOf, shapeOf } from './region.ts'
import type { Affine, Ssa } from './ssa.ts'

export type Output = {
  readonly elem: Numeric
  readonly value: Id
  readonly strides: readonly Product[]
  /** Where its first cell lies, in a larger array. */
  readonly offset?: Ix
  readonly how?: Reduction
}

/** A loop kernel before its loops: sizes of the domain, which axes are reduced and in which order, values, outputs. */
export interface Plan {
  readonly ssa: Ssa
  readonly sizes: readonly Product[]
  readonly kept: readonly number[]
  readonly reduced: readonly number[]
  readonly outputs: readonly Output[]
}

export const planOf = (arena: Arena, region: Region, dims: Dims): Plan => {
  const { domain, outputs } = outputsOf(arena, region.root)
  const sizes = dims.sizes(domain)
  const { ssa, at } = pull(arena, region, dims, sizes)
  const reduction = outputs.find((o) => o.op.name === 'reduce')
  const reduced = reduction === undefined ? [] : (reduction.op.attrs as { axes: readonly number[] }).axes
  const kept = sizes.map((_, k) => k).filter((k) => !reduced.includes(k))
  const over = (axes: readonly number[]): Product[] => {
    const s = strides(axes.map((k) => sizes[k]!))
    return sizes.map((_, k) => (axes.includes(k) ? s[axes.indexOf(k)]! : none))
  }
  const plan: Plan = {
    ssa,
    sizes,
    kept,
    reduced,
    outputs: outputs.map(
      (o): Output =>
        o.op.name === 'reduce'
          ? {
              elem: elemOf(o.type),
              value: at(o.args[0]!),
              strides: over(kept),
              how: (o.op.attrs as { how: Reduction }).how,
            }
          : { elem: elemOf(o.type), value: at(o.id), strides: over(sizes.map((_, k) => k)) },
    ),
  }
  return filled(joined(plan), reduction !== undefined)
}

/** The loops of one piece of a joined array of shape `whole`. */
export const piecePlan = (arena: Arena, region: Region, dims: Dims, piece: Piece, whole: readonly Dim[]): Plan => {
  const type = arena.typeOf(piece.id)
  const sizes = dims.sizes(shapeOf(type))
  const { ssa, at } = pull(arena, region, dims, sizes)
  const s = strides(dims.sizes(whole))
  const offset = piece.before.reduce<Ix>((x, before, k) => {
    const cells = before.reduce<Ix>((n, d) => add(n, ixOf(dims.size(d))), 0)
    return add(x, mul(cells, ixOf(s[k]!)))
  }, 0)
  const plan: Plan = {
    ssa,
    sizes,
    kept: sizes.map((_, k) => k),
    reduced: [],
    outputs: [{ elem: elemOf(type), value: at(piece.id), strides: s, offset }],
  }
  return filled(joined(plan), false)
}

/** Every loop nest has an axis to run lanes along, and every reduction one to reduce: of size one if need be. */
const filled = (p: Plan, reduces: boolean): Plan => {
  if (reduces ? p.reduced.length > 0 : p.sizes.length > 0) return p
  for (const n of p.ssa.nodes) if ('strides' in n) (n as { strides: readonly Product[] }).strides = [...n.strides, none]
  const k = p.sizes.length
  return {
    ...p,
    sizes: [...p.sizes, one],
    outputs: p.outputs.map((o) => ({ ...o, strides: [...o.strides, none] })),
    kept: reduces ? p.kept : [k],
    reduced: reduces ? [k] : [],
  }
}

const affines = (ssa: Ssa): (Affine & { strides: readonly Product[] })[] => ssa.nodes.filter((n) => 'strides' in n)

const without = (p: Plan, k: number, sizes: readonly Product[]): Plan => {
  const drop = <T>(xs: readonly T[]): T[] => xs.filter((_, i) => i !== k)
  for (const n of affines(p.ssa)) n.strides = drop(n.strides)
  const renumber = (axes: readonly number[]): number[] => axes.filter((a) => a !== k).map((a) => (a > k ? a - 1 : a))
  return {
    ...p,
    sizes: drop(sizes),
    kept: renumber(p.kept),
    reduced: renumber(p.reduced),
    outputs: p.outputs.map((o) => ({ ...o, strides: drop(o.strides) })),
  }
}

/**
 * Joins neighbouring axes into one wherever every access steps through both as through one: then contiguous tensors of
 * any rank become a single loop. Values keep their numbers, only their strides get shorter.
 */
const joined = (p: Plan): Plan => {
  const unit = p.sizes.findIndex((s, k) => sameProduct(s, one) && p.sizes.length > 1 && !p.reduced.includes(k))
  if (unit >= 0) return joined(without(p, unit, p.sizes))
  for (let k = 0; k + 1 < p.sizes.length; k++) {
    const [r, q] = [p.reduced.indexOf(k), p.reduced.indexOf(k + 1)]
    if (r >= 0 || q >= 0 ? r < 0 || q !== r + 1 : false) continue
    const size = p.sizes[k + 1]!
    const fits = (s: readonly Product[]): boolean => sameProduct(s[k]!, product(s[k + 1]!, size))
    if (!affines(p.ssa).every((n) => fits(n.strides)) || !p.outputs.every((o) => fits(o.strides))) continue
    return joined(without(p, k, p.sizes.with(k + 1, product(p.sizes[k]!, size))))
  }
  return p
}

/** How well lanes run along an axis: neighbouring cells first, cells that all lanes share second. */
export const fitness = (p: Plan, axis: number): number => {
  const stepped = [...affines(p.ssa), ...p.outputs.filter((o) => o.how === undefined)].map((n) => n.strides[axis]!)
  return stepped.reduce((n, s) => n + (sameProduct(s, one) ? 2 : s.times === 0 ? 1 : 0), 0)
}
