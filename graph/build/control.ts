import type { Type } from '../types.ts'
import { bool, casesOf, sameType, showType } from '../types.ts'
import { check } from './arith.ts'
import { operandOf, unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Result, Tensor } from './expr.ts'
import { wrap, wrapAs } from './expr.ts'
import { lift } from './lift.ts'
import { withBodies } from './region.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'
import type { Dims, Expr, Given, Holding, Lifted, Lifting, Scalar } from './types.ts'

const body = (f: () => unknown) => ({ params: [], build: () => unwrap(f()) })
const taking = (type: Type, f: (x: never) => unknown) => ({
  params: [type],
  build: ([x]: readonly Ref[]) => unwrap(f(wrap(x!) as never)),
})

/** One of two bodies, by a condition; only that one runs. `select` chooses cell by cell instead. */
export const cond = <Y extends Given>(
  condition: Scalar<'bool'>,
  then: () => Y,
  otherwise: () => Lifting<Lifted<NoInfer<Y>>>,
): Lifted<Y> => {
  const b = current()
  const decides = unwrap(condition)
  if (!isPoisoned(decides) && !sameType(decides.type, bool)) {
    const cause = `cond decides by ${showType(decides.type)}, not by a bool`
    return wrapAs(b.fail('cond', cause, 'compare: .gt(0); select(…) chooses cell by cell', unwrap(then()).type))
  }
  const bodies = [body(then), body(otherwise)]
  const remedy = 'give both bodies results of one type'
  return wrapAs(withBodies(b, 'cond', {}, [decides], bodies, { lazy: true, exclusive: true }, remedy))
}

/** What each kind of alternative is taken apart into. */
export type Handlers<M> =
  M extends Holding<'option', infer X>
    ? { readonly some: (value: X) => Given; readonly none: () => Given }
    : M extends Holding<'result', infer X>
      ? {
          readonly ok: (value: X) => Given
          readonly err: (error: { readonly tag: Scalar<'string'>; readonly message: Scalar<'string'> }) => Given
        }
      : M extends Holding<'union', infer C>
        ? { readonly [K in keyof C]: (value: C[K]) => Given }
        : never

/**
 * A body for each case of an option, union or result; only the matching one runs, and all give one type.
 *
 *     match(found, { some: (c) => c.income, none: () => constant(t.f64, 0) })
 */
export const match = <M extends { readonly kind: 'option' | 'union' | 'result' }, H extends Handlers<M>>(
  x: M,
  handlers: H,
): H[keyof H] extends (...args: never) => infer Y ? Lifted<Y> : never => {
  const b = current()
  const r = unwrap(x)
  const cases = casesOf(r.type)
  if (cases === undefined) {
    return wrapAs(
      isPoisoned(r)
        ? r
        : b.fail(
            'match',
            `match takes apart an option, union or result, not ${showType(r.type)}`,
            'use cond to decide by a bool',
          ),
    )
  }
  const given = handlers as unknown as Readonly<Record<string, (x: never) => unknown>>
  const missing = cases.filter(([n]) => typeof given[n] !== 'function').map(([n]) => n)
  if (missing.length > 0)
    return wrapAs(
      b.fail('match', `match of ${showType(r.type)} lacks ${missing.join(', ')}`, 'give a function for each case'),
    )
  return wrapAs(
    withBodies(
      b,
      'match',
      {},
      [r],
      cases.map(([n, type]) => taking(type, given[n]!)),
      { lazy: true, exclusive: true },
      'give all cases results of one type',
    ),
  )
}

/**
 * From a first state, `step` again and again while the condition holds, at most `max` times. After `max` turns the
 * state is the answer as it is, and that is no error: where the condition has to have ended the loop, assert so,
 * `assert(done(s), 'it did not settle', s)`.
 *
 *     loop({ n }, { max: 100, while: (s) => s.n.gt(1), step: (s) => ({ n: divTotal(s.n, 2) }) })
 */
export const loop = <X extends Given>(
  init: X,
  how: {
    readonly max: number
    readonly while: (state: Lifted<X>) => Scalar<'bool'>
    readonly step: (state: Lifted<X>) => Lifting<Lifted<NoInfer<X>>>
  },
): Lifted<X> => {
  const b = current()
  const state = unwrap(init)
  const whole = Number.isSafeInteger(how.max) && how.max >= 1
  if (!whole) b.fail('loop', `loop has max ${how.max}`, 'give the greatest number of turns, at least 1')
  return wrapAs(
    withBodies(
      b,
      'loop',
      { max: whole ? how.max : 1 },
      [state],
      [taking(state.type, how.while), taking(state.type, how.step)],
      { repeats: true },
      'step from the state to a state of the same type',
    ),
  )
}

/** Independent branches, on your word: all run to their end, then the leftmost error is the answer. */
export const fork = <S extends { readonly [name: string]: () => Given }>(
  branches: S,
): { readonly [K in keyof S]: Lifted<ReturnType<S[K]>> } => {
  const fields = Object.keys(branches)
  return wrapAs(
    withBodies(
      current(),
      'fork',
      { fields },
      [],
      fields.map((f) => body(branches[f]!)),
      {},
      'name each branch once',
    ),
  )
}
/** First the one, then the other, whose value it has; both happen. */
export const sequence = <Y extends Given>(first: Expr, then: Y): Lifted<Y> => {
  const [a, b] = [unwrap(first), unwrap(then)]
  return wrapAs(current().node('sequence', {}, [a, b]))
}
/** The value of the body, remembered for `ttlMs` under a key, the body itself, what it uses and its authority. */
export const cached = <Y extends Given>(key: Scalar<'string'> | string, ttlMs: number, make: () => Y): Lifted<Y> => {
  const b = current()
  const whole = Number.isSafeInteger(ttlMs) && ttlMs >= 0
  if (!whole) b.fail('cached', `cached for ${ttlMs} ms`, 'give a whole number of milliseconds')
  return wrapAs(
    withBodies(
      b,
      'cached',
      { ttlMs: whole ? ttlMs : 0 },
      [lift(b, operandOf(key), 'string')],
      [body(make)],
      { lazy: true },
      'give a text as key',
    ),
  )
}
/** The body as a result: its value, or its error as data. */
export const attempt = <Y extends Given>(make: () => Y): Result<Lifted<Y>> =>
  wrapAs(withBodies(current(), 'attempt', {}, [], [body(make)], {}))
/** The value, if the claim holds (in every cell); else the run ends with AssertionFailed and the message. */
export const assert = <Y extends Given>(claim: Tensor<'bool', Dims>, message: string, value: Y): Lifted<Y> =>
  wrapAs(check(unwrap(claim), unwrap(value), message))
