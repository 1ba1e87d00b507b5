import type { Float } from '../elem.ts'
import { record, showType } from '../types.ts'
import { unwrap } from './base.ts'
import { current } from './builder.ts'
import type { Tensor } from './expr.ts'
import { wrapAs } from './expr.ts'
import { shapeOf } from './lift.ts'
import { axesOf } from './reduce.ts'
import { isPoisoned } from './scope.ts'
import type { Dims } from './types.ts'

/** Complex numbers by their parts. */
export type Complex<E extends Float, D extends Dims> = { readonly re: Tensor<E, D>; readonly im: Tensor<E, D> }

const transform =
  (name: 'fft' | 'ifft') =>
  <E extends Float, D extends Dims>(x: Tensor<E, D> | Complex<E, D>, axis?: D[number]): Complex<E, D> => {
    const b = current()
    const parts = ('re' in x ? [x.re, x.im] : [x]).map((p) => unwrap(p))
    const [re] = parts
    const axes = axesOf(name, re!, axis === undefined ? [] : [axis])
    const both = record([
      ['re', re!.type],
      ['im', re!.type],
    ])
    if (axes === undefined || parts.some(isPoisoned)) return wrapAs(b.poisoned(both))
    // Without a name it is the last axis, as in softmax.
    const k = axis === undefined ? shapeOf(re!.type).length - 1 : axes[0]!
    if (k < 0)
      return wrapAs(b.fail(name, `${name} needs an axis, and ${showType(re!.type)} has none`, 'give it a column', both))
    return wrapAs(b.node('fft', { axis: k, inverse: name === 'ifft' }, parts, 'convert first: .to(t.f64)'))
  }
/**
 * The discrete Fourier transform of a real tensor, or of a complex one given as `{ re, im }`, over the last axis or the named
 * one, of any length. The spectrum of real cells is its own mirror: what lies beyond n/2 says nothing new.
 */
export const fft = transform('fft')
/** Back from the spectrum, divided by n. */
export const ifft = transform('ifft')
