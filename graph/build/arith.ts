import type { Elem, Int, Numeric } from '../elem.ts'
import { decimalScale, isDecimal, isFloat, isInt, isNumeric } from '../elem.ts'
import type { Rounding } from '../meaning/elementwise.ts'
import type { PlainPrim } from '../prims.ts'
import { extremes } from '../reduction.ts'
import type { Dim, Type } from '../types.ts'
import { sameShape, scalar, showType, tensor } from '../types.ts'
import { current } from './builder.ts'
import type { Operand } from './lift.ts'
import { beside, elemOf, isRef, isTensor, lift, literal, shapeOf, spread } from './lift.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'

/** A power of ten as a float: reading a number is exact by the language, and raising one to a power is not. */
const tenTo = (n: number): number => Number(`1e${n}`)

const show = (t: Type): string => showType(t)

/** How two operands can be brought together, said to the user. */
const remedyFor = (x: Ref, y: Ref): string => {
  if (!isTensor(x) || !isTensor(y))
    return 'take the field or column you mean, or use match on an option, union or result'
  if (x.type.elem !== y.type.elem)
    return counts(x.type.elem) && counts(y.type.elem)
      ? `convert one of them: .to(t.${x.type.elem})`
      : 'give both one element: only numbers are converted to one another; text(x) makes text of one'
  return oneShape(x, y)
}
const counts = (e: Elem): boolean => (isNumeric(e) && e !== 'bool') || isDecimal(e)
const oneShape = (x: Ref, y: Ref): string => {
  const [own, other] = [shapeOf(x.type), shapeOf(y.type)]
  const missing = own.filter((d) => !other.includes(d))
  if (other.every((d) => own.includes(d)) && missing.length > 0) {
    return `spread the smaller one: .along(${own.map((d) => JSON.stringify(d)).join(', ')})`
  }
  return 'give both the same dimensions: .along(…) spreads one, sameDim(a, b) claims that two have one size'
}

/** Two operands as nodes of one shape: JavaScript values take the element of the other, scalars its shape. */
export const pair = (op: string, a: Operand, b: Operand): readonly [Ref, Ref] => {
  const to = current()
  const x = isRef(a) ? a : lift(to, a, isRef(b) ? elemOf(b.type) : 'f64')
  const y = lift(to, b, elemOf(x.type))
  if (isPoisoned(x) || isPoisoned(y)) {
    const shape = shapeOf(x.type).length === 0 ? shapeOf(y.type) : shapeOf(x.type)
    const blank = to.poisoned(tensor(elemOf(x.type), shape))
    return [blank, blank]
  }
  const fits = isTensor(x) && isTensor(y) && x.type.elem === y.type.elem
  const l = shapeOf(x.type).length === 0
  const r = shapeOf(y.type).length === 0
  if (fits && (l || r || sameShape(shapeOf(x.type), shapeOf(y.type)))) return [beside(to, x, y), beside(to, y, x)]
  const cause = `${op} of ${to.label(x)} and ${to.label(y)} needs one ${isTensor(x) && isTensor(y) && x.type.elem !== y.type.elem ? 'element type' : 'shape'}, but was given ${show(x.type)} and ${show(y.type)}`
  const bad = to.fail(op, cause, remedyFor(x, y), x.type)
  return [bad, bad]
}

/** Bytes and JSON have no comparison of their own, but a text each. */
const comparing = (op: PlainPrim, x: Ref): string | undefined => {
  const e = elemOf(x.type)
  if ((op !== 'eq' && op !== 'ne') || (e !== 'bytes' && e !== 'json')) return undefined
  const texts = `jsonText(a).${op}(jsonText(b))`
  return shapeOf(x.type).length === 0
    ? `compare their texts: ${texts}`
    : `compare their texts row by row: zip({ a, b }).map(({ a, b }) => ${texts})`
}
export const prim2 = (op: PlainPrim, a: Operand, b: Operand): Ref => {
  const [x, y] = pair(op, a, b)
  return current().node(
    op,
    {},
    [x, y],
    comparing(op, x) ?? `${op} is defined on numbers of one kind; convert with .to(…)`,
  )
}
export const prim1 = (op: PlainPrim, a: Ref): Ref =>
  current().node(op, {}, [a], `${op} is defined on numbers; convert with .to(…)`)

/** The value, if the claim holds in every cell; else the run ends with AssertionFailed, which shows the scalars given. */
export const check = (claim: Ref, value: Ref, message: string, name = 'assert', shown: readonly Ref[] = []): Ref => {
  const b = current()
  if (isPoisoned(claim) || isPoisoned(value)) return b.poisoned(value.type)
  return b.node('assert', { occurrence: b.occurrence(name), message }, [claim, value, ...shown])
}

const roundings: readonly Rounding[] = ['even', 'away', 'truncate']
export type DecimalHow = 'add' | 'sub' | 'mul' | 'div' | 'rescale'
/** Two decimals of any scales; a scalar takes the shape of the other. */
export const decimal2 = (how: 'mul' | 'div', x: Ref, y: Ref, scale: number, rounding: Rounding): Ref =>
  decimal(how, [beside(current(), x, y), beside(current(), y, x)], scale, rounding)
