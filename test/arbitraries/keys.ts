import type { NodeId } from '../../graph/arena.ts'
import { isNumeric } from '../../graph/elem.ts'
import { isScalar } from '../../graph/types.ts'
import type { Scope } from './scope.ts'

/** An i64 to ask by; in a body mostly made from what the body is given, as keyed lookups are. */
export const keyIn = (s: Scope, lookup = false): NodeId => {
  const [given] = s.pool
  const x = s.depth > 0 && given !== undefined && (lookup || s.tape.next(4) > 0) ? keyOf(s, given) : undefined
  return x ?? s.scalarOf('i64')
}
/** A number in a value, as an i64. */
const keyOf = (s: Scope, id: NodeId): NodeId | undefined => {
  const type = s.type(id)
  if (type.kind === 'record') {
    const name = type.fields.find(([, t]) => isScalar(t) && isNumeric(t.elem))?.[0]
    const field = name === undefined ? undefined : s.add('field', { name }, [id])
    return field === undefined ? undefined : keyOf(s, field)
  }
  if (!isScalar(type) || !isNumeric(type.elem)) return undefined
  return type.elem === 'i64' ? id : s.add('convert', { to: 'i64' }, [id])
}
