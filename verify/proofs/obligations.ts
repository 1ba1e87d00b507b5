import { createHash } from 'node:crypto'
import type { Numeric } from '../../graph/elem.ts'
import { numerics } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { resultOf } from '../../graph/prims.ts'
import { commutative, laws } from '../../passes/laws/index.ts'
import type { Instance, Law, Term } from '../../passes/laws/term.ts'
import { op, v } from '../../passes/laws/term.ts'
import { cellOf, elemAt } from '../../passes/laws/value.ts'
import { edges } from './edges.ts'
import { differs, queryOf } from './query.ts'

/** One thing to be shown: a law at one choice of elements. The list is made from the table of laws, so it has no gaps. */
export interface Obligation {
  /** `int-sub-self at E=i32` */
  readonly id: string
  readonly law: Law
  readonly at: Instance
  readonly by: 'smt' | 'exhaustion' | 'cells' | 'reason'
  readonly query?: string
}
const idOf = (law: Law, at: Instance): string => {
  const letters = Object.entries(at).map(([k, e]) => `${k}=${e}`)
  return letters.length === 0 ? law.name : `${law.name} at ${letters.join(' ')}`
}

/** The variables of terms of primitives, each with its element. */
export const variablesOf = (terms: readonly Term[], at: Instance): ReadonlyMap<string, Numeric> => {
  const found = new Map<string, Numeric>()
  const go = (t: Term): void => {
    if ((t.tag === 'var' || t.tag === 'any') && t.sort !== undefined) found.set(t.name, elemAt(t.sort, at)!)
    if (t.tag === 'calc') go(t.of)
    if (t.tag === 'op' || t.tag === 'each') t.args.forEach(go)
  }
  terms.forEach(go)
  return found
}
const obligation = (law: Law, at: Instance): Obligation => {
  const id = idOf(law, at)
  const { by } = law.evidence
  if (by === 'cells' || by === 'reason') return { id, law, at, by }
  const small = by === 'smt' && [...variablesOf([law.left, law.right], at).values()].every((e) => e === 'bool')
  return small ? { id, law, at, by: 'exhaustion' } : { id, law, at, by: 'smt', query: queryOf(law, at)! }
}
/** That operands of commutative primitives may change places is an obligation like a law, though no rewrite. */
const turning = commutative.flatMap((name) => {
  const [x, y] = [v('x'), v('y')]
  const law: Law = {
    name: `${name}-commutes`,
    family: 'compare',
    left: op(name, x, y),
    right: op(name, y, x),
    at: numerics.filter((E) => resultOf(name, E) !== undefined).map((E) => ({ E })),
    equality: 'bits',
    evidence: { by: 'smt' },
  }
  return law.at.map((at) => ({
    id: idOf(law, at),
    law,
    at,
    by: 'smt' as const,
    query: differs(law.left, law.right, at),
  }))
})

export const obligations: readonly Obligation[] = [
  ...laws.flatMap((law) => law.at.map((at) => obligation(law, at))),
  ...turning,
]

/** What a proof was made of: the query says law and encoding, and the solver has a version. */
export const hashOf = (o: Obligation, solver: string): string =>
  createHash('sha256')
    .update(`${solver}\n${o.query ?? ''}`)
    .digest('hex')
    .slice(0, 32)

/** Values at which the sides of a law about cells differ, among all choices from a list for each element. */
export const refute = (
  law: Pick<Law, 'left' | 'right' | 'when'>,
  at: Instance,
  values: (elem: Numeric) => readonly Scalar[] = edges,
): Readonly<Record<string, Scalar>> | undefined => {
  const names = [...variablesOf([law.left, law.right], at)]
  const pick = (k: number, chosen: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>> | undefined => {
    const next = names[k]
    if (next !== undefined) {
      for (const x of values(next[1])) {
        const found = pick(k + 1, { ...chosen, [next[0]]: x })
        if (found !== undefined) return found
      }
      return undefined
    }
    const elems = new Map(names)
    const given = (n: string) => ({ elem: elems.get(n)!, value: chosen[n]! })
    if (law.when !== undefined && cellOf(law.when, at, given)?.value !== true) return undefined
    return Object.is(cellOf(law.left, at, given)?.value, cellOf(law.right, at, given)?.value) ? undefined : chosen
  }
  return pick(0, {})
}
