import type { Numeric } from '../../graph/elem.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { prims } from '../../graph/prims.ts'
import type { Reduction } from '../../graph/reduction.ts'
import { reductions } from '../../graph/reduction.ts'
import type { Homomorphism, Instance, Law, Term } from '../../passes/laws/term.ts'
import { elemAt, litValue } from '../../passes/laws/value.ts'
import * as smt from './smt.ts'

interface Coded {
  readonly text: string
  readonly elem: Numeric
}

/** A term of primitives in SMT-LIB; `elems` collects the variables it has. */
export const encode = (t: Term, at: Instance, elems: Map<string, Numeric>): Coded => {
  switch (t.tag) {
    case 'var':
    case 'any': {
      const elem = t.sort === undefined ? elems.get(t.name)! : elemAt(t.sort, at)!
      elems.set(t.name, elem)
      return { text: t.name, elem }
    }
    case 'calc':
      return encode(t.of, at, elems)
    case 'lit': {
      const elem = elemAt(t.sort, at)!
      return { text: smt.literal(elem, litValue(t.value, elem)), elem }
    }
    case 'op': {
      const args = t.args.map((a) => encode(a, at, elems))
      const [a, b, c] = args
      if (t.op === 'select') return { text: `(ite ${a!.text} ${b!.text} ${c!.text})`, elem: b!.elem }
      if (t.op === 'convert' || t.op === 'bitcast') {
        const elem = elemAt(t.to!, at)!
        return { text: (t.op === 'convert' ? smt.convert : smt.bitcast)(a!.elem, elem, a!.text), elem }
      }
      const name = t.op as PlainPrim
      return { text: smt.prim(name, a!.elem, a!.text, b?.text), elem: prims[name].to === 'bool' ? 'bool' : a!.elem }
    }
    default:
      throw new Error(`bug: ${t.tag} is not about cells`)
  }
}
const declare = (elems: ReadonlyMap<string, Numeric>): string =>
  [...elems].map(([n, e]) => `(declare-const ${n} ${smt.sortOf(e)})`).join('\n')

/** Satisfiable exactly where the two sides of a law differ. */
export const differs = (left: Term, right: Term, at: Instance, when?: Term): string => {
  const elems = new Map<string, Numeric>()
  const [l, r] = [encode(left, at, elems), encode(right, at, elems)]
  const given = when === undefined ? '' : `(assert ${encode(when, at, elems).text})\n`
  return `${declare(elems)}\n${given}(assert (not (= ${l.text} ${r.text})))\n`
}
const howOf = (p: Homomorphism['from']): Reduction =>
  (Object.keys(reductions) as Reduction[]).find((h) => reductions[h].prim === p)!

/** Satisfiable exactly where one step of a reduction, or its start, does not go through the function. */
export const stepDiffers = (law: Homomorphism, elem: Numeric): string => {
  const f = (a: string, b: string): string => smt.prim(law.from, elem, a, b)
  const g = (a: string, b: string): string => smt.prim(law.to, elem, a, b)
  const sort = smt.sortOf(elem)
  const unit = (p: Homomorphism['from']): string => smt.literal(elem, reductions[howOf(p)].identity(elem))
  const names = ['a', 'b', 'c'].map((n) => `(declare-const ${n} ${sort})`).join('\n')
  const at = { E: elem }
  if (law.h === undefined) {
    const whole = `(= ${f('a', f('b', 'c'))} ${f(f('a', 'b'), 'c')})`
    return `${names}\n(assert (not (and ${whole} (= ${f('a', 'b')} ${f('b', 'a')}) (= ${f(unit(law.from), 'a')} a))))\n`
  }
  const body = encode(law.h, at, new Map()).text
  const h = (x: string): string => `(h ${x})`
  const define = `(define-fun h ((x ${sort})) ${sort} ${body})`
  const step = `(= ${h(f('a', 'b'))} ${g(h('a'), h('b'))})`
  return `${names}\n${define}\n(assert (not (and ${step} (= ${h(unit(law.from))} ${unit(law.to)}))))\n`
}
/** The query of a law at an instance, if its evidence is one. */
export const queryOf = (law: Law, at: Instance): string | undefined => {
  if (law.evidence.by === 'smt') return differs(law.left, law.right, at, law.when)
  return law.evidence.by === 'steps' ? stepDiffers(law.evidence.law, at.E ?? 'bool') : undefined
}
