import type { NodeId } from '../../graph/arena.ts'
import { isNumeric } from '../../graph/elem.ts'
import { isScalar } from '../../graph/types.ts'
import type { Scope } from './scope.ts'

/** An i64 to ask by; in a body often made from a parameter, as keyed lookups are. */
export const keyIn = (s: Scope): NodeId => {
  const x =
    s.depth > 0 && s.tape.next(3) > 0 ? s.pick((t) => isScalar(t) && isNumeric(t.elem) && t.elem !== 'i64') : undefined
  return (x === undefined ? undefined : s.add('convert', { to: 'i64' }, [x])) ?? s.scalarOf('i64')
}
