import type { Numeric } from '../../graph/elem.ts'
import type { Family, Instance, Law, Term } from './term.ts'

/** Instances of a law about one element. */
export const on = (...elems: readonly Numeric[]): readonly Instance[] => elems.map((E) => ({ E }))
export const anyType: readonly Instance[] = [{}]

type Extra = Partial<Omit<Law, 'name' | 'family' | 'left' | 'right' | 'at'>>
/** Writes laws of a family whose evidence is, unless said otherwise, of one kind. */
export const laws =
  (family: Family, evidence: Law['evidence']) =>
  (name: string, at: readonly Instance[], left: Term, right: Term, extra: Extra = {}): Law => ({
    name,
    family,
    left,
    right,
    at,
    equality: 'bits',
    evidence,
    ...extra,
  })
