import type { Type } from '../types.ts'
import type { Value } from '../values.ts'
import * as data from './data.ts'
import * as elementwise from './elementwise.ts'
import * as reduce from './reduce.ts'
import * as shape from './shape.ts'
import * as structure from './structure.ts'

/** What a pure op does with the values of its operands: total, and the authority for every target. */
export type Meaning<A> = (attrs: A, args: readonly Value[], types: readonly Type[], result: Type) => Value

export const meaning = { data, elementwise, reduce, shape, structure }
