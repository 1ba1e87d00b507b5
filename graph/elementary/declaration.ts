import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'

/**
 * An elementary function: a name, an arity, and the expansion into primitives that *is* its meaning. `ulps` is the
 * greatest error, in units in the last place of the exact result, found on dense and random samples of `range`
 * against a high-precision reference (`test/elementary`), for each element.
 */
export interface Elementary {
  readonly arity: 1 | 2
  readonly doc: string
  readonly range: string
  readonly ulps: Readonly<Record<Float, number>>
  readonly expand: <E>(m: Emit<E>, elem: Float, ...args: readonly E[]) => E
}
