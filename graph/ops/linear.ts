import { isFloat } from '../elem.ts'
import { meaning } from '../meaning/index.ts'
import { record, sameType } from '../types.ts'
import { attrs, count, flag, op, show } from './declare.ts'

export const linearOps = {
  fft: op({
    doc:
      'The discrete Fourier transform along an axis, any length: Σ x[j]·e^(-2πijk/n), or with `inverse` e^(+2πijk/n), divided ' +
      'by n. One operand is real, two are real and imaginary part. Computed in f64 by mixed radices up to 13, by convolution where ' +
      'a greater prime divides n, with roots of unity from `sin` and `cos`; f32 is rounded at the end. Error in the 2-norm at most 4e-16·(1 + log2 n) of the spectrum.',
    attrs: attrs({ axis: count, inverse: flag }),
    infer: (a, args) => {
      if (args.length !== 1 && args.length !== 2) return `takes one or two operands and was given ${args.length}`
      const [x, y = x] = args
      if (x!.kind !== 'tensor' || !isFloat(x!.elem)) return `works on f64 or f32, not on ${show(x)}`
      if (!sameType(x!, y!)) return `needs real and imaginary part of one type, not ${show(x)} and ${show(y)}`
      if (a.axis >= x!.shape.length) return `has no axis ${a.axis} in ${show(x)}`
      return record([
        ['re', x!],
        ['im', x!],
      ])
    },
    meaning: meaning.linear.fft,
  }),
}
