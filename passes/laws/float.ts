import { floats, ints } from '../../graph/elem.ts'
import type { Law } from './term.ts'
import { any, calc, lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/**
 * What IEEE arithmetic keeps to the last bit, with one NaN. Not here, because they are false: x + 0 = x (x = -0),
 * x - x = 0 (infinities), x * 0 = 0 (signs, infinities), associativity, distributivity.
 */
const law = laws('float', { by: 'smt' })
const F = on(...floats)
const all = on(...floats, ...ints)
const signed = on(...floats, 'i32', 'i64')
const [x, y] = [v('x'), v('y')]
const k = any('k', 'E')

export const float: readonly Law[] = [
  law('mul-one', all, op('mul', x, lit(1)), x),
  law('div-one', all, op('div', x, lit(1)), x),
  law('add-minus-zero', all, op('add', x, lit(-0)), x),
  law('sub-zero', all, op('sub', x, lit(0)), x),
  law('mul-minus-one', all, op('mul', x, lit(-1)), op('neg', x)),
  law('div-minus-one', signed, op('div', x, lit(-1)), op('neg', x)),
  law('neg-neg', all, op('neg', op('neg', x)), x),
  law('add-neg', all, op('add', x, op('neg', y)), op('sub', x, y)),
  law('sub-neg', all, op('sub', x, op('neg', y)), op('add', x, y)),
  law('mul-neg-neg', all, op('mul', op('neg', x), op('neg', y)), op('mul', x, y)),
  law('float-div-neg-neg', F, op('div', op('neg', x), op('neg', y)), op('div', x, y)),
  law('abs-neg', signed, op('abs', op('neg', x)), op('abs', x)),
  law('abs-abs', all, op('abs', op('abs', x)), op('abs', x)),
  // Of signed integers, squares wrap round to negative ones.
  law('abs-square', on(...floats, 'u32', 'u64'), op('abs', op('mul', x, x)), op('mul', x, x)),
  law('square-abs', all, op('mul', op('abs', x), op('abs', x)), op('mul', x, x)),
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
