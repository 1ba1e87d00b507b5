import type { Elem } from '../elem.ts'
import { elementOf, scalar } from '../types.ts'
import { asText } from './arith.ts'
import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Codec } from './codec.ts'
import type { Opt, Rows, Tensor, Union } from './expr.ts'
import { wrapAs } from './expr.ts'
import { lift, lone } from './lift.ts'
import type { Given, Lift, Lifted, Scalar } from './types.ts'

const joined = 'texts, numbers, booleans, decimals and timestamps can be joined; use jsonText for the rest'

/**
 * Texts end to end: `text('report-', id, '.json')`. Numbers are the shortest text that reads back, decimals have all
 * their places (`12.50`), timestamps are ISO 8601 with microseconds.
 */
export const text = (
  ...parts: readonly (Tensor<Elem, []> | string | number | bigint | boolean)[]
): Scalar<'string'> => {
  const b = current()
  const [first] = parts as readonly unknown[]
  if (Array.isArray(first) && 'raw' in first)
    return wrapAs(
      b.fail('text', 'text is a function, and was used as a tag', "call it: text('hello ', name)", scalar('string')),
    )
  const nodes = parts.map((p) =>
    typeof p === 'number' || typeof p === 'bigint' ? lone(b, String(p)) : asText(lone(b, operandOf(p)), joined),
  )
  return wrapAs(nodes.length === 1 ? nodes[0]! : b.node('concatText', {}, nodes))
}
/** Length in UTF-16 code units. */
export const textLength = (x: Scalar<'string'>): Scalar<'i32'> => wrapAs(current().node('textLength', {}, [unwrap(x)]))
/** As UTF-8. */
export const encodeText = (x: Scalar<'string'>): Scalar<'bytes'> =>
  wrapAs(current().node('encodeText', {}, [unwrap(x)]))
/** The JSON form of any value: 64-bit integers and decimals as text, NaN as "NaN". */
export const toJson = (x: Given): Scalar<'json'> => wrapAs(current().node('toJson', {}, [unwrap(x)]))
/** Any value as JSON text, on one line or indented. */
export const jsonText = (x: Given, indent = 0): Scalar<'string'> => {
  const r = unwrap(x)
  const b = current()
  const json = r.type.kind === 'tensor' && r.type.elem === 'json' ? r : b.node('toJson', {}, [r])
  return wrapAs(b.node('jsonText', { indent }, [json]))
}
/** JSON read at a type; a document that does not fit ends the run with DecodeFailed. */
export const decodeJson = <X>(json: Scalar<'json'>, codec: Codec<X>): X => {
  const b = current()
  return wrapAs(
    b.node(
      'decodeJson',
      { occurrence: b.occurrence('decodeJson'), to: codec.type },
      [unwrap(json)],
      'give it a json value',
    ),
  )
}

/** A value that is there. */
export const some = <X extends Given>(x: X): Opt<Lifted<X>> => wrapAs(current().node('some', {}, [unwrap(x)]))
/** A value that is not there: `none(t.f64)`. */
export const none = <X>(of: Codec<X>): Opt<X> => wrapAs(current().node('none', { of: of.type }))
/** A column of optional values with `other` where there is none: `orElse(people.columns().income, 0)`. */
export const orElse = <E extends Elem, D extends string | number>(
  x: Rows<Opt<Scalar<E>>, D>,
  other: Scalar<E> | Lift<E>,
): Tensor<E, [D]> => {
  const r = unwrap(x)
  const of = elementOf(r.type)?.of
  const elem = of?.kind === 'option' && of.of.kind === 'tensor' ? of.of.elem : 'f64'
  const remedy = 'give it a column of optional values, and a default of their type'
  return wrapAs(current().node('orElse', {}, [r, lift(current(), operandOf(other), elem)], remedy))
}
/** Where a column of optional values has one. */
export const isSome = <X, D extends string | number>(x: Rows<Opt<X>, D>): Tensor<'bool', [D]> =>
  wrapAs(current().node('isSome', {}, [unwrap(x)], 'give it a column of optional values'))
/** A value as one case of a union: `inject(Payment, 'card', number)`. */
export const inject = <C, const K extends keyof C & string>(of: Codec<Union<C>>, name: K, value: C[K]): Union<C> =>
  wrapAs(current().node('inject', { case: name, type: of.type }, [unwrap(value)], 'give the case a value of its type'))
