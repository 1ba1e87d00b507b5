import type * as t from 'io-ts'
import { columnOps } from './columns.ts'
import { controlOps } from './control.ts'
import { dataOps } from './data.ts'
import type { OpDecl } from './declare.ts'
import { effectOps } from './effects.ts'
import { elementwiseOps } from './elementwise.ts'
import { linearOps } from './linear.ts'
import { shapeOps } from './shape.ts'
import { structureOps } from './structure.ts'

/** Every op there is. Types, checks, text form, JSON codec, interpreter and documentation are read from here. */
export const ops = {
  ...elementwiseOps,
  ...shapeOps,
  ...columnOps,
  ...linearOps,
  ...structureOps,
  ...dataOps,
  ...controlOps,
  ...effectOps,
}
export type OpName = keyof typeof ops
export type AttrsOf<N extends OpName> = t.TypeOf<(typeof ops)[N]['attrs']>

/** Families, in the order the documentation lists them. */
export const families = {
  elementwise: elementwiseOps,
  shape: shapeOps,
  columns: columnOps,
  linear: linearOps,
  structure: structureOps,
  data: dataOps,
  control: controlOps,
  effect: effectOps,
} as const
export type ElementwiseName = keyof typeof elementwiseOps
export type ShapeName = keyof typeof shapeOps
export type StructureName = keyof typeof structureOps
export type DataName = keyof typeof dataOps
export type ControlName = keyof typeof controlOps

export const isOp = (name: string): name is OpName => Object.hasOwn(ops, name)
/** The declaration of an op, its attribute type forgotten. */
export const declOf = (name: OpName): OpDecl<object> => ops[name] as unknown as OpDecl<object>
export type { OpDecl, RegionType, Stage } from './declare.ts'
export { stages } from './declare.ts'
