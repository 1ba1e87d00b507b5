import type { Op } from '../../graph/arena.ts'
import { isFloat, isNumeric } from '../../graph/elem.ts'
import { meaning } from '../../graph/meaning/index.ts'
import type { SliceAttrs } from '../../graph/meaning/shape.ts'
import type { Reduction } from '../../graph/reduction.ts'
import type { Dim, Type } from '../../graph/types.ts'
import { casesOf, elementOf, scalar, unit } from '../../graph/types.ts'
import type { Cell } from './value.ts'

/** What a match knows: the functions of laws read it, and nothing else. */
export interface Bound {
  /** Type of a variable. */
  readonly type: (name: string) => Type
  readonly rest: (name: string) => readonly Type[]
  readonly attrs: (name: string) => never
  /** The op that `each` stands for. */
  readonly op: (name: string) => Op
  readonly literal: (name: string) => Cell | undefined
  /** What the matched node is, and the roots of its bodies. */
  readonly root: { readonly type: Type; readonly bodies: readonly Op[] }
}

export const shapeOf = (t: Type): readonly Dim[] => (t.kind === 'tensor' ? t.shape : [])
interface Axes {
  readonly axes: readonly number[]
}
interface Perm {
  readonly perm: readonly number[]
}
interface Spread extends Axes {
  readonly shape: readonly Dim[]
}
const reduceAs = (how: string) => (b: Bound) => ({ ...(b.attrs('r') as object), how })
const ascending = (xs: readonly number[]): boolean => xs.every((x, k) => k === 0 || x > xs[k - 1]!)
const sized = (shape: readonly Dim[], axis: number): number | undefined => {
  const d = shape[axis]
  return typeof d === 'number' ? d : undefined
}
/** The part of a concatenation that holds all of a slice, and where in it the slice begins. */
const slicePart = (b: Bound): { readonly k: number; readonly attrs: SliceAttrs } | undefined => {
  const a = b.attrs('a') as SliceAttrs
  const { axis } = b.attrs('c') as { axis: number }
  const sizes = b.rest('xs').map((t) => sized(shapeOf(t), axis))
  if (a.axis !== axis || a.dim !== '' || sizes.includes(undefined)) return undefined
  const total = (sizes as number[]).reduce((m, n) => m + n, 0)
  const { start, count } = meaning.shape.sliceRange(a, total)
  const last = start + (count - 1) * a.step
  let from = 0
  for (const [k, n] of (sizes as number[]).entries()) {
    if (count > 0 && start >= from && last < from + n)
      return { k, attrs: { axis, start: start - from, stop: last - from + 1, step: a.step, dim: '' } }
    from += n
  }
  return undefined
}

/** Attributes of ops on right sides, by name. Undefined: the law does not apply. */
export const attributes: Readonly<Record<string, (b: Bound) => object | undefined>> = {
  'as-max': reduceAs('max'),
  'as-min': reduceAs('min'),
  'as-sum': reduceAs('sum'),
  'as-any': reduceAs('any'),
  'as-all': reduceAs('all'),
  /** Axes of the outer reduction, numbered as before the inner one, beside those of the inner. */
  'axes-together': (b) => {
    const [outer, inner] = [b.attrs('outer') as Axes, b.attrs('inner') as Axes & { how: string }]
    const kept = shapeOf(b.type('x')).flatMap((_, k) => (inner.axes.includes(k) ? [] : [k]))
    return { how: inner.how, axes: [...outer.axes.map((a) => kept[a]!), ...inner.axes].sort((m, n) => m - n) }
  },
  /** Axes are named in order, which is that of adding: another one is for reductions that any order gives the same. */
  'axes-before': (b) => {
    const [r, { perm }] = [b.attrs('r') as Axes & { how: Reduction }, b.attrs('p') as Perm]
    const kept = perm.filter((_, k) => !r.axes.includes(k))
    const axes = r.axes.map((a) => perm[a]!)
    const { root } = b
    const rounds = (r.how === 'sum' || r.how === 'prod') && root.type.kind === 'tensor' && isFloat(root.type.elem)
    if (!ascending(kept) || (rounds && !ascending(axes))) return undefined
    return { ...(r as object), axes: axes.sort((m, n) => m - n) }
  },
  'every-axis': (b) => ({ ...(b.attrs('r') as object), axes: shapeOf(b.type('x')).map((_, k) => k) }),
  composed: (b) => {
    const [p, q] = [b.attrs('p') as Perm, b.attrs('q') as Perm]
    return { perm: p.perm.map((k) => q.perm[k]!) }
  },
  'axes-through': (b) => {
    const [a, inner] = [b.attrs('a') as Spread, b.attrs('b') as Spread]
    return { shape: a.shape, axes: inner.axes.map((k) => a.axes[k]!) }
  },
  'to-reshaped': (b) => ({ shape: shapeOf(b.root.type), axes: [] }),
  'to-transposed': (b) => {
    const [{ perm }, inner] = [b.attrs('p') as Perm, b.attrs('b') as Spread]
    const axes = inner.axes.map((a) => perm.indexOf(a))
    return ascending(axes) ? { shape: shapeOf(b.root.type), axes } : undefined
  },
  /** A slice along an axis that repeats is a shorter repetition. */
  'to-sliced': (b) => {
    const [a, inner] = [b.attrs('a') as SliceAttrs, b.attrs('b') as Spread]
    return inner.axes.includes(a.axis) ? undefined : { shape: shapeOf(b.root.type), axes: inner.axes }
  },
  'without-first': (b) => {
    const inner = b.attrs('b') as Spread
    return inner.axes.includes(0) ? undefined : { shape: shapeOf(b.root.type), axes: inner.axes.map((a) => a - 1) }
  },
  'slice-through': (b) => {
    const [a, inner] = [b.attrs('a') as SliceAttrs, b.attrs('b') as SliceAttrs]
    const n = sized(shapeOf(b.type('x')), inner.axis)
    if (a.axis !== inner.axis || n === undefined || a.dim !== '' || inner.dim !== '') return undefined
    const one = meaning.shape.sliceRange(inner, n)
    const two = meaning.shape.sliceRange(a, one.count)
    if (two.count === 0) return undefined
    const [start, step] = [one.start + two.start * inner.step, inner.step * a.step]
    return { axis: a.axis, start, stop: start + (two.count - 1) * step + 1, step, dim: '' }
  },
  'slice-part': (b) => slicePart(b)?.attrs,
  'length-of-type': (b) => {
    const dim = elementOf(b.type('x'))?.dim
    return typeof dim === 'number' ? { type: scalar('i32'), value: dim } : undefined
  },
  unit: () => ({ type: unit, value: null }),
}

/** Places of operands and bodies, by name. */
export const places: Readonly<Record<string, (b: Bound) => number | undefined>> = {
  first: () => 0,
  second: () => 1,
  part: (b) => slicePart(b)?.k,
  'field-place': (b) => {
    const at = (b.attrs('r') as { fields: readonly string[] }).fields.indexOf((b.attrs('f') as { name: string }).name)
    return at < 0 ? undefined : at
  },
  'case-place': (b) => {
    const { case: name, type } = b.attrs('i') as { case: string; type: Type }
    const at = casesOf(type)?.findIndex(([n]) => n === name) ?? -1
    return at < 0 ? undefined : at
  },
}
export const isTensorOfNumbers = (t: Type): boolean => t.kind === 'tensor' && isNumeric(t.elem)
