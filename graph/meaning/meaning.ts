import type { Type } from '../types.ts'
import type { Value } from '../values.ts'

/** What a pure op does with the values of its operands: total, and the authority for every target. */
export type Meaning<A> = (attrs: A, args: readonly Value[], types: readonly Type[], result: Type) => Value