/** Decimal arithmetic at a declared scale and rounding; overflow and division by zero end the run. */
export const decimal = (how: DecimalHow, args: readonly Ref[], scale: number, rounding: Rounding): Ref => {
  const b = current()
  if (!roundings.includes(rounding)) {
    const given = typeof rounding === 'string' ? `'${rounding}'` : rounding === undefined ? 'missing' : typeof rounding
    const type = tensor(`decimal(${scale})` as Elem, shapeOf(args[0]!.type))
    return b.fail('decimal', `decimal ${how}: its rounding is ${given}`, "choose 'even', 'away' or 'truncate'", type)
  }
  const attrs = { how, scale, rounding }
  const [x, y = x!] = args
  const remedy = sameShape(shapeOf(x!.type), shapeOf(y.type))
    ? 'bring both to one scale: .to(t.decimal(scale))'
    : oneShape(x!, y)
  const value = b.node('decimal', attrs, args, remedy)
  if (isPoisoned(value)) return value
  return check(
    b.node('decimalFits', attrs, args, remedy),
    value,
    `decimal ${how} does not fit ${show(scalar(elemOf(value.type)))}`,
    `decimal ${how}`,
  )
}

export const add = (a: Operand, b: Operand): Ref => sum2('add', a, b)
export const sub = (a: Operand, b: Operand): Ref => sum2('sub', a, b)
const sum2 = (how: 'add' | 'sub', a: Operand, b: Operand): Ref => {
  const [x, y] = pair(how, a, b)
  const e = elemOf(x.type)
  return isDecimal(e) ? decimal(how, [x, y], decimalScale(e), 'even') : prim2(how, x, y)
}
export const mul = (a: Operand, b: Operand): Ref => {
  const [x, y] = pair('mul', a, b)
  const e = elemOf(x.type)
  return isDecimal(e) ? decimal('mul', [x, y], decimalScale(e), 'even') : prim2('mul', x, y)
}
export const neg = (a: Ref): Ref =>
  isDecimal(elemOf(a.type)) ? sub(lift(current(), 0, elemOf(a.type)), a) : prim1('neg', a)

/** Division: floats as IEEE 754; integers end the run on a zero divisor and on MIN / -1. */
export const div = (a: Operand, b: Operand): Ref => {
  const [x, y] = pair('div', a, b)
  const e = elemOf(x.type)
  if (isDecimal(e)) return decimal('div', [x, y], decimalScale(e), 'even')
  const value = prim2('div', x, y)
  if (!isInt(e) || isPoisoned(value) || harmless(b, -1)) return value
  return check(divides(x, y, e), value, 'division by zero or overflow', 'div')
}
export const rem = (a: Operand, b: Operand): Ref => {
  const [x, y] = pair('rem', a, b)
  const value = prim2('rem', x, y)
  const e = elemOf(x.type)
  if (!isInt(e) || isPoisoned(value) || harmless(b)) return value
  return check(prim2('ne', y, zero(e)), value, 'remainder by zero', 'rem')
}
/** A literal divisor that can do no harm needs no check. */
const harmless = (divisor: Operand, ...but: readonly number[]): boolean =>
  (typeof divisor === 'number' || typeof divisor === 'bigint') && ![0, ...but].includes(Number(divisor))
const zero = (e: Int): number | bigint => (e.endsWith('64') ? 0n : 0)
const divides = (x: Ref, y: Ref, e: Int): Ref => {
  const nonzero = prim2('ne', y, zero(e))
  if (e === 'u32' || e === 'u64') return nonzero
  const least = extremes[e][0]
  const fits = prim2('or', prim2('ne', x, least), prim2('ne', y, e === 'i64' ? -1n : -1))
  return prim2('and', nonzero, fits)
}

/** Cell by cell `a` where the condition is true, else `b`; both are evaluated. */
export const select = (condition: Ref, a: Operand, b: Operand): Ref => {
  const to = current()
  const [x, y] = pair('select', a, b)
  const shape = shapeOf(condition.type).length > 0 ? condition : x
  const parts = [beside(to, condition, shape), beside(to, x, shape), beside(to, y, shape)]
  return to.node('select', {}, parts, 'give condition and arms the same dimensions, or use scalars')
}

/** The bounds a value must keep to survive a conversion, as claims; undefined where every value does. */
const survives = (x: Ref, from: Numeric, to: Int): Ref | undefined => {
  const [lo, hi] = extremes[to].map(BigInt) as [bigint, bigint]
  if (isFloat(from)) {
    const t = prim1('trunc', x)
    return prim2('and', prim2('ge', t, Number(lo)), prim2('lt', t, Number(hi + 1n)))
  }
  if (!isInt(from)) return undefined
  const [least, most] = extremes[from].map(BigInt) as [bigint, bigint]
  const same = (n: bigint): number | bigint => (from.endsWith('64') ? n : Number(n))
  const above = lo > least ? prim2('ge', x, same(lo)) : undefined
  const below = hi < most ? prim2('le', x, same(hi)) : undefined
  return above !== undefined && below !== undefined ? prim2('and', above, below) : (above ?? below)
}

