import * as columns from './columns.ts'
import * as data from './data.ts'
import * as elementwise from './elementwise.ts'
import * as linear from './linear.ts'
import * as reduce from './reduce.ts'
import * as shape from './shape.ts'
import * as structure from './structure.ts'

export type { Meaning } from './meaning.ts'

/** The meanings, by family. */
export const meaning = { columns, data, elementwise, linear, reduce, shape, structure }
