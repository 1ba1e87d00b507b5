import { floats, ints } from '../../graph/elem.ts'
import type { Law } from './term.ts'
import { lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/** Extremes: NaN wins, and -0 is below +0, so they are associative, commutative and idempotent to the bit. */
const law = laws('minmax', { by: 'smt' })
const all = on(...floats, ...ints)
const F = on(...floats)
const I = on(...ints)
const [x, y] = [v('x'), v('y')]

export const minmax: readonly Law[] = [
  law('min-same', all, op('min', x, x), x),
  law('max-same', all, op('max', x, x), x),
  law('min-greatest', all, op('min', x, lit('greatest')), x),
  law('max-least', all, op('max', x, lit('least')), x),
  law('int-min-least', I, op('min', x, lit('least')), lit('least')),
  law('int-max-greatest', I, op('max', x, lit('greatest')), lit('greatest')),
  law('min-again', all, op('min', op('min', x, y), y), op('min', x, y)),
  law('max-again', all, op('max', op('max', x, y), y), op('max', x, y)),
  law('int-min-max', I, op('min', x, op('max', x, y)), x),
  law('int-max-min', I, op('max', x, op('min', x, y)), x),
  law('float-min-negs', F, op('min', op('neg', x), op('neg', y)), op('neg', op('max', x, y))),
  law('float-max-negs', F, op('max', op('neg', x), op('neg', y)), op('neg', op('min', x, y))),
]
