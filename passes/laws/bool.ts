import type { Law } from './term.ts'
import { lit, op, v } from './term.ts'
import { anyType, laws } from './write.ts'

/** Truth values: each law is tried on every assignment. */
const law = laws('bool', { by: 'smt' })
const [p, q] = [v('p', 'bool'), v('q', 'bool')]
const [yes, no] = [lit(true, 'bool'), lit(false, 'bool')]

export const bool: readonly Law[] = [
  law('bool-and-true', anyType, op('and', p, yes), p),
  law('bool-and-false', anyType, op('and', p, no), no),
  law('bool-and-same', anyType, op('and', p, p), p),
  law('bool-and-not', anyType, op('and', p, op('not', p)), no),
  law('bool-and-or', anyType, op('and', p, op('or', p, q)), p),
  law('bool-and-nots', anyType, op('and', op('not', p), op('not', q)), op('not', op('or', p, q))),
  law('bool-or-false', anyType, op('or', p, no), p),
  law('bool-or-true', anyType, op('or', p, yes), yes),
  law('bool-or-same', anyType, op('or', p, p), p),
  law('bool-or-not', anyType, op('or', p, op('not', p)), yes),
  law('bool-or-and', anyType, op('or', p, op('and', p, q)), p),
  law('bool-or-nots', anyType, op('or', op('not', p), op('not', q)), op('not', op('and', p, q))),
  law('bool-not-not', anyType, op('not', op('not', p)), p),
  law('bool-eq-true', anyType, op('eq', p, yes), p),
  law('bool-eq-false', anyType, op('eq', p, no), op('not', p)),
  law('bool-ne-true', anyType, op('ne', p, yes), op('not', p)),
  law('bool-ne-false', anyType, op('ne', p, no), p),
]
