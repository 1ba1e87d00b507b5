import type { Float } from '../elem.ts'
import type { Emit } from '../emit.ts'

/**
 * An elementary function: a name, an arity, and the expansion into primitives that *is* its meaning. There is no fused
 * multiply-add and no wider element inside: f32 is computed in f32.
 *
 * `ulps` bounds the error over `range`, in units in the last place of the exact result: the greatest found, rounded up.
 * It was looked for with the expansions printed as C: f64 against 80-bit long double at 10^8 points a function (6·10^7
 * for pow; for sin and cos also next to every multiple of π/2 in range), f32 against double at every float (sin, cos),
 * every third float (the others), 10^8 points (pow). exp2, log2, log10, tan, acos, atan, sinh, cosh, erf, erfc and cbrt:
 * f64 at 2·10^7 points or more, f32 at every 61st float; atan2 and hypot: 10^7 points. `test/elementary` repeats it on a smaller scale with decimal.js.
 */
export interface Elementary {
  readonly arity: 1 | 2
  readonly doc: string
  readonly range: string
  readonly ulps: Readonly<Record<Float, number>>
  readonly expand: <E>(m: Emit<E>, elem: Float, ...args: readonly E[]) => E
}
