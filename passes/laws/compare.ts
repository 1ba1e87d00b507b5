import { floats, ints, numerics } from '../../graph/elem.ts'
import type { Law } from './term.ts'
import { lit, op, v } from './term.ts'
import { anyType, laws, on } from './write.ts'

/** Comparisons. NaN is neither less nor not less: `not(lt)` is `ge` for integers only. */
const law = laws('compare', { by: 'smt' })
const all = on(...numerics)
const numbers = on(...floats, ...ints)
const F = on(...floats)
const I = on(...ints)
const unsigned = on('u32', 'u64')
const [x, y] = [v('x'), v('y')]
const yes = lit(true, 'bool')
const no = lit(false, 'bool')
const p = v('p', 'bool')

export const compare: readonly Law[] = [
  law('eq-true', anyType, op('eq', p, yes), p),
  law('eq-false', anyType, op('eq', p, no), op('not', p)),
  law('ne-true', anyType, op('ne', p, yes), op('not', p)),
  law('ne-false', anyType, op('ne', p, no), p),
  law('not-eq', all, op('not', op('eq', x, y)), op('ne', x, y)),
  law('not-ne', all, op('not', op('ne', x, y)), op('eq', x, y)),
  law('int-not-lt', I, op('not', op('lt', x, y)), op('ge', x, y)),
  law('int-not-le', I, op('not', op('le', x, y)), op('gt', x, y)),
  law('int-not-gt', I, op('not', op('gt', x, y)), op('le', x, y)),
  law('int-not-ge', I, op('not', op('ge', x, y)), op('lt', x, y)),
  law('lt-self', numbers, op('lt', x, x), no),
  law('gt-self', numbers, op('gt', x, x), no),
  law('int-le-self', I, op('le', x, x), yes),
  law('int-ge-self', I, op('ge', x, x), yes),
  law('int-eq-self', on(...ints, 'bool'), op('eq', x, x), yes),
  law('int-ne-self', on(...ints, 'bool'), op('ne', x, x), no),
  law('unsigned-lt-zero', unsigned, op('lt', x, lit(0)), no),
  law('unsigned-ge-zero', unsigned, op('ge', x, lit(0)), yes),
  law('eq-neg', numbers, op('eq', op('neg', x), op('neg', y)), op('eq', x, y)),
  law('float-lt-neg', F, op('lt', op('neg', x), op('neg', y)), op('gt', x, y)),
  law('float-le-neg', F, op('le', op('neg', x), op('neg', y)), op('ge', x, y)),
  law('float-gt-neg', F, op('gt', op('neg', x), op('neg', y)), op('lt', x, y)),
  law('float-ge-neg', F, op('ge', op('neg', x), op('neg', y)), op('le', x, y)),
  law('int-eq-sub-zero', I, op('eq', op('sub', x, y), lit(0)), op('eq', x, y)),
  law('int-ne-sub-zero', I, op('ne', op('sub', x, y), lit(0)), op('ne', x, y)),
  law('lt-or-eq', numbers, op('or', op('lt', x, y), op('eq', x, y)), op('le', x, y)),
  law('gt-or-eq', numbers, op('or', op('gt', x, y), op('eq', x, y)), op('ge', x, y)),
  law('le-and-ne', numbers, op('and', op('le', x, y), op('ne', x, y)), op('lt', x, y)),
  law('ge-and-ne', numbers, op('and', op('ge', x, y), op('ne', x, y)), op('gt', x, y)),
  law('le-and-ge', numbers, op('and', op('le', x, y), op('ge', x, y)), op('eq', x, y)),
  law('int-lt-or-gt', I, op('or', op('lt', x, y), op('gt', x, y)), op('ne', x, y)),
]
