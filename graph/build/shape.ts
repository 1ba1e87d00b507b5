import { isInt } from '../elem.ts'
import type { Dim } from '../types.ts'
import { elementOf, isRagged, scalar, showType, tensor } from '../types.ts'
import { check, prim2 } from './arith.ts'
import { current } from './builder.ts'
import type { Operand } from './lift.ts'
import { beside, counting, elemOf, lift, shapeOf } from './lift.ts'
import { optionsOf } from './options.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'

/** The number of elements along the first axis, as i32. */
export const lengthOf = (x: Ref): Ref => {
  const b = current()
  const rank = shapeOf(x.type).length
  const d = shapeOf(x.type)[0]
  if (x.type.kind === 'tensor' && rank > 1 && d !== undefined && !isPoisoned(x)) {
    return typeof d === 'number' ? lift(b, d, 'i32') : b.node('length', {}, [b.node('iota', { dim: d }, [x])])
  }
  return b.node('length', {}, [x], 'take the length of a list or a tensor with an axis')
}

/** Rows at indices, along the first axis; an index outside ends the run (checked) or takes the nearest row. */
export const gather = (x: Ref, index: Operand, checked: boolean): Ref => {
  const b = current()
  const i = lift(b, index, 'i32')
  const d = shapeOf(x.type)[0]
  if (typeof index === 'number' && typeof d === 'number' && !(index >= 0 && index < d)) {
    return b.fail(
      'at',
      `index ${index} lies outside ${showType(x.type)}`,
      `use an index from 0 to ${d - 1}`,
      tensor(elemOf(x.type), shapeOf(x.type).slice(1)),
    )
  }
  const value = b.node('gather', {}, [x, i], 'index the first axis of a tensor by integers')
  if (!checked || isPoisoned(value) || (typeof index === 'number' && typeof d === 'number')) return value
  const e = elemOf(i.type)
  const length = lengthOf(x)
  const n = isInt(e) && e !== 'i32' ? b.node('convert', { to: e }, [length]) : length
  const claim = prim2('and', prim2('ge', i, e.endsWith('64') ? 0n : 0), prim2('lt', i, beside(b, n, i)))
  const scalarIndex = shapeOf(i.type).length === 0
  const message = scalarIndex ? 'an index lies outside the axis (index and length)' : 'an index lies outside the axis'
  const shown = scalarIndex ? [i, length] : []
  // The claim goes with a computed index, so that the cells can be read where they are used; a literal one stays a literal.
  return typeof index === 'number'
    ? check(claim, value, message, 'gather', shown)
    : b.node('gather', {}, [x, check(claim, i, message, 'gather', shown)])
}
export const reshape = (x: Ref, shape: readonly Dim[]): Ref =>
  current().node('reshape', { shape }, [x], 'keep the number of cells; named dimensions stay as they are')
export const transpose = (x: Ref, order: readonly Dim[]): Ref => {
  const b = current()
  const shape = shapeOf(x.type)
  const perm = order.length === 0 ? shape.map((_, k) => shape.length - 1 - k) : order.map((d) => shape.indexOf(d))
  if (perm.includes(-1)) {
    return b.fail(
      'transpose',
      `transpose to [${order.join(', ')}], but the axes of ${showType(x.type)} are [${shape.join(', ')}]`,
      'name each of its axes once',
      x.type,
    )
  }
  return b.node('transpose', { perm }, [x], 'name each of its axes once')
}
/** The name of a part of a dimension follows from what part it is, so equal parts of equal dimensions fit together. */
const partName = (d: Dim, start: number, stop: number | null, step: number): string =>
  typeof d === 'number' ? '' : `${d}[${start}:${stop ?? ''}${step === 1 ? '' : `:${step}`}]`
