import type { Assumption } from '../../runtime/assumption.ts'
import type { Property, PropertyId } from '../../runtime/properties.ts'
import { properties as all } from '../../runtime/properties.ts'

/** The properties by name, as the functions here take them. */
export type Properties = Readonly<Record<string, Property>>

/** Whether an id is meant by a reference: `sql-driver:*` means each with any parameter, and `*` is met by any. */
export const means = (reference: string, id: string): boolean => {
  const [a, b] = [reference.split(':'), id.split(':')]
  if (a[0] !== b[0]) return false
  if (a.at(-1) === '*') return true
  return a.length === b.length && a.every((x, i) => x === b[i] || b[i] === '*')
}

/** A property with all that it rests on, itself first. */
export const propertiesBelow = (property: string, properties: Properties = all): readonly string[] =>
  reached([property], (p) => properties[p]?.restsOn ?? [])
/** A property with all that rest on it, itself first. */
export const propertiesAbove = (property: string, properties: Properties = all): readonly string[] =>
  reached([property], (p) => Object.keys(properties).filter((q) => properties[q]!.restsOn?.includes(p)))

/**
 * What a property rests on, transitively: the assumptions that support it or a property it rests on, and those that these
 * rest on, in the order of the inventory.
 *
 *     const needed = assumptionsOf('SameBits', ownAssumptions())
 */
export const assumptionsOf = <A extends Assumption>(
  property: PropertyId | (string & {}),
  inventory: readonly A[],
  properties: Properties = all,
): readonly A[] => {
  const wanted = new Set(propertiesBelow(property, properties))
  const first = inventory.filter((a) => a.supports.some((p) => wanted.has(p)))
  const found = new Set(
    reached(first, (a) => (a.restsOn ?? []).flatMap((r) => inventory.filter((b) => means(r, b.id)))),
  )
  return inventory.filter((a) => found.has(a))
}

/** The other way: the properties that would not hold without an assumption, transitively, in the order of the registry. */
export const propertiesOf = (
  id: string,
  inventory: readonly Assumption[],
  properties: Properties = all,
): readonly string[] => {
  const start = inventory.filter((a) => a.id === id)
  const resting = reached(start, (a) => inventory.filter((b) => b.restsOn?.some((r) => means(r, a.id))))
  const found = new Set(resting.flatMap((a) => a.supports.flatMap((p) => propertiesAbove(p, properties))))
  return Object.keys(properties).filter((p) => found.has(p))
}

/** Everything that can be reached, each once, the start first. */
const reached = <X>(start: readonly X[], next: (x: X) => readonly X[]): readonly X[] => {
  const seen = new Set(start)
  for (const x of seen) for (const y of next(x)) seen.add(y)
  return [...seen]
}
