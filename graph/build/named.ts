import { unit } from '../types.ts'
import { current, isBuilding } from './builder.ts'
import { nearest } from './nearest.ts'
import type { Ref } from './scope.ts'

/** Names that JavaScript itself asks any object for: to await it, to print it. */
const ordinary = new Set(['then', 'toJSON'])

/**
 * What objects of named expressions inherit. The objects stay plain, so that completion and destructuring work; only a
 * name that they do not have gets here, and becomes a problem at the user's line instead of `undefined`, which would
 * throw a line later and say nothing.
 */
const missing = (what: string, wrap: (r: Ref) => unknown): object =>
  new Proxy(Object.create(Object.prototype) as object, {
    get: (target, key, asked: object) => {
      if (typeof key === 'symbol' || key in target || ordinary.has(key) || !isBuilding())
        return Reflect.get(target, key)
      const known = Object.keys(asked)
      const cause = `there is no ${what} '${key}'`
      return wrap(current().fail(key, cause, nearest(key, known), unit))
    },
  })

/** Makes frozen objects of named expressions that notice misspelt names; `what` is what the names are. */
export const namedObjects = (
  what: 'field' | 'column' | 'input',
  wrap: (r: Ref) => unknown,
): ((parts: Iterable<readonly [string | symbol, unknown]>) => object) => {
  const proto = missing(what, wrap)
  prototypes.add(proto)
  return (parts) => {
    const out = Object.create(proto) as object
    for (const [name, value] of parts) Object.defineProperty(out, name, { value, enumerable: typeof name === 'string' })
    return Object.freeze(out)
  }
}
const prototypes = new WeakSet<object>()
/** Whether an object is one of these, and so as plain as any that a user writes. */
export const isNamed = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return typeof proto === 'object' && proto !== null && prototypes.has(proto)
}