export interface SliceOptions {
  readonly axis?: Dim
  readonly step?: number
}
export const slice = (x: Ref, start: number, stop: number | undefined, given: SliceOptions): Ref => {
  const b = current()
  const options = optionsOf('slice', given, ['axis', 'step'])
  const shape = shapeOf(x.type)
  const axis = options.axis === undefined ? 0 : shape.indexOf(options.axis)
  const d = shape[axis]
  const { step = 1 } = options
  const whole = [start, stop ?? 0, step].every(Number.isSafeInteger) && step >= 1
  if (d === undefined || !whole) {
    const cause =
      d === undefined
        ? `slice along '${options.axis ?? 0}', but ${showType(x.type)} has no such axis`
        : 'slice needs whole numbers and a step of at least 1'
    return b.fail(
      'slice',
      cause,
      shape.length === 0 ? 'slice a tensor with an axis' : `name one of its axes: ${shape.join(', ')}`,
      x.type,
    )
  }
  return b.node('slice', { axis, start, stop: stop ?? null, step, dim: partName(d, start, stop ?? null, step) }, [x])
}
export const concat = (xs: readonly Ref[], along: Dim | undefined): Ref => {
  const b = current()
  const [first] = xs
  if (first === undefined) return b.fail('concat', 'concat needs at least one tensor', 'give it tensors', scalar('f64'))
  const axis = along === undefined ? 0 : shapeOf(first.type).indexOf(along)
  if (axis < 0)
    return b.fail(
      'concat',
      `concat along '${along}', but ${showType(first.type)} has no such axis`,
      `name one of its axes: ${shapeOf(first.type).join(', ')}`,
      first.type,
    )
  const dims = xs.map((x) => shapeOf(x.type)[axis] ?? 0)
  const named = dims.some((d) => typeof d === 'string')
  const name = dims.join('+')
  const dim = !named ? '' : dims.some(isRagged) && !name.startsWith('~') ? `~${name}` : name
  return b.node('concat', { axis, dim }, xs, 'join tensors of one element that differ on that axis only')
}
export const iota = (dim: Dim): Ref => {
  const b = current()
  return counting(
    b,
    typeof dim === 'string' && b.sizeOf(dim) === undefined && b.sizeOf(`~${dim}`) !== undefined ? `~${dim}` : dim,
  )
}
export const contract = (op: string, a: Ref, c: Ref, batch: number): Ref =>
  current().calling(op, () =>
    current().node(
      'contract',
      { batch },
      [a, c],
      `${op} multiplies along the last axis of the first and the first free axis of the second; transpose one of them`,
    ),
  )

/** x with the first dimension of y, on the claim that both have one size. */
export const sameDim = (x: Ref, y: Ref): Ref => {
  const b = current()
  const d = elementOf(y.type)?.dim ?? shapeOf(y.type)[0]
  if (isPoisoned(x) || isPoisoned(y)) return b.poisoned(x.type)
  const odd = [x, y].find((r) => elementOf(r.type) === undefined)
  if (d === undefined || odd !== undefined) {
    const cause = `sameDim works on lists and tensors of one axis, not on ${showType((odd ?? y).type)}`
    return b.fail('sameDim', cause, 'use it on columns', x.type)
  }
  const sizes = [lengthOf(x), lengthOf(y)] as const
  const claim = prim2('eq', ...sizes)
  const index = typeof d === 'number' ? counting(b, d) : b.node('iota', { dim: d }, [y])
  const retag = (r: Ref): Ref => {
    const e = elementOf(r.type)
    if (r.type.kind === 'tensor') return b.node('gather', {}, [r, index])
    if (e?.of.kind !== 'record')
      return b.fail(
        'sameDim',
        `sameDim works on tensors and rows, not on ${showType(r.type)}`,
        'use it on the columns',
        r.type,
      )
    const fields = e.of.fields.map(([n]) => n)
    return b.node(
      'rows',
      { fields },
      fields.map((name) => retag(b.node('column', { name }, [r]))),
    )
  }
  const names = [x, y].map((r) => elementOf(r.type)!.dim)
  const message = `the dimensions '${names[0]}' and '${names[1]}' were claimed to be equal, and their sizes differ`
  return check(claim, retag(x), message, 'sameDim', sizes)
}
