import type { Law, Term } from './term.ts'
import { inline, lit, node, op, opWith, pick, rest } from './term.ts'
import { anyType, laws } from './write.ts'

/** Records, options, lists and conditions that are taken apart where they were put together. */
const why = 'both sides are the same operand, or the same body on the same operands, by the meaning of the two ops'
const law = (name: string, left: Term, right: Term, extra: Pick<Law, 'where' | 'calmOnly'> = {}): Law =>
  laws('structure', { by: 'reason', why })(name, anyType, left, right, extra)
const [x, d, xs, c] = [node('x'), node('d'), rest('xs'), rest('captures')]
const yes = lit(true, 'bool')
const no = lit(false, 'bool')

export const structure: readonly Law[] = [
  law('field-record', opWith('field', 'f', opWith('record', 'r', xs)), pick('xs', 'field-place')),
  law('column-rows', opWith('column', 'f', opWith('rows', 'r', xs)), pick('xs', 'field-place')),
  law('length-rows', op('length', opWith('rows', 'r', xs)), op('length', pick('xs', 'first'))),
  law('length-column', op('length', opWith('column', 'f', x)), op('length', x), { calmOnly: true }),
  law('length-map', op('length', op('map', x, c)), op('length', x), { calmOnly: true }),
  law('length-cells', op('length', { tag: 'each', name: 'f', args: [x, xs] }), op('length', x)),
  law('length-literal', op('length', x), opWith('const', 'length-of-type')),
  law('is-some-some', op('isSome', op('some', x)), yes),
  law('is-some-none', op('isSome', opWith('none', 'n')), no),
  law('or-else-some', op('orElse', op('some', x), d), x),
  law('or-else-none', op('orElse', opWith('none', 'n'), d), d),
  law('restored-stored', opWith('restored', 'r', op('stored', x)), x),
  law('stored-restored', op('stored', opWith('restored', 'r', x)), x),
  law('sequence-quiet', op('sequence', x, d), d),
  law('map-none', op('map', x, c), x, { where: ['body-is-parameter'] }),
  law('cond-true', op('cond', yes, c), inline('first', c)),
  law('cond-false', op('cond', no, c), inline('second', c)),
  law('match-some', op('match', op('some', x), c), inline('second', x, c)),
  law('match-none', op('match', opWith('none', 'n'), c), inline('first', opWith('const', 'unit'), c)),
  law('match-inject', op('match', opWith('inject', 'i', x), c), inline('case-place', x, c)),
  law('concat-text-nested', op('concatText', op('concatText', xs), c), op('concatText', xs, c)),
]