/** A scalar as text; decimals (`12.50`) and timestamps (ISO 8601) by way of their JSON form, which is a text. */
export const asText = (x: Ref, remedy: string): Ref => {
  const b = current()
  const e = shapeOf(x.type).length === 0 ? elemOf(x.type) : 'unit'
  if (e === 'string') return x
  if (isPoisoned(x) || !(isDecimal(e) || e === 'timestamp')) return b.node('showNumber', {}, [x], remedy)
  const to = scalar('string')
  return b.node('decodeJson', { occurrence: b.occurrence('text'), to }, [b.node('toJson', {}, [x])], remedy)
}
/** Another element, keeping the value; what does not fit ends the run (checked) or saturates and wraps (total). */
export const convert = (x: Ref, to: Elem, checked = true): Ref => {
  const b = current()
  const from = elemOf(x.type)
  const wanted = tensor(to, shapeOf(x.type))
  if (isPoisoned(x)) return b.poisoned(wanted)
  if (from === to) return x
  if (isDecimal(to)) return toDecimal(x, from, decimalScale(to), checked)
  if (isDecimal(from)) {
    const raw = b.node('stored', {}, [x])
    if (isFloat(to)) return prim2('div', convert(raw, to), tenTo(decimalScale(from)))
    if (isInt(to)) return convert(b.node('stored', {}, [decimal('rescale', [x], 0, 'truncate')]), to, checked)
  }
  if (from === 'timestamp' && isNumeric(to)) return convert(b.node('stored', {}, [x]), to, checked)
  if (to === 'timestamp') return b.node('restored', { to }, [convert(x, 'i64', checked)])
  if (to === 'string' && shapeOf(x.type).length === 0)
    return asText(x, 'numbers, booleans, decimals and timestamps can be shown as text')
  if (!isNumeric(from) || !isNumeric(to)) {
    return b.fail(
      'to',
      `there is no conversion from ${show(x.type)} to ${to}`,
      to === 'bool' ? 'compare instead: .ne(0)' : 'choose a number type',
      wanted,
    )
  }
  const value = b.node('convert', { to }, [x], to === 'bool' ? 'compare instead: .ne(0)' : 'choose another element')
  const claim = checked && isInt(to) && !isPoisoned(value) ? survives(x, from, to) : undefined
  return claim === undefined ? value : check(claim, value, `a value does not fit ${to}`, `to ${to}`)
}
const toDecimal = (x: Ref, from: Elem, scale: number, checked: boolean): Ref => {
  const b = current()
  if (isDecimal(from)) {
    return checked
      ? decimal('rescale', [x], scale, 'even')
      : b.node('decimal', { how: 'rescale', scale, rounding: 'even' }, [x])
  }
  const to = `decimal(${scale})` as 'decimal(2)'
  if (isFloat(from)) {
    const scaled = prim1('nearest', prim2('mul', x, tenTo(scale)))
    return b.node('restored', { to }, [convert(scaled, 'i64', checked)])
  }
  const whole = b.node('restored', { to: 'decimal(0)' }, [convert(x, 'i64', checked)])
  return toDecimal(whole, 'decimal(0)', scale, checked)
}

/** A tensor spread over more axes: see `Along` in types.ts. */
export const along = (x: Ref, dims: readonly Dim[]): Ref => {
  const b = current()
  const own = shapeOf(x.type)
  // Inside a body that repeats, dimensions carry a `~` that users need not write.
  const known = dims.map((d) =>
    typeof d === 'string' && b.sizeOf(d) === undefined && b.sizeOf(`~${d}`) !== undefined ? `~${d}` : d,
  )
  const shape = own.every((d) => known.includes(d)) ? known : [...known, ...own]
  if (!isTensor(x))
    return b.fail('along', `along spreads tensors, not ${show(x.type)}`, 'take the column you mean first', x.type)
  const axes = own.map((d) => shape.indexOf(d))
  if (
    new Set(shape).size !== shape.length &&
    own.some((d) => known.includes(d)) &&
    !own.every((d) => known.includes(d))
  ) {
    return b.fail(
      'along',
      `along(${dims.join(', ')}) names some of the axes of ${show(x.type)} and not the others`,
      'name all of its axes, or none of them',
      x.type,
    )
  }
  if (shape.length === known.length + own.length)
    own.forEach((_, k) => {
      axes[k] = known.length + k
    })
  if (axes.some((a, k) => k > 0 && a <= axes[k - 1]!)) {
    return b.fail(
      'along',
      `along(${dims.join(', ')}) puts the axes of ${show(x.type)} in another order`,
      'transpose it first',
      x.type,
    )
  }
  return spread(b, x, shape, axes)
}
export const constantLike = (x: Ref, value: unknown): Ref => literal(current(), scalar(elemOf(x.type)), value)
