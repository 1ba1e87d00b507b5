import { ints } from '../../graph/elem.ts'
import type { Law, Term } from './term.ts'
import { any, calc, lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/** Arithmetic modulo 2^32 and 2^64, division by zero giving 0, and bits. */
const law = laws('integer', { by: 'smt' })
const I = on(...ints)
const signed = on('i32', 'i64')
const unsigned = on('u32', 'u64')
const [x, y, z] = [v('x'), v('y'), v('z')]
const [k, m] = [any('k', 'E'), any('m', 'E')]
const zero = lit(0)
const ones = lit('ones')
const both = (o: 'add' | 'mul' | 'and' | 'or' | 'xor'): Law =>
  law(`int-${o}-literals`, I, op(o, op(o, x, k), m), op(o, x, calc(op(o, k, m))))
const same = (o: 'and' | 'or', to: Term): Law => law(`int-${o}-same`, I, op(o, x, x), to)

export const integer: readonly Law[] = [
  law('int-add-zero', I, op('add', x, zero), x),
  law('int-sub-zero', I, op('sub', x, zero), x),
  law('int-zero-sub', I, op('sub', zero, x), op('neg', x)),
  law('int-sub-self', I, op('sub', x, x), zero),
  law('int-mul-one', I, op('mul', x, lit(1)), x),
  law('int-mul-zero', I, op('mul', x, zero), zero),
  law('int-mul-minus-one', I, op('mul', x, ones), op('neg', x)),
  law('int-div-one', I, op('div', x, lit(1)), x),
  law('int-div-zero', I, op('div', x, zero), zero),
  law('int-rem-one', I, op('rem', x, lit(1)), zero),
  law('int-rem-zero', I, op('rem', x, zero), x),
  law('int-neg-neg', I, op('neg', op('neg', x)), x),
  law('int-neg-sub', I, op('neg', op('sub', x, y)), op('sub', y, x)),
  law('int-add-neg', I, op('add', x, op('neg', y)), op('sub', x, y)),
  law('int-sub-neg', I, op('sub', x, op('neg', y)), op('add', x, y)),
  law('int-add-sub', I, op('add', op('sub', x, y), y), x),
  law('int-sub-add', I, op('sub', op('add', x, y), y), x),
  law('int-mul-neg-neg', I, op('mul', op('neg', x), op('neg', y)), op('mul', x, y)),
  law('int-factor', I, op('add', op('mul', x, y), op('mul', x, z)), op('mul', x, op('add', y, z))),
  law('int-abs-abs', signed, op('abs', op('abs', x)), op('abs', x)),
  law('int-abs-neg', signed, op('abs', op('neg', x)), op('abs', x)),
  law('int-abs-unsigned', unsigned, op('abs', x), x),
  law('int-and-zero', I, op('and', x, zero), zero),
  law('int-and-ones', I, op('and', x, ones), x),
  same('and', x),
  law('int-or-zero', I, op('or', x, zero), x),
  law('int-or-ones', I, op('or', x, ones), ones),
  same('or', x),
  law('int-xor-zero', I, op('xor', x, zero), x),
  law('int-xor-ones', I, op('xor', x, ones), op('not', x)),
  law('int-xor-self', I, op('xor', x, x), zero),
  law('int-not-not', I, op('not', op('not', x)), x),
  law('int-and-nots', I, op('and', op('not', x), op('not', y)), op('not', op('or', x, y))),
  law('int-or-nots', I, op('or', op('not', x), op('not', y)), op('not', op('and', x, y))),
  law('int-shl-zero', I, op('shl', x, zero), x),
  law('int-shr-zero', I, op('shr', x, zero), x),
  both('add'),
  both('mul'),
  both('and'),
  both('or'),
  both('xor'),
]
