import { ints, numerics } from '../../graph/elem.ts'
import type { Law } from './term.ts'
import { lit, op, v } from './term.ts'
import { anyType, laws, on } from './write.ts'

/** Choices cell by cell. Both arms are computed, so choosing one drops the other's work. */
const law = laws('select', { by: 'smt' })
const all = on(...numerics)
const I = on(...ints)
const c = v('c', 'bool')
const p = v('p', 'bool')
const [x, y, z] = [v('x'), v('y'), v('z')]
const yes = lit(true, 'bool')
const no = lit(false, 'bool')

export const select: readonly Law[] = [
  law('select-true', all, op('select', yes, x, y), x),
  law('select-false', all, op('select', no, x, y), y),
  law('select-same', all, op('select', c, x, x), x),
  law('select-not', all, op('select', op('not', c), x, y), op('select', c, y, x)),
  law('select-then-again', all, op('select', c, op('select', c, x, y), z), op('select', c, x, z)),
  law('select-else-again', all, op('select', c, x, op('select', c, y, z)), op('select', c, x, z)),
  law('select-condition', anyType, op('select', c, yes, no), c),
  law('select-not-condition', anyType, op('select', c, no, yes), op('not', c)),
  law('select-and', anyType, op('select', c, p, no), op('and', c, p)),
  law('select-or', anyType, op('select', c, yes, p), op('or', c, p)),
  law('select-eq', on(...ints, 'bool'), op('select', op('eq', x, y), x, y), y),
  law('int-select-min', I, op('select', op('lt', x, y), x, y), op('min', x, y)),
  law('int-select-max', I, op('select', op('gt', x, y), x, y), op('max', x, y)),
  law('int-select-min-le', I, op('select', op('le', x, y), x, y), op('min', x, y)),
  law('int-select-max-ge', I, op('select', op('ge', x, y), x, y), op('max', x, y)),
]
