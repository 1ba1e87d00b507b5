import { ints } from '../../graph/elem.ts'
import type { Law, Term } from './term.ts'
import { any, calc, lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/** Arithmetic modulo 2^32 and 2^64, division by zero giving 0, and bits. */
const law = laws('integer', { by: 'smt' })
const I = on(...ints)
/** Bits, of which a truth value is one. */
const B = on(...ints, 'bool')
const _signed = on('i32', 'i64')
const unsigned = on('u32', 'u64')
const [x, y, z] = [v('x'), v('y'), v('z')]
const [k, m] = [any('k', 'E'), any('m', 'E')]
const zero = lit(0)
const ones = lit('ones')
const both = (o: 'add' | 'mul' | 'and' | 'or' | 'xor'): Law =>
  law(`${o}-literals`, o === 'add' || o === 'mul' ? I : B, op(o, op(o, x, k), m), op(o, x, calc(op(o, k, m))))
const same = (o: 'and' | 'or', to: Term): Law => law(`${o}-same`, B, op(o, x, x), to)

export const integer: readonly Law[] = [
  law('int-zero-sub', I, op('sub', zero, x), op('neg', x)),
  law('int-sub-self', I, op('sub', x, x), zero),
  law('int-mul-zero', I, op('mul', x, zero), zero),
  law('int-div-zero', I, op('div', x, zero), zero),
  law('int-rem-one', I, op('rem', x, lit(1)), zero),
  law('int-rem-zero', I, op('rem', x, zero), x),
  law('int-neg-sub', I, op('neg', op('sub', x, y)), op('sub', y, x)),
  law('int-add-sub', I, op('add', op('sub', x, y), y), x),
  law('int-sub-add', I, op('sub', op('add', x, y), y), x),
  law('int-factor', I, op('add', op('mul', x, y), op('mul', x, z)), op('mul', x, op('add', y, z))),
  law('int-abs-unsigned', unsigned, op('abs', x), x),
  law('and-zero', B, op('and', x, zero), zero),
  law('and-ones', B, op('and', x, ones), x),
  same('and', x),
  law('or-zero', B, op('or', x, zero), x),
  law('or-ones', B, op('or', x, ones), ones),
  same('or', x),
  law('xor-zero', B, op('xor', x, zero), x),
  law('xor-ones', B, op('xor', x, ones), op('not', x)),
  law('xor-self', B, op('xor', x, x), zero),
  law('not-not', B, op('not', op('not', x)), x),
  law('and-not', B, op('and', x, op('not', x)), zero),
  law('and-or', B, op('and', x, op('or', x, y)), x),
  law('or-not', B, op('or', x, op('not', x)), ones),
  law('or-and', B, op('or', x, op('and', x, y)), x),
  law('and-nots', B, op('and', op('not', x), op('not', y)), op('not', op('or', x, y))),
  law('or-nots', B, op('or', op('not', x), op('not', y)), op('not', op('and', x, y))),
  law('int-shl-zero', I, op('shl', x, zero), x),
  law('int-shr-zero', I, op('shr', x, zero), x),
  both('add'),
  both('mul'),
  both('and'),
  both('or'),
  both('xor'),
]
