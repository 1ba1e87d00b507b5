import { floats } from '../../graph/elem.ts'
import type { Law } from './term.ts'
import { any, calc, lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/**
 * What IEEE arithmetic keeps to the last bit, with one NaN. Not here, because they are false: x + 0 = x (x = -0),
 * x - x = 0 (infinities), x * 0 = 0 (signs, infinities), associativity, distributivity.
 */
const law = laws('float', { by: 'smt' })
const F = on(...floats)
const [x, y] = [v('x'), v('y')]
const k = any('k', 'E')

export const float: readonly Law[] = [
  law('float-mul-one', F, op('mul', x, lit(1)), x),
  law('float-div-one', F, op('div', x, lit(1)), x),
  law('float-add-minus-zero', F, op('add', x, lit(-0)), x),
  law('float-sub-zero', F, op('sub', x, lit(0)), x),
  law('float-mul-minus-one', F, op('mul', x, lit(-1)), op('neg', x)),
  law('float-div-minus-one', F, op('div', x, lit(-1)), op('neg', x)),
  law('float-neg-neg', F, op('neg', op('neg', x)), x),
  law('float-add-neg', F, op('add', x, op('neg', y)), op('sub', x, y)),
  law('float-sub-neg', F, op('sub', x, op('neg', y)), op('add', x, y)),
  law('float-mul-neg-neg', F, op('mul', op('neg', x), op('neg', y)), op('mul', x, y)),
  law('float-div-neg-neg', F, op('div', op('neg', x), op('neg', y)), op('div', x, y)),
  law('float-abs-neg', F, op('abs', op('neg', x)), op('abs', x)),
  law('float-abs-abs', F, op('abs', op('abs', x)), op('abs', x)),
  law('float-abs-square', F, op('abs', op('mul', x, x)), op('mul', x, x)),
  law('float-square-abs', F, op('mul', op('abs', x), op('abs', x)), op('mul', x, x)),
  law('float-floor-floor', F, op('floor', op('floor', x)), op('floor', x)),
  law('float-ceil-ceil', F, op('ceil', op('ceil', x)), op('ceil', x)),
  law('float-trunc-trunc', F, op('trunc', op('trunc', x)), op('trunc', x)),
  law('float-nearest-nearest', F, op('nearest', op('nearest', x)), op('nearest', x)),
  // A power of two whose reciprocal is one, too: dividing and multiplying round the same exact number.
  law('float-div-power', F, op('div', x, k), op('mul', x, calc(op('div', lit(1), k))), {
    when: op(
      'and',
      op('eq', op('mantissa', k), lit(1)),
      op('and', op('ge', op('exponent', k), lit(-100)), op('le', op('exponent', k), lit(100))),
    ),
    evidence: {
      by: 'reason',
      why: 'the reciprocal of ±2^n with |n| <= 100 is exact, so quotient and product are roundings of one real number',
    },
  }),
  law('float-div-literal', F, op('div', x, k), op('mul', x, calc(op('div', lit(1), k))), {
    when: op('lt', op('abs', op('exponent', k)), lit(100)),
    mode: 'reciprocal',
    equality: {
      relaxed: 'x / k as x * (1 / k)',
      bound:
        'where nothing overflows or is subnormal, within 2 u + u² of the exact quotient, relatively, u half an ulp of one',
    },
    evidence: { by: 'reason', why: 'relaxed: each of the two roundings errs by at most half an ulp' },
  }),
  law('float-factor', F, op('add', op('mul', x, y), op('mul', x, v('z'))), op('mul', x, op('add', y, v('z'))), {
    mode: 'reassociate',
    equality: {
      relaxed: 'x * y + x * z as x * (y + z)',
      bound:
        'where nothing overflows or is subnormal, both sides are within (2 u + u²) (|x * y| + |x * z|) of the exact sum, u half an ulp of one',
    },
    evidence: {
      by: 'reason',
      why: 'relaxed: by the standard model of rounding, fl(a op b) = (a op b)(1 + d), |d| <= u',
    },
  }),
]
