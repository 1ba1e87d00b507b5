import type { Fields, Type } from '../../graph/types.ts'
import { data, written } from './literal.ts'

const flat = (x: unknown): string => written(data(x), '', -10_000)

/** A type as the expression that makes it. */
export const typeText = (t: Type): string => {
  switch (t.kind) {
    case 'tensor':
      return t.shape.length === 0 ? `scalar('${t.elem}')` : `tensor('${t.elem}', ${flat(t.shape)})`
    case 'option':
      return `option(${typeText(t.of)})`
    case 'record':
      return `record(${fields(t.fields)})`
    case 'list':
      return `listOf(${typeText(t.of)}, ${flat(t.dim)})`
    case 'union':
      return `union(${fields(t.cases)})`
    case 'result':
      return `result(${typeText(t.of)})`
  }
}
const fields = (fs: Fields): string => `[${fs.map(([n, t]) => `[${flat(n)}, ${typeText(t)}]`).join(', ')}]`
/** Functions that such expressions call. */
export const typeMakers = ['listOf', 'option', 'record', 'result', 'scalar', 'tensor', 'union'] as const
