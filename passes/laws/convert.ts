import type { Numeric } from '../../graph/elem.ts'
import { ints, isFloat, numerics } from '../../graph/elem.ts'
import type { Instance, Law } from './term.ts'
import { cast, lit, op, v } from './term.ts'
import { laws, on } from './write.ts'

/** Other element types: what survives the way there and back, and what goes straight. */
const law = laws('convert', { by: 'smt' })
const x = v('x')
const bits = Object.fromEntries(numerics.map((e) => [e, e === 'bool' ? 1 : e.endsWith('64') ? 64 : 32])) as Record<
  Numeric,
  number
>
const isSigned = (e: Numeric): boolean => e.startsWith('i')
/** Every value of E is one of F. */
const holds = (E: Numeric, F: Numeric): boolean => {
  if (E === F || E === 'bool') return true
  if (F === 'bool') return false
  if (isFloat(E)) return E === 'f32' && F === 'f64'
  if (isFloat(F)) return F === 'f64' && bits[E] === 32
  return bits[E] < bits[F] ? isSigned(F) || !isSigned(E) : false
}
const pairs = (keep: (E: Numeric, F: Numeric) => boolean): readonly Instance[] =>
  numerics.flatMap((E) => numerics.filter((F) => E !== F && keep(E, F)).map((F) => ({ E, F })))
const whole = (e: Numeric): boolean => (ints as readonly string[]).includes(e)
/** There and back: F holds E, or both are integers of one width, where wrapping loses nothing. */
const roundTrips = pairs((E, F) => E !== 'bool' && (holds(E, F) || (whole(E) && whole(F) && bits[F] >= bits[E])))
/**
 * Straight to G. Between integers wrapping composes. Through a float, the way to an integer saturates where the direct
 * one would wrap, so G must hold all of E.
 */
const chains: readonly Instance[] = pairs((E, F) => holds(E, F) || (whole(E) && whole(F))).flatMap(({ E, F }) =>
  numerics
    .filter((G) => G !== F && G !== E && G !== 'bool')
    .filter((G) =>
      holds(E!, F!) ? !isFloat(F!) || isFloat(G) || isFloat(E!) || holds(E!, G) : whole(G) && bits[F!] >= bits[G],
    )
    .map((G) => ({ E: E!, F: F!, G })),
)
const whole2float = pairs((E, F) => (whole(E) || E === 'bool') && isFloat(F))

export const convert: readonly Law[] = [
  law('convert-back', roundTrips, cast('convert', 'E', cast('convert', 'F', x)), x),
  law('convert-chain', chains, cast('convert', 'G', cast('convert', 'F', x)), cast('convert', 'G', x)),
  law('convert-ne-zero', on(...numerics), op('ne', cast('convert', 'E', v('p', 'bool')), lit(0)), v('p', 'bool')),
  law('convert-eq-one', on(...numerics), op('eq', cast('convert', 'E', v('p', 'bool')), lit(1)), v('p', 'bool')),
  // Not from integers through floats: many integers are NaN there, and come back as one.
  law(
    'bitcast-back',
    pairs((E, F) => E !== 'bool' && whole(F) && bits[E] === bits[F]),
    cast('bitcast', 'E', cast('bitcast', 'F', x)),
    x,
  ),
  law('floor-whole', whole2float, op('floor', cast('convert', 'F', x)), cast('convert', 'F', x)),
  law('ceil-whole', whole2float, op('ceil', cast('convert', 'F', x)), cast('convert', 'F', x)),
  law('trunc-whole', whole2float, op('trunc', cast('convert', 'F', x)), cast('convert', 'F', x)),
  law('nearest-whole', whole2float, op('nearest', cast('convert', 'F', x)), cast('convert', 'F', x)),
]
