import { scalar, showType } from '../types.ts'
import { current } from './builder.ts'
import type { Operand } from './lift.ts'
import { literal, lone } from './lift.ts'
import { isNamed } from './named.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'

/** Where an expression keeps its node. */
export const node = Symbol('node')
/** Where a plain object of fields keeps the record it came from. */
export const origin = Symbol('record')

/** What all expressions share: a name, and traps for the JavaScript operators that would silently do the wrong thing. */
export abstract class Base {
  declare readonly [node]: Ref
  constructor(ref: Ref) {
    Object.defineProperty(this, node, { value: ref })
  }
  /** Gives the value a name, for messages, plans and errors: `x.div(y).as('ratio')`. Names change no meaning. */
  as(name: string): this {
    const r = this[node]
    if (isPoisoned(r)) return this
    r.builder.names.set(r.id, name)
    const { occurrence } = r.builder.arena.opOf(r.id).attrs as { occurrence?: number }
    if (occurrence !== undefined)
      r.builder.sites.set(occurrence, { name, place: r.builder.sites.get(occurrence)?.place ?? '' })
    return this
  }
  /** Marks the value to be shown by `quoin run --tap` and `quoin replay --tap`. It changes nothing else. */
  tap(name: string): this {
    const r = this[node]
    if (typeof name === 'string' && name !== '') r.builder.tap(r, name)
    else current().fail('tap', 'a tap has no name', "give it one: x.tap('loss')")
    return this
  }
  /** JavaScript turns operands of `<`, `+` and template texts into plain values; that is never what a graph means. */
  [Symbol.toPrimitive](hint: string): string | number {
    const r = this[node]
    const cause =
      hint === 'string'
        ? `JavaScript made text of ${r.builder.label(r)}, which has a value only when the graph runs`
        : `JavaScript made a plain value of ${r.builder.label(r)}, by an operator such as >, + or ==`
    const remedy =
      hint === 'string'
        ? 'use text(…), or pass it as a hole of sql or fx'
        : 'use a method, a.gt(b) or a.add(b), or a formula: fx`…`'
    current().fail('JavaScript operator', cause, remedy)
    return hint === 'string' ? '' : Number.NaN
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `[${showType(this[node].type)}]`
  }
  toJSON(): string {
    return `${showType(this[node].type)} (a value only when the graph runs)`
  }
}

export const isPlain = (x: unknown): boolean =>
  x === null || (typeof x !== 'object' && typeof x !== 'function') || x instanceof Date || x instanceof Uint8Array
/** The operand a user wrote: the node of an expression, or a JavaScript value as it is. */
export const operandOf = (x: unknown): Operand => (isPlain(x) ? (x as Operand) : unwrap(x))

const deepest = 100
/** The node of what a user gave: an expression, a plain object of expressions, or a JavaScript value. */
export const unwrap = (x: unknown, depth = 0): Ref => {
  const b = current()
  if (x instanceof Base) return b.own(x[node])
  // A JavaScript number among values is a double; only as a parameter of a query does a whole one count as an integer.
  if (typeof x === 'number') return literal(b, scalar('f64'), x)
  if (isPlain(x)) return lone(b, x === undefined ? undefined : x)
  if (typeof x === 'object' && x !== null && origin in x) return b.own(x[origin] as Ref)
  if (typeof x !== 'object' || x === null || !isPlainObject(x)) {
    const what =
      typeof x === 'function'
        ? 'a function'
        : Array.isArray(x)
          ? 'an array'
          : x instanceof Promise
            ? 'a promise'
            : 'an object'
    return b.fail(
      'value',
      `${what} is no value of a graph`,
      what === 'an array'
        ? 'use vector([…]) for constants, or an object with named fields'
        : 'give an expression or a plain object of expressions',
    )
  }
  if (depth >= deepest)
    return b.fail(
      'record',
      `objects are nested more than ${deepest} deep, or hold themselves`,
      'give a plain tree of expressions',
    )
  const fields = Object.keys(x)
  const parts = fields.map((f) => {
    const part = unwrap((x as Record<string, unknown>)[f], depth + 1)
    if (!isPoisoned(part) && part.builder === b && !b.names.has(part.id)) b.names.set(part.id, f)
    return part
  })
  if (fields.includes('__proto__'))
    return b.fail('record', "a field cannot be called '__proto__'", 'give it another name')
  return b.node('record', { fields }, parts)
}
const isPlainObject = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null || isNamed(x)
}
