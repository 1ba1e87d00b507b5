import { floats, ints } from '../../graph/elem.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import type { Reduction } from '../../graph/reduction.ts'
import type { Homomorphism, Instance, Law } from './term.ts'
import { node, op, opIs, opWith, rest, v } from './term.ts'
import { anyType, laws, on } from './write.ts'

/**
 * Reductions keep a fixed order, so only what holds for every order, or keeps it, is here. Sums of floats commute with
 * nothing: sum(-x) is -0 where x is empty or cancels, and -sum(x) is +0.
 */
const law = laws('reduce', { by: 'cells' })
const F = on(...floats)
const I = on(...ints)
const numbers = on(...floats, ...ints)
const x = v('x')
const p = v('x', 'bool')

const prim = { sum: 'add', prod: 'mul', min: 'min', max: 'max', any: 'or', all: 'and' } as const
const swap = (from: Reduction, to: Reduction, h: PlainPrim, at: readonly Instance[], name: string): Law => {
  const y = at === anyType ? p : x
  const step: Homomorphism = { from: prim[to], to: prim[from], h: op(h, y) }
  return law(name, at, opIs('reduce', { how: from }, 'r', op(h, y)), op(h, opWith('reduce', `as-${to}`, y)), {
    evidence: { by: 'steps', law: step },
  })
}
const nested = (how: Reduction, at: readonly Instance[], prefix: string): Law => {
  const y = at === anyType ? p : x
  return law(
    `${prefix}${how}-${how}`,
    at,
    opIs('reduce', { how }, 'outer', opIs('reduce', { how }, 'inner', y)),
    opWith('reduce', 'axes-together', y),
    {
      evidence:
        how === 'prod'
          ? { by: 'reason', why: 'integers modulo 2^n are a commutative ring, so a product has one value in any order' }
          : { by: 'steps', law: { from: prim[how], to: prim[how] } },
    },
  )
}
export const reduce: readonly Law[] = [
  swap('max', 'min', 'neg', F, 'float-max-neg'),
  swap('min', 'max', 'neg', F, 'float-min-neg'),
  swap('sum', 'sum', 'neg', I, 'int-sum-neg'),
  swap('max', 'min', 'not', I, 'int-max-not'),
  swap('min', 'max', 'not', I, 'int-min-not'),
  swap('any', 'all', 'not', anyType, 'any-not'),
  swap('all', 'any', 'not', anyType, 'all-not'),
  law(
    'int-sum-scaled',
    I,
    opIs('reduce', { how: 'sum' }, 'r', op('mul', x, opWith('broadcast', 'b', v('s'), rest('like')))),
    op('mul', opWith('reduce', 'r', x), v('s')),
    {
      where: ['scalar-s', 'all-axes'],
      evidence: { by: 'reason', why: 'integers modulo 2^n are a ring: multiplication distributes over any sum' },
    },
  ),
  nested('max', numbers, ''),
  nested('min', numbers, ''),
  nested('sum', I, 'int-'),
  nested('prod', I, 'int-'),
  nested('any', anyType, ''),
  nested('all', anyType, ''),
  law(
    'reduce-transpose',
    anyType,
    opWith('reduce', 'r', opWith('transpose', 'p', node('x'))),
    opWith('reduce', 'axes-before', node('x')),
  ),
  // The type decides: over fewer than all axes it would be another.
  law(
    'reduce-reshape',
    anyType,
    opWith('reduce', 'r', opWith('reshape', 's', node('x'))),
    opWith('reduce', 'every-axis', node('x')),
  ),
]
