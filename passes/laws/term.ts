import type { Numeric } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import type { OpName } from '../../graph/ops/index.ts'

/**
 * The language in which laws are written: small terms, as plain data. Two readers follow it, the pass and its checker,
 * and the proofs are made from it. Terms that compute are about cells: variables are tensors of one shape, and a
 * literal is that literal in every cell.
 */
export type Term =
  /** Any node; with a sort, a tensor of that element. */
  | { readonly tag: 'var'; readonly name: string; readonly sort?: Sort }
  /** All remaining operands, none included. */
  | { readonly tag: 'rest'; readonly name: string }
  | { readonly tag: 'lit'; readonly value: Lit; readonly sort: Sort }
  /** Any literal; named, so that `when` can speak of it. On the right: that literal, in the shape of variable `at`. */
  | { readonly tag: 'any'; readonly name: string; readonly sort?: Sort; readonly at?: string }
  /** Right side only: primitives over literals, computed while the rule is applied. */
  | { readonly tag: 'calc'; readonly of: Term }
  /** Attributes are matched against `is` and bound to `attrs`; on the right they are made by the function `attrs`. */
  | {
      readonly tag: 'op'
      readonly op: OpName
      readonly args: readonly Term[]
      readonly to?: Sort
      readonly attrs?: string
      readonly is?: object
    }
  /** Any op that works cell by cell; the same name means the same op with the same attributes. */
  | { readonly tag: 'each'; readonly name: string; readonly args: readonly Term[] }
  /** Right side only: the operand of `from` at the place that function `by` says. */
  | { readonly tag: 'pick'; readonly from: string; readonly by: string }
  /** Right side only: a body of the matched root, which function `by` chooses, its parameters replaced by operands. */
  | { readonly tag: 'inline'; readonly by: string; readonly args: readonly Term[] }

/** An element type, or a letter that stands for one throughout a law. */
export type Sort = Numeric | 'E' | 'F' | 'G'
/** Literals that differ from element to element: the least, the greatest, all bits set. */
export type Lit = number | boolean | 'least' | 'greatest' | 'ones'
/** What the letters of a law stand for. */
export type Instance = Readonly<Partial<Record<'E' | 'F' | 'G', Numeric>>>

export const v = (name: string, sort: Sort = 'E'): Term => ({ tag: 'var', name, sort })
export const node = (name: string): Term => ({ tag: 'var', name })
export const rest = (name: string): Term => ({ tag: 'rest', name })
export const lit = (value: Lit, sort: Sort = 'E'): Term => ({ tag: 'lit', value, sort })
export const any = (name: string, sort?: Sort, at?: string): Term => ({
  tag: 'any',
  name,
  ...(sort === undefined ? {} : { sort }),
  ...(at === undefined ? {} : { at }),
})
export const calc = (of: Term): Term => ({ tag: 'calc', of })
export const op = (name: OpName, ...args: readonly Term[]): Term => ({ tag: 'op', op: name, args })
/** An op whose attributes are bound under a name (left), or made by a function of that name (right). */
export const opWith = (name: OpName, attrs: string, ...args: readonly Term[]): Term => ({
  tag: 'op',
  op: name,
  args,
  attrs,
})
/** An op with these attributes among others. */
export const opIs = (name: OpName, is: object, attrs: string, ...args: readonly Term[]): Term => ({
  tag: 'op',
  op: name,
  args,
  attrs,
  is,
})
export const cast = (name: 'convert' | 'bitcast', to: Sort, x: Term): Term => ({ tag: 'op', op: name, args: [x], to })
export const each = (name: string, ...args: readonly Term[]): Term => ({ tag: 'each', name, args })
export const pick = (from: string, by: string): Term => ({ tag: 'pick', from, by })
export const inline = (by: string, ...args: readonly Term[]): Term => ({ tag: 'inline', by, args })

/** What kind of evidence a law has, and what it is made from. */
export type Evidence =
  /** Both sides are primitives: for each instance an SMT query, or all cells of a small domain. */
  | { readonly by: 'smt' }
  /** A reduction and a function change places: the SMT query is about one step of the reduction, and its start. */
  | { readonly by: 'steps'; readonly law: Homomorphism }
  /** Cells only move: both sides read the same cell of the same variable, for shapes and attributes drawn at random. */
  | { readonly by: 'cells' }
  /** Neither reaches it: why it holds, in a sentence, with a property test. */
  | { readonly by: 'reason'; readonly why: string }

/** h(f(a, b)) = g(h(a), h(b)) and h(unit of f) = unit of g; without h: f is associative and commutative with its unit. */
export interface Homomorphism {
  readonly from: 'add' | 'mul' | 'min' | 'max' | 'and' | 'or'
  readonly to: 'add' | 'mul' | 'min' | 'max' | 'and' | 'or'
  /** One variable, `x`; others are fixed. */
  readonly h?: Term
}

export interface Law {
  readonly name: string
  readonly family: Family
  readonly left: Term
  readonly right: Term
  /** What E, F and G may stand for; a law about any type has the one instance {}. */
  readonly at: readonly Instance[]
  /** Holds of the literals: a term of bool over them. */
  readonly when?: Term
  /** Names of further conditions (`conditions.ts`). */
  readonly where?: readonly string[]
  /**
   * Its sides look at different parts of the same operands, so that it would change what is needed of them: only where
   * nothing there happens or can fail.
   */
  readonly calmOnly?: true
  /** Bits, with one NaN; the relaxed ones say how far off they may be. */
  readonly equality: 'bits' | { readonly relaxed: string; readonly bound: string }
  /** A user has to ask for a law that has a mode. */
  readonly mode?: Mode
  readonly evidence: Evidence
}
export const families = [
  'float',
  'integer',
  'compare',
  'select',
  'convert',
  'minmax',
  'reduce',
  'shape',
  'structure',
] as const
export type Family = (typeof families)[number]
export const modes = ['reassociate', 'reciprocal'] as const
export type Mode = (typeof modes)[number]
export type Literals = ReadonlyMap<string, { readonly elem: Numeric; readonly value: Scalar }>
