import type { Elem } from '../elem.ts'
import { isNumeric } from '../elem.ts'
import type { Dim } from '../types.ts'
import { showType } from '../types.ts'
import { constantLike, prim2, select } from './arith.ts'
import { unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { counting, elemOf, isTensor, shapeOf, spread } from './lift.ts'
import { optionsOf } from './options.ts'
import { axesOf } from './reduce.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import type { Dims } from './types.ts'

/** What stands outside of an axis: zeros, its last cell, its other end, or its cells backwards (the last one not again). */
export type Outside = 'zero' | 'edge' | 'wrap' | 'reflect'
const outsides: readonly Outside[] = ['zero', 'edge', 'wrap', 'reflect']

export interface ShiftOptions<D> {
  /** The axis; it can be left out where there is one. */
  readonly axis?: D
  readonly outside?: Outside
}
/**
 * Cells that lie `by` further along an axis: cell i of the result is cell i + by, and what lies outside is as `outside`
 * says, zero unless told. Sums of shifts are stencils.
 *
 *     const laplacian = shift(u, 1).add(shift(u, -1)).sub(u.mul(2))
 */
export const shift = <E extends Elem, D extends Dims>(
  x: Tensor<E, D>,
  by: number,
  options: ShiftOptions<D[number]> = {},
): Tensor<E, D> => {
  const { axis, outside = 'zero' } = optionsOf('shift', options, ['axis', 'outside'])
  return wrapAs(shifted(unwrap(x), by, axis, outside))
}

/** Cells outside that are written out one by one; more of them are looked up by place. */
const written = 4

const shifted = (x: Ref, by: number, dim: Dim | undefined, outside: Outside): Ref => {
  const b = current()
  if (isPoisoned(x)) return x
  const axes = axesOf('shift', x, dim === undefined ? [] : [dim])
  if (axes === undefined) return b.poisoned(x.type)
  if (axes.length !== 1)
    return b.fail(
      'shift',
      `shift goes along one axis, and ${showType(x.type)} has ${axes.length}`,
      'name the axis',
      x.type,
    )
  if (!Number.isSafeInteger(by) || Math.abs(by) > 1e6)
    return b.fail('shift', `shift by ${String(by)}`, 'give a whole number of cells', x.type)
  if (!outsides.includes(outside))
    return b.fail('shift', `there is no '${String(outside)}' outside`, `choose from ${outsides.join(', ')}`, x.type)
  if (outside === 'zero' && !(isTensor(x) && isNumeric(elemOf(x.type)) && elemOf(x.type) !== 'bool'))
    return b.fail('shift', `${showType(x.type)} has no zero`, "choose 'edge', 'wrap' or 'reflect'", x.type)
  if (by === 0) return x
  const [axis] = axes as [number]
  const n = shapeOf(x.type)[axis]!
  return typeof n === 'number' && Math.abs(by) <= written && Math.abs(by) < n
    ? joined(x, axis, n, by, outside)
    : lookedUp(x, axis, by, outside)
}

/** What stays, and what comes in from outside, end to end: kernels write each where it belongs. */
const joined = (x: Ref, axis: number, n: number, by: number, outside: Outside): Ref => {
  const b = current()
  const part = (start: number, stop: number): Ref => b.node('slice', { axis, start, stop, step: 1, dim: '' }, [x])
  /** The cell at a place outside. */
  const cell = (i: number): Ref => {
    if (outside === 'zero') {
      const like = part(0, 1)
      return spread(b, constantLike(x, 0), shapeOf(like.type), [], like)
    }
    const at = outside === 'edge' ? Math.min(n - 1, Math.max(0, i)) : outside === 'wrap' ? (i + n) % n : mirrored(i, n)
    return part(at, at + 1)
  }
  const count = Math.abs(by)
  const out = Array.from({ length: count }, (_, k) => cell(by > 0 ? n + k : by + k))
  const stay = by > 0 ? part(by, n) : part(0, n + by)
  return b.node('concat', { axis, dim: '' }, by > 0 ? [stay, ...out] : [...out, stay])
}
const mirrored = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i)

/** The same by computed places, for any size. */
const lookedUp = (x: Ref, axis: number, by: number, outside: Outside): Ref => {
  const b = current()
  const rank = shapeOf(x.type).length
  const rest = shapeOf(x.type).flatMap((_, k) => (k === axis ? [] : [k]))
  const first = axis === 0 ? x : b.node('transpose', { perm: [axis, ...rest] }, [x])
  const d = shapeOf(x.type)[axis]!
  const line = typeof d === 'number' ? counting(b, d) : b.node('iota', { dim: d }, [first])
  const n = b.node('length', {}, [line])
  const wide = (s: Ref): Ref => spread(b, s, shapeOf(line.type), [], line)
  const at = prim2('add', line, by)
  const within = (modulus: Ref): Ref =>
    prim2('rem', prim2('add', prim2('rem', at, wide(modulus)), wide(modulus)), wide(modulus))
  const places = (): Ref => {
    if (outside === 'wrap') return within(n)
    if (outside !== 'reflect') return at
    // Back and forth: the way there and back is one turn.
    const turn = prim2('max', prim2('sub', prim2('mul', n, 2), 2), 1)
    const there = within(turn)
    return prim2('min', there, prim2('sub', wide(turn), there))
  }
  const taken = b.node('gather', {}, [first, places()])
  const all = outside === 'zero' ? kept(at, n, taken) : taken
  if (axis === 0) return all
  const back = [
    ...Array.from({ length: axis }, (_, k) => k + 1),
    0,
    ...Array.from({ length: rank - axis - 1 }, (_, k) => axis + 1 + k),
  ]
  return b.node('transpose', { perm: back }, [all])
}
const kept = (at: Ref, n: Ref, taken: Ref): Ref => {
  const b = current()
  const inside = prim2('and', prim2('ge', at, 0), prim2('lt', at, spread(b, n, shapeOf(at.type), [], at)))
  return select(spread(b, inside, shapeOf(taken.type), [0], taken), taken, constantLike(taken, 0))
}
