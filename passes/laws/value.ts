import type { Numeric } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { normalise, numbers } from '../../graph/numbers.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { extremes } from '../../graph/reduction.ts'
import type { Instance, Lit, Sort, Term } from './term.ts'

/** The element a sort stands for in an instance. */
export const elemAt = (sort: Sort, at: Instance): Numeric | undefined =>
  sort === 'E' || sort === 'F' || sort === 'G' ? at[sort] : sort

export const litValue = (value: Lit, elem: Numeric): Scalar => {
  if (typeof value === 'boolean') return value
  if (value === 'ones') return normalise(elem, -1)
  if (value === 'least' || value === 'greatest') return extremes[elem as 'f64'][value === 'least' ? 0 : 1]
  return normalise(elem, value)
}

export interface Cell {
  readonly elem: Numeric
  readonly value: Scalar
}
/**
 * One cell of a term of primitives, given one of each variable: what a law about cells says. Undefined where a variable
 * is not given or the term has more than primitives.
 */
export const cellOf = (term: Term, at: Instance, given: (name: string) => Cell | undefined): Cell | undefined => {
  switch (term.tag) {
    case 'var':
    case 'any':
      return given(term.name)
    case 'calc':
      return cellOf(term.of, at, given)
    case 'lit': {
      const elem = elemAt(term.sort, at)
      return elem === undefined ? undefined : { elem, value: litValue(term.value, elem) }
    }
    case 'op': {
      const args: Cell[] = []
      for (const a of term.args) {
        const c = cellOf(a, at, given)
        if (c === undefined) return undefined
        args.push(c)
      }
      const [first, second, third] = args
      const to = term.to === undefined ? undefined : elemAt(term.to, at)
      if (term.op === 'select') {
        const elem = second!.elem
        return { elem, value: numbers.select(elem, first!.value, second!.value, third!.value) }
      }
      if (term.op === 'convert' || term.op === 'bitcast')
        return to === undefined ? undefined : { elem: to, value: numbers[term.op](first!.elem, to, first!.value) }
      const value = numbers.prim(term.op as PlainPrim, first!.elem, ...args.map((a) => a.value))
      return { elem: typeof value === 'boolean' ? 'bool' : first!.elem, value }
    }
    default:
      return undefined
  }
}
