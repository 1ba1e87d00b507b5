import type { Built } from '../build/graph.ts'
import { invalidGraph } from '../build/graph.ts'
import type { Shaped } from '../build/types.ts'
import { isLeft, left, right } from '../either.ts'
import { unit } from '../types.ts'
import type { GradientOptions } from './grad.ts'
import { gradGraph, noGraph } from './grad.ts'

export type { GradientOptions } from './grad.ts'
export { gradGraph } from './grad.ts'

/** The gradient by an input is of the type of that input. */
export type GradientBy<X> = [X] extends [number]
  ? number
  : Float64Array extends X
    ? Float64Array
    : Float32Array extends X
      ? Float32Array
      : Shaped<Float32Array> extends X
        ? Shaped<Float32Array>
        : Shaped<Float64Array>
export interface WithGradient<Output, G> {
  readonly value: Output
  readonly gradient: G
}

/**
 * A graph that computes what the given one does, as `value`, and the derivatives of one of its outputs by some of its
 * inputs, as `gradient`. It is an ordinary graph: compile it, run it, differentiate it again. What could not be
 * differentiated is told in `sealed`, like everything that is wrong with a graph.
 *
 *     const price = graph('price', { s: t.f64, r: t.f64 }, ({ s, r }) => ({ p: s.mul(exp(r.mul(-1))) }))
 *     const greeks = grad(price, ['s', 'r'], { of: 'p' })
 *     // { value: { p }, gradient: { s, r } }
 */
export const grad = <Input, Output, K extends keyof Input & string>(
  built: Built<Input, Output>,
  wrt: readonly K[],
  options?: GradientOptions,
): Built<Input, WithGradient<Output, { readonly [P in K]: GradientBy<Input[P]> }>> => {
  if (built?.sealed === undefined)
    return { name: '', inputType: unit, outputType: unit, sealed: left(invalidGraph('build', 'gradient', [noGraph])) }
  const { name, inputType, sealed } = built
  if (isLeft(sealed)) return { name, inputType, outputType: unit, sealed }
  const made = gradGraph(sealed.right, wrt, options)
  if (isLeft(made)) return { name, inputType, outputType: unit, sealed: left(made.left) }
  const g = made.right
  return { name: g.name, inputType, outputType: g.arena.typeOf(g.root), sealed: right(g) }
}
