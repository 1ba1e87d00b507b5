import type { Law, Term } from './term.ts'
import { any, each, node, op, opWith, pick, rest } from './term.ts'
import { anyType, laws } from './write.ts'

/** Cells that only move. Attributes on the right are made by the functions of `attributes.ts`. */
const law = laws('shape', { by: 'cells' })
const [x, y, z, i, l] = [node('x'), node('y'), node('z'), node('i'), rest('like')]

/** An op on moved operands is the moved op: the moving is then done once, and the op on no more cells than before. */
const through = (name: string, moved: (of: Term) => Term): readonly Law[] => [
  law(`${name}-of-one`, anyType, each('f', moved(x)), moved(each('f', x))),
  law(`${name}-of-two`, anyType, each('f', moved(x), moved(y)), moved(each('f', x, y))),
  law(`${name}-of-three`, anyType, each('f', moved(x), moved(y), moved(z)), moved(each('f', x, y, z))),
]
/** Both sides add the same products in the order of k; that factors may change places is proved. */
const factors = {
  by: 'reason',
  why: 'both sides add the same products in the order of k, and a product does not depend on the order of its factors',
} as const
const spread = (of: Term): Term => opWith('broadcast', 'a', of, l)
const gathered = (of: Term): Term => op('gather', of, i)

export const shape: readonly Law[] = [
  law('transpose-none', anyType, opWith('transpose', 'p', x), x, { where: ['in-order'] }),
  law(
    'transpose-transpose',
    anyType,
    opWith('transpose', 'p', opWith('transpose', 'q', x)),
    opWith('transpose', 'composed', x),
  ),
  law('reshape-none', anyType, opWith('reshape', 's', x), x),
  law('reshape-reshape', anyType, opWith('reshape', 's', opWith('reshape', 't', x)), opWith('reshape', 's', x)),
  law('broadcast-none', anyType, opWith('broadcast', 'a', x, l), x),
  law(
    'broadcast-broadcast',
    anyType,
    opWith('broadcast', 'a', opWith('broadcast', 'b', x, rest('inner')), l),
    opWith('broadcast', 'axes-through', x, l),
  ),
  law(
    'reshape-broadcast',
    anyType,
    opWith('reshape', 's', opWith('broadcast', 'b', x, l)),
    opWith('broadcast', 'to-reshaped', x),
  ),
  law(
    'transpose-broadcast',
    anyType,
    opWith('transpose', 'p', opWith('broadcast', 'b', x, l)),
    opWith('broadcast', 'to-transposed', x),
  ),
  // The type decides: a part of another size has another type.
  law('slice-all', anyType, opWith('slice', 'a', x), x),
  law('slice-slice', anyType, opWith('slice', 'a', opWith('slice', 'b', x)), opWith('slice', 'slice-through', x)),
  law(
    'slice-concat',
    anyType,
    opWith('slice', 'a', opWith('concat', 'c', rest('xs'))),
    opWith('slice', 'slice-part', pick('xs', 'part')),
  ),
  law(
    'slice-broadcast',
    anyType,
    opWith('slice', 'a', opWith('broadcast', 'b', x, l)),
    opWith('broadcast', 'to-sliced', x),
  ),
  law('concat-one', anyType, opWith('concat', 'c', x), x),
  law(
    'concat-concat',
    anyType,
    opWith('concat', 'c', opWith('concat', 'd', rest('xs')), rest('ys')),
    opWith('concat', 'c', rest('xs'), rest('ys')),
    { where: ['one-axis'] },
  ),
  law(
    'gather-broadcast',
    anyType,
    op('gather', opWith('broadcast', 'b', x, l), i),
    opWith('broadcast', 'without-first', x),
    { where: ['scalar-index', 'not-empty'] },
  ),
  law('gather-one', anyType, op('gather', each('f', x), i), each('f', gathered(x)), {
    where: ['scalar-index', 'zero-stays'],
  }),
  // Before the general form, which would carry the literal along.
  law(
    'gather-left-literal',
    anyType,
    op('gather', each('f', any('k'), y), i),
    each('f', any('k', undefined, 'row'), gathered(y)),
    { where: ['scalar-index', 'zero-stays'] },
  ),
  law(
    'gather-right-literal',
    anyType,
    op('gather', each('f', x, any('k')), i),
    each('f', gathered(x), any('k', undefined, 'row')),
    { where: ['scalar-index', 'zero-stays'] },
  ),
  law('gather-two', anyType, op('gather', each('f', x, y), i), each('f', gathered(x), gathered(y)), {
    where: ['scalar-index', 'zero-stays'],
  }),
  law('gather-three', anyType, op('gather', each('f', x, y, z), i), each('f', gathered(x), gathered(y), gathered(z)), {
    where: ['scalar-index', 'zero-stays'],
  }),
  law(
    'broadcast-left-literal',
    anyType,
    each('f', any('k'), spread(y)),
    spread(each('f', any('k', undefined, 'y'), y)),
  ),
  law(
    'broadcast-right-literal',
    anyType,
    each('f', spread(x), any('k')),
    spread(each('f', x, any('k', undefined, 'x'))),
  ),
  ...through('broadcast', spread),
  ...through('transpose', (of) => opWith('transpose', 'a', of)),
  ...through('reshape', (of) => opWith('reshape', 'a', of)),
  law(
    'contract-transposed',
    anyType,
    opWith('transpose', 'p', opWith('contract', 'c', opWith('transpose', 'q', x), opWith('transpose', 'r', y))),
    opWith('contract', 'c', y, x),
    { where: ['matrices'], evidence: factors },
  ),
  law(
    'contract-vector-right',
    anyType,
    opWith('contract', 'c', opWith('transpose', 'p', x), y),
    opWith('contract', 'c', y, x),
    { where: ['matrix-vector'], evidence: factors },
  ),
]
