import type { Dim, Type } from '../types.ts'
import { isRagged } from '../types.ts'
import { current } from './builder.ts'

/**
 * The type of an answer whose named dimensions come in with it: each is introduced under its name, because the sizes
 * are those of this answer and of nothing else.
 */
export const freshDims = (type: Type, name: string): Type => {
  const b = current()
  const known = new Map<string, string>()
  const fresh = (d: Dim): Dim => {
    if (typeof d === 'number' || isRagged(d)) return d
    const found = known.get(d) ?? b.introduce(d, name)
    known.set(d, found)
    return found
  }
  const walk = (t: Type): Type => {
    switch (t.kind) {
      case 'tensor':
        return { ...t, shape: t.shape.map(fresh) }
      case 'list':
        return { ...t, of: walk(t.of), dim: fresh(t.dim) }
      case 'option':
      case 'result':
        return { ...t, of: walk(t.of) }
      case 'record':
        return { ...t, fields: t.fields.map(([n, f]) => [n, walk(f)] as const) }
      case 'union':
        return { ...t, cases: t.cases.map(([n, c]) => [n, walk(c)] as const) }
    }
  }
  return walk(type)
}
