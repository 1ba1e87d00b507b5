import { compare } from './compare.ts'
import { convert } from './convert.ts'
import { float } from './float.ts'
import { integer } from './integer.ts'
import { minmax } from './minmax.ts'
import { reduce } from './reduce.ts'
import { select } from './select.ts'
import { shape } from './shape.ts'
import { structure } from './structure.ts'
import type { Law, Term } from './term.ts'

/** Every law there is. Earlier ones are tried first. */
export const laws: readonly Law[] = [
  ...structure,
  ...float,
  ...integer,
  ...minmax,
  ...compare,
  ...select,
  ...convert,
  ...reduce,
  ...shape,
]

/** Primitives whose operands may change places; that they may is proved beside the laws. */
export const commutative = ['add', 'mul', 'min', 'max', 'and', 'or', 'xor', 'eq', 'ne'] as const

/** The left side with the operands of commutative primitives in every order, as written first. */
export const orders = (term: Term): readonly Term[] => {
  if (term.tag !== 'op' && term.tag !== 'each') return [term]
  const lists = term.args.reduce<readonly (readonly Term[])[]>(
    (done, a) => done.flatMap((list) => orders(a).map((o) => [...list, o])),
    [[]],
  )
  const turns = term.tag === 'op' && (commutative as readonly string[]).includes(term.op)
  const all = turns
    ? lists.flatMap(([a, b]) => [
        [a!, b!],
        [b!, a!],
      ])
    : lists
  const seen = new Set<string>()
  return all
    .map((args) => ({ ...term, args }))
    .filter((t) => {
      // Two operands alike make two orders one; JSON says -0 as 0, which no law has both of.
      const key = JSON.stringify(t)
      return !seen.has(key) && seen.add(key) !== undefined
    })
}

export * from './term.ts'
